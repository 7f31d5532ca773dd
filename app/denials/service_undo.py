"""Taking acts back: what a person did over one or many cases is given back as a whole, within a day."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from app.contacts import service as contacts
from app.denials import service_moved
from app.denials import service_rows as rows
from app.denials.lifecycle import Move, State
from app.denials.models import Denial, DenialBulk, DenialBulkCase
from app.denials.service_rows import Told
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound
from app.kernel.work import Work
from app.worklist import service as worklist

_denial, _bulk, _case = table_of(Denial), table_of(DenialBulk), table_of(DenialBulkCase)
UNDO_HOURS = 24


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo gave back; `stale` cases were changed since and stay as they are."""

    act: str
    done: int
    stale: tuple[str, ...]


def undo(w: Work, public: str) -> Undone:
    """Give back everything an act of mine did, in the cases nobody changed since; within a day.

    Notes and calls of the act are struck. Nothing is deleted: the cases keep both moves in their history.
    """
    w.may("denials.work")
    bulk = w.db.execute(select(_bulk).where(_bulk.c.public_id == public).with_for_update()).one_or_none()
    if bulk is None or bulk.person_id != w.actor.person_id:
        raise NotFound("There is no such act of yours.")
    if bulk.undone_at is not None:
        raise NotAllowed("This is undone already.", code="undone")
    if w.now - bulk.at > timedelta(hours=UNDO_HOURS):
        raise NotAllowed("Only what was done within a day can be undone.", code="undo_late")
    query = (
        select(_case, _denial.c.public_id, _denial.c.version.label("now"), _denial.c.state,
               _denial.c.patient_id, _denial.c.claim_id, _denial.c.id)
        .join(_denial, _denial.c.id == _case.c.denial_id)
        .where(w.within(_case.c.entity_id), _case.c.bulk_id == bulk.id)
        .order_by(_case.c.denial_id)
    )  # fmt: skip
    found = w.db.execute(query).all()
    fresh = [row for row in found if row.now == row.version or not row.was]
    if bulk.act == Move.TO_PATIENT.value:
        for row in fresh:
            service_moved.bring_back(w, row, row.version, "undone by the person who moved it")
    _give_back(w, fresh)
    contacts.strike(w, [row.contact_id for row in fresh if row.contact_id])
    w.db.execute(update(_bulk).where(_bulk.c.id == bulk.id).values(undone_at=w.now))
    for entity_id in sorted({row.entity_id for row in fresh}):
        mine = [row for row in fresh if row.entity_id == entity_id]
        w.audit("denials.undo", "U", "denial_bulk", public, entity_id=entity_id,
                patients=[row.patient_id for row in mine if row.patient_id],
                detail={"act": bulk.act, "count": len(mine)})  # fmt: skip
    stale = tuple(row.public_id for row in found if row not in fresh)
    return Undone(bulk.act, len(fresh), stale)


def _give_back(w: Work, fresh: Sequence[Any]) -> None:
    groups: dict[frozenset[str], dict[int, dict[str, Any]]] = defaultdict(dict)
    told, owners = [], defaultdict(list)
    for row in fresh:
        if not row.was:
            continue
        values = rows.as_it_was(row.was)
        groups[frozenset(values)][row.denial_id] = values
        state = values.get("state", row.state)
        told.append(Told(row.entity_id, row.denial_id, "undo", row.state, state, ""))
        if "owner_id" in values:
            owners[values["owner_id"]].append(row.denial_id)
    for group in groups.values():
        rows.change(w, group)
    for owner_id, ids in owners.items():
        worklist.own_many(w, rows.QUEUES, "denial", ids, owner_id)
    rows.log(w, told)
    reopened = {row.denial_id for row in fresh if row.was and row.state == State.CLOSED.value}
    claims = sorted({row.claim_id for row in fresh if row.denial_id in reopened})
    again = [case for case in rows.load(w, claims) if case.id in reopened] if claims else []
    worklist.reopen_many(w, [rows.item_again(case) for case in again])


def last_act(w: Work) -> tuple[str, str, int] | None:
    """My newest act that can still be undone: its public id, its name, how many cases."""
    if w.actor.person_id is None:
        return None
    query = (
        select(_bulk.c.public_id, _bulk.c.act, _bulk.c.cases)
        .where(_bulk.c.person_id == w.actor.person_id, _bulk.c.undone_at.is_(None))
        .where(_bulk.c.at > w.now - timedelta(hours=UNDO_HOURS))
        .order_by(_bulk.c.id.desc())
        .limit(1)
    )
    row = w.db.execute(query).one_or_none()
    return (row.public_id, row.act, row.cases) if row else None
