"""Whole files: separators, counts, control numbers, and what a cut or damaged file leads to."""

import io
from pathlib import Path

import pytest

from edi.envelope import TRANSACTIONS, scan
from edi.segments import Separators
from tests.edi.files import codes, remit, remits, samples, sealed
from tests.edi.files import scan as scanned

CLAIM = ("CLP*A*1*100*100**12*N1", "NM1*QC*1*DOE*JANE****MI*M1")
PLAIN = remit(*CLAIM, paid="100")


def held(data: bytes) -> list[list[str]]:
    return [codes(span.held_by) for span in scanned(data).transactions]


def test_a_plain_file_is_one_closed_interchange() -> None:
    scan = scanned(PLAIN)
    [interchange] = scan.interchanges
    [group] = interchange.groups
    [span] = group.transactions
    assert (scan.kind, scan.findings, scan.bytes) == ("835", [], len(PLAIN))
    assert (interchange.sender, interchange.receiver, interchange.control, interchange.usage) == (
        "PAYER", "CLINIC", "000000001", "P",
    )  # fmt: skip
    assert interchange.closed and group.closed and span.closed
    assert (group.functional_id, group.version, span.st01, span.control) == (
        "HP",
        "005010X221A1",
        "835",
        "0001",
    )
    assert PLAIN[span.byte_from :].startswith(b"ST*835*0001")
    assert PLAIN[: span.byte_to].endswith(b"SE*9*0001~")
    assert (span.segment_from, span.segment_count, scan.segments) == (3, 9, 13)
    assert interchange.byte_end == len(PLAIN)


@pytest.mark.parametrize("line_end", ["", "\n", "\r\n", "\r", " \r\n", "~", "\n~~\n"])
@pytest.mark.parametrize("signs", ["*:^~", "|>!\n", "^:U~", "*<^'", "\x1d\x1f\x1c\x1e", "*:^\r", "|!>\\"])
def test_a_remit_is_the_same_remit_in_any_clothes(signs: str, line_end: str) -> None:
    """Separators and line ends change neither what is read nor the fingerprint of the payment."""
    line_end = line_end.replace("~", signs[3])
    repetition = "^" if signs[2] == "U" else signs[2]
    data = remit(*CLAIM, paid="100", signs=signs[:2] + repetition + signs[3], line_end=line_end)
    if signs[2] == "U":
        data = data.replace(b"^^^00501", b"^U^00501")
    scan, reference = scanned(data), scanned(PLAIN)
    assert (scan.findings, held(data)) == ([], [[]])
    assert scan.transactions[0].content_hash == reference.transactions[0].content_hash
    assert scan.segments == reference.segments
    [(one, [claim])] = remits(data)
    assert one.balanced
    assert claim.patient is not None and claim.patient.last == "DOE"
    assert data[claim.byte :].startswith(b"CLP")


def test_the_control_number_of_the_file_is_no_part_of_the_payment() -> None:
    other = (
        remit(*CLAIM, paid="100", control=7)
        .replace(b"ST*835*0001", b"ST*835*0077")
        .replace(b"*0001~GE", b"*0077~GE")
    )
    assert held(other) == [[]]
    assert scanned(other).transactions[0].content_hash == scanned(PLAIN).transactions[0].content_hash


def test_a_changed_amount_changes_the_fingerprint() -> None:
    other = PLAIN.replace(b"CLP*A*1*100*100", b"CLP*A*1*101*100")
    assert scanned(other).transactions[0].content_hash != scanned(PLAIN).transactions[0].content_hash


@pytest.mark.parametrize("lead", [b"\xef\xbb\xbf", b"\r\n  ", b"\xef\xbb\xbf\n"])
def test_a_byte_order_mark_or_blanks_before_the_file_change_nothing(lead: bytes) -> None:
    scan = scanned(lead + PLAIN)
    assert scan.findings == []
    assert scan.interchanges[0].byte == len(lead)
    assert held(lead + PLAIN) == [[]]


def test_a_transport_heading_before_the_file_is_skipped_and_named() -> None:
    scan = scanned(b"DATE 20260116 FILE 835\n" + PLAIN)
    assert codes(scan.findings) == ["edi.junk_before"]
    assert held(b"DATE 20260116 FILE 835\n" + PLAIN) == [[]]


@pytest.mark.parametrize("tail", [b"\n", b"\r\n\x1a", b"  \n\n", b"\x00" * 100])
def test_padding_after_the_file_changes_nothing(tail: bytes) -> None:
    assert scanned(PLAIN + tail).findings == []
    assert held(PLAIN + tail) == [[]]


