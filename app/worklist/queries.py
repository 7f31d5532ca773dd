"""Reads of the worklist: a page of work, how much is in each queue, one item."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select

from app.access.models import Person
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.worklist.models import ItemState, WorklistItem

_item, _person = table_of(WorklistItem), table_of(Person)
SORTS = {
    "rank": Sort(_item.c.rank, descending=True),
    "due": Sort(_item.c.due, nullable=True),
    "amount": Sort(_item.c.amount, descending=True),
    "opened": Sort(_item.c.id),
}
FILTERS = ("queue", "kind", "reason", "subject", "state", "owner", "due_by", "amount_from")


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as a person sees it; keys (`subject_id`, `claim_id`, ...) are for joining and stay inside."""

    public_id: str
    entity_id: int
    queue: str
    kind: str
    subject: str
    subject_id: int
    claim_id: int | None
    payer_id: int | None
    patient_id: int | None
    amount: Money
    due: date | None
    score: int
    owner_id: int | None
    owner: str | None
    state: str
    reason: str
    detail: dict[str, Any]
    source: int | None
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    outcome: str | None
    version: int


_NAMES = [name for name in ItemView.__dataclass_fields__ if name != "owner"]
_SHOWN = (*(_item.c[name] for name in _NAMES), _person.c.name.label("owner"))


def items(w: Work, ask: Ask) -> Slice[ItemView]:
    """One page of work by keyset, open items unless `state` says done or all."""
    query = select(*_SHOWN).outerjoin(_person, _person.c.id == _item.c.owner_id).where(*_conditions(w, ask))
    found = page(w.db, query, ask, sorts=SORTS, key=_item.c.id, row=_view)
    patients = [one.patient_id for one in found.rows if one.patient_id]
    w.audit("worklist.list", "R", "worklist_item", patients=patients, detail={"rows": len(found.rows)})
    return found


def _conditions(w: Work, ask: Ask) -> list[ColumnElement[bool]]:
    found = [w.within(_item.c.entity_id)]
    state = ask.get("state") or ItemState.OPEN.value
    if state != "all":
        found.append(_item.c.state == state)
    found += [
        _item.c[name] == ask.get(name) for name in ("queue", "kind", "reason", "subject") if ask.get(name)
    ]
    found += owned(w, _item.c.owner_id, ask)
    if ask.get("due_by"):
        found.append(_item.c.due <= _day(ask.get("due_by")))
    if ask.get("amount_from"):
        found.append(_item.c.amount >= Money.parse(ask.get("amount_from")))
    return found


def owned(w: Work, owner_id: ColumnElement[int | None], ask: Ask) -> list[ColumnElement[bool]]:
    """The filter `owner` of a list: `me`, `nobody`, or a person's public id; no condition when not asked."""
    asked = ask.get("owner")
    if asked == "nobody":
        return [owner_id.is_(None)]
    if asked == "me":
        return [owner_id == (w.actor.person_id or 0)]
    return [_person.c.public_id == asked] if asked else []


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("A day is written 2026-01-31.", code="day_unreadable", field="due_by") from None


def _view(row: Row[Any]) -> ItemView:
    values = {name: getattr(row, name) for name in ItemView.__dataclass_fields__}
    values["detail"] = values["detail"] or {}
    return ItemView(**values)


def one(w: Work, public_id: str) -> ItemView:
    """One item; `NotFound` when there is none or it is not yours."""
    query = select(*_SHOWN).outerjoin(_person, _person.c.id == _item.c.owner_id)
    row = w.db.execute(query.where(w.within(_item.c.entity_id), _item.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound()
    found = _view(row)
    patients = [found.patient_id] if found.patient_id else []
    w.audit("worklist.read", "R", "worklist_item", public_id, entity_id=found.entity_id, patients=patients)
    return found


@dataclass(frozen=True, slots=True)
class QueueTotal:
    """How much open work a queue holds; `late` counts what was due before the day asked about."""

    queue: str
    reason: str
    count: int
    amount: Money
    late: int


def totals(w: Work, on: date) -> list[QueueTotal]:
    """Open work by queue and reason on a day."""
    late = func.count().filter(and_(_item.c.due < on))
    query = (
        select(_item.c.queue, _item.c.reason, func.count(), func.sum(_item.c.amount), late)
        .where(w.within(_item.c.entity_id), _item.c.state == ItemState.OPEN.value)
        .group_by(_item.c.queue, _item.c.reason)
        .order_by(_item.c.queue, _item.c.reason)
    )
    return [
        QueueTotal(q, r, int(n), Money.of_sum(int(a or 0)), int(x)) for q, r, n, a, x in w.db.execute(query)
    ]
