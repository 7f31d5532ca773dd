"""Reads of webhooks: receivers, deliveries, and what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from app.entities.models import Entity
from app.hooks import rules
from app.hooks.models import Hook, HookDelivery, HookEvent
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work

_hook, _event, _delivery = table_of(Hook), table_of(HookEvent), table_of(HookDelivery)
_entity = table_of(Entity)
SORTS = {"made": Sort(_delivery.c.id, descending=True)}
FILTERS = ("hook", "state")
EVENT_SORTS = {"at": Sort(_event.c.id)}
EVENT_FILTERS = ("kind", "subject_id")


@dataclass(frozen=True, slots=True)
class HookView:
    """A receiver; its secret stays inside."""

    public_id: str
    entity: str
    url: str
    kinds: list[str]
    active: bool
    author: str
    made_at: datetime
    ended_why: str | None
    version: int


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One message to one receiver. status: the last HTTP status, 0 when there was no answer."""

    public_id: str
    hook: str
    url: str
    events: int
    state: str
    tries: int
    status: int
    problem: str
    made_at: datetime
    next_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventView:
    """What happened; `subject_id` is the public id of the subject, detail holds codes and counts only."""

    public_id: str
    entity: str
    kind: str
    subject: str
    subject_id: str
    detail: dict[str, Any]
    at: datetime


def hooks(w: Work) -> list[HookView]:
    """Every receiver in scope, the active ones first."""
    query = _hooks(w).order_by(_hook.c.active.desc(), _hook.c.id)
    return [_hook_view(row) for row in w.db.execute(query)]


def one(w: Work, public_id: str) -> HookView:
    """One receiver; `NotFound` when there is none or it is not yours."""
    row = w.db.execute(_hooks(w).where(_hook.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound()
    return _hook_view(row)


def _hooks(w: Work) -> Select[Any]:
    named = ("public_id", "url", "kinds", "active", "author", "made_at", "ended_why", "version")
    return (
        select(*(_hook.c[name] for name in named), _entity.c.public_id.label("entity"))
        .join(_entity, _entity.c.id == _hook.c.entity_id)
        .where(w.within(_hook.c.entity_id))
    )


def _hook_view(row: Row[Any]) -> HookView:
    return HookView(
        row.public_id, row.entity, row.url, list(row.kinds), row.active, row.author, row.made_at,
        row.ended_why, row.version,
    )  # fmt: skip


def deliveries(w: Work, ask: Ask) -> Slice[DeliveryView]:
    """Deliveries, newest first; `hook` is a receiver's public id."""
    named = ("public_id", "state", "tries", "status", "problem", "made_at", "next_at", "ended_at")
    query = (
        select(
            *(_delivery.c[name] for name in named),
            (_delivery.c.last_event_id - _delivery.c.first_event_id + 1).label("events"),
            _hook.c.public_id.label("hook"),
            _hook.c.url,
        )
        .join(_hook, _hook.c.id == _delivery.c.hook_id)
        .where(w.within(_delivery.c.entity_id))
    )
    if ask.get("hook"):
        query = query.where(_hook.c.public_id == ask.get("hook"))
    if ask.get("state"):
        query = query.where(_delivery.c.state == ask.get("state"))
    return page(w.db, query, ask, sorts=SORTS, key=_delivery.c.id, row=_delivery_view)


def _delivery_view(row: Row[Any]) -> DeliveryView:
    return DeliveryView(**{name: getattr(row, name) for name in DeliveryView.__dataclass_fields__})


def events(w: Work, ask: Ask) -> Slice[EventView]:
    """What happened since a receiver was named, oldest first: what a program reads that lost messages."""
    query = (
        select(
            *(_event.c[name] for name in ("public_id", "kind", "subject", "subject_public", "detail", "at")),
            _entity.c.public_id.label("entity"),
        )
        .join(_entity, _entity.c.id == _event.c.entity_id)
        .where(w.within(_event.c.entity_id))
    )
    if ask.get("kind"):
        query = query.where(_event.c.kind == ask.get("kind"))
    if ask.get("subject_id"):
        query = query.where(_event.c.subject_public == ask.get("subject_id"))
    found = page(w.db, query, ask, sorts=EVENT_SORTS, key=_event.c.id, row=_event_view)
    w.audit("events.list", "R", "hook_event", detail={"rows": len(found.rows)})
    return found


def _event_view(row: Row[Any]) -> EventView:
    return EventView(row.public_id, row.entity, row.kind, row.subject, row.subject_public, row.detail, row.at)


def message(w: Work, delivery: str, first: int, last: int, kinds: Sequence[str]) -> bytes:
    """The body of a delivery, from the events it carries."""
    named = ("public_id", "kind", "subject", "subject_public", "detail", "at")
    query = (
        select(*(_event.c[name] for name in named), _entity.c.public_id.label("entity"))
        .join(_entity, _entity.c.id == _event.c.entity_id)
        .where(w.within(_event.c.entity_id), _event.c.id.between(first, last))
        .order_by(_event.c.id)
    )
    rows = [
        {
            "id": row.public_id,
            "entity": row.entity,
            "kind": row.kind,
            "subject": row.subject,
            "subject_id": row.subject_public,
            "detail": row.detail,
            "at": row.at.isoformat(timespec="milliseconds"),
        }
        for row in w.db.execute(query)
        if rules.wants(kinds, row.kind)
    ]
    return rules.body(delivery, rows)
