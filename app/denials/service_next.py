"""The next account: a clerk is handed the most pressing case nobody else is looking at, and wraps it up in a
few keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, update

from app.contacts import service as contacts
from app.denials import queries_limits, rules_limits, service_acts
from app.denials.lifecycle import Move, State
from app.denials.models import Denial
from app.denials.queries_filters import conditions, is_open
from app.denials.rules_acts import Act, Wanted, wrap_up
from app.denials.service_acts import keep
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Stale
from app.kernel.money import Money
from app.kernel.paging import Ask
from app.kernel.work import Work

_denial = table_of(Denial)
READY = (State.NEW, State.TRIAGED, State.LOST, State.PARTIAL, State.NEXT_LEVEL)
"""States in which a case waits for us and for nobody else."""


def take_next(w: Work, ask: Ask, *, leaving: str = "") -> str | None:
    """Hand out the top ranked open case of my queue that nobody else holds; None when there is none.

    ask: the filters of the queue. Mine and nobody's cases count unless the filters name an owner. leaving:
    the case on my screen, which goes back and is passed over; behind the last one the queue starts again.
    """
    w.may("denials.work")
    place = _leave(w, leaving) if leaving else None
    behind = None
    if place is not None:
        same = and_(_denial.c.rank == place.rank, _denial.c.id >= place.id)
        behind = and_(_denial.c.rank <= place.rank, _denial.c.id != place.id, ~same)
    row = _first(w, ask, behind)
    if row is None and place is not None:
        row = _first(w, ask, _denial.c.id != place.id)
    if row is None:
        return None
    minutes = rules_limits.most(queries_limits.own(w, row.entity_id), "hold_minutes",
                                service_acts.today_of(w, row.entity_id))  # fmt: skip
    held = {"held_by": w.actor.person_id, "held_until": w.now + timedelta(minutes=minutes)}
    w.db.execute(update(_denial).where(_denial.c.id == row.id).values(**held))
    patients = [row.patient_id] if row.patient_id else []
    w.audit("denials.next", "U", "denial", row.public_id, entity_id=row.entity_id, patients=patients)
    return str(row.public_id)


def _first(w: Work, ask: Ask, further: ColumnElement[bool] | None) -> Any:
    me = w.actor.person_id
    free = or_(_denial.c.held_until.is_(None), _denial.c.held_until < w.now, _denial.c.held_by == me)
    ready = _denial.c.state.in_([one.value for one in READY])
    query: Select[Any] = (
        select(_denial.c.id, _denial.c.public_id, _denial.c.entity_id, _denial.c.patient_id)
        .where(*conditions(w, replace(ask, filters={**ask.filters, "state": "open"})), is_open(), ready, free)
        .order_by(_denial.c.rank.desc(), _denial.c.id.desc())
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if not ask.get("owner"):
        query = query.where(or_(_denial.c.owner_id.is_(None), _denial.c.owner_id == me))
    if further is not None:
        query = query.where(further)
    return w.db.execute(query).one_or_none()


def _leave(w: Work, public_id: str) -> Any:
    """Let go of the case on my screen; its place in the queue, or None when it is not mine to see."""
    mine = (w.within(_denial.c.entity_id), _denial.c.public_id == public_id)
    row = w.db.execute(select(_denial.c.id, _denial.c.rank, _denial.c.held_by).where(*mine)).one_or_none()
    if row is not None and row.held_by == w.actor.person_id:
        w.db.execute(update(_denial).where(_denial.c.id == row.id).values(held_by=None, held_until=None))
    return row


# ---------------------------------------------------------------- calls and wrapping up


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What was said on the phone."""

    outcome: str
    representative: str = ""
    reference: str = ""
    promised_on: date | None = None
    promised_amount: Money | None = None
    note: str = ""
    wait: bool = True


def call(w: Work, public_id: str, said: Call) -> str:
    """Write down a call about a case; a promise makes it wait for its day where the lifecycle allows that.
    Returns the act's name for undoing.
    """
    w.may("denials.work")
    row = _row(w, public_id, None)
    key = contacts.log_call(
        w, row.entity_id, row.payer_id, "denial", row.id, representative=said.representative,
        reference=said.reference, outcome=said.outcome, promised_on=said.promised_on,
        promised_amount=said.promised_amount, note=said.note, patient_id=row.patient_id,
    )  # fmt: skip
    waits = said.wait and said.promised_on is not None and State(row.state) in (State.NEW, State.TRIAGED)
    if waits and said.promised_on is not None and said.promised_on > service_acts.today_of(w, row.entity_id):
        wanted = Wanted(act=Act.MOVE, move=Move.NOTE_PROMISE, reason="payer promised", until=said.promised_on)
        return _with_contact(w, row, wanted, key, take=False)
    w.db.execute(update(_denial).where(_denial.c.id == row.id).values(touched_at=w.now))
    return keep(w, "call", [row], {row.id: {}}, {row.id: key})


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A case wrapped up: the act's name for undoing, and the next case (empty: the queue is done)."""

    bulk: str
    next: str


def wrap(
    w: Work, public_id: str, *, version: int, result: str, follow_up: str, said: Mapping[str, str], queue: Ask
) -> Wrapped:
    """End a case for now with two keys and take the next one.

    result: a key of `rules_acts.RESULTS`; follow_up: a key of `FOLLOW_UPS`. said: representative, reference,
    note, all optional. The case becomes mine when it was nobody's. Refused as the move behind the result is.
    """
    w.may("denials.work")
    row = _row(w, public_id, version)
    outcome, wanted = wrap_up(result, follow_up, service_acts.today_of(w, row.entity_id))
    promised = wanted.until if outcome == "payment_promised" else None
    key = contacts.log_call(
        w, row.entity_id, row.payer_id, "denial", row.id, representative=said.get("representative", ""),
        reference=said.get("reference", ""), outcome=outcome, promised_on=promised,
        note=said.get("note", ""), patient_id=row.patient_id,
    )  # fmt: skip
    bulk = _with_contact(w, row, wanted, key, take=row.owner_id is None)
    return Wrapped(bulk, take_next(w, queue, leaving=public_id) or "")


def _with_contact(w: Work, row: Any, wanted: Wanted, contact: int, *, take: bool) -> str:
    """A move and the call behind it as one act."""
    made = service_acts.decide_one(w, row, wanted)
    if take:
        made = replace(made, values={**made.values, "owner_id": w.actor.person_id})
    return service_acts.write_one(w, row, wanted, made, contact)


def _row(w: Work, public_id: str, version: int | None) -> Any:
    query = select(_denial).where(w.within(_denial.c.entity_id), _denial.c.public_id == public_id)
    row = w.db.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound()
    if version is not None and row.version != version:
        raise Stale()
    return row
