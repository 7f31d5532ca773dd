"""Changing the playbook: what a clinic knows better than the shipped rows, dated and kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.denials.models import DenialPlay
from app.denials.rules import ANSWERS, CONDITIONS, own_play
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
    w.may("playbook.write")
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


def end(
    w: Work,
    entity_id: int,
    match: Mapping[str, str],
    since: date,
    *,
    on: date,
    today: date,
    reason: str,
) -> str:
    """A row of our own no longer holds from a day on, or never comes into force; returns ended or withdrawn.

    match, since: which row. on: the first day it no longer holds; a row that has not begun by then is
    withdrawn whole. Nothing is deleted: the row stays for the record, and refusals read by it keep their
    reading.
    """
    w.may("playbook.write")
    if not reason.strip():
        raise Refused("Say why, so that others can follow it later.", code="no_reason", field="reason")
    mine = select(_play).where(
        _play.c.entity_id == entity_id,
        w.within(_play.c.entity_id),
        _play.c.effective_from == since,
        _play.c.replaced_at.is_(None),
    )
    row = next((one for one in w.db.execute(mine.with_for_update()) if one.fits == dict(match)), None)
    if row is None:
        raise NotFound("There is no such row.")
    if row.effective_to is not None and row.effective_to <= min(on, today):
        raise Refused("It has ended already.", code="ended", field="effective_to")
    w.db.execute(update(_play).where(_play.c.id == row.id).values(replaced_at=w.now))
    done = "withdrawn" if since >= on else "ended"
    if done == "ended":
        values = {name: getattr(row, name) for name in ("entity_id", "fits", "answers", "effective_from")}
        values |= {"effective_to": on, "author": w.actor.name[:80], "reason": reason.strip()[:200]}
        w.db.execute(insert(_play).values(**values, recorded_at=w.now))
    detail = {"match": dict(match), "since": since.isoformat(), "on": on.isoformat(), "did": done}
    w.audit("denials.playbook", "U", "denial_play", row.id, entity_id=entity_id, detail=detail)
    return done


def read_row(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(match, answers) out of what a form or program gives by name; empty values are left out."""
    said = {name: str(given.get(name, "")).strip() for name in (*CONDITIONS, *ANSWERS)}
    too_long = [name for name, value in said.items() if len(value) > 120]
    if too_long:
        raise Refused("That is longer than a row holds.", code="too_long", field=too_long[0])
    match = {name: said[name] for name in CONDITIONS if said[name]}
    answers = {name: said[name] for name in ANSWERS if said[name]}
    if not match:
        raise Refused("A row needs at least one condition.", code="no_condition", field="carc")
    own_play(match, answers)
    return match, answers


def save(
    w: Work,
    entity_id: int,
    match: Mapping[str, str],
    answers: Mapping[str, str],
    *,
    days: tuple[date, date | None],
    reason: str,
) -> int:
    """A person changes a row, and says why; see `change`."""
    if not reason:
        raise Refused("Say why, so that others can follow it later.", code="no_reason", field="reason")
    since, until = days
    return change(
        w,
        entity_id,
        match=match,
        answers=answers,
        effective_from=since,
        effective_to=until,
        reason=reason,
    )
