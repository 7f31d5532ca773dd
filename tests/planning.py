"""The kit of tests about payment plans: an account with a balance, a plan on it, days that pass."""

from datetime import UTC, date, datetime
from typing import Any

import time_machine

from app.kernel.db import table_of
from app.kernel.money import ZERO, Money
from app.kernel.work import Actor, reading, system, work
from app.plans import queries, service, service_change, service_daily
from app.plans.lifecycle import State
from app.plans.models import Instalment, Plan, PlanEvent, PlanItem
from app.plans.queries import PlanView
from app.plans.service import Wish
from app.plans.service_change import Consent
from tests import books, era, paying

PLAN, ITEM = table_of(Plan), table_of(PlanItem)
LINE, EVENT = table_of(Instalment), table_of(PlanEvent)
CLERK = system("clerk", door="cli")
MADE = date(2026, 6, 1)


def on(day: date) -> time_machine.travel:
    """That day at ten in the morning of a clinic in the Midwest."""
    return time_machine.travel(datetime(day.year, day.month, day.day, 16, tzinfo=UTC), tick=True)


def money(text: str) -> Money:
    return Money.parse(text)


def owing(amount: str = "1000.00", control: str = "P1", *, day: str = "20260105", **named: Any) -> int:
    """An account that owes this for one visit; the payer paid the other hundred dollars of it."""
    if not books.rows(books.ENTITY):
        books.practice()
    charge = str(money(amount) + 100_00)
    visit = era.billed(control, f"99214 {charge}", day=day, **named)
    paid = era.claim(control, charge=charge, paid="100.00", cas=f"PR*1*{amount}", **named)
    books.take(era.bill(visit, dress=era.PLAIN), era.era(paid, trace=f"T{control}", dress=era.PLAIN))
    return paying.account_of(control)


def account_public(account: int) -> str:
    (row,) = books.rows(paying.GUARANTOR, paying.GUARANTOR.c.id == account)
    return str(row.public_id)


def draft(account: int, count: int = 12, *, amount: str = "0", actor: Actor = CLERK, **wish: Any) -> str:
    """A plan to be signed: so many instalments, or one of an amount; its public id."""
    cents = money(amount)
    asked = Wish(count=0 if cents else count, amount=cents or ZERO, **wish)
    with work(actor) as w:
        return service.draft(w, account_public(account), asked)


def sign(plan: str, *, actor: Actor = CLERK, day: date = MADE) -> State:
    """The guarantor signs it."""
    with work(actor) as w:
        return service.activate(w, plan, view(plan).version, signed_on=day, witness="Bea at the desk")


def running(account: int, count: int = 12, **wish: Any) -> str:
    """A plan that runs from the first of June on, its first instalment due on the first of July."""
    wish.setdefault("first_due", date(2026, 7, 1))
    plan = draft(account, count, **wish)
    sign(plan)
    return plan


def judge(day: date) -> int:
    """A collection day."""
    with on(day), work(CLERK) as w:
        return service_daily.judge(w, paying.entity_id(), day)


def pay(account: int, amount: str, day: date) -> str:
    """A payment that came on a day."""
    with on(day):
        return paying.pay(account, amount, received_on=day).public_id


def view(plan: str) -> PlanView:
    """A plan as it stands."""
    with reading(CLERK) as w:
        return queries.by_public(w, plan)


def left(plan: str) -> list[str]:
    """What is open of each line that counts."""
    return [str(line.left) for line in view(plan).lines]


def moves(plan: str) -> list[str]:
    """What happened to it."""
    return [row.move for row in books.rows(EVENT, EVENT.c.plan_id == view(plan).id)]


def again(plan: str, day: date, count: int = 0, **wish: Any) -> State:
    """A plan in default is set up again on a day."""
    with on(day), work(CLERK) as w:
        consent = Consent(day, "Bea at the desk")
        asked = Wish(count=count, **wish)
        version = view(plan).version
        return service_change.re_establish(w, plan, version, asked, consent, reason="New job")
