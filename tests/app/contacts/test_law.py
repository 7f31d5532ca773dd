"""Limits of law and house are dated rows with a source; a state's law wins over what holds everywhere."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.contacts import queries_law, service_law
from app.contacts.lifecycle import Act, HoldKind
from app.contacts.rules_holds import shipped as kinds
from app.contacts.rules_law import UNITS, Law, differing, known, read, shipped
from app.kernel.errors import NotPermitted, Refused
from app.kernel.work import Actor, system, work
from tests import books
from tests.conftest import House

DAY = date(2026, 11, 23)
ME = system("tests")


def test_every_shipped_row_reads_back_as_written_and_says_where_it_comes_from() -> None:
    for row in shipped():
        assert row.unit in UNITS and row.source and row.label
        assert read(row.code, row.state, row.value).value == row.value


def test_the_numbers_of_the_core_document_are_rows() -> None:
    law = Law(DAY)
    assert (law.number("calls_most"), law.number("calls_days"), law.number("calls_after_talk_days")) == (
        7,
        7,
        7,
    )
    assert law.time("contact_from").hour == 8 and law.time("contact_until").hour == 21
    assert law.number("agency_days") == 120 and law.number("eca_application_days") == 240
    assert law.cents("estimate_over") == 400_00 and law.cents("plan_least") == 25_00
    assert law.listed("statement_ageing_days") == ("30", "60", "90", "120")
    assert not law.yes("credit_reporting")


def test_a_state_has_its_own_row_and_the_others_the_general_one() -> None:
    law = Law(DAY)
    assert str(law.decimal("interest_most_percent", "NY")) == "2.00"
    assert str(law.decimal("interest_most_percent", "OH")) == "6.00"
    assert law.yes("itemised_before_collection", "TX") and not law.yes("itemised_before_collection", "OH")


def test_a_row_holds_from_its_day_until_the_day_before_its_end() -> None:
    ours = read("calls_most", "", "3")
    rows = [type(ours)(**{**{name: getattr(ours, name) for name in ours.__slots__},
                          "effective_from": DAY, "effective_to": DAY + timedelta(2)})]  # fmt: skip
    told = [Law(DAY + timedelta(days), rows).number("calls_most") for days in (-1, 0, 1, 2)]
    assert told == [7, 3, 3, 7]
    assert [(own.value, plain and plain.value) for own, plain in differing(rows, DAY)] == [("3", "7")]


def test_a_change_for_everywhere_does_not_change_the_law_of_a_state(house: House) -> None:
    entity = books.practice().id
    with work(ME) as w:
        today = w.now.date()
        service_law.change(w, entity, code="interest_most_percent", state="", value="5", source="board",
                           days=(today, None), reason="Board of 11/20")  # fmt: skip
        service_law.change(w, entity, code="calls_most", state="CA", value="3", source="",
                           days=(today, None), reason="Careful in California")  # fmt: skip
        law = service_law.law(w, entity, today)
    assert str(law.decimal("interest_most_percent", "NY")) == "2.00"
    assert str(law.decimal("interest_most_percent", "OH")) == "5"
    assert (law.number("calls_most", "CA"), law.number("calls_most", "NV")) == (3, 7)


def test_a_changed_row_is_closed_and_stays(house: House) -> None:
    entity = books.practice().id
    with work(ME) as w:
        today = w.now.date()
        said: dict[str, Any] = dict(
            code="calls_most", state="", source="", days=(today, None), reason="Fewer"
        )
        for value in ("5", "4"):
            public = service_law.change(w, entity, value=value, **said)
        assert [row.value for row in queries_law.own(w, entity)] == ["4"]
        assert service_law.end(w, public, on=today + timedelta(10), reason="Only a trial") == "ended"
        assert service_law.law(w, entity, today + timedelta(9)).number("calls_most") == 4
        assert service_law.law(w, entity, today + timedelta(10)).number("calls_most") == 7


@pytest.mark.parametrize(
    ("code", "state", "value", "field"),
    [
        ("no_such", "", "1", "code"),
        ("calls_most", "XX", "1", "state"),
        ("calls_most", "", "seven", "value"),
        ("nsf_fee", "", "25.001", "value"),
        ("nsf_fee", "", "-1", "value"),
        ("contact_from", "", "25:00", "value"),
        ("credit_reporting", "", "maybe", "value"),
        ("promise_percent", "", "NaN", "value"),
        ("calls_most", "", "", "value"),
    ],
)
def test_a_value_that_is_not_of_its_rules_unit_is_refused(
    code: str, state: str, value: str, field: str
) -> None:
    with pytest.raises(Refused) as no:
        read(code, state, value)
    assert no.value.field == field


def test_only_who_may_and_only_from_today_on(house: House) -> None:
    entity = books.practice().id
    said: dict[str, Any] = dict(code="calls_most", state="", value="3", source="", reason="Fewer")
    clerk = Actor("clerk", permissions=frozenset({"law.read"}), scope=frozenset({entity}))
    with work(clerk) as w, pytest.raises(NotPermitted):
        service_law.change(w, entity, days=(w.now.date(), None), **said)
    with work(ME) as w, pytest.raises(Refused):
        service_law.change(w, entity, days=(w.now.date() - timedelta(1), None), **said)


def test_every_kind_of_hold_has_its_row_and_keeps_an_agency_away() -> None:
    assert set(kinds()) == set(HoldKind)
    law = Law(DAY)
    for kind, rule in kinds().items():
        assert Act.PLACE in rule.stops
        assert {Act(one) for one in law.listed(f"hold_stops.{kind.value}")} == rule.stops
        assert f"hold_days.{kind.value}" in known()
