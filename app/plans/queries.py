"""Reads of plans: an account's plan at a glance, one plan with its schedule, visits and history."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select

from app.claims.models import Claim
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.money import Money, total
from app.kernel.work import Work
from app.plans import rules_paid
from app.plans.lifecycle import RUNNING, InstalmentState, State
from app.plans.models import Instalment, Plan, PlanEvent, PlanItem
from app.plans.rules import Line
from app.plans.rules_paid import GONE

_plan, _item = table_of(Plan), table_of(PlanItem)
_line, _event, _claim = table_of(Instalment), table_of(PlanEvent), table_of(Claim)
LIVE = (*sorted(RUNNING), State.DEFAULTED)
"""A plan in one of these holds its visits: they can be in no other."""
_ROW = (
    "id", "public_id", "entity_id", "account_id", "state", "total", "down", "instalment", "count", "due_day",
    "first_due", "schedule_no", "missed", "late_since", "defaulted_on", "re_established_on", "disclosures",
    "signed_on", "witness", "agreement_file", "token_id", "previous_id", "reason", "author", "approved_by",
    "opened_at", "closed_at", "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as it stands. total = paid + left, cents. lines: the schedule that counts, by day; what an older
    schedule handed over is not among them. `id`, `entity_id`, `account_id` stay inside.
    """

    id: int
    public_id: str
    entity_id: int
    account_id: int
    state: State
    total: Money
    down: Money
    instalment: Money
    count: int
    due_day: int
    first_due: date
    schedule_no: int
    missed: int
    late_since: date | None
    defaulted_on: date | None
    re_established_on: date | None
    disclosures: bool
    signed_on: date | None
    witness: str
    agreement_file: int | None
    token_id: int | None
    previous_id: int | None
    reason: str
    author: str
    approved_by: str
    opened_at: datetime
    closed_at: datetime | None
    version: int
    lines: tuple[Line, ...] = ()

    @property
    def paid(self) -> Money:
        """What of the whole came so far."""
        return total(line.paid for line in self.lines)

    @property
    def left(self) -> Money:
        """What is still to come."""
        return self.total - self.paid

    @property
    def running(self) -> bool:
        """Does dunning wait for it?"""
        return self.state in RUNNING

    @property
    def next(self) -> Line | None:
        """The oldest instalment that is not paid."""
        return rules_paid.next_due(self.lines) if self.state in LIVE else None

    def due(self, day: date) -> Money:
        """What of it is due by a day."""
        return total(line.left for line in self.lines if line.due_on <= day)

    def late_days(self, day: date) -> int:
        """How many days the oldest missed instalment is past due; 0: none is."""
        return max((day - self.late_since).days, 0) if self.late_since else 0


def of(w: Work, account_ids: Collection[int]) -> dict[int, PlanView]:
    """The running plan of each account, one that is kept before one in default; accounts without are left
    out.
    """
    found: dict[int, PlanView] = {}
    for account_id, plans in all_of(w, account_ids, live=True).items():
        found[account_id] = min(plans, key=lambda one: (not one.running, one.id))
    return found


def all_of(w: Work, account_ids: Collection[int], *, live: bool = False) -> dict[int, list[PlanView]]:
    """Every plan of accounts, the newest last; live: only those that hold their visits."""
    if not account_ids:
        return {}
    states = [_plan.c.state.in_([one.value for one in LIVE])] if live else []
    mine = (among(w.db, _plan.c.account_id, list(account_ids)), w.within(_plan.c.entity_id))
    rows = w.db.execute(select(*(_plan.c[name] for name in _ROW)).where(*mine, *states).order_by(_plan.c.id))
    found: dict[int, list[PlanView]] = {}
    for plan in viewed(w, rows.all()):
        found.setdefault(plan.account_id, []).append(plan)
    return found


def viewed(w: Work, rows: Collection[Row[Any]]) -> list[PlanView]:
    """Rows of plans with the schedules that count."""
    schedules = lines(w, [row.id for row in rows])
    return [
        PlanView(
            **{name: getattr(row, name) for name in _ROW} | {"state": State(row.state)},
            lines=tuple(one for one in schedules.get(row.id, ()) if one.state not in GONE),
        )
        for row in rows
    ]


def by_public(w: Work, public_id: str) -> PlanView:
    """One plan; `NotFound` when there is none or it is not yours. The caller notes what it told."""
    query = select(*(_plan.c[name] for name in _ROW))
    row = w.db.execute(query.where(_plan.c.public_id == public_id, w.within(_plan.c.entity_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such plan.")
    return viewed(w, [row])[0]


def lines(w: Work, plan_ids: Collection[int]) -> dict[int, list[Line]]:
    """Every line of plans, by day; those an older schedule handed over too."""
    if not plan_ids:
        return {}
    mine = (among(w.db, _line.c.plan_id, list(plan_ids)), w.within(_line.c.entity_id))
    query = select(_line).where(*mine).order_by(_line.c.plan_id, _line.c.due_on, _line.c.number, _line.c.id)
    found: dict[int, list[Line]] = {}
    for row in w.db.execute(query):
        found.setdefault(row.plan_id, []).append(
            Line(row.number, row.due_on, row.amount, row.paid, InstalmentState(row.state), row.id,
                 row.schedule_no, row.tries, row.next_try)
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Covered:
    """A visit a plan covers. claim, control: its public id and number; amount: what of it is in the plan."""

    claim_id: int
    claim: str
    control: str
    patient_id: int
    service_from: date | None
    amount: Money


def covered(w: Work, plan_id: int) -> list[Covered]:
    """The visits of a plan, oldest first. The caller notes whose they are."""
    query = (
        select(_item.c.claim_id, _claim.c.public_id, _claim.c.control, _claim.c.patient_id,
               _claim.c.service_from, _item.c.amount)
        .join(_claim, _claim.c.id == _item.c.claim_id)
        .where(_item.c.plan_id == plan_id, w.within(_item.c.entity_id))
        .order_by(_claim.c.service_from, _claim.c.id)
    )  # fmt: skip
    return [Covered(*row) for row in w.db.execute(query)]


def items(w: Work, account_id: int) -> list[int]:
    """The visits of an account that are in a running plan, for a payment of mode plan."""
    query = (
        select(_item.c.claim_id)
        .join(_plan, _plan.c.id == _item.c.plan_id)
        .where(_plan.c.account_id == account_id, _item.c.live.is_(True), w.within(_item.c.entity_id))
        .order_by(_plan.c.id, _item.c.claim_id)
    )
    return list(w.db.execute(query).scalars())


def on_plan(w: Work, account_ids: Collection[int]) -> dict[int, Money]:
    """What running plans of accounts still wait for; a plan in default waits for nothing, dunning does."""
    plans = all_of(w, account_ids, live=True)
    return {key: total(one.left for one in mine if one.running) for key, mine in plans.items()}


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened to a plan."""

    at: datetime
    move: str
    from_state: str
    to_state: str
    reason: str
    detail: dict[str, Any]
    author: str


def history(w: Work, plan_id: int) -> list[Happened]:
    """What happened to a plan, oldest first."""
    names = tuple(Happened.__dataclass_fields__)
    mine = (_event.c.plan_id == plan_id, w.within(_event.c.entity_id))
    query = select(*(_event.c[name] for name in names)).where(*mine).order_by(_event.c.id)
    return [Happened(*row) for row in w.db.execute(query)]
