"""Changing the rules a claim is checked by: what a clinic knows better, dated and kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.work import Work
from app.payers.models import Payer
from app.payers.rules import PayerClass
from app.rebill.models import ScrubRule
from app.rebill.rules_scrub import check_rule

_rule, _payer = table_of(ScrubRule), table_of(Payer)


def payer_of(w: Work, entity_id: int, public_id: str) -> int | None:
    """The payer a rule is for; None: for all."""
    if not public_id:
        return None
    mine = (w.within(_payer.c.entity_id), _payer.c.entity_id == entity_id, _payer.c.public_id == public_id)
    found = w.db.execute(select(_payer.c.id).where(*mine)).scalar()
    if found is None:
        raise Refused("There is no such payer.", code="unknown_payer", field="payer")
    return int(found)


def read(given: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """(code, what the rule says) out of what a form or program gives; `Refused` names what cannot be."""
    code = str(given.get("code", "")).strip().lower()
    said = check_rule(code, given)
    if said["payer_class"] and said["payer_class"] not in {one.value for one in PayerClass}:
        raise Refused("There is no such kind of payer.", code="unknown_class", field="payer_class")
    return code, said


def save(
    w: Work,
    entity_id: int,
    code: str,
    said: Mapping[str, str],
    *,
    payer: str,
    days: tuple[date, date | None],
    reason: str,
) -> int:
    """Check claims by this rule from a day on; returns the row's id. said: as `read` gives it.

    Over a shipped rule of the same code it wins from that day; `off` silences it. payer: the public id of the
    only payer it is for, empty for all. A row of the same code, payer and first day is closed, never edited.
    """
    w.may("rebill.rules")
    if entity_id not in w.scope:
        raise NotFound("There is no such entity.", field="entity")
    why, (since, until) = reason.strip()[:200], days
    if not why:
        raise Refused("Say why, so that others can follow it later.", code="no_reason", field="reason")
    if until is not None and until <= since:
        raise Refused("The last day must come after the first.", code="empty_range", field="effective_to")
    payer_id = payer_of(w, entity_id, payer)
    same = (
        *_same(w, entity_id, code, payer_id),
        _rule.c.effective_from == since,
        _rule.c.replaced_at.is_(None),
    )
    w.db.execute(update(_rule).where(*same).values(replaced_at=w.now))
    values: dict[str, Any] = {"entity_id": entity_id, "code": code, "payer_id": payer_id, "rule": dict(said)}
    values |= {"effective_from": since, "effective_to": until, "author": w.actor.name[:80], "reason": why}
    key = int(
        w.db.execute(insert(_rule).values(**values, recorded_at=w.now).returning(_rule.c.id)).scalar_one()
    )
    detail = {"code": code, "does": said["does"], "since": since.isoformat()}
    w.audit("rebill.rule", "U", "scrub_rule", key, entity_id=entity_id, detail=detail)
    return key


def end(
    w: Work, entity_id: int, code: str, since: date, *, payer: str = "", on: date, today: date, reason: str
) -> str:
    """A rule of our own no longer holds from a day on; returns ended, or withdrawn when it never began.

    code, since, payer: which row. Nothing is deleted: a row ended stays in the history with who and why.
    """
    w.may("rebill.rules")
    why = reason.strip()[:200]
    if not why:
        raise Refused("Say why, so that others can follow it later.", code="no_reason", field="reason")
    mine = (
        *_same(w, entity_id, code, payer_of(w, entity_id, payer)),
        _rule.c.effective_from == since,
        _rule.c.replaced_at.is_(None),
    )
    row = w.db.execute(select(_rule).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such rule of ours.")
    if row.effective_to is not None and row.effective_to <= min(on, today):
        raise Refused("It has ended already.", code="ended", field="on")
    w.db.execute(update(_rule).where(_rule.c.id == row.id).values(replaced_at=w.now))
    done = "withdrawn" if since >= on else "ended"
    if done == "ended":
        names = ("entity_id", "code", "payer_id", "rule", "effective_from")
        values: dict[str, Any] = {name: getattr(row, name) for name in names}
        values |= {"effective_to": on, "author": w.actor.name[:80], "reason": why, "recorded_at": w.now}
        w.db.execute(insert(_rule).values(**values))
    detail = {"code": code, "since": since.isoformat(), "on": on.isoformat(), "did": done}
    w.audit("rebill.rule", "U", "scrub_rule", row.id, entity_id=entity_id, detail=detail)
    return done


def _same(w: Work, entity_id: int, code: str, payer_id: int | None) -> tuple[Any, ...]:
    whose = _rule.c.payer_id.is_(None) if payer_id is None else _rule.c.payer_id == payer_id
    return (_rule.c.entity_id == entity_id, w.within(_rule.c.entity_id), _rule.c.code == code, whose)
