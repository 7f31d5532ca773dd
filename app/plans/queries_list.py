"""The list of plans: whom it is with, what is due, how late; by keyset."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.entities.models import Entity
from app.kernel.clock import day_of
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients import queries_guarantors
from app.patients.models import Guarantor
from app.plans import queries
from app.plans.lifecycle import RUNNING, InstalmentState, State
from app.plans.models import Instalment, Plan
from app.plans.queries import PlanView
from app.plans.rules_shown import SHOWS

_plan, _line = table_of(Plan), table_of(Instalment)
_guarantor, _entity = table_of(Guarantor), table_of(Entity)
SORTS = {
    "guarantor": Sort(_guarantor.c.last),
    "late": Sort(_plan.c.late_since, nullable=True),
    "total": Sort(_plan.c.total, descending=True),
    "opened": Sort(_plan.c.id, descending=True),
}
FILTERS = ("show", "account")
DEFAULT = "late"
COLUMNS = [
    Column("guarantor", "Guarantor", sort="guarantor"),
    Column("account", "Account", Kind.CODE),
    Column("state", "State"),
    Column("due", "Due", Kind.MONEY, hint="What is due by today"),
    Column("instalment", "Amount", Kind.MONEY),
    Column("paid", "Paid", Kind.MONEY),
    Column("left", "Left", Kind.MONEY),
    Column("late_days", "Days late", Kind.COUNT, "late"),
    Column("progress", "Count", hint="Instalments paid, of how many"),
    Column("next_on", "Next", Kind.DAY),
]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan as the list shows it; guarantor and account_public name whom it is with."""

    public_id: str
    account_public: str
    guarantor: str
    account: str
    state: str
    due: Money
    instalment: Money
    total: Money
    paid: Money
    left: Money
    late_days: int
    progress: str
    next_on: date | None
    version: int


def plans(w: Work, ask: Ask) -> Slice[PlanRow]:
    """Plans by keyset, the latest ones first; whose they are is noted."""
    found = page(w.db, _listed(w, ask), ask, sorts=SORTS, key=_plan.c.id, row=lambda row: row)
    views = {one.id: one for one in queries.viewed(w, found.rows)}
    ids = sorted({one.account_id for one in views.values()})
    accounts = queries_guarantors.by_ids(w, ids)
    people = queries_guarantors.patients_of(w, ids)
    seen = [one.patient_id for each in people.values() for one in each]
    w.audit("plans.list", "R", "plan", patients=seen, detail={"rows": len(views)})
    rows = [_row(views[row.id], accounts[row.account_id], w) for row in found.rows]
    return Slice(rows, found.next, found.previous)


def _listed(w: Work, ask: Ask) -> Select[Any]:
    query = (
        select(_plan)
        .join(_guarantor, _guarantor.c.id == _plan.c.account_id)
        .where(w.within(_plan.c.entity_id), *_shown(w, ask.get("show") or "all"))
    )
    if ask.get("account"):
        query = query.where(_guarantor.c.public_id == ask.get("account"))
    return query


def _shown(w: Work, show: str) -> list[ColumnElement[bool]]:
    if show not in (*SHOWS, "all"):
        raise Refused("There is no such group of plans.", code="show", field="show")
    running = _plan.c.state.in_([one.value for one in RUNNING])
    if show == "all":
        return []
    if show == "running":
        return [running]
    if show == "due":
        open_states = (InstalmentState.DUE.value, InstalmentState.MISSED.value)
        due = select(_line.c.id).where(
            _line.c.plan_id == _plan.c.id, w.within(_line.c.entity_id), _line.c.state.in_(open_states),
            _line.c.due_on <= w.now.date(),
        )  # fmt: skip
        return [running, due.exists()]
    return [_plan.c.state == State(show).value]


def _row(view: PlanView, account: queries_guarantors.GuarantorRow, w: Work) -> PlanRow:
    today, next_ = day_of(w.now, account.time_zone), view.next
    regular = [line for line in view.lines if line.number]
    return PlanRow(
        public_id=view.public_id, account_public=account.public_id, guarantor=account.name,
        account=account.number, state=view.state.value, due=view.due(today) if view.running else Money(0),
        instalment=view.instalment, total=view.total, paid=view.paid, left=view.left,
        late_days=view.late_days(today), progress=f"{sum(line.left <= 0 for line in regular)}/{len(regular)}",
        next_on=next_.due_on if next_ else None, version=view.version,
    )  # fmt: skip


def sums(w: Work, ask: Ask) -> tuple[int, Money]:
    """How many plans the list has, and what they took on together."""
    listed = _listed(w, ask).subquery()
    count, cents = w.db.execute(select(func.count(), func.coalesce(func.sum(listed.c.total), 0))).one()
    return int(count), Money.of_sum(int(cents))
