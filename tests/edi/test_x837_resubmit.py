"""A claim that goes out again keeps everything but what must change (x12-837-rebill section 3)."""

import pytest

from edi.x837.codes import codes_of
from edi.x837.edit import EditError
from edi.x837.facts import facts
from edi.x837.resubmit import (
    as_late_charges,
    as_new,
    as_replacement,
    as_void,
    reason_of,
    with_control,
    with_reason,
    without_reason,
)
from edi.x837.whole import Whole, row
from tests.edi.claims_out import shown, wholes
from tests.edi.files import FIXTURES, samples

PASS = FIXTURES / "x837" / "pass"
EVERY = [one for path in samples("x837/pass") for one in wholes(path.read_bytes())]
IDS = [f"{one.kind}-{one.control}" for one in EVERY]


def golden(name: str) -> Whole:
    [one] = wholes((PASS / f"golden_{name}.edi").read_bytes())
    return one


def hospital() -> Whole:
    return wholes((PASS / "kputnam_stupidedi_two_claims_for_the_same_provider.edi").read_bytes())[0]


def kept(whole: Whole) -> list[tuple[str, str]]:
    """Everything but CLM01, the frequency and REF*F8 of the claim."""
    found = []
    for one in whole.rows:
        if (one.loop, one.id, one.at(1)) == ("2300", "REF", "F8"):
            continue
        elements = list(one.elements)
        if one.id == "CLM":
            elements[1], elements[5] = "", f"{one.at(5, 1)}:{one.at(5, 2)}"
        found.append((one.loop, "*".join(elements)))
    return found


@pytest.mark.parametrize("claim", EVERY, ids=IDS)
def test_a_replacement_restates_everything(claim: Whole) -> None:
    made = as_replacement(claim, "NEW1R1", "ICN7")
    assert kept(made) == kept(claim)
    assert (made.control, made.frequency, facts(made).original_reference) == ("NEW1R1", "7", "ICN7")
    again = as_replacement(made, "NEW1R2", "ICN8")
    assert [text for _, text in shown(again) if text.startswith("REF*F8*ICN")] == ["REF*F8*ICN8"]


@pytest.mark.parametrize("claim", EVERY, ids=IDS)
def test_a_void_is_the_claim_itself_taken_back(claim: Whole) -> None:
    made = as_void(claim, "NEW1R1", "ICN7")
    assert kept(made) == kept(claim)
    assert (made.control, made.frequency, facts(made).original_reference) == ("NEW1R1", "8", "ICN7")
    assert facts(made).charge == facts(claim).charge


@pytest.mark.parametrize("claim", EVERY, ids=IDS)
def test_a_new_claim_forgets_the_one_before(claim: Whole) -> None:
    made = as_new(as_void(claim, "NEW1R1", "ICN7"), "NEW1R2")
    assert kept(made) == kept(claim)
    assert (made.control, made.frequency, facts(made).original_reference) == ("NEW1R2", "1", "")


def test_the_reference_to_another_payers_claim_stays() -> None:
    made = as_new(golden("secondary"), "PCN0001R1")
    assert ("2330B", "REF*F8*PAYERCN1") in shown(made)


def test_the_reference_stands_where_the_guide_wants_it() -> None:
    texts = [text for _, text in shown(as_replacement(golden("secondary"), "A", "ICN7"))]
    at = texts.index("REF*F8*ICN7")
    assert texts[at - 1].startswith("CLM*") and texts[at + 1] == "HI*ABK:I10"


def test_an_interim_bill_that_was_rejected_stays_an_interim_bill() -> None:
    one = hospital()
    clm = one.claim[0]
    interim = one._replace(claim=(row("2300", clm.shown().replace(":A:1", ":A:3")), *one.claim[1:]))
    assert as_new(interim, "X").frequency == "3"
    assert as_new(as_replacement(interim, "Y", "ICN"), "X").frequency == "1"


def test_late_charges_are_the_lines_named_and_nothing_else() -> None:
    one = as_replacement(hospital(), "X", "ICN")
    before = facts(one)
    made = as_late_charges(one, "LATE1", [2])
    after = facts(made)
    assert (made.frequency, after.original_reference, len(after.lines)) == ("5", "", 1)
    assert (after.charge, after.lines[0].charge, after.lines[0].number) == (
        *[before.lines[1].charge] * 2,
        "1",
    )
    for wrong in ([], [99]):
        with pytest.raises(EditError):
            as_late_charges(one, "LATE1", wrong)
    with pytest.raises(EditError, match="institutional"):
        as_late_charges(golden("replacement"), "LATE1", [1])


def test_a_hospital_gives_exactly_one_reason_for_a_change() -> None:
    one = hospital()
    other = codes_of(one, "BG")
    made = with_reason(with_reason(as_replacement(one, "X", "ICN"), "D1"), "D9")
    assert reason_of(made) == ("D9",)
    assert codes_of(made, "BG") == ["D9", *other]
    assert codes_of(without_reason(made), "BG") == other
    assert reason_of(as_new(made, "Y")) == ()
    for wrong, code in ((one, "X1"), (golden("replacement"), "D1")):
        with pytest.raises(EditError, match="D0 to D9 or E0"):
            with_reason(wrong, code)


def test_a_refused_file_goes_out_under_another_number() -> None:
    one = golden("replacement")
    made = with_control(one, "PCN0002R2")
    assert kept(made) == kept(one)
    assert (made.control, made.frequency, facts(made).original_reference) == ("PCN0002R2", "7", "PAYERCN2")


@pytest.mark.parametrize(("control", "reference"), [("", "A"), ("X" * 21, "A"), ("A", ""), ("A", "X" * 51)])
def test_numbers_that_cannot_be_sent_are_refused(control: str, reference: str) -> None:
    with pytest.raises(EditError):
        as_replacement(golden("secondary"), control, reference)


def test_the_golden_replacement_is_made_of_its_original() -> None:
    """x12-837-rebill section 8, first example: the claim restated as frequency 7 of PAYERCN2."""
    wanted = golden("replacement")
    original = as_new(wanted, "PCN0002")
    assert ("2300", "CLM*PCN0002*200***11:B:1*Y*A*Y*Y***********11") in shown(original)
    assert shown(as_replacement(original, "PCN0002", "PAYERCN2")) == shown(wanted)
