"""Promises of guarantors: made within the limits of the house, judged by what is posted, never by hand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update

from app.contacts import queries_law, rules_promises
from app.contacts.lifecycle import PatientPromiseState as State
from app.contacts.models import PatientPromise
from app.contacts.rules_promises import Came
from app.contacts.service_events import Account, Happened, account, happened
from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.clock import day_of
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.money import Money
from app.kernel.work import Work

_promise = table_of(PatientPromise)
REOPENS_DAYS = 120
"""How long after its day a kept promise may still be found to have bounced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promising:
    """What somebody promises; due: the cents they owe now, when the caller knows."""

    amount: Money
    promised_on: date
    due: Money | None = None


def promise(w: Work, account_id: int, said: Promising) -> str:
    """Write a promise down; returns its public id. Refused beyond the limits of the house (section 8)."""
    w.may("accounts.work")
    return promise_of(w, account(w, account_id), said, attempt_id=None)


def promise_of(w: Work, about: Account, said: Promising, *, attempt_id: int | None) -> str:
    """The same out of an attempt."""
    today = w.today(entities.get(w, about.entity_id).time_zone)
    law = queries_law.law(w, about.entity_id, today)
    mine = (w.within(_promise.c.entity_id), _promise.c.account_id == about.id)
    names = (_promise.c.state, _promise.c.nth)
    last = w.db.execute(
        select(*names).where(*mine, _promise.c.state != State.WITHDRAWN.value)
        .order_by(_promise.c.id.desc()).limit(1)
    ).one_or_none()  # fmt: skip
    if last is not None and last.state == State.OPEN.value:
        raise NotAllowed("A promise is open; it is judged first, or withdrawn.", code="promise_open")
    before = last.nth if last is not None and last.state != State.KEPT.value else 0
    nth = rules_promises.check(law, today=today, on=said.promised_on, amount=said.amount, due=said.due,
                               before=before)  # fmt: skip
    key, public = w.numbers("patient_promise"), public_id()
    grace = said.promised_on + timedelta(law.number("promise_grace_days"))
    w.db.execute(
        insert(_promise).values(
            id=key,
            public_id=public,
            entity_id=about.entity_id,
            account_id=about.id,
            attempt_id=attempt_id,
            made_at=w.now,
            promised_on=said.promised_on,
            grace_until=grace,
            amount=said.amount,
            state=State.OPEN.value,
            nth=nth,
            received=0,
            judged_on=None,
            author=w.actor.name[:80],
            version=1,
        )
    )  # fmt: skip
    happened(w, [Happened(about.entity_id, about.id, "promise", key, "make", "", State.OPEN.value)])
    w.audit("accounts.promise", "C", "patient_promise", public, entity_id=about.entity_id,
            detail={"on": said.promised_on.isoformat(), "nth": nth})  # fmt: skip
    return public


