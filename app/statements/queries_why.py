"""Where an account stands in dunning, with each deadline, and since when a reason holds."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.contacts.queries_holds import open_holds
from app.contacts.queries_law import law
from app.contacts.rules_holds import label
from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import Work
from app.patients.queries_guarantors import by_public
from app.statements.models import Dunning, DunningEvent
from app.statements.queries_policies import in_force
from app.statements.rules_dunning import Deadline, legal, step_day
from app.statements.rules_policy import Plan, standard

_dunning, _event = table_of(Dunning), table_of(DunningEvent)


@dataclass(frozen=True, slots=True)
class Stands:
    """Where an account stands: its stage, since when, and every deadline with its rule and start event."""

    stage: str
    since: date | None
    first_on: date | None
    notice_on: date | None
    next_on: date | None
    paused_on: date | None
    statement_on: date | None
    statement_due: Money
    deadlines: tuple[Deadline, ...]


def policy_of(w: Work, entity_id: int, on: date) -> Plan:
    """The policy in force, or the shipped one before there is any."""
    found = in_force(w, entity_id, on)
    return found or standard(int(law(w, entity_id, on).cents("statement_least")))


def stands(w: Work, account_public: str) -> Stands:
    """Where an account stands in dunning; the caller notes what it told."""
    who = by_public(w, account_public)
    day = w.today(entities.get(w, who.entity_id).time_zone)
    query = select(_dunning).where(_dunning.c.account_id == who.id, w.within(_dunning.c.entity_id))
    row = w.db.execute(query).one_or_none()
    if row is None:
        return Stands("not_due", None, None, None, None, None, None, Money(0), ())
    return Stands(
        row.stage, row.since, row.first_on, row.notice_on, row.next_on, row.paused_on, row.statement_on,
        row.statement_due, tuple(_deadlines(w, who, row, day)),
    )  # fmt: skip


def _deadlines(w: Work, who: Any, row: Any, day: date) -> list[Deadline]:
    if row.first_on is None:
        return []
    rules, plan = law(w, who.entity_id, day), policy_of(w, who.entity_id, day)
    step = plan.after(row.stage)
    found = step_day(step, row.first_on, row.since) if step else None
    made = legal(row.first_on, row.notice_on, lambda code: rules.number(code, who.state))
    return sorted([*([found] if found else []), *made], key=lambda one: one.on)


def held_since(w: Work, account_id: int, code: str, day: date) -> date | None:
    """Since when a reason stands: the first day of the hold it names."""
    kind = code.removeprefix("hold_")
    for one in open_holds(w, [account_id], day).get(account_id, []):
        if one.kind == kind:
            return one.starts
    return None


def moves(w: Work, account_id: int) -> list[Any]:
    """Every move of an account through the stages, the newest first."""
    query = select(_event).where(_event.c.account_id == account_id, w.within(_event.c.entity_id))
    return list(w.db.execute(query.order_by(_event.c.id.desc())))


__all__ = ["Stands", "held_since", "label", "moves", "policy_of", "stands"]
