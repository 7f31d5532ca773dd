"""Who works on which submission."""

from collections.abc import Mapping

from sqlalchemy import select, update

from app.contacts import service as contacts
from app.denials.queries_people import may_work
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.work import Work
from app.rebill.lifecycle import OPEN
from app.rebill.models import Rebill
from app.worklist import service as worklist

_rebill = table_of(Rebill)
QUEUES = ("rebill",)
SUBJECT = "rebill"


def assign(w: Work, public_id: str, *, owner_id: int | None, version: int) -> int:
    """Give a submission to a person, or to nobody; returns its new version.

    `Stale` when somebody changed it since `version`; `NotAllowed` when it is closed; refused for somebody who
    may not work on claims of its entity.
    """
    assign_many(w, {public_id: version}, owner_id)
    return version + 1


def assign_many(w: Work, seen: Mapping[str, int], owner_id: int | None) -> int:
    """The same for several at once, all or none; returns how many there were."""
    w.may("rebill.work")
    mine = (w.within(_rebill.c.entity_id), among(w.db, _rebill.c.public_id, list(seen)))
    columns = (_rebill.c.id, _rebill.c.public_id, _rebill.c.entity_id, _rebill.c.patient_id,
               _rebill.c.state, _rebill.c.version)  # fmt: skip
    rows = list(w.db.execute(select(*columns).where(*mine)))
    if len(rows) != len(seen):
        raise NotFound()
    if any(row.state not in {one.value for one in OPEN} for row in rows):
        raise NotAllowed("It is closed: there is nothing to do.", code="not_possible_now")
    if owner_id is not None and owner_id != w.actor.person_id:
        for entity_id in {row.entity_id for row in rows}:
            if not may_work(w, owner_id, entity_id, "rebill.work"):
                raise Refused("This person does not send claims there.", code="unknown_person", field="owner")
    for row in rows:
        held = (_rebill.c.id == row.id, _rebill.c.version == seen[row.public_id])
        values = {"owner_id": owner_id, "version": row.version + 1, "changed_at": w.now}
        if w.db.execute(update(_rebill).where(*held).values(**values)).rowcount != 1:
            raise Stale()
    worklist.own_many(w, QUEUES, SUBJECT, [row.id for row in rows], owner_id)
    for row in rows:
        w.audit("rebill.assign", "U", "rebill", row.public_id, entity_id=row.entity_id,
                patients=[row.patient_id], detail={"owner_id": owner_id})  # fmt: skip
    return len(rows)


def note(w: Work, public_id: str, text: str) -> None:
    """Write a note about a submission; card numbers are taken out, an empty note is refused."""
    w.may("rebill.work")
    mine = (w.within(_rebill.c.entity_id), _rebill.c.public_id == public_id)
    row = w.db.execute(select(_rebill.c.id, _rebill.c.entity_id, _rebill.c.patient_id).where(*mine)).first()
    if row is None:
        raise NotFound()
    contacts.note(w, row.entity_id, SUBJECT, row.id, text, patient_id=row.patient_id)
    w.audit("rebill.note", "C", "rebill", public_id, entity_id=row.entity_id, patients=[row.patient_id])
