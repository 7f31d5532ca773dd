"""Changing the playbook: what a clinic knows better than the shipped rows, dated and kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.denials.models import DenialPlay
from app.denials.rules import own_play
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.work import Work

_play = table_of(DenialPlay)


def change(
    w: Work,
    entity_id: int,
    *,
    match: Mapping[str, str],
    answers: Mapping[str, str],
    effective_from: date,
    effective_to: date | None = None,
    reason: str = "",
) -> int:
    """Read denials differently from a day on; returns the row's id.

    match: any of payer (a class or a filing indicator), group, carc, rarc, when_category.
    answers: any of category, root_cause, next_action, days, evidence, letter, hardness.
    Ours wins over a shipped row as specific, for remits from that day on. A row with the same match and first
    day is closed, never edited.
    """
    w.may("denials.approve")
    if entity_id not in w.scope:
        raise NotFound("There is no such entity.", field="entity_id")
    own_play(match, answers)
    if effective_to is not None and effective_to <= effective_from:
        raise Refused("The last day must come after the first.", code="empty_range", field="effective_to")
    mine = (
        _play.c.entity_id == entity_id,
        _play.c.effective_from == effective_from,
        _play.c.replaced_at.is_(None),
    )
    same = [
        row.id
        for row in w.db.execute(select(_play.c.id, _play.c.fits).where(*mine))
        if row.fits == dict(match)
    ]
    w.db.execute(update(_play).where(_play.c.id.in_(same)).values(replaced_at=w.now))
    values: dict[str, Any] = {"entity_id": entity_id, "fits": dict(match), "answers": dict(answers)}
    values |= {"effective_from": effective_from, "effective_to": effective_to}
    values |= {"author": w.actor.name[:80], "reason": reason[:200], "recorded_at": w.now}
    row_id = int(w.db.execute(insert(_play).values(values).returning(_play.c.id)).scalar_one())
    detail = {"match": dict(match), "answers": dict(answers), "replaced": same}
    w.audit("denials.playbook", "U", "denial_play", row_id, entity_id=entity_id, detail=detail)
    return row_id
