"""What clearinghouses and payers answer before they pay."""

import io
from pathlib import Path

from edi.envelope import scan_file
from edi.x277ca.model import Batch, ClaimAnswer
from edi.x277ca.reader import read as read_277ca
from edi.x277ca.reader import rejected
from edi.x999.reader import GroupAnswer
from edi.x999.reader import read as read_999
from edi.xta1.reader import read as read_ta1
from tests.edi.files import FIXTURES, codes, sealed

ACK = FIXTURES / "ack"


def answer_999(path: Path) -> GroupAnswer:
    with path.open("rb") as stream:
        [span] = scan_file(stream).transactions
        return read_999(stream, span)


def answers_277ca(data: bytes) -> tuple[Batch, list[ClaimAnswer]]:
    stream = io.BytesIO(data)
    [span] = scan_file(stream).transactions
    one = read_277ca(stream, span)
    claims = list(one.claims())
    return one.batch, claims


def test_a_999_names_the_transactions_it_refuses_and_where() -> None:
    answer = answer_999(ACK / "kputnam_stupidedi_response_to_functional_group_containing_3_837s.edi")
    assert (answer.functional_id, answer.control, answer.status) == ("HC", "17456", "P")
    assert (answer.included, answer.received, answer.accepted) == ("3", "3", "1")
    assert [(one.control, one.accepted) for one in answer.sets] == [
        ("0001", True),
        ("0002", False),
        ("0003", False),
    ]
    first, second = answer.sets[1].errors
    assert (first.segment_id, first.position, first.code, first.element) == ("CLM", "22", "8", "")
    assert (second.code, second.element, second.business) == ("1", "2", "CLM01:123456789")
    assert answer.findings == []


def test_a_997_is_read_like_a_999() -> None:
    answer = answer_999(ACK / "xlate_staedi_simple997.edi")
    assert (answer.status, answer.sets[0].status, answer.sets[0].codes) == ("R", "R", ["5"])
    assert answer.sets[0].errors[1].value == "MI"


def test_an_answer_that_answers_nothing_says_so() -> None:
    assert codes(answer_999(ACK / "xlate_staedi_empty997.edi").findings) == ["ack.nothing_answered"]


def test_a_ta1_tells_what_became_of_an_interchange() -> None:
    with (ACK / "xlate_staedi_x12_interchange_ack.edi").open("rb") as stream:
        scan = scan_file(stream)
    assert (scan.kind, scan.refused) == ("TA1", False)
    [answer] = read_ta1(scan.interchanges[0])
    assert (answer.control, answer.date, answer.status, answer.note) == (
        "000000050",
        "2020-02-29",
        "A",
        "000",
    )
    assert answer.accepted


def test_a_277ca_tells_which_claims_were_taken_and_why_not_the_others() -> None:
    batch, claims = answers_277ca((ACK / "kreddys_edi_lens_277ca_test_0001.edi").read_bytes())
    assert (batch.source_name, batch.accepted_count, batch.rejected_cents) == (
        "FIRST CLEARINGHOUSE",
        "1",
        80000,
    )
    assert [(claim.control, rejected(claim.statuses)) for claim in claims] == [
        ("4001/1339", False), ("2890/4", True), ("00000000000000000000", True),
    ]  # fmt: skip
    assert (claims[0].payer_control, claims[0].service_from, claims[0].service_to) == (
        "22029500123407X", "2006-01-28", "2006-01-31",
    )  # fmt: skip
    [line] = claims[1].lines
    assert (line.code, line.modifiers, line.charge, line.control) == ("22305", ("22",), 35000, "11")
    assert [(status.category, status.status, status.entity) for status in line.statuses] == [
        ("A3", "122", ""), ("A3", "153", "82"),
    ]  # fmt: skip


def test_a_payers_rejection_for_the_billing_number_is_a_rejection() -> None:
    _, [claim] = answers_277ca((ACK / "imsweb_x12_parser_x12_277ca_rejected.edi").read_bytes())
    [status] = claim.statuses
    assert (status.category, status.status, status.entity, status.cents) == ("A7", "562", "85", 19914)
    assert rejected(claim.statuses)


def test_an_unknown_status_is_named_and_kept() -> None:
    data = sealed(
        "BHT*0085*08*R1*20260101*1200*TH", "HL*1*1*PT", "TRN*2*A", "STC*Z9:99999*20260101*U*1x",
        st="277", group="HN", version="005010X214",
    )  # fmt: skip
    batch, [claim] = answers_277ca(data)
    assert claim.statuses[0].category == "Z9"
    assert claim.statuses[0].cents is None
    assert sorted(codes(batch.findings)) == ["ack.amount", "ack.unknown_status"]