def test_text_after_the_file_is_named_and_stops_nothing() -> None:
    scan = scanned(PLAIN + b"\nEND OF TRANSMISSION 13 SEGMENTS\n")
    assert codes(scan.findings) == ["edi.junk_after"]
    assert held(PLAIN + b"\nEND OF TRANSMISSION\n") == [[]]


@pytest.mark.parametrize("between", [b"", b"\n", b"\r\n\r\n", b" garbage~", b"note "])
def test_a_second_interchange_may_use_other_separators(between: bytes) -> None:
    second = remit("CLP*B*1*50*50**12*N2", "SVC*HC:99213*50*50", paid="50", signs="|>!\n", control=2)
    data = PLAIN + between + second
    scan = scanned(data)
    assert [interchange.control for interchange in scan.interchanges] == ["000000001", "000000002"]
    assert [span.separators for span in scan.transactions] == [
        Separators("*", ":", "^", "~"), Separators("|", ">", "!", "\n"),
    ]  # fmt: skip
    read = remits(data)
    assert [one.balanced for one, _ in read] == [True, True]
    assert read[1][1][0].services[0].code == "99213"
    assert data[read[1][1][0].byte :].startswith(b"CLP|B|1")
    assert read[1][1][0].segment == 13 + 3 + 6


def test_interchanges_joined_without_the_last_terminator_are_both_read() -> None:
    data = PLAIN.rstrip(b"~") + b"\n" + remit(*CLAIM, paid="100", control=2)
    scan = scanned(data)
    assert [interchange.control for interchange in scan.interchanges] == ["000000001", "000000002"]
    assert [interchange.closed for interchange in scan.interchanges] == [True, True]


def test_the_last_terminator_of_a_file_may_be_missing() -> None:
    assert held(PLAIN.rstrip(b"~")) == [[]]
    assert held(PLAIN.rstrip(b"~") + b"\n") == [[]]


def test_a_line_break_inside_a_segment_is_wrapping() -> None:
    data = PLAIN.replace(b"CLP*A*1*100", b"CLP*A*1*\r\n100").replace(b"DOE", b"D\nOE")
    [(one, [claim])] = remits(data)
    assert one.balanced
    assert claim.patient is not None and claim.patient.last == "DOE"
    assert scanned(data).transactions[0].content_hash == scanned(PLAIN).transactions[0].content_hash


def test_a_squeezed_header_is_read_by_its_elements() -> None:
    squeezed = PLAIN.replace(b" " * 10, b" ").replace(b"PAYER ", b"PAYER").replace(b"CLINIC ", b"CLINIC")
    while b"  " in squeezed:
        squeezed = squeezed.replace(b"  ", b" ")
    scan = scanned(squeezed)
    assert codes(scan.interchanges[0].findings) == ["edi.isa_width"]
    assert held(squeezed) == [[]]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"SE*9*0001", b"SE*8*0001", "edi.transaction_count"),
        (b"SE*9*0001", b"SE*9*0002", "edi.transaction_control"),
        (b"SE*9*0001", b"SE", "edi.transaction_count"),
        (b"GE*1*1", b"GE*2*1", "edi.group_count"),
        (b"GE*1*1", b"GE*1*2", "edi.group_control"),
        (b"IEA*1*000000001", b"IEA*2*000000001", "edi.interchange_count"),
        (b"IEA*1*000000001", b"IEA*1*000000002", "edi.interchange_control"),
        (b"SE*9*0001~", b"", "edi.transaction_not_closed"),
        (b"GE*1*1~", b"", "edi.group_not_closed"),
        (b"IEA*1*000000001~", b"", "edi.not_closed"),
        (b"GS*HP", b"GS*HC", "edi.functional_id"),
        (b"005010X221A1", b"006020X999", "edi.version"),
    ],
)
def test_what_does_not_agree_holds_the_transaction(old: bytes, new: bytes, code: str) -> None:
    data = PLAIN.replace(old, new)
    [found] = held(data)
    assert code in found
    [span] = scanned(data).transactions
    place = next(finding for finding in span.held_by if finding.code == code)
    assert data[place.byte :].startswith((b"ISA", b"GS", b"ST", b"SE", b"GE", b"IEA"))


def test_a_mismatch_of_one_transaction_does_not_hold_the_other() -> None:
    body = PLAIN[PLAIN.index(b"ST*835") : PLAIN.index(b"GE*")]
    second = body.replace(b"0001", b"0002").replace(b"SE*9", b"SE*7")
    data = PLAIN.replace(b"GE*1*", second + b"GE*2*")
    assert held(data) == [[], ["edi.transaction_count"]]


