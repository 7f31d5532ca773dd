"""Deadlines with their proof, terms and names of payers, against tables made without the code under test."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import Money
from app.payers import rules_alike
from app.payers.rules import (
    Clock,
    PayerClass,
    add_business_days,
    add_months,
    class_from,
    class_of,
    due,
    holidays,
    is_business_day,
    make_terms,
    normal_value,
    recoupment,
    shipped_terms,
)

DAY = date(2026, 1, 16)
KNOWN = list(csv.DictReader((Path(__file__).parent / "deadlines.csv").open(encoding="utf-8")))
DAYS = st.dates(date(2015, 1, 1), date(2040, 12, 31))


def level(payer_class: str, number: int, variant: str = "", on: date = DAY) -> Clock:
    plan = {"plan": payer_class} if payer_class in ("erisa", "surprise_billing") else {}
    named = "commercial" if plan else payer_class
    rows = [("clinic", {**plan, "appeal_variant": variant})]
    clock = make_terms(named, on, *rows).level(number)
    assert clock is not None
    return clock


@pytest.mark.parametrize(
    ("payer_class", "number", "variant", "start", "legal"),
    [
        ("medicare", 1, "", date(2026, 1, 16), date(2026, 5, 21)),
        ("medicare", 2, "", date(2026, 7, 10), date(2027, 1, 11)),
        ("medicare", 3, "", date(2026, 12, 1), date(2027, 2, 4)),
        ("medicare_advantage", 1, "non_contract", date(2026, 1, 16), date(2026, 3, 22)),
        ("erisa", 1, "", date(2026, 1, 16), date(2026, 7, 15)),
        ("commercial", 1, "", date(2026, 1, 16), date(2026, 7, 15)),
        ("medicaid_managed", 1, "member", date(2026, 1, 16), date(2026, 3, 17)),
        ("medicaid_managed", 2, "", date(2026, 3, 20), date(2026, 7, 18)),
        ("erisa", 2, "", date(2026, 10, 31), date(2027, 2, 28)),
    ],
)
def test_the_last_legal_day_of_each_kind_of_appeal(
    payer_class: str, number: int, variant: str, start: date, legal: date
) -> None:
    assert due(level(payer_class, number, variant), "notice_date", start, margin_days=0).legal_due == legal


def test_a_sunday_deadline_is_worked_to_the_friday_before() -> None:
    found = due(level("medicare_advantage", 1, "non_contract"), "notice_date", DAY, margin_days=0)
    assert (found.legal_due, found.internal_due) == (date(2026, 3, 22), date(2026, 3, 20))


def test_a_saturday_deadline_keeps_the_raw_day_and_the_rolled_one() -> None:
    found = due(level("medicaid_managed", 2), "notice_date", date(2026, 3, 20), margin_days=0)
    assert (found.legal_due, found.rolled) == (date(2026, 7, 18), date(2026, 7, 20))


def test_medicare_takes_money_back_from_day_41_unless_asked_by_day_30() -> None:
    limit = recoupment(date(2026, 2, 2))
    assert (limit.file_by, limit.starts) == (date(2026, 3, 4), date(2026, 3, 15))


@pytest.mark.parametrize("row", KNOWN, ids=[f"{r['payer_class']}-{r['start']}" for r in KNOWN])
def test_two_hundred_known_dates(row: dict[str, str]) -> None:
    start = date.fromisoformat(row["start"])
    clock = level(row["payer_class"], int(row["level"]), row["variant"], on=start)
    found = due(clock, "notice_date", start, margin_days=int(row["margin_days"]))
    assert [found.legal_due.isoformat(), found.rolled.isoformat(), found.internal_due.isoformat()] == [
        row["legal_due"],
        row["rolled"],
        row["internal_due"],
    ]


def test_the_known_dates_are_two_hundred() -> None:
    assert len(KNOWN) == 200


def test_a_deadline_proves_itself() -> None:
    found = due(level("commercial", 1), "remit_date", DAY, margin_days=10)
    proof = found.proof()
    assert (
        proof["rule"] == "commercial-1" and proof["event"] == "remit_date" and proof["start"] == "2026-01-16"
    )
    assert proof["legal_due"] == "2026-07-15" and proof["internal_due"] == "2026-06-30"
    assert proof["holidays"] == ["2026-07-03"], "Independence Day 2026 is a Saturday, kept on the Friday"


@given(DAYS, st.integers(0, 400), st.integers(0, 15))
def test_nobody_works_to_a_day_later_than_the_law(start: date, days: int, margin: int) -> None:
    found = due(Clock(rule="r", basis="notice_date", days=days), "notice_date", start, margin_days=margin)
    assert found.internal_due <= found.legal_due <= found.rolled
    assert is_business_day(found.internal_due) and is_business_day(found.rolled)


@given(DAYS, st.integers(-60, 60))
def test_business_days_counted_forward_and_back_meet(day: date, count: int) -> None:
    start = add_business_days(day - timedelta(1), 1)
    assert add_business_days(add_business_days(start, count), -count) == start


@given(DAYS, st.integers(0, 36))
def test_months_never_skip_a_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day


def test_juneteenth_is_kept_since_2021() -> None:
    assert date(2020, 6, 19) not in holidays(2020) and date(2023, 6, 19) in holidays(2023)


def test_a_new_year_on_a_saturday_is_kept_in_the_old_year() -> None:
    assert date(2027, 12, 31) in holidays(2027) and date(2028, 1, 1) not in holidays(2028)


@pytest.mark.parametrize(
    ("year", "hearing", "court"), [(2024, "180.00", "1840.00"), (2026, "200.00", "1960.00")]
)
def test_the_amount_in_controversy_is_that_of_the_year(year: int, hearing: str, court: str) -> None:
    on = date(year, 6, 1)
    assert level("medicare", 3, on=on).minimum == Money.parse(hearing)
    assert level("medicare", 5, on=on).minimum == Money.parse(court)


@pytest.mark.parametrize("payer_class", [one.value for one in PayerClass])
def test_every_kind_of_payer_has_terms_and_a_first_appeal(payer_class: str) -> None:
    terms = make_terms(payer_class, DAY)
    assert terms.allowed_ratio == Decimal("0.45")
    assert terms.level(1) is not None and terms.corrected_filing_days > 0
    assert shipped_terms(payer_class, date(1999, 1, 1)), "an old claim has terms too"


def test_a_row_of_our_own_wins_over_the_class() -> None:
    terms = make_terms(
        "commercial", DAY, ("clinic", {"corrected_filing_days": 90}), ("payer", {"allowed_ratio": "0.52"})
    )
    assert (terms.corrected_filing_days, terms.allowed_ratio) == (90, Decimal("0.52"))
    assert terms.source == ("default", "commercial", "clinic", "payer")


@pytest.mark.parametrize(
    ("filing", "kind"),
    [
        ("12", "commercial"),
        ("16", "medicare_advantage"),
        ("MB", "medicare"),
        ("MC", "medicaid"),
        ("WC", "workers_comp"),
    ],
)
def test_the_filing_indicator_names_the_kind_of_payer(filing: str, kind: str) -> None:
    assert class_of(filing) == kind


def test_the_kind_of_payer_does_not_depend_on_the_order_of_its_claims() -> None:
    assert class_from(["12", "16", "MB", "ZZ"]) == class_from(["ZZ", "MB", "16", "12"]) == "commercial"
    assert class_from([]) == "unknown"


def test_names_are_compared_without_legal_forms_and_numbers_without_dashes() -> None:
    assert normal_value("name", "The Example Health Plan, Inc.") == normal_value(
        "name", "EXAMPLE HEALTH PLAN"
    )
    assert normal_value("plan", " 87-726 ") == "87726"
    assert normal_value("name", "The Company") != "", "a name made of noise stays a name"


def called(*names: str, plans: str = "", companies: str = "") -> rules_alike.Called:
    return rules_alike.Called(frozenset(names), frozenset(plans.split()), frozenset(companies.split()))


def test_two_records_look_alike_by_name_or_number_and_say_why() -> None:
    assert rules_alike.reasons(called("Example Health, Inc."), called("EXAMPLE HEALTH")) == [
        "both are called EXAMPLE HEALTH"
    ]
    assert "begins with" in rules_alike.reasons(called("EXAMPLE HEALTH"), called("EXAMPLE HEALTH OF OHIO"))[0]
    [why] = rules_alike.reasons(called("A", plans="06054"), called("B", plans="6054"))
    assert why == "06054 and 6054 are one number written in two ways"


def test_one_common_word_a_short_number_and_two_companies_are_no_likeness() -> None:
    assert not rules_alike.reasons(called("BLUE"), called("BLUE CROSS"))
    assert not rules_alike.reasons(called("A", plans="012"), called("B", plans="12"))
    one, two = called("SAME", companies="1512345678"), called("SAME", companies="1612345678")
    assert not rules_alike.reasons(one, two)
