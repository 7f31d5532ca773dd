"""Changing a limit of the desk: a dated row with its reason; the row before stays in the history."""

from datetime import date
from typing import Any

from sqlalchemy import insert, update

from app.access.queries import grants_of
from app.denials.models import DenialLimit
from app.denials.rules_limits import check_new
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused
from app.kernel.work import Work

_limit = table_of(DenialLimit)


def change(w: Work, entity_id: int, *, name: str, role: str, amount: int, since: date, reason: str) -> int:
    """Let a limit be another from a day on; returns the row's key. The unit is the last word of its name.

    Refused: a limit nobody reads, a day that has passed (what was decided under the old one stays decided),
    no reason, and how much one's own role may write off: another decides that.
    """
    w.may("denials.approve")
    if entity_id not in w.scope:
        raise NotFound("There is no such entity.", field="entity")
    check_new(name, role, amount)
    why = reason.strip()[:200]
    if not why:
        raise Refused("Say why.", code="reason_missing", field="reason")
    if since < w.now.date():
        raise Refused("A limit changes from today or a later day on.", code="day_passed", field="since")
    person = w.actor.person_id
    held = {one for one, _ in grants_of(w.db, person)} if person is not None else set()
    if role and role in held:
        raise NotAllowed("The limit of your own role is another's to change.", code="own_limit")
    same = (
        _limit.c.entity_id == entity_id, _limit.c.name == name, _limit.c.role == role,
        _limit.c.effective_from == since, _limit.c.replaced_at.is_(None),
    )  # fmt: skip
    w.db.execute(update(_limit).where(*same).values(replaced_at=w.now))
    values: dict[str, Any] = {"entity_id": entity_id, "name": name, "role": role, "amount": amount}
    values |= {"effective_from": since, "author": w.actor.name[:80], "reason": why, "recorded_at": w.now}
    key = int(w.db.execute(insert(_limit).values(values).returning(_limit.c.id)).scalar_one())
    detail = {"name": name, "role": role, "amount": amount, "since": since.isoformat()}
    w.audit("denials.limit", "U", "denial_limit", key, entity_id=entity_id, detail=detail)
    return key
