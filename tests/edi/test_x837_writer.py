"""An 837 we write: what it holds is what was put in, and its envelope is in order."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edi.x837.whole import Whole, row
from edi.x837.writer import CannotWrite, Place, signs_for
from tests.edi.claims_out import placed, said, shown, wholes, written
from tests.edi.files import FIXTURES, codes, samples, scan

PASS = FIXTURES / "x837" / "pass"
SECONDARY = (PASS / "golden_secondary.edi").read_bytes()
SENDABLE = [
    path for path in samples("x837/pass") if scan(path.read_bytes()).kind in ("837P", "837I")
]  # fmt: skip


@pytest.mark.parametrize("path", SENDABLE, ids=lambda path: path.name)
def test_a_claim_written_again_is_the_same_claim(path: Path) -> None:
    data = path.read_bytes()
    again = written(wholes(data))
    assert [shown(one) for one in wholes(again)] == [shown(one) for one in wholes(data)]
    assert said(again) == said(data)
    found = scan(again)
    assert codes(found.findings) == []
    assert all(codes(span.findings) == [] and span.held_by == [] for span in found.transactions)


def test_the_envelope_is_as_the_partner_wants_it() -> None:
    text = written(wholes(SECONDARY), line_end="\n").decode().splitlines()
    assert text[:9] == [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'CLINIC':15}*ZZ*{'CLEARING':15}*260301*1200*^*00501*000000007*0*P*:~",
        "GS*HC*CLINIC*CLEARING*20260301*1200*3*X*005010X222A1~",
        "ST*837*0001*005010X222A1~",
        "BHT*0019*00*0000000070001*20260301*1200*CH~",
        "NM1*41*2*EXAMPLE CLINIC*****46*C1~",
        "PER*IC*BILLING*TE*8005550101~",
        "NM1*40*2*CLEARING*****46*CLEAR1~",
        "HL*1**20*1~",
        "PRV*BI*PXC*207Q00000X~",
    ]  # fmt: skip
    assert text[-3:] == ["SE*43*0001~", "GE*1*3~", "IEA*1*000000007~"]


def many(count: int, *, billing: int = 0, subscriber: int = 0, child: bool = False) -> list[Whole]:
    [one] = wholes(SECONDARY)
    made = []
    for number in range(count):
        rows = [each for each in one.rows if each.loop[:4] != "2010" or each.id == "NM1"]
        whole = one.with_rows(rows)
        if billing:
            whole = whole._replace(billing=(*whole.billing, row("2010AA", f"N3*{number // billing} ST")))
        if subscriber:
            who = row("2010BA", f"N3*{number // subscriber} ST")
            whole = whole._replace(subscriber=(*whole.subscriber[:2], who, *whole.subscriber[2:]))
        if child:
            whole = whole._replace(patient=(row("2000C", "PAT*19"), row("2010CA", "NM1*QC*1*DOE*TIM")))
        made.append(whole)
    return made


def levels(data: bytes) -> list[str]:
    return [one for one in data.decode().split("~") if one.startswith(("HL*", "CLM*"))]


def test_claims_of_one_provider_and_subscriber_share_their_loops() -> None:
    assert [one.partition("*PCN")[0] for one in levels(written(many(4, billing=3, subscriber=2)))] == [
        "HL*1**20*1", "HL*2*1*22*0", "CLM", "CLM", "HL*3*1*22*0", "CLM", "HL*4**20*1", "HL*5*4*22*0", "CLM",
    ]  # fmt: skip


def test_a_patient_who_is_not_the_subscriber_has_a_level_below() -> None:
    mixed = [*many(2, child=True), *many(1), *many(1, child=True)]
    assert [one.partition("*PCN")[0] for one in levels(written(mixed))] == [
        "HL*1**20*1", "HL*2*1*22*1", "HL*3*2*23*0", "CLM", "CLM", "HL*4*1*22*0", "CLM", "HL*5*1*22*1",
        "HL*6*5*23*0", "CLM",
    ]  # fmt: skip


@pytest.mark.parametrize("child", [False, True])
def test_a_loop_has_at_most_a_hundred_claims(child: bool) -> None:
    data = written(many(250, child=child))
    runs = "".join("h" if one.startswith("HL") else "c" for one in levels(data))
    assert [len(run) for run in runs.replace("h", " ").split()] == [100, 100, 50]
    assert all(not span.held_by for span in scan(data).transactions)


def test_a_transaction_has_at_most_five_thousand_claims_and_numbers_have_no_gaps() -> None:
    data, places = placed(many(5_001))
    spans = scan(data).transactions
    assert [(span.control, span.group.control, len(span.held_by)) for span in spans] == [
        ("0001", "3", 0), ("0002", "3", 0),
    ]  # fmt: skip
    assert places[4_999] == Place("000000007", "3", "0001", 5_000)
    assert places[5_000] == Place("000000007", "3", "0002", 1)


def test_each_guide_has_its_group() -> None:
    [hospital, _] = wholes((PASS / "kputnam_stupidedi_two_claims_for_the_same_provider.edi").read_bytes())
    data, places = placed([*many(1), hospital])
    assert [(one.group, one.transaction, one.number) for one in places] == [
        ("3", "0001", 1),
        ("4", "0002", 1),
    ]
    [interchange] = scan(data).interchanges
    assert [group.version for group in interchange.groups] == ["005010X222A1", "005010X223A2"]
    assert interchange.findings == [] and all(not span.held_by for span in interchange.transactions)


def test_a_dental_claim_is_refused_with_a_sentence_and_nothing_is_written_of_it() -> None:
    [dental] = wholes((PASS / "kputnam_stupidedi_pass_commercial_health_insurance.edi").read_bytes())
    with pytest.raises(CannotWrite, match="Dental claims cannot be sent yet"):
        written([dental])
    with pytest.raises(CannotWrite, match="version 004010X098A1"):
        written([many(1)[0]._replace(version="004010X098A1")])


def noted(words: str) -> Whole:
    [one] = many(1)
    return one.with_rows([*one.rows[:7], row("2300", "NTE*ADD")._replace(elements=("NTE", "ADD", words))])


def test_separators_are_chosen_so_that_nothing_is_lost() -> None:
    one = noted("WEIGHT: 70~80 * 2 ^ X|Y")
    data, [place] = placed([one], separators=signs_for([one]))
    assert place.losses == ()
    assert [shown(each) for each in wholes(data)] == [shown(one)]


def test_a_sign_that_had_to_go_is_told() -> None:
    one = noted("WEIGHT: 70~80\x07")
    data, [place] = placed([one])
    assert sorted((loss.segment, loss.element, loss.sign) for loss in place.losses) == [
        ("NTE", 2, "\x07"), ("NTE", 2, ":"), ("NTE", 2, "~"),
    ]  # fmt: skip
    assert wholes(data)[0].claim[-1].at(2) == "WEIGHT 7080"


def test_empty_elements_at_the_end_are_not_sent() -> None:
    [one] = many(1)
    odd = row("2300", "REF*G1*A***")._replace(elements=("REF", "G1", "A\x1f\x1f", "", "\x1f", ""))
    data = written([one._replace(claim=(*one.claim[:1], odd))])
    assert b"~REF*G1*A~" in data


def test_a_file_of_nothing_is_still_a_file() -> None:
    data = written([], moment=datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    assert scan(data).interchanges[0].control == "000000007"
    assert io.BytesIO(data).read(3) == b"ISA"
