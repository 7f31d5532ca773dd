"""By when a claim must be with its payer: the table of x12-837-rebill section 6, row by row."""

from datetime import date

import pytest

from app.payers.rules import make_terms
from app.rebill import rules_filing
from app.rebill.lifecycle import Kind, Proof
from app.rebill.rules_filing import Days, Filing, Shown

SERVICE, THROUGH, REMIT = date(2025, 12, 16), date(2025, 12, 20), date(2026, 1, 16)


def limit(
    payer: str, kind: Kind, *, form: str = "P", answered: date | None = REMIT, primary: date | None = None
) -> Filing:
    days = Days(form, SERVICE, THROUGH, answered, primary)
    found = rules_filing.filing(kind, days, make_terms(payer, REMIT))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("payer", "kind", "form", "last", "event"),
    [
        ("medicare", Kind.NEW, "P", date(2026, 12, 16), "service_date"),
        ("medicare", Kind.NEW, "I", date(2026, 12, 20), "service_date"),
        ("medicare", Kind.REPLACEMENT, "I", date(2026, 12, 20), "service_date"),
        ("medicaid", Kind.NEW, "P", date(2026, 12, 16), "service_date"),
        ("tricare", Kind.REPLACEMENT, "P", date(2026, 12, 16), "service_date"),
        ("commercial", Kind.NEW, "P", date(2026, 6, 14), "service_date"),
        ("commercial", Kind.REPLACEMENT, "P", date(2026, 7, 15), "remit_date"),
        ("medicare_advantage", Kind.REPLACEMENT, "P", date(2026, 7, 15), "remit_date"),
    ],
)
def test_the_payers_class_sets_the_days_and_what_starts_them(
    payer: str, kind: Kind, form: str, last: date, event: str
) -> None:
    found = limit(payer, kind, form=form)
    assert (found.last, found.event) == (last, event)
    assert payer in found.rule


def test_a_secondary_claim_has_90_days_from_the_primarys_remit_but_never_less_than_the_first_limit() -> None:
    early = limit("commercial", Kind.SECONDARY, primary=REMIT)
    assert (early.last, early.rule) == (date(2026, 6, 14), "commercial:initial_filing")
    late = limit("commercial", Kind.SECONDARY, primary=date(2026, 5, 1))
    assert (late.last, late.rule, late.event) == (date(2026, 7, 30), "secondary_filing", "remit_date")


def test_a_rejection_stops_no_clock_because_a_new_claim_is_an_initial_claim() -> None:
    assert limit("commercial", Kind.NEW, answered=None).last == date(2026, 6, 14)


def test_a_void_gives_money_back_and_is_never_too_late() -> None:
    days = Days("P", SERVICE, THROUGH, REMIT, None)
    assert rules_filing.filing(Kind.VOID, days, make_terms("commercial", REMIT)) is None


def test_days_left_are_counted_to_the_last_day_itself() -> None:
    found = limit("commercial", Kind.REPLACEMENT)
    assert (found.left(date(2026, 7, 15)), found.left(date(2026, 7, 16))) == (0, -1)
    assert found.proof()["start"] == "2026-01-16"


def test_after_the_last_day_only_a_known_delay_reason_or_a_proof_in_time_excuses() -> None:
    last = date(2026, 7, 15)
    assert "7" in rules_filing.excused("7", (), last, 5)
    assert not rules_filing.excused("12", (), last, 5) and not rules_filing.excused("", (), last, 5)
    in_time = [Shown(Proof.PAYER_ACCEPTED.value, date(2026, 7, 1), 5)]
    assert rules_filing.excused("", in_time, last, 5)
    assert not rules_filing.excused("", [Shown(Proof.PAYER_ACCEPTED.value, date(2026, 7, 16), 5)], last, 5)
    assert not rules_filing.excused("", in_time, last, 6), "what another payer took shows this one nothing"
    assert not rules_filing.excused("", in_time, last, None)
