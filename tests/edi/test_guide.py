"""The second opinion: a guide's complaints as findings, and never more than that."""

import io

import pytest

from edi.envelope import scan_file
from edi.guide import normalised, second_opinion
from tests.edi.files import FIXTURES, codes, remit, samples

GOLDEN = (FIXTURES / "x835" / "pass" / "golden_payment.edi").read_bytes()


def test_a_good_remit_has_no_objections() -> None:
    assert second_opinion(GOLDEN, 30) == []


def test_an_objection_stands_at_our_segment_and_quotes_nothing() -> None:
    data = GOLDEN.replace(b"20260116~\nTRN", b"20261399~\nTRN")
    [finding] = second_opinion(data, 30)
    assert (finding.code, finding.does, finding.segment, finding.element) == ("guide.error", "warn", 4, 16)
    assert data[finding.byte :].startswith(b"BPR")
    assert finding.text == "Second opinion: BPR16 is not a date."


def test_a_second_provider_adjustment_segment_is_no_objection() -> None:
    data = GOLDEN.replace(b"*WO:PAYERCN0*15~", b"~\nPLB*1234567893*20261231*WO:PAYERCN0*15~").replace(
        b"SE*40", b"SE*41"
    )
    assert scan_file(io.BytesIO(data)).transactions[0].held_by == []
    assert second_opinion(data, 30) == []


@pytest.mark.parametrize("signs", ["|>!\n", "*:^~"])
def test_separators_empty_segments_and_accents_are_no_objections(signs: str) -> None:
    data = remit(
        "CLP*A*1*1*1*0*12*N1*11*1", "NM1*QC*1*NAME*JANE****MI*M1", paid="1", signs=signs, line_end=signs[3]
    )
    data = data.replace(b"NAME", "MÜLLER".encode())
    assert not [
        one for one in second_opinion(data, 30) if one.text.endswith("has a character that is not allowed.")
    ]


def test_the_copy_has_the_segments_of_the_file() -> None:
    for path in samples("x835"):
        data = path.read_bytes()
        copy, segments = normalised(data)
        assert copy.count(b"~") == len(segments) == scan_file(io.BytesIO(data)).segments
        assert [segment.number for segment in segments] == list(range(1, len(segments) + 1))


def test_an_opinion_that_takes_too_long_is_given_up() -> None:
    assert codes(second_opinion(GOLDEN, 0)) == ["guide.failed"]


@pytest.mark.parametrize(
    "data", [b"", b"no edi at all", GOLDEN[:300], GOLDEN.replace(b"005010X221A1", b"009999X999")]
)
def test_what_it_cannot_read_is_one_note_or_warnings(data: bytes) -> None:
    assert all(finding.does in ("note", "warn") for finding in second_opinion(data, 30))
