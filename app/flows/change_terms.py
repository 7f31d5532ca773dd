"""Terms of a payer change, and open cases follow in the same transaction (RDEN-24); or it is only tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.denials import service_daily
from app.denials.models import Denial, DenialEvent
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.work import Actor, Work, work
from app.payers import queries, rules_terms
from app.payers import service as payers

_denial, _event = table_of(Denial), table_of(DenialEvent)
SAMPLES = 10
NEW_DATE = "new_date"


@dataclass(frozen=True, slots=True)
class Change:
    """A term as typed. `scope`: payer, class or every; days `[since, until)`, until None has no end."""

    public_id: str
    scope: str
    term: str
    value: str
    since: date
    until: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """One case whose last day moves."""

    public_id: str
    at_stake: Money
    was: date | None
    now: date | None
    patient_id: int | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to open cases: how many dates move, which way, and the largest of them."""

    cases: int
    earlier: int
    later: int
    at_stake: Money
    samples: tuple[Moved, ...]


class _OnlyTriedError(Exception):
    """Carries the effect out of a transaction that must leave nothing behind."""

    def __init__(self, effect: Effect) -> None:
        super().__init__()
        self.effect = effect


def try_out(actor: Actor, change: Change) -> Effect:
    """What the change would do, by doing it in a transaction that is rolled back: no second set of rules."""
    try:
        with work(actor) as w:
            raise _OnlyTriedError(_apply(w, change))
    except _OnlyTriedError as tried:
        return tried.effect


def save(w: Work, change: Change) -> Effect:
    """Write the row and let open cases follow; `Refused` without a reason."""
    if not change.reason:
        raise Refused("Say why, so that others can follow it later.", code="no_reason", field="reason")
    return _apply(w, change)


@dataclass(frozen=True, slots=True)
class NewClass:
    """A payer is of another class, from now on and for every open case without a telling filing indicator."""

    public_id: str
    kind: str
    reason: str
    version: int | None = None


def try_class(actor: Actor, change: NewClass) -> Effect:
    """What another class would do to open cases. Leaves nothing behind."""
    try:
        with work(actor) as w:
            raise _OnlyTriedError(_apply_class(w, change))
    except _OnlyTriedError as tried:
        return tried.effect


def save_class(w: Work, change: NewClass) -> Effect:
    """Write the class and let open cases follow; `Refused` without a reason."""
    if not change.reason.strip():
        raise Refused("Say why, so that others can follow it later.", code="no_reason", field="why")
    return _apply_class(w, change)


def _apply_class(w: Work, change: NewClass) -> Effect:
    payer_id, entity_id = queries.by_id(w, change.public_id)
    payers.change_class(w, payer_id, entity_id, change.kind, reason=change.reason, version=change.version)
    service_daily.recompute(w, entity_id)
    return _effect(w, entity_id)


def _apply(w: Work, change: Change) -> Effect:
    payer_id, entity_id = queries.by_id(w, change.public_id)
    terms = payers.terms(w, payer_id, change.since, entity_id=entity_id)
    said = rules_terms.changed_term(change.term, change.value, terms)
    about = payer_id if change.scope == "payer" else None
    payer_class = terms.payer_class if change.scope == "class" else None
    kept = queries.row_from(w, entity_id, about, payer_class, change.since)
    payers.change_terms(
        w,
        entity_id,
        payer_id=about,
        payer_class=payer_class,
        terms={**kept, **said},
        effective_from=change.since,
        effective_to=change.until,
        reason=change.reason,
    )
    service_daily.recompute(w, entity_id)
    return _effect(w, entity_id)


def _effect(w: Work, entity_id: int) -> Effect:
    """What this very transaction moved, from the events it wrote."""
    query = (
        select(_denial.c.public_id, _denial.c.at_stake, _denial.c.patient_id, _event.c.detail)
        .join(_denial, _denial.c.id == _event.c.denial_id)
        .where(_event.c.entity_id == entity_id, w.within(_event.c.entity_id))
        .where(_event.c.move == NEW_DATE, _event.c.at == w.now)
        .order_by(_denial.c.at_stake.desc(), _denial.c.id)
    )
    moved = [
        _moved(row.public_id, row.at_stake, row.patient_id, row.detail or {}) for row in w.db.execute(query)
    ]
    known = [(one.was, one.now) for one in moved if one.was and one.now]
    return Effect(
        cases=len(moved),
        earlier=sum(now < was for was, now in known),
        later=sum(now > was for was, now in known),
        at_stake=Money.of_sum(sum(int(one.at_stake) for one in moved)),
        samples=tuple(moved[:SAMPLES]),
    )


def _moved(public_id: str, at_stake: Money, patient_id: int | None, detail: Mapping[str, Any]) -> Moved:
    was, now = (date.fromisoformat(detail[name]) if detail.get(name) else None for name in ("was", "now"))
    return Moved(public_id, at_stake, was, now, patient_id)
