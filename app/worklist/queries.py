"""Reads of the worklist: a page of a queue by keyset, what is in each queue, one item.

`Order` and `keyset` serve the other lists of work too: a page starts after the last row of the one before,
so that a row closed in the meantime neither repeats nor hides another.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, or_, select

from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.limits import PAGE_ROWS, PAGE_ROWS_MOST
from app.kernel.money import Money
from app.kernel.work import Work
from app.worklist.models import ItemState, WorklistItem

_item = table_of(WorklistItem)
NEVER = date(9999, 12, 31)
"""Sorts what has no due date last."""


class By(NamedTuple):
    """One column of an order; `name` is how the row read back calls it."""

    name: str
    column: Any
    descending: bool = False


Order = Sequence[By]


def after(order: Order, cursor: str) -> ColumnElement[bool]:
    """The rows behind a cursor in this order. `Refused` when the cursor is not one of ours."""
    values = _read_cursor(order, cursor)
    steps: list[ColumnElement[bool]] = []
    for at, by in enumerate(order):
        same = [one.column == value for one, value in zip(order[:at], values[:at], strict=True)]
        beyond = by.column < values[at] if by.descending else by.column > values[at]
        steps.append(and_(*same, beyond))
    return or_(*steps)


def cursor_of(order: Order, row: Row[Any]) -> str:
    """Where a page ended, to be handed back for the next."""
    values = [getattr(row, by.name) for by in order]
    return json.dumps([one.isoformat() if isinstance(one, date) else int(one) for one in values]).replace(
        " ", ""
    )


def _read_cursor(order: Order, cursor: str) -> list[Any]:
    try:
        values = json.loads(cursor)
        if not isinstance(values, list) or len(values) != len(order):
            raise ValueError(cursor)
        return [date.fromisoformat(one) if isinstance(one, str) else int(one) for one in values]
    except (ValueError, TypeError):
        raise Refused(
            "This is not the end of a page we gave out.", code="bad_cursor", field="after"
        ) from None


def keyset(query: Select[Any], order: Order, *, cursor: str | None, limit: int) -> Select[Any]:
    """One page of a query: behind the cursor, in order, one row more than asked to know whether there is another."""
    if not 1 <= limit <= PAGE_ROWS_MOST:
        raise Refused(f"A page has 1 to {PAGE_ROWS_MOST} rows.", code="page_size", field="limit")
    if cursor:
        query = query.where(after(order, cursor))
    sorted_by = [by.column.desc() if by.descending else by.column.asc() for by in order]
    return query.order_by(*sorted_by).limit(limit + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which items; absent means any. `due_by` is inclusive, amounts in cents, `mine` an owner, `free` without one."""

    queue: str | None = None
    kind: str | None = None
    reason: str | None = None
    payer_id: int | None = None
    claim_id: int | None = None
    owner_id: int | None = None
    free: bool = False
    state: str = ItemState.OPEN.value
    due_by: date | None = None
    amount_from: int | None = None


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as a person sees it."""

    public_id: str
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
    state: str
    reason: str
    detail: dict[str, Any]
    source: int | None
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    outcome: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some items and where the next page starts; `next` is None on the last."""

    items: list[ItemView]
    next: str | None


_due_key = func.coalesce(_item.c.due, literal(NEVER, _item.c.due.type))
_amount_key = _item.c.amount
ORDERS: dict[str, Order] = {
    # Ties of a score: earliest deadline, then the larger amount, then the older (denials section 5).
    "score": (
        By("score", _item.c.score, True),
        By("due_key", _due_key),
        By("amount", _amount_key, True),
        By("id", _item.c.id),
    ),
    "due": (By("due_key", _due_key), By("amount", _amount_key, True), By("id", _item.c.id)),
    "amount": (By("amount", _amount_key, True), By("id", _item.c.id)),
    "oldest": (By("id", _item.c.id),),
}


def page(
    w: Work,
    which: Filter | None = None,
    *,
    order: str = "score",
    cursor: str | None = None,
    limit: int = PAGE_ROWS,
) -> Page:
    """One page of work, most pressing first."""
    if order not in ORDERS:
        raise Refused(f"Items are not sorted by {order!r}.", code="unknown_order", field="order")
    by = ORDERS[order]
    query = select(_item, _due_key.label("due_key")).where(*_conditions(w, which or Filter()))
    rows = w.db.execute(keyset(query, by, cursor=cursor, limit=limit)).all()
    shown = rows[:limit]
    patients = [row.patient_id for row in shown if row.patient_id]
    w.audit("worklist.list", "R", "worklist_item", patients=patients, detail={"rows": len(shown)})
    return Page([_view(row) for row in shown], cursor_of(by, shown[-1]) if len(rows) > limit else None)


def _conditions(w: Work, which: Filter) -> list[ColumnElement[bool]]:
    found = [w.within(_item.c.entity_id), _item.c.state == which.state]
    for name in ("queue", "kind", "reason", "payer_id", "claim_id", "owner_id"):
        value = getattr(which, name)
        if value is not None:
            found.append(_item.c[name] == value)
    if which.free:
        found.append(_item.c.owner_id.is_(None))
    if which.due_by is not None:
        found.append(_item.c.due <= which.due_by)
    if which.amount_from is not None:
        found.append(_item.c.amount >= which.amount_from)
    return found


def _view(row: Row[Any]) -> ItemView:
    values = {name: getattr(row, name) for name in ItemView.__dataclass_fields__}
    values["detail"] = values["detail"] or {}
    return ItemView(**values)


def one(w: Work, public_id: str) -> ItemView:
    """One item; `NotFound` when there is none or it is not yours."""
    row = w.db.execute(
        select(_item).where(w.within(_item.c.entity_id), _item.c.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    patients = [row.patient_id] if row.patient_id else []
    w.audit("worklist.read", "R", "worklist_item", public_id, entity_id=row.entity_id, patients=patients)
    return _view(row)


@dataclass(frozen=True, slots=True)
class QueueTotal:
    """How much open work a queue holds; `overdue` counts those due before the day asked about."""

    queue: str
    kind: str
    count: int
    amount: Money
    overdue: int


def totals(w: Work, on: date) -> list[QueueTotal]:
    """Open work by queue and kind on a day."""
    overdue = func.sum((_item.c.due < on).cast(_item.c.score.type))
    query = (
        select(_item.c.queue, _item.c.kind, func.count(), func.sum(_item.c.amount), func.coalesce(overdue, 0))
        .where(w.within(_item.c.entity_id), _item.c.state == ItemState.OPEN.value)
        .group_by(_item.c.queue, _item.c.kind)
        .order_by(_item.c.queue, _item.c.kind)
    )
    return [
        QueueTotal(q, k, int(n), Money(int(a or 0)), int(late)) for q, k, n, a, late in w.db.execute(query)
    ]
