"""A claim kept whole: every segment, in its loop, whatever the file looked like."""

import io
from pathlib import Path

import pytest

from edi.x837.whole import BadStorage, dump, load, row, whole_claims
from tests.edi.claims_out import shown, wholes
from tests.edi.files import FIXTURES, claims, samples, scan
from tests.edi.test_x837 import claim_file

PASS = FIXTURES / "x837" / "pass"


def test_a_secondary_claim_keeps_every_segment_under_its_loop() -> None:
    [whole] = wholes((PASS / "golden_secondary.edi").read_bytes())
    assert (whole.kind, whole.version, whole.use) == ("P", "005010X222A1", "CH")
    assert (whole.control, whole.frequency) == ("PCN0001", "1")
    assert [loop for loop, _ in shown(whole)] == [
        "2000A", *["2010AA"] * 4, "2000B", *["2010BA"] * 4, "2010BB", "2300", "2300", *["2320"] * 3, "2330A",
        "2330B", "2330B", *["2400"] * 4, *["2430"] * 5, *["2400"] * 4, *["2430"] * 3,
    ]  # fmt: skip
    assert shown(whole)[-3:] == [
        ("2430", "SVD*PAYERID*40*HC:93000**1"), ("2430", "CAS*CO*45*60"), ("2430", "DTP*573*D8*20260116"),
    ]  # fmt: skip


@pytest.mark.parametrize("path", samples("x837"), ids=lambda path: path.name)
def test_every_segment_of_every_sample_is_kept_and_stored(path: Path) -> None:
    data = path.read_bytes()
    found = scan(data)
    stream = io.BytesIO(data)
    for span, (_, typed) in zip(found.transactions, claims(data), strict=True):
        whole = dict(whole_claims(stream, span))
        assert list(whole) == [one.segment for one in typed]
        for one in typed:
            assert len(whole[one.segment].claim) == one.segment_count
            assert load(dump(whole[one.segment])) == whole[one.segment]


@pytest.mark.parametrize("signs", ["*:^~", "|>!\n", "+;^'", "*\x1f^\x1e", "\x1d:\x1c~"])
@pytest.mark.parametrize("line_end", ["", "\r\n"])
def test_the_separators_of_the_file_do_not_matter(signs: str, line_end: str) -> None:
    data = (PASS / "golden_secondary.edi").read_bytes().replace(b"\n", b"")
    star, colon, caret, tilde = tuple(signs)
    odd = data.translate(bytes.maketrans(b"*:^~", "".join((star, colon, caret, "\xff")).encode("latin-1")))
    odd = odd.replace(b"\xff", (tilde + (line_end if tilde != "\n" else "")).encode("latin-1"))
    assert wholes(odd) == wholes(data)


def test_a_sign_that_separates_here_is_data_there() -> None:
    data = claim_file("CLM*A*100***11:B:1", "NTE*ADD*SEE^NOTE  A, B", *("LX*1", "SV1*HC:99213*100*UN*1***1"))
    odd = data.replace(b":", b">").replace(b"SEE^NOTE", b"SEE: NOTE")
    [whole] = wholes(odd)
    assert whole.claim[0].at(5, 3) == "1"
    assert whole.claim[1].at(2) == "SEE: NOTE  A, B"
    assert load(dump(whole)) == whole


def test_a_sender_who_declares_one_sign_and_uses_another_is_understood() -> None:
    data = claim_file("CLM*A*100***11>B>7", "LX*1", "SV1*HC>99213>25*100*UN*1***1")
    [whole] = wholes(data)
    assert (whole.frequency, whole.claim[2].at(1, 3)) == ("7", "25")


def test_empty_elements_stay_where_they_were() -> None:
    [whole] = wholes(claim_file("CLM*A*100***11:B:1**", "SBR*P*18*******CI*", "LX*1"))
    assert whole.claim[0].elements[5:] == ("11\x1fB\x1f1", "", "")
    assert whole.claim[1].elements[-1] == ""
    assert load(dump(whole)) == whole


def test_only_the_claims_asked_for_are_given() -> None:
    data = (PASS / "moov_io_x12_example_5010_837p_sample.edi").read_bytes()
    stream, [span] = io.BytesIO(data), scan(data).transactions
    everyone = dict(whole_claims(stream, span))
    some = list(everyone)[2:4]
    assert dict(whole_claims(stream, span, some)) == {key: everyone[key] for key in some}
    assert dict(whole_claims(stream, span, [])) == {}


def test_a_line_sees_its_own_loops() -> None:
    [whole] = wholes(
        claim_file(
            "CLM*A*100***11:B:1", "NM1*82*1*DOC*A", "PRV*PE*PXC*1", "HI*ABK:I10", "LX*1", "SV1*HC:J1*100",
            "LIN**N4*1", "CTP****1*UN", "NM1*DN*1*DOC*B", "REF*G2*1", "DTP*472*D8*20260101",
        )
    )  # fmt: skip
    assert [loop for loop, _ in shown(whole)][-11:] == [
        "2300", "2310B", "2310B", "2300", "2400", "2400", "2410", "2410", "2420F", "2420F", "2400",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "stored", [b"", b"W1", b"\xff", b"W1\x1dP\x1dV\x1dCH", b"W2\x1dP\x1dV\x1dCH\x1e2300\x1dCLM", b"W1\x1dP"]
)
def test_what_was_not_stored_by_us_is_refused(stored: bytes) -> None:
    with pytest.raises(BadStorage):
        load(stored)


def test_a_row_is_written_as_a_person_writes_it() -> None:
    assert row("2400", "SV1*HC:99213:25*120*UN*1***1:2").shown() == "SV1*HC:99213:25*120*UN*1***1:2"
