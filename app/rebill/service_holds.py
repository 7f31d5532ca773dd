"""Holding a claim back (G6): with a reason, by somebody, until a day; ended by hand or by that day."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, insert, select, update

from app.contacts.rules import without_cards
from app.denials import queries_limits, rules_limits
from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id as new_public_id
from app.kernel.work import Work
from app.rebill import service_check, service_moves
from app.rebill.lifecycle import AT_WORK, HoldReason, State
from app.rebill.models import Rebill, RebillHold

_rebill, _hold = table_of(Rebill), table_of(RebillHold)
CAME = "Its day came"


def hold(w: Work, public_id: str, version: int, *, reason: str, until: date, note: str = "") -> int:
    """Keep a claim back until a day (it goes again on that day); returns its new version.

    Refused: an unknown reason, a day that is not after today or further off than a limit of the house allows
    (hold_claim_days), OTHER without words, a claim that is on its way already. Several holds may stand at
    once; all must end.
    """
    w.may("rebill.work")
    row = _row(w, public_id, version)
    if State(row.state) not in AT_WORK:
        raise NotAllowed("Only a claim that has not gone out is held back.", code="not_possible_now")
    if reason not in {one.value for one in HoldReason}:
        raise Refused("There is no such reason to hold a claim.", code="unknown_reason", field="reason")
    words = without_cards(note.strip())[:200]
    if reason == HoldReason.OTHER.value and not words:
        raise Refused("Say why it is held.", code="note_missing", field="note")
    today = w.today(entities.get(w, row.entity_id).time_zone)
    longest = rules_limits.most(queries_limits.own(w, row.entity_id), "hold_claim_days", today)
    if not today < until <= today + timedelta(longest):
        words = f"A hold ends after today and within {longest} days."
        raise Refused(words, code="bad_until", field="until")
    values = dict(public_id=new_public_id(), rebill_id=row.id, entity_id=row.entity_id, reason=reason)
    values |= dict(note=words, until=until, author=w.actor.name[:80], placed_at=w.now, ended_by="")
    w.db.execute(insert(_hold).values(**values, ended_why=""))
    made = service_moves.bump(w, row, version, {"on_hold": True})
    service_moves.note(w, row, "hold", today, {"reason": reason, "until": until.isoformat()})
    service_check.look_again(w, [row.id])
    w.audit("rebill.hold", "U", "rebill", public_id, entity_id=row.entity_id, patients=[row.patient_id],
            detail={"reason": reason, "until": until.isoformat()})  # fmt: skip
    return made


def lift(w: Work, public_id: str, version: int, *, why: str) -> int:
    """End every hold of a claim before its day; returns its new version. Refused without a hold or a why."""
    w.may("rebill.work")
    row = _row(w, public_id, version)
    words = without_cards(why.strip())[:200]
    if not words:
        raise Refused("Say why the hold ends.", code="reason_missing", field="why")
    today = w.today(entities.get(w, row.entity_id).time_zone)
    held = (_hold.c.rebill_id == row.id, _hold.c.ended_at.is_(None), w.within(_hold.c.entity_id))
    ended = dict(ended_at=w.now, ended_by=w.actor.name[:80], ended_why=words)
    if not w.db.execute(update(_hold).where(*held).values(**ended)).rowcount:
        raise NotAllowed("It is not on hold.", code="not_held")
    made = service_moves.bump(w, row, version, {"on_hold": False})
    service_moves.note(w, row, "lift", today, {"by": "hand"})
    service_check.look_again(w, [row.id])
    w.audit("rebill.lift", "U", "rebill", public_id, entity_id=row.entity_id, patients=[row.patient_id],
            detail={})  # fmt: skip
    return made


def lift_due(w: Work, entity_id: int) -> int:
    """End the holds whose day has come; returns how many claims are free again. Asked once a day."""
    today = w.today(entities.get(w, entity_id).time_zone)
    due = (
        _hold.c.entity_id == entity_id,
        w.within(_hold.c.entity_id),
        _hold.c.ended_at.is_(None),
        _hold.c.until <= today,
    )
    ended = dict(ended_at=w.now, ended_by=w.actor.name[:80], ended_why=CAME)
    done = update(_hold).where(*due).values(**ended).returning(_hold.c.rebill_id)
    freed = _freed(w, sorted(set(w.db.execute(done).scalars())))
    w.db.execute(
        update(_rebill)
        .where(among(w.db, _rebill.c.id, freed), w.within(_rebill.c.entity_id))
        .values(on_hold=False, version=_rebill.c.version + 1, changed_at=w.now)
    )
    rows = service_moves.rows_of(w, freed)
    service_moves.note_many(w, [(row, "lift", today, {"by": "day"}) for row in rows.values()])
    service_check.look_again(w, freed)
    if rows:
        patients = [row.patient_id for row in rows.values()]
        w.audit("rebill.lift", "U", "rebill", len(rows), entity_id=entity_id, patients=patients,
                detail={"by": "day", "count": len(rows)})  # fmt: skip
    return len(rows)


def _freed(w: Work, ids: Sequence[int]) -> list[int]:
    """Those of them that nothing holds any more."""
    held = and_(among(w.db, _hold.c.rebill_id, ids), _hold.c.ended_at.is_(None))
    still = set(w.db.execute(select(_hold.c.rebill_id).where(held, w.within(_hold.c.entity_id))).scalars())
    return [one for one in ids if one not in still]


def _row(w: Work, public_id: str, version: int) -> Any:
    names = ("id", "public_id", "entity_id", "patient_id", "state", "version")
    mine = (_rebill.c.public_id == public_id, w.within(_rebill.c.entity_id))
    query = select(*(_rebill.c[name] for name in names)).where(*mine).with_for_update()
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such submission.")
    if row.version != version:
        raise Stale()
    return row
