"""What changed between the claim as sent before and as it goes out now, in words and in segments."""

import pytest

from edi.x837.difference import Change, difference
from edi.x837.fields import put, with_total
from edi.x837.resubmit import as_late_charges, as_new, as_replacement
from edi.x837.whole import Whole
from tests.edi.test_x837_resubmit import EVERY, golden, hospital


def told(old: Whole, new: Whole) -> list[tuple[int, str, str, str]]:
    return [(one.line, one.label, one.before, one.after) for one in difference(old, new)]


@pytest.mark.parametrize("claim", EVERY, ids=lambda one: f"{one.kind}-{one.control}")
def test_a_claim_differs_from_itself_in_nothing(claim: Whole) -> None:
    assert difference(claim, claim) == []


def test_a_replacement_tells_its_number_frequency_and_reference() -> None:
    claim = golden("secondary")
    assert difference(claim, as_replacement(claim, "PCN0001R1", "ICN7")) == [
        Change("2300", 0, "Patient control number", "PCN0001", "PCN0001R1",
               "CLM*PCN0001*250***11:B:1*Y*A*Y*Y", "CLM*PCN0001R1*250***11:B:7*Y*A*Y*Y", "control"),
        Change("2300", 0, "Frequency", "1", "7",
               "CLM*PCN0001*250***11:B:1*Y*A*Y*Y", "CLM*PCN0001R1*250***11:B:7*Y*A*Y*Y", "frequency"),
        Change("2300", 0, "Payer's claim number (replaced or voided)", "", "ICN7", "", "REF*F8*ICN7",
               "original_reference"),
    ]  # fmt: skip


def test_changes_are_told_in_the_words_of_their_fields() -> None:
    claim = golden("replacement")
    made = put(claim, "service_dates", "2025-12-17", line=1)
    made = put(put(made, "modifier", "LT", line=1), "line_charge", "210", line=1)
    made = put(put(with_total(made), "diagnosis", "I10", index=1), "authorization", "")
    made = put(made, "subscriber_birth", "1981-01-01")
    assert told(claim, made) == [
        (0, "Subscriber date of birth", "1980-01-01", "1981-01-01"),
        (0, "Total charge", "200", "210"),
        (0, "Prior authorization", "AUTH778899", ""),
        (0, "Diagnosis", "", "I10"),
        (1, "Modifier", "RT", "LT"),
        (1, "Charge", "200", "210"),
        (1, "Dates of service", "2025-12-16", "2025-12-17"),
    ]


def test_a_line_that_went_is_named_by_its_old_number() -> None:
    claim = hospital()
    made = as_late_charges(claim, "LATE", [2])
    went = [one for one in difference(claim, made) if one.segment_before and not one.segment_after]
    assert went and all(one.before and not one.after for one in went)
    assert any(one.label == "Frequency" and one.after == "5" for one in difference(claim, made))


def test_what_has_no_field_is_told_by_its_element() -> None:
    claim = golden("secondary")
    rows = [
        one if one.id != "OI" else one._replace(elements=("OI", "", "", "N", "", "", "Y"))
        for one in claim.rows
    ]
    assert difference(claim, claim.with_rows(rows)) == [
        Change("2320", 0, "OI03", "Y", "N", "OI***Y***Y", "OI***N***Y")
    ]
    gone = claim.with_rows([one for one in claim.rows if one.id != "OI"])
    assert difference(claim, gone) == [Change("2320", 0, "OI", "OI***Y***Y", "", "OI***Y***Y", "")]


def test_codes_are_compared_by_list_not_by_segment() -> None:
    claim = hospital()
    assert told(claim, put(claim, "diagnosis", "4020", index=1)) == [(0, "Diagnosis", "4019", "4020")]
    assert told(as_new(claim, claim.control), claim) == []
