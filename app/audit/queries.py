"""Reads of the trail: who saw a patient, what happened to a record, who looks without working. Each is an
event itself.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select

from app.audit.models import AuditEvent, AuditPatient
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work

_events, _patients = table_of(AuditEvent), table_of(AuditPatient)
SORTS = {"seq": Sort(_events.c.seq, descending=True)}
FILTERS = ("actor", "type", "subject", "action", "outcome", "key", "from", "to")
_EQUAL = {"actor": "actor", "type": "type", "subject": "subject", "action": "action", "key": "subject_key"}


@dataclass(frozen=True)
class EventRow:
    """One line of the trail as an auditor reads it."""

    seq: int
    recorded: datetime
    actor: str
    roles: str
    door: str
    type: str
    action: str
    outcome: int
    subject: str
    subject_key: str
    purpose: str
    patients: int
    detail: str


def _event(row: Row[Any]) -> EventRow:
    listed = row.patients.count(",") + 1 if len(row.patients) > 2 else 0
    return EventRow(
        seq=row.seq,
        recorded=row.recorded,
        actor=row.actor,
        roles=row.roles,
        door=row.door,
        type=row.type,
        action=row.action,
        outcome=row.outcome,
        subject=row.subject,
        subject_key=row.subject_key,
        purpose=row.purpose,
        patients=listed,
        detail="" if row.detail == "{}" else row.detail,
    )


def _visible(w: Work) -> Select[Any]:
    """Events of the reader's entities, and those of no entity (sign-ins, grants); patients are named by
    neither.
    """
    return select(_events).where(or_(_events.c.entity_id.is_(None), w.within(_events.c.entity_id)))


def events(w: Work, ask: Ask) -> Slice[EventRow]:
    """The trail, newest first; filters: actor, type, subject, action."""
    w.may("audit.read")
    query = _visible(w)
    query = query.where(*_conditions(ask))
    w.audit("audit.read", "R", "audit", detail={"filters": sorted(ask.filters)})
    return page(w.db, query, ask, sorts=SORTS, key=_events.c.seq, row=_event)


def _conditions(ask: Ask) -> list[ColumnElement[bool]]:
    found = [_events.c[column] == ask.get(name) for name, column in _EQUAL.items() if ask.get(name)]
    if outcome := ask.get("outcome"):
        if outcome not in ("0", "4", "8", "12"):
            raise Refused("An outcome is 0, 4, 8 or 12.", code="outcome", field="outcome")
        found.append(_events.c.outcome == int(outcome))
    if first := ask.get("from"):
        found.append(_events.c.recorded >= _midnight(first, "from"))
    if last := ask.get("to"):
        found.append(_events.c.recorded < _midnight(last, "to") + timedelta(days=1))
    return found


def _midnight(text: str, field: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused("A day is written 2026-01-31.", code="day_unreadable", field=field) from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@dataclass(frozen=True)
class OneEvent:
    """Everything an event holds, for its own page; patients: their keys, which stay inside."""

    row: EventRow
    network: dict[str, str]
    session: str
    entity_id: int | None
    patient_ids: tuple[int, ...]
    detail: dict[str, Any]
    previous: str
    hash: str
    key_id: str


def event(w: Work, seq: int) -> OneEvent:
    """One event; `NotFound` when there is none or it is another entity's. Its patients are in the trail
    again.
    """
    w.may("audit.read")
    row = w.db.execute(_visible(w).where(_events.c.seq == seq)).one_or_none()
    if row is None:
        raise NotFound("There is no such event.")
    ids = tuple(json.loads(row.patients))
    w.audit("audit.read", "R", "audit", seq, entity_id=row.entity_id, patients=ids)
    return OneEvent(
        _event(row),
        json.loads(row.network),
        row.session,
        row.entity_id,
        ids,
        json.loads(row.detail),
        row.previous,
        row.hash,
        row.key_id,
    )


def of_person(
    w: Work,
    person_id: int,
    *,
    since: datetime,
    until: datetime,
    patient_id: int | None = None,
    limit: int = 500,
) -> list[EventRow]:
    """What somebody did and saw between two moments, oldest first; of one patient when asked."""
    query = _visible(w).where(_events.c.actor_id == person_id, _events.c.recorded.between(since, until))
    if patient_id is not None:
        query = query.where(
            _events.c.seq.in_(select(_patients.c.seq).where(_patients.c.patient_id == patient_id))
        )
    w.audit("audit.read", "R", "person", person_id, patients=(patient_id,) if patient_id else ())
    return [_event(row) for row in w.db.execute(query.order_by(_events.c.seq).limit(limit))]


def views_of(w: Work, patient_id: int, ask: Ask) -> Slice[EventRow]:
    """Who saw or touched this patient (RSEC-14), newest first; one indexed look, however long the trail
    is.
    """
    w.may("audit.read")
    about = select(_patients.c.seq).where(_patients.c.patient_id == patient_id)
    w.audit("audit.read", "R", "patient", patient_id, patients=(patient_id,))
    return page(
        w.db, _visible(w).where(_events.c.seq.in_(about)), ask, sorts=SORTS, key=_events.c.seq, row=_event
    )


def history(w: Work, subject: str, key: str, *, limit: int = 100) -> list[EventRow]:
    """What happened to one record, newest first; reads are left out. For the timeline of its page."""
    mine = (_events.c.subject == subject) & (_events.c.subject_key == key) & (_events.c.action != "R")
    query = _visible(w).where(mine).order_by(_events.c.seq.desc()).limit(limit)
    return [_event(row) for row in w.db.execute(query)]


@dataclass(frozen=True)
class QuietView:
    """A person who looked at patients again and again without any work on them."""

    actor_id: int
    actor: str
    patients: int
    looks: int


def quiet_views(w: Work, *, days: int = 30, least: int = 3) -> list[QuietView]:
    """Who opened the same patient's record on `least` or more occasions and changed nothing about them (A8).

    Curiosity looks like this: the same few people looked up again, no note, no posting, no letter. Worst
    first.
    """
    w.may("audit.read")
    since = w.now - timedelta(days=days)
    recent = (_events.c.recorded >= since) & _events.c.actor_id.is_not(None)
    source = _patients.join(_events, _events.c.seq == _patients.c.seq)
    # A list shows many patients to whoever looks for one: only opening a record is a look at somebody.
    look = and_(_events.c.action == "R", _events.c.type != "audit.read", _events.c.subject_key != "")
    looks = func.sum(case((look, 1), else_=0)).label("looks")
    work_done = func.sum(case((_events.c.action != "R", 1), else_=0))
    pairs = (
        select(_events.c.actor_id, func.max(_events.c.actor).label("actor"), _patients.c.patient_id, looks)
        .select_from(source)
        .where(recent, or_(_events.c.entity_id.is_(None), w.within(_events.c.entity_id)))
        .group_by(_events.c.actor_id, _patients.c.patient_id)
        .having(looks >= least, work_done == 0)
        .subquery()
    )
    query = select(
        pairs.c.actor_id,
        func.max(pairs.c.actor).label("actor"),
        func.count().label("patients"),
        func.sum(pairs.c.looks).label("looks"),
    ).group_by(pairs.c.actor_id)
    found = [QuietView(row.actor_id, row.actor, row.patients, int(row.looks)) for row in w.db.execute(query)]
    w.audit("audit.read", "R", "audit", detail={"report": "quiet_views", "count": len(found)})
    return sorted(found, key=lambda one: (-one.patients, -one.looks))
