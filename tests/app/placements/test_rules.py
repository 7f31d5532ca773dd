"""The scrub before an agency: one red light is enough to keep an account here."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.accounts.lifecycle import Blocks
from app.contacts.lifecycle import Act, HoldKind
from app.contacts.rules_guards import Standing
from app.contacts.rules_law import Law
from app.kernel.money import Money
from app.placements.rules import Facts, earliest, lights, may_place

GOLDEN = date(2026, 7, 1)
LAW = Law(GOLDEN)
GREEN = Facts(
    stage="pre_collection", first_on=date(2026, 3, 2), notice_on=date(2026, 6, 1), due=Money(120_00),
    waiting=Money(0), letters=frozenset({"final_notice", "pre_collection"}), state="NE",
    home="America/Chicago",
)  # fmt: skip


def red(facts: Facts, day: date = GOLDEN) -> list[str]:
    return [one.code for one in lights(facts, LAW, day) if not one.green]


def test_the_golden_account_may_go_on_the_first_of_july() -> None:
    assert earliest(GREEN, LAW) == GOLDEN
    assert red(GREEN) == []
    assert red(GREEN, GOLDEN - timedelta(1)) == ["notice"]
    assert red(GREEN, GOLDEN - timedelta(2)) == ["days", "notice"]


@pytest.mark.parametrize("state", ["CA", "IL", "NM"])
def test_whoever_was_screened_for_assistance_may_go_where_the_state_asks_for_it(state: str) -> None:
    assert red(replace(GREEN, state=state)) == ["screening"]
    assert red(replace(GREEN, state=state, screened=True)) == []


def test_a_red_light_says_the_day_it_turns_green() -> None:
    light = next(one for one in lights(GREEN, LAW, date(2026, 6, 10)) if one.code == "notice")
    assert (light.on, light.unblock) == (GOLDEN, "Wait for the day.")
    no = next(one for one in may_place([light], "America/Chicago"))
    assert no.rule == "place.notice"
    assert str(no.until) == "2026-07-01 05:00:00+00:00"


def hold(kind: HoldKind, *, claim: bool = False) -> Standing:
    return Standing(kind, kind.value, frozenset({Act.PLACE}), claim)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"stage": "final_notice"}, "stage"),
        ({"letters": frozenset({"final_notice"})}, "letters"),
        ({"due": Money(24_99)}, "balance"),
        ({"waiting": Money(1)}, "insurance"),
        ({"blocks": Blocks.PLAN}, "plan"),
        ({"blocks": Blocks.PROMISE}, "promise"),
        ({"blocks": Blocks.PENDING_PAYMENT}, "payment"),
        ({"holds": (hold(HoldKind.DISPUTE),)}, "dispute"),
        ({"holds": (hold(HoldKind.ASSISTANCE),)}, "assistance"),
        ({"holds": (hold(HoldKind.ESTIMATE_DISPUTE),)}, "estimate"),
        ({"holds": (hold(HoldKind.BANKRUPTCY),)}, "bankruptcy"),
        ({"holds": (hold(HoldKind.DECEASED),)}, "deceased"),
        ({"holds": (hold(HoldKind.CEASE),)}, "attorney"),
        ({"holds": (hold(HoldKind.MILITARY),)}, "holds"),
        ({"mail": False}, "mail"),
        ({"confirmed": False}, "guarantor"),
        ({"minor": True}, "guarantor"),
        ({"state": ""}, "licence"),
        ({"state": "IL"}, "screening"),
        ({"state": "NM"}, "screening"),
    ],
)
def test_one_red_light_is_enough(change: dict[str, Any], code: str) -> None:
    found = replace(GREEN, **change)
    assert red(found) == [code]
    assert all(no.words and no.unblock for no in may_place(lights(found, LAW, GOLDEN), "UTC"))


def test_a_hold_on_one_visit_keeps_that_visit_only() -> None:
    assert red(replace(GREEN, holds=(hold(HoldKind.DISPUTE, claim=True),))) == []


def test_without_a_first_statement_there_is_no_day() -> None:
    assert earliest(replace(GREEN, first_on=None), LAW) is None
    assert red(replace(GREEN, first_on=None, notice_on=None)) == ["days", "notice"]


def test_exactly_25_dollars_are_enough() -> None:
    assert red(replace(GREEN, due=Money(25_00))) == []
