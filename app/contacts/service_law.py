"""Changing a rule of law or of the house: a dated row with its source and reason; none is ever edited."""

from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.contacts import queries_law
from app.contacts.models import CollectionRule
from app.contacts.rules_law import Law, read
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.ids import public_id
from app.kernel.work import Work

_rule = table_of(CollectionRule)


def law(w: Work, entity_id: int, on: date) -> Law:
    """What holds at an entity on a day: its own rows over the shipped ones, a state's over the general."""
    return queries_law.law(w, entity_id, on)


def change(
    w: Work,
    entity_id: int,
    *,
    code: str,
    state: str,
    value: str,
    source: str,
    days: tuple[date, date | None],
    reason: str,
) -> str:
    """Let a rule be another from a day on; returns the public id of the row.

    value: in the rule's unit. state: empty for everywhere. days: `[from, to)`; from today or later, because
    what was decided under the old row stays decided. A row of the same rule, state and first day is closed.
    """
    w.may("law.write")
    if entity_id not in w.scope:
        raise NotFound("There is no such entity.", field="entity")
    row, (since, until) = read(code, state, value), days
    why, says = reason.strip()[:200], source.strip()[:200]
    if not why:
        raise Refused("Say why, so that others can follow it later.", code="no_reason", field="reason")
    if since < w.now.date():
        raise Refused("A rule changes from today or a later day on.", code="day_passed", field="since")
    if until is not None and until <= since:
        raise Refused("The last day must come after the first.", code="empty_range", field="until")
    same = (
        w.within(_rule.c.entity_id), _rule.c.entity_id == entity_id, _rule.c.code == row.code,
        _rule.c.state == row.state, _rule.c.effective_from == since, _rule.c.replaced_at.is_(None),
    )  # fmt: skip
    w.db.execute(update(_rule).where(*same).values(replaced_at=w.now))
    return _write(w, entity_id, dict(code=row.code, state=row.state, value=row.value, source=says,
                                     effective_from=since, effective_to=until, reason=why))  # fmt: skip


def end(w: Work, rule_public: str, *, on: date, reason: str) -> str:
    """A row of our own no longer holds from a day on; returns ended, or withdrawn when it never began."""
    w.may("law.write")
    why = reason.strip()[:200]
    if not why:
        raise Refused("Say why, so that others can follow it later.", code="no_reason", field="reason")
    mine = (w.within(_rule.c.entity_id), _rule.c.public_id == rule_public)
    row = w.db.execute(select(_rule).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such rule of ours.")
    gone = row.effective_to is not None and row.effective_to <= on
    if row.replaced_at is not None or gone:
        raise Refused("It has ended already.", code="ended", field="on")
    if on < w.now.date():
        raise Refused("A rule ends today or on a later day.", code="day_passed", field="on")
    w.db.execute(update(_rule).where(_rule.c.id == row.id).values(replaced_at=w.now))
    if row.effective_from >= on:
        detail = {"code": row.code, "did": "withdrawn", "state": row.state}
        w.audit("law.rule", "D", "collection_rule", rule_public, entity_id=row.entity_id, detail=detail)
        return "withdrawn"
    names = ("code", "state", "value", "source", "effective_from")
    _write(w, row.entity_id, {**{name: getattr(row, name) for name in names}, "effective_to": on,
                              "reason": why})  # fmt: skip
    return "ended"


def _write(w: Work, entity_id: int, values: dict[str, Any]) -> str:
    public = public_id()
    who = {"id": w.numbers("collection_rule"), "public_id": public, "entity_id": entity_id}
    who |= {"author": w.actor.name[:80], "recorded_at": w.now}
    w.db.execute(insert(_rule).values(**values, **who))
    since, until = values["effective_from"], values["effective_to"]
    detail = {"code": values["code"], "state": values["state"], "value": values["value"],
              "since": since.isoformat(), "until": until.isoformat() if until else ""}  # fmt: skip
    w.audit("law.rule", "U", "collection_rule", public, entity_id=entity_id, detail=detail)
    return public
