"""One act over many underpayments: decided line by line, written in bulk, given back as a whole.

What an act changed stands in its events (`bulk`, `was`, `version`), which are never edited: an undo reads
them and puts back what nobody changed since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from app.contacts import service as contacts
from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.errors import NotAllowed, NotFound, Refused
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.underpayments import service_cases, service_work
from app.underpayments.lifecycle import UNDERPAYMENT, Move, State
from app.underpayments.models import Underpayment, UnderpaymentEvent
from app.underpayments.rules_acts import MOST, Act
from app.underpayments.service_cases import QUEUE, SUBJECT, Told
from app.worklist import service as worklist

_case, _event = table_of(Underpayment), table_of(UnderpaymentEvent)
UNDO_HOURS = 24
LAST_EVENTS = 20_000
"""How far back an act is looked for among the events."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act did; `bulk` names it for its undoing. skipped: (public id, why it does not fit)."""

    bulk: str
    done: int
    skipped: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo gave back; `stale` were changed since and stay as they are."""

    done: int
    stale: tuple[str, ...]


def act(w: Work, seen: Mapping[str, int | None], wanted: Act, *, name: str = "", text: str = "") -> Outcome:
    """Do one thing to many; those it does not fit stay as they are, with the reason.

    seen: public id to the version that was looked at, None for a set that was shown as a whole. name: of the
    project; text: of the note. Refused: more than 2,000, or a project of several payers or causes.
    """
    w.may("underpayments.work")
    if not seen or len(seen) > MOST:
        raise Refused(f"Choose 1 to {MOST:,} underpayments.", code="how_many", field="cases")
    found = _load(w, list(seen))
    kept, values, skipped = [], {}, [(one, "There is no such case.") for one in seen if one not in found]
    for row in found.values():
        if seen[row.public_id] not in (None, row.version):
            skipped.append((row.public_id, "Somebody changed it since you looked."))
            continue
        try:
            values[row.id] = _decided(w, row, wanted)
            kept.append(row)
        except Refused as refusal:
            skipped.append((row.public_id, refusal.message))
    if not kept:
        return Outcome("", 0, tuple(skipped))
    if wanted is Act.GROUP:
        project_id = service_work.project_for(w, kept, name)
        values = {key: one | {"project_id": project_id} for key, one in values.items()}
    if wanted is Act.NOTE:
        contacts.note_many(w, [_about(row) for row in kept], text)
        return Outcome("", len(kept), tuple(skipped))
    return Outcome(_write(w, kept, values, wanted, name), len(kept), tuple(skipped))


def _about(row: Any) -> contacts.About:
    return contacts.About(entity_id=row.entity_id, subject=SUBJECT, subject_id=row.id, payer_id=row.payer_id,
                          patient_id=row.patient_id)  # fmt: skip


def _load(w: Work, publics: Sequence[str]) -> dict[str, Any]:
    mine = (w.within(_case.c.entity_id), among(w.db, _case.c.public_id, list(publics)))
    query = select(_case).where(*mine).order_by(_case.c.id).with_for_update()
    return {row.public_id: row for row in w.db.execute(query)}


def _decided(w: Work, row: Any, wanted: Act) -> dict[str, Any]:
    """The columns an act writes in one case; `Refused` with the reason when it does not fit."""
    if wanted is Act.NOTE:
        return {}
    if wanted in (Act.MINE, Act.RELEASE):
        return {"owner_id": w.actor.person_id if wanted is Act.MINE else None}
    move = Move.VALIDATE if wanted is Act.VALIDATE else Move.GROUP
    after = UNDERPAYMENT.next(State(row.state), move)
    if move is Move.GROUP and row.limit_on < today_of(w, row.entity_id):
        raise NotAllowed("It is past its last day to dispute.", code="past_limit")
    return {"state": after.value}


def today_of(w: Work, entity_id: int) -> date:
    """The day it is where an entity works."""
    return w.today(entities.get(w, entity_id).time_zone)


def _write(
    w: Work, kept: Sequence[Any], values: Mapping[int, Mapping[str, Any]], wanted: Act, name: str
) -> str:
    bulk = public_id()
    _change(w, values)
    if wanted in (Act.MINE, Act.RELEASE):
        owner_id = w.actor.person_id if wanted is Act.MINE else None
        worklist.own_many(w, (QUEUE,), SUBJECT, [row.id for row in kept], owner_id)
    told = []
    for row in kept:
        was = {column: getattr(row, column) for column in values[row.id]}
        detail = {"bulk": bulk, "was": was, "version": row.version + 1}
        after = values[row.id].get("state", row.state)
        move = "assign" if wanted in (Act.MINE, Act.RELEASE) else wanted.value
        reason = name.strip()[:120] if wanted is Act.GROUP else ""
        told.append(Told(row.entity_id, row.id, move, row.state, after, reason, detail))
    service_cases.log(w, told)
    _audit(w, kept, "underpayments.act", bulk, wanted.value)
    return bulk


def _change(w: Work, values: Mapping[int, Mapping[str, Any]]) -> None:
    """Write the same columns of each, in one statement."""
    names = sorted(next(iter(values.values())))
    written = {name: bindparam(f"new_{name}", type_=_case.c[name].type) for name in names}
    statement = update(_case).where(_case.c.id == bindparam("this_id"))
    w.db.execute(
        statement.values(**written, version=_case.c.version + 1),
        [
            {"this_id": key, **{f"new_{name}": one[name] for name in names}}
            for key, one in sorted(values.items())
        ],
    )


def _audit(w: Work, rows: Sequence[Any], event: str, bulk: str, name: str) -> None:
    for entity_id in sorted({row.entity_id for row in rows}):
        mine = [row for row in rows if row.entity_id == entity_id]
        patients = [row.patient_id for row in mine if row.patient_id]
        detail = {"act": name, "count": len(mine)}
        w.audit(event, "U", SUBJECT, bulk, entity_id=entity_id, patients=patients, detail=detail)


# ---------------------------------------------------------------- back


def last(w: Work) -> tuple[str, str, int] | None:
    """My last act that can still be taken back: its name, what it was, how many."""
    rows = _recent(w)
    gone = {row.detail["undid"] for row in rows if row.detail.get("undid")}
    first = next((row for row in rows if row.detail.get("bulk") and row.detail["bulk"] not in gone), None)
    if first is None:
        return None
    bulk = first.detail["bulk"]
    return bulk, first.move, sum(row.detail.get("bulk") == bulk for row in rows)


def _recent(w: Work) -> list[Any]:
    """My events of the last day, newest first."""
    since = w.now - timedelta(hours=UNDO_HOURS)
    newest = select(_event.c.id).where(w.within(_event.c.entity_id)).order_by(_event.c.id.desc()).limit(1)
    top = w.db.execute(newest).scalar() or 0
    mine = (w.within(_event.c.entity_id), _event.c.id > top - LAST_EVENTS, _event.c.at >= since)
    query = select(_event).where(*mine, _event.c.actor == w.actor.name[:80]).order_by(_event.c.id.desc())
    return [row for row in w.db.execute(query) if row.detail]


def undo(w: Work, bulk: str) -> Undone:
    """Give back what an act of mine did within a day, in the cases nobody changed since."""
    w.may("underpayments.work")
    rows = _recent(w)
    if any(row.detail.get("undid") == bulk for row in rows):
        raise NotAllowed("This is undone already.", code="undone")
    events = {row.underpayment_id: row for row in rows if bulk and row.detail.get("bulk") == bulk}
    if not events:
        raise NotFound("There is no such act of yours within a day.")
    held: list[Any] = []
    for chunk in in_chunks(sorted(events), MOST):
        mine = (w.within(_case.c.entity_id), among(w.db, _case.c.id, chunk))
        held += w.db.execute(select(_case).where(*mine).order_by(_case.c.id).with_for_update()).all()
    fresh = [row for row in held if row.version == events[row.id].detail["version"]]
    if fresh:
        _change(w, {row.id: events[row.id].detail["was"] for row in fresh})
    told: list[Told] = []
    owners: dict[int | None, list[int]] = {}
    for row in fresh:
        was = events[row.id].detail["was"]
        detail = {"undid": bulk}
        after = was.get("state", row.state)
        told.append(Told(row.entity_id, row.id, "undo", row.state, after, "", detail))
        if "owner_id" in was:
            owners.setdefault(was["owner_id"], []).append(row.id)
    for owner_id, ids in owners.items():
        worklist.own_many(w, (QUEUE,), SUBJECT, ids, owner_id)
    service_cases.log(w, told)
    _audit(w, fresh, "underpayments.undo", bulk, "undo")
    return Undone(len(fresh), tuple(row.public_id for row in held if row not in fresh))
