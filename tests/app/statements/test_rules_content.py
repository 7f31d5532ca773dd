"""What documents ask for adds up: visits, plan, money of theirs, ages, and what waits for insurance."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contacts.rules_law import Law
from app.kernel.errors import Broken
from app.kernel.money import Money, total
from app.statements import rules_content
from app.statements.rules_content import AGES, Content, VisitFacts, asked_of

DAY = date(2026, 6, 1)
LAW = Law(DAY)
cents = st.integers(0, 500_00)


def visit(claim_id: int, due: int, asked: int, **given: Any) -> VisitFacts:
    """A visit of 200.00 of which insurance left this to the patient."""
    figures = {"charges": 900_00, "insurance_paid": 900_00 - due, "insurance_adjusted": 0, "patient_paid": 0,
               "patient_adjusted": 0, "refunded": 0, "balance": due}  # fmt: skip
    facts: dict[str, Any] = dict(
        claim_id=claim_id, patient_id=1, number=f"V{claim_id}", day=DAY - timedelta(90), patient="Jane Doe",
        provider="Dr. Roe", place="", figures={name: Money(value) for name, value in figures.items()},
        asked=Money(asked), waiting=Money(due - asked), since=DAY - timedelta(40), payer="ACME",
    )  # fmt: skip
    return VisitFacts(**facts | given)


def document(visits: list[VisitFacts], setoff: int = 0) -> Content:
    """A statement over visits, less money of theirs."""
    asked = sum(int(one.asked) for one in visits)
    return Content(
        practice="P", account="A0000001", guarantor="Jane Doe", address_id=None, address=("", "", ""),
        number="S00000001", day=DAY, due_on=DAY + timedelta(25), language="en", message="first",
        amount=Money(asked - setoff), setoff=Money(setoff), visits=visits, plan=None, paid=Money(0),
        paid_on=None, link="", notices=(), state="OH",
    )  # fmt: skip


@given(st.lists(st.tuples(cents, st.integers(0, 300)), min_size=1, max_size=6), cents)
def test_a_statement_is_the_sum_of_what_it_asks_for_less_what_we_hold(
    dues: list[tuple[int, int]], held: int
) -> None:
    visits = [visit(at, due, due, since=DAY - timedelta(days)) for at, (due, days) in enumerate(dues)]
    whole = sum(due for due, _ in dues)
    said = document(visits, min(held, whole))
    facts = rules_content.statement(said, LAW)
    assert sum(int(Money.parse(facts[age])) for age in AGES) == whole == int(said.amount + said.setoff)
    assert facts["total_balance"] == str(total(one.figures["balance"] for one in visits))
    letter = rules_content.letter(said, LAW, "second_notice")
    assert sum(int(Money.parse(row["amount"])) for row in letter["items"]) == int(said.amount)


@given(st.lists(cents, min_size=1, max_size=6), cents, st.sets(st.integers(0, 5)))
def test_a_plan_takes_off_what_it_waits_for_and_not_a_cent_else(
    dues: list[int], on_plan: int, covered: set[int]
) -> None:
    parts = asked_of(list(enumerate(dues)), covered, on_plan)
    whole = sum(dues)
    assert sum(parts.values()) == (whole - on_plan if 0 < on_plan < whole else whole)
    assert all(0 <= parts[at] <= due for at, due in enumerate(dues))


def test_a_fee_on_a_visit_of_the_plan_is_asked_for_beyond_the_plan() -> None:
    assert asked_of([(1, 100_00), (2, 50_00)], {1}, 75_00) == {1: 25_00, 2: 50_00}


def test_a_visit_of_the_plan_in_dispute_does_not_keep_the_others_from_their_statement() -> None:
    """The plan waits for 75.00, its visit is held and not due: the other is asked for less, never more."""
    assert asked_of([(2, 100_00)], {1}, 75_00) == {2: 25_00}


def test_only_what_insurance_has_yet_to_answer_is_told_as_waiting_for_it() -> None:
    visits = [visit(1, 40_00, 40_00), visit(2, 60_00, 0), visit(3, 70_00, 0, with_payer=False)]
    facts = rules_content.statement(document(visits), LAW)
    assert [row["visit"] for row in facts["waiting"]] == ["V2"]
    assert facts["total_waiting"] == "60.00"


def test_a_visit_that_does_not_add_up_is_never_written() -> None:
    wrong = visit(1, 40_00, 40_00)
    figures = {**wrong.figures, "patient_paid": Money(1)}
    with pytest.raises(Broken, match="RPAT-11"):
        rules_content.statement(document([replace(wrong, figures=figures)]), LAW)
