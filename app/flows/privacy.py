"""Who looks at whom: the daily watch over looks, emergency access, and their queue `privacy`.

It stands here because it joins what capabilities keep apart: trail, people, patients, worklist.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.access import queries_sessions as access
from app.access import service_emergency
from app.access.lifecycle import EmergencyMove
from app.access.models import Person
from app.audit import queries as trail
from app.audit import queries_looks, service_privacy
from app.audit.rules_looks import WORDS, Known, Look, Odd, names_of, odd
from app.entities import queries as entities
from app.entities.rules import Identifier, Practice
from app.kernel.clock import today as today_in
from app.kernel.db import in_chunks, table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.paging import Ask, Slice
from app.kernel.work import Work, reading, system
from app.patients.models import Patient
from app.worklist import queries as worklist
from app.worklist import service as worklist_service
from app.worklist.service import NewItem

QUEUE, LOOK, EMERGENCY = "privacy", "odd_look", "emergency"
RECENT, LONG = timedelta(days=3), timedelta(days=30)
LOOK_DAYS, EMERGENCY_DAYS = 7, 2
_person, _patient = table_of(Person), table_of(Patient)
SORTS = {name: worklist.SORTS[name] for name in ("rank", "due")}


def find_odd_looks(w: Work) -> int:
    """Put before compliance who looked at whom without a reason we can see; returns how many are new (A8)."""
    seen = queries_looks.seen_since(w, w.now - RECENT, w.now - LONG)
    refused = queries_looks.refusals_since(w, w.now - RECENT)
    people, patients = _people(w), _patients(w, {one.patient_id for one in seen})
    colleagues = frozenset((who.last, who.first) for who in people.values() if who.last)
    waiting, rows = queries_looks.waiting(w), []
    for one in seen:
        who, about = people.get(one.person_id), patients.get(one.patient_id)
        if who is None or about is None:
            continue
        soon = any(at <= one.last_at <= at + queries_looks.SOON for at in refused.get(one.person_id, ()))
        kind = odd(Look(one.looks, one.worked, soon), who, about[1], colleagues)
        if kind is None or (kind.value, one.person_id, one.patient_id) in waiting:
            continue
        day = one.last_at.astimezone(UTC).date().isoformat()
        rows.append(
            (about[0], kind.value, one.person_id, one.patient_id, day, one.looks, one.first_seq, one.last_seq)
        )
    found = service_privacy.note_odd_looks(w, rows)
    worklist_service.open_many(w, [_item(w, row) for row in found])
    if found:
        w.audit("looks.found", "E", "audit", detail={"count": len(found)})
    return len(found)


def _item(w: Work, row: Any) -> NewItem:
    return NewItem(
        entity_id=row.entity_id, queue=QUEUE, kind=row.kind, subject=LOOK, subject_id=row.id, reason=row.kind,
        patient_id=row.patient_id, due=w.now.date() + timedelta(days=LOOK_DAYS), detail={"looks": row.looks},
    )  # fmt: skip


def _people(w: Work) -> dict[int, Known]:
    rows = w.db.execute(select(_person.c.id, _person.c.name, _person.c.home_lookup))
    return {row.id: Known(*names_of(row.name), row.home_lookup) for row in rows}


def _patients(w: Work, ids: Iterable[int]) -> dict[int, tuple[int, Known]]:
    """Patient → (entity, how looks compare them)."""
    found = {}
    columns = (_patient.c.id, _patient.c.entity_id, _patient.c.last, _patient.c.first, _patient.c.home_lookup)
    for chunk in in_chunks(sorted(ids), queries_looks.CHUNK):
        for row in w.db.execute(select(*columns).where(_patient.c.id.in_(chunk))):
            known = Known(row.last.upper(), row.first.upper(), row.home_lookup)
            found[row.id] = (row.entity_id, known)
    return found


def tell_emergency(w: Work, key: int) -> None:
    """An emergency access stands before compliance from its first minute."""
    for one in access.emergencies(w, [key]):
        due = one.began_at.date() + timedelta(days=EMERGENCY_DAYS)
        item = NewItem(
            entity_id=one.place_id, queue=QUEUE, kind=EMERGENCY, subject=EMERGENCY, subject_id=one.id,
            reason=EMERGENCY, due=due, score=100,
        )  # fmt: skip
        worklist_service.open_many(w, [item])


def find_practice(text: str) -> Practice:
    """A billing entity outside one's own scope, by exactly its NPI, tax id or name; `Refused` tells no
    more.
    """
    text = text.strip()
    with reading(system("emergency", door="page")) as w:
        found = entities.owner_of(
            w, [Identifier("npi", text), Identifier("tax_id", text.replace("-", ""))], on=today_in("UTC")
        ) if text else None  # fmt: skip
        named = [one for one in entities.practices(w) if text and one.name.casefold() == text.casefold()]
    if found is None and len(named) != 1:
        raise Refused("No practice has exactly this NPI, tax id or name.", code="practice", field="practice")
    return found or named[0]


@dataclass(frozen=True)
class Matter:
    """A line of the queue: an odd look or an emergency access, waiting for compliance."""

    public_id: str
    kind: str
    words: str
    who: str
    patient: str
    patient_public_id: str
    looks: int
    happened_at: datetime
    due: date | None
    state: str
    judged: str
    judged_by: str
    remark: str
    reason: str
    subject: str
    subject_id: int
    person_id: int
    patient_id: int | None
    until: datetime | None
    version: int


def matters(w: Work, ask: Ask) -> Slice[Matter]:
    """The queue `privacy`, open unless `state` says done or all."""
    w.may("privacy.read")
    filters = {**ask.filters, "queue": QUEUE}
    found = worklist.items(w, replace(ask, filters=filters))
    return Slice(_matters(w, found.rows), found.next, found.previous)


def matter(w: Work, public_id: str) -> Matter:
    """One of them; `NotFound` otherwise."""
    w.may("privacy.read")
    item = worklist.one(w, public_id)
    if item.queue != QUEUE:
        raise NotFound()
    return _matters(w, [item])[0]


def _matters(w: Work, items: Iterable[worklist.ItemView]) -> list[Matter]:
    items = list(items)
    looks = queries_looks.odd_looks(w, [one.subject_id for one in items if one.subject == LOOK])
    wanted = [one.subject_id for one in items if one.subject == EMERGENCY]
    opened = {one.id: one for one in access.emergencies(w, wanted)} if wanted else {}
    names = {row.id: row.name for row in w.db.execute(select(_person.c.id, _person.c.name))}
    patients = _names(w, [one.patient_id for one in items if one.patient_id])
    return [
        _look_matter(item, looks[item.subject_id], names, patients) if item.subject == LOOK
        else _emergency_matter(item, opened[item.subject_id])
        for item in items
    ]  # fmt: skip


def _names(w: Work, ids: list[int]) -> dict[int, tuple[str, str]]:
    columns = (_patient.c.id, _patient.c.last, _patient.c.first, _patient.c.public_id)
    query = select(*columns).where(w.within(_patient.c.entity_id), _patient.c.id.in_(ids))
    return {row.id: (f"{row.last}, {row.first}", row.public_id) for row in w.db.execute(query)} if ids else {}


def _look_matter(
    item: worklist.ItemView, row: Any, names: dict[int, str], patients: dict[int, tuple[str, str]]
) -> Matter:
    patient, public_id = patients.get(row.patient_id, ("", ""))
    happened = datetime(row.day.year, row.day.month, row.day.day, tzinfo=UTC)
    return Matter(
        item.public_id,
        row.kind,
        WORDS[Odd(row.kind)],
        names.get(row.person_id, ""),
        patient,
        public_id,
        row.looks,
        happened,
        item.due,
        item.state,
        row.judged or "",
        names.get(row.judged_by or 0, ""),
        row.remark,
        "",
        LOOK,
        row.id,
        row.person_id,
        row.patient_id,
        None,
        item.version,
    )


def _emergency_matter(item: worklist.ItemView, row: access.EmergencyRow) -> Matter:
    return Matter(
        item.public_id,
        EMERGENCY,
        "opened records in an emergency",
        row.name,
        "",
        "",
        0,
        row.began_at,
        item.due,
        item.state,
        "" if row.state == "unreviewed" else row.state,
        row.reviewed_by,
        row.remark,
        row.reason,
        EMERGENCY,
        row.id,
        row.person_id,
        None,
        row.ends_at,
        row.version,
    )


def what_they_saw(w: Work, one: Matter) -> list[trail.EventRow]:
    """The events a matter is about, oldest first: of the emergency's hour, or of this patient."""
    if one.subject == EMERGENCY and one.until is not None:
        return trail.of_person(w, one.person_id, since=one.happened_at, until=one.until)
    return trail.of_person(
        w, one.person_id, since=one.happened_at - LONG, until=w.now, patient_id=one.patient_id
    )


def judge(w: Work, public_id: str, *, fine: bool, remark: str) -> None:
    """Compliance signs a matter off; the item of the queue is finished with it."""
    one = matter(w, public_id)
    if one.subject == EMERGENCY:
        move = EmergencyMove.JUSTIFY if fine else EmergencyMove.OBJECT
        service_emergency.judge(w, one.subject_id, move, remark=remark, version=one.version)
    else:
        service_privacy.judge_look(w, one.subject_id, fine=fine, remark=remark)
    worklist_service.close_many(w, QUEUE, one.subject, [one.subject_id], "justified" if fine else "misused")


@dataclass(frozen=True)
class Subject:
    """A patient as the privacy pages name them."""

    id: int
    entity_id: int
    public_id: str
    name: str
    time_zone: str


def patient(w: Work, public_id: str) -> Subject:
    """One patient by public id; `NotFound` when there is none in scope."""
    query = select(_patient).where(w.within(_patient.c.entity_id), _patient.c.public_id == public_id)
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such patient.")
    zone = entities.get(w, row.entity_id).time_zone
    return Subject(row.id, row.entity_id, row.public_id, f"{row.last}, {row.first}", zone)