def test_the_same_control_number_twice_in_a_group_is_flagged() -> None:
    body = PLAIN[PLAIN.index(b"ST*835") : PLAIN.index(b"GE*")]
    scan = scanned(PLAIN.replace(b"GE*1*", body + b"GE*2*"))
    assert [codes(span.findings) for span in scan.transactions] == [[], ["edi.repeated_control"]]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "edi.not_x12"),
        (b"%PDF-1.7 not a remit", "edi.not_x12"),
        (b"ISA", "edi.separators"),
        (PLAIN[:60], "edi.separators"),
        (PLAIN.replace(b"*P*:~", b"*P**~", 1), "edi.separators"),
        (PLAIN[:106] + b"x" * 1_200_000, "edi.segment_too_long"),
        (sealed("BEG*00", st="850", group="PO", version="005010"), "edi.unknown_kind"),
        (PLAIN[:106] + b"IEA*0*000000001~", "edi.nothing_inside"),
    ],
)
def test_a_file_nothing_can_be_read_from_is_refused(data: bytes, code: str) -> None:
    scan = scanned(data)
    assert scan.refused
    assert code in codes(scan.findings, "refuse")


def test_a_file_of_too_many_transactions_is_refused() -> None:
    data = PLAIN[: PLAIN.index(b"ST*")] + b"ST*835*1~SE*2*1~" * (TRANSACTIONS + 1)
    assert "edi.too_many" in codes(scanned(data).findings, "refuse")


def test_a_transaction_of_another_kind_is_held_beside_one_that_is_read() -> None:
    strange = b"ST*850*0002~BEG*00~SE*3*0002~"
    data = PLAIN.replace(b"GE*1*", strange + b"GE*2*")
    scan = scanned(data)
    assert (scan.kind, scan.refused) == ("mixed", False)
    assert held(data) == [[], ["edi.unknown_set"]]


def test_a_test_file_says_so() -> None:
    assert scanned(remit(*CLAIM, paid="100", usage="T")).transactions[0].usage == "T"


def test_interchanges_are_given_one_by_one() -> None:
    data = PLAIN + remit(*CLAIM, paid="100", control=2)
    assert [one.control for one in scan(io.BytesIO(data))] == ["000000001", "000000002"]


@pytest.mark.parametrize("path", samples("x835/odd"), ids=lambda path: path.stem)
def test_a_strange_sample_is_read_to_its_end(path: Path) -> None:
    data = path.read_bytes()
    scan = scanned(data)
    assert scan.findings == []
    assert all(one.balanced for one, _ in remits(data))


def test_the_oddities_of_the_samples_are_named() -> None:
    named = {}
    for path in samples("x835/odd") + samples("x837/odd"):
        scan = scanned(path.read_bytes())
        findings = [*scan.findings]
        for interchange in scan.interchanges:
            findings += interchange.findings
            findings += [finding for group in interchange.groups for finding in group.findings]
            findings += [finding for span in interchange.transactions for finding in span.findings]
        named[path.stem] = sorted(codes(findings))
    assert named == {
        "affect_thera_edi_835_parser_nevada_medicaid": ["edi.interchange_control", "edi.isa_width"],
        "alexjreid_scribe_sample_837_billing_provider_switch": [],
        "alexjreid_scribe_sample_837i_hi_components": [],
        "genformai_edi_cli_simple_835": ["edi.isa_width"],
        "gunajii_edi_parser_and_sample_835": ["edi.isa_width", "edi.transaction_count"],
        "gunajii_edi_parser_and_valid_837": ["edi.isa_width"],
        "imsweb_x12_parser_x12_multiple_isa": ["edi.transaction_count", "edi.transaction_count"],
        "kreddys_edi_lens_835_test_0001": ["edi.functional_id"],
        "linuxforheal_x12_cob_contractural_adjustment": [],
        "linuxforheal_x12_demo_example11": [],
        "linuxforheal_x12_demo_example12": [],
        "linuxforheal_x12_demo_example9": [],
        "linuxforheal_x12_secondary_payment": [],
        "mavidian_dataconveyer_r_sample837": [],
        "silvenga_vscode_edi_x12_odd_separator": [
            "edi.group_not_closed", "edi.not_closed", "edi.transaction_not_closed",
        ],
        "silvenga_vscode_edi_x12_x223_837i_two_claims_for_the_same_provider": ["edi.junk_after"],
    }  # fmt: skip
