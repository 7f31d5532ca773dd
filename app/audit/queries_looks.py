"""Looks at patients as the daily watch reads them, and what it found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, select

from app.audit.models import AuditEvent, AuditPatient, Disclosure, OddLook
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import SQL_VARIABLES
from app.kernel.work import Work

_events, _patients = table_of(AuditEvent), table_of(AuditPatient)
_odd, _disclosure = table_of(OddLook), table_of(Disclosure)
REFUSED = 8
CHUNK = SQL_VARIABLES // 4
SOON = timedelta(minutes=10)
LOOKED = and_(
    _events.c.action == "R", _events.c.type != "audit.read", _events.c.subject_key != "",
    _events.c.actor_id.is_not(None),
)  # fmt: skip
"""Opening a record; a list shows many patients to whoever looks for one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A person and a patient they opened the record of. looks: in the long window; the rest: in the recent
    one.
    """

    person_id: int
    patient_id: int
    looks: int
    worked: bool
    first_seq: int
    last_seq: int
    last_at: datetime


def seen_since(w: Work, recent: datetime, long: datetime) -> list[Seen]:
    """Who opened whose record since `recent`, with looks and work since `long`; set-wise, two statements."""
    source = _patients.join(_events, _events.c.seq == _patients.c.seq)
    pair = (_events.c.actor_id, _patients.c.patient_id)
    fresh = (
        select(*pair, func.min(_events.c.seq).label("first_seq"), func.max(_events.c.seq).label("last_seq"),
               func.max(_events.c.recorded).label("last_at"))
        .select_from(source).where(_events.c.recorded >= recent, LOOKED).group_by(*pair).subquery()
    )  # fmt: skip
    mine = and_(fresh.c.actor_id == _events.c.actor_id, fresh.c.patient_id == _patients.c.patient_id)
    looks = func.sum(case((LOOKED, 1), else_=0)).label("looks")
    done = func.sum(case((_events.c.action != "R", 1), else_=0)).label("done")
    query = (
        select(fresh, looks, done).select_from(source.join(fresh, mine))
        .where(_events.c.recorded >= long).group_by(*fresh.c)
    )  # fmt: skip
    return [
        Seen(
            row.actor_id,
            row.patient_id,
            int(row.looks),
            bool(row.done),
            row.first_seq,
            row.last_seq,
            row.last_at,
        )
        for row in w.db.execute(query)
    ]


def refusals_since(w: Work, since: datetime) -> dict[int, list[datetime]]:
    """Person → when they were refused something."""
    found: dict[int, list[datetime]] = {}
    query = select(_events.c.actor_id, _events.c.recorded).where(
        _events.c.recorded >= since, _events.c.outcome == REFUSED, _events.c.actor_id.is_not(None)
    )
    for person, at in w.db.execute(query):
        found.setdefault(person, []).append(at)
    return found


def waiting(w: Work) -> set[tuple[str, int, int]]:
    """(kind, person, patient) compliance has not judged yet."""
    query = select(_odd.c.kind, _odd.c.person_id, _odd.c.patient_id).where(_odd.c.judged.is_(None))
    return {tuple(row) for row in w.db.execute(query)}


def odd_looks(w: Work, ids: Iterable[int]) -> dict[int, Any]:
    """The rows of these odd looks by key."""
    found: dict[int, Any] = {}
    for chunk in in_chunks(ids, CHUNK):
        query = select(_odd).where(w.within(_odd.c.entity_id), _odd.c.id.in_(chunk))
        found |= {row.id: row for row in w.db.execute(query)}
    return found


@dataclass(frozen=True)
class DisclosureRow:
    """A line of a patient's accounting of disclosures."""

    public_id: str
    disclosed_on: date
    recipient: str
    recipient_address: str
    what: str
    basis: str
    recorded_by: str
    recorded_at: datetime


def disclosures_of(w: Work, patient_id: int, since: date) -> list[DisclosureRow]:
    """What was disclosed about a patient since a day, newest first (164.528: six years)."""
    w.may("privacy.read")
    query = select(_disclosure).where(
        w.within(_disclosure.c.entity_id), _disclosure.c.patient_id == patient_id,
        _disclosure.c.disclosed_on >= since,
    )  # fmt: skip
    rows = w.db.execute(query.order_by(_disclosure.c.disclosed_on.desc(), _disclosure.c.id.desc()))
    w.audit("disclosures.read", "R", "patient", patient_id, patients=(patient_id,))
    names = DisclosureRow.__dataclass_fields__
    return [DisclosureRow(**{name: getattr(row, name) for name in names}) for row in rows]
