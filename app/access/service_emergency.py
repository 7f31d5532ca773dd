"""Emergency access: reading one billing entity's records for an hour, with a reason, under eyes (RSEC 1).

The verb only opens it. `flows.privacy` tells compliance through the outbox of the same transaction.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select, update

from app.access.lifecycle import EMERGENCY, EmergencyMove, EmergencyState
from app.access.models import Emergency
from app.access.queries import EVERY_ENTITY, emergencies_of, grants_of
from app.access.rules import EMERGENCY_LIFE, policy
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work

_emergency = table_of(Emergency)
REASON_LEAST, REASON_MOST = 15, 500
TELL = "tell_emergency"
"""The job that puts it before compliance."""


class Opened(NamedTuple):
    """An emergency access that runs."""

    public_id: str
    ends_at: datetime


def open_emergency(w: Work, entity_id: int, *, reason: str) -> Opened:
    """Let this person read an entity's records for 60 minutes; everything they see then is marked ETREAT.

    entity_id: found by whoever calls, outside the person's own scope. Refused without a reason somebody
    else can judge, and where the person reads anyway.
    """
    w.may("emergency.ask")
    reason, person_id = reason.strip(), w.actor.person_id
    if not REASON_LEAST <= len(reason) <= REASON_MOST:
        raise Refused(
            f"Say in {REASON_LEAST} to {REASON_MOST} characters why this cannot wait.",
            code="reason",
            field="reason",
        )
    if person_id is None:
        raise NotAllowed("Only a person has an emergency.", code="no_person")
    held = grants_of(w.db, person_id)
    reads = {at for role, at in held if "claims.read" in policy().held_by({role})}
    if reads & {entity_id, EVERY_ENTITY}:
        raise NotAllowed("You may see these records already.", code="seen_anyway")
    if entity_id in emergencies_of(w.db, person_id, w.now):
        raise NotAllowed("Your emergency access to these records is running already.", code="running")
    row = {
        "public_id": public_id(), "person_id": person_id, "place_id": entity_id, "reason": reason,
        "began_at": w.now, "ends_at": w.now + EMERGENCY_LIFE,
    }  # fmt: skip
    made = w.db.execute(insert(_emergency).values(row).returning(_emergency.c.id)).scalar_one()
    detail = {"emergency": row["public_id"], "reason": reason}
    w.audit("emergency.began", "E", "emergency", row["public_id"], entity_id=entity_id, detail=detail)
    w.job(TELL, f"emergency:{made}", {"emergency": made}, rank=1, once=True)
    return Opened(str(row["public_id"]), w.now + EMERGENCY_LIFE)


def end_emergencies(w: Work) -> int:
    """End one's own emergency access before the hour is over; returns how many ran."""
    mine = (_emergency.c.person_id == w.actor.person_id) & (_emergency.c.ends_at > w.now)
    ended = w.db.execute(update(_emergency).where(mine).values(ends_at=w.now)).rowcount
    if ended:
        w.audit("emergency.ended", "E", "emergency", "", detail={"count": ended})
    return ended


def judge(w: Work, which: int, move: EmergencyMove, *, remark: str, version: int) -> None:
    """Compliance signs: justified, or misused. Nobody judges their own."""
    w.may("privacy.review")
    row = w.db.execute(
        select(_emergency).where(_emergency.c.id == which, w.within(_emergency.c.place_id))
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such emergency access.")
    if row.person_id == w.actor.person_id:
        raise NotAllowed("Nobody judges their own emergency.", code="own_emergency")
    state = EMERGENCY.next(EmergencyState(row.state), move)
    if move is EmergencyMove.OBJECT and not remark.strip():
        raise Refused("Say what was wrong with it.", code="remark", field="remark")
    held = (_emergency.c.id == which) & (_emergency.c.version == version)
    done = {
        "state": state, "reviewed_by": w.actor.person_id, "reviewed_at": w.now, "version": version + 1,
        "remark": remark.strip()[:REASON_MOST],
    }  # fmt: skip
    if w.db.execute(update(_emergency).where(held).values(done)).rowcount != 1:
        raise Stale()
    w.audit(
        "emergency.judged", "E", "emergency", row.public_id, entity_id=row.place_id, detail={"state": state}
    )