def withdraw(w: Work, promise_public: str, *, why: str, version: int) -> tuple[int, int]:
    """Take an open promise back: it was written down by mistake. It counts for nothing.

    Returns the keys of its entity and account.
    """
    w.may("accounts.work")
    mine = (w.within(_promise.c.entity_id), _promise.c.public_id == promise_public)
    row = w.db.execute(select(_promise).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such promise.")
    if row.version != version:
        raise Stale()
    if not why.strip():
        raise Refused("Say why it is taken back.", code="reason_missing", field="why")
    if row.state != State.OPEN.value:
        raise NotAllowed("Only an open promise is taken back.", code="not_open")
    values = dict(state=State.WITHDRAWN.value, version=version + 1, judged_on=None)
    w.db.execute(update(_promise).where(_promise.c.id == row.id).values(**values))
    _tell(w, row, State.WITHDRAWN, why.strip()[:200])
    return row.entity_id, row.account_id


Payments = Mapping[int, Sequence[tuple[date, int, bool]]]


def judge(w: Work, entity_id: int, received: Payments, day: date) -> dict[int, State]:
    """Measure an entity's open promises against payments; returns the accounts whose promise ended, and how.

    received: by account (day, cents, bounced) of all that came since the promise was made; an account left
    out received nothing. Judging twice changes nothing.
    """
    law = queries_law.law(w, entity_id, day)
    query = select(_promise).where(
        w.within(_promise.c.entity_id), _promise.c.entity_id == entity_id,
        _promise.c.state == State.OPEN.value,
    )  # fmt: skip
    return _judge(w, law, w.db.execute(query.with_for_update()).all(), received, day)


def open_to_judgement(w: Work, account_ids: Collection[int], day: date) -> dict[int, date]:
    """The accounts with a promise a payment may change, and since when payments matter for it.

    Open ones, and those that ended of late: a payment that bounces reopens its judgement, one that is put
    back restores it.
    """
    names = (_promise.c.account_id, _promise.c.made_at, _promise.c.entity_id)
    rows = w.db.execute(select(*names).where(*_changeable(w, account_ids, day))).all()
    zones = {one.id: one.time_zone for one in entities.practices(w)} if rows else {}
    found: dict[int, date] = {}
    for row in rows:
        made_on = day_of(row.made_at, zones[row.entity_id])
        found[row.account_id] = min(found.get(row.account_id, made_on), made_on)
    return found


def judge_accounts(
    w: Work, entity_id: int, received: Payments, day: date, *, since: Mapping[int, date]
) -> dict[int, State]:
    """The same for single accounts, right after a payment of theirs was posted or bounced.

    since: as `open_to_judgement` gave it; received: everything that came from that day on. A promise made
    earlier is left as it was judged.
    """
    law = queries_law.law(w, entity_id, day)
    query = select(_promise).where(*_changeable(w, since, day), _promise.c.entity_id == entity_id)
    return _judge(w, law, w.db.execute(query.with_for_update()).all(), received, day)


def _changeable(w: Work, account_ids: Collection[int], day: date) -> tuple[Any, ...]:
    return (
        w.within(_promise.c.entity_id), among(w.db, _promise.c.account_id, sorted(set(account_ids))),
        _promise.c.state != State.WITHDRAWN.value,
        or_(_promise.c.state == State.OPEN.value,
            _promise.c.grace_until >= day - timedelta(REOPENS_DAYS)),
    )  # fmt: skip


def _judge(w: Work, law: Any, rows: Sequence[Any], received: Payments, day: date) -> dict[int, State]:
    changed: dict[int, State] = {}
    zones = {one.id: one.time_zone for one in entities.practices(w)} if rows else {}
    open_now = {row.account_id for row in rows if row.state == State.OPEN.value}
    for row in rows:
        made_on = day_of(row.made_at, zones[row.entity_id])
        came = [Came(*one) for one in received.get(row.account_id, ())]
        enough = rules_promises.needed(law, row.amount)
        state, good = rules_promises.judge(enough, made_on, row.grace_until, came, day)
        if state is State.OPEN and row.state != State.OPEN.value and row.account_id in open_now:
            continue  # its payment bounced, and another promise is open: that one holds now
        if state.value == row.state and good == row.received:
            continue
        values = dict(state=state.value, received=good, version=row.version + 1,
                      judged_on=None if state is State.OPEN else day)  # fmt: skip
        held = (_promise.c.id == row.id, _promise.c.version == row.version)
        w.db.execute(update(_promise).where(*held).values(**values))
        if state.value != row.state:
            changed[row.account_id] = state
            _tell(w, row, state, "")
    return changed


def _tell(w: Work, row: Any, state: State, why: str) -> None:
    happened(w, [Happened(row.entity_id, row.account_id, "promise", row.id, "judge", row.state, state.value,
                          why)])  # fmt: skip
    w.audit("accounts.promise.judged", "U", "patient_promise", row.public_id, entity_id=row.entity_id,
            detail={"state": state.value})  # fmt: skip
