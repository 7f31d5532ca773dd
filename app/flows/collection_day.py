"""The day of every account of an entity, once: holds that end, promises, plans, what is owed, stages, work.

A chain of jobs, each with its step in one transaction together with the promise of the next one: killed in
the middle it goes on where it stood, and a day that was done is not done again. The steps by themselves are
harmless twice.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from app.accounts import service as accounts
from app.accounts import service_calls
from app.accounts.models import Owed, Standing
from app.contacts import service_holds, service_promises
from app.contacts.models import PatientPromise
from app.entities import queries as entities
from app.flows import account_items, returned_mail
from app.kernel.db import table_of
from app.kernel.work import Work, system, work
from app.ledger.models import ClaimBalance
from app.payments import queries as payments
from app.plans import service_daily as plans
from app.statements import service_dunning as dunning
from app.worklist import service as worklist
from app.worklist.service import NewItem

JOB, SUBJECT, DONE = "collection_day", "collection_day", "settled"
RANK = 9
AT_ONCE = 10_000
"""Visits decided about in one job."""
_owed, _standing, _balance = table_of(Owed), table_of(Standing), table_of(ClaimBalance)
_promise = table_of(PatientPromise)


def ask() -> None:
    """Asked for each hour and done once a day, after midnight where the entity is."""
    with work(system("schedule")) as w:
        for practice in entities.practices(w):
            begin(w, practice.id, w.today(practice.time_zone))


def begin(w: Work, entity_id: int, day: date) -> None:
    """Promise an entity's day; one that was promised before stays as it is."""
    _promise_step(w, entity_id, day, next(iter(STEPS)), -1)


def run(w: Work, payload: dict[str, Any]) -> None:
    """The job: one step of a day, and the promise of what comes next."""
    entity_id, day = payload["entity"], date.fromisoformat(payload["day"])
    step, after = payload["step"], payload["after"]
    behind = STEPS[step](w, entity_id, day, after)
    if behind is not None:
        _promise_step(w, entity_id, day, step, behind)
        return
    worklist.close_kind(w, entity_id, (account_items.QUEUE, _stopped(step), SUBJECT), [entity_id], DONE)
    _promise_next(w, entity_id, day, step)


def _promise_next(w: Work, entity_id: int, day: date, step: str) -> None:
    order = list(STEPS)
    following = order.index(step) + 1
    if following < len(order):
        _promise_step(w, entity_id, day, order[following], -1)


def set_aside(w: Work, payload: dict[str, Any]) -> None:
    """The last try of a step failed: a person is told, and the steps behind it go on (R8).

    What it left undone the next day does; the item closes when the step has run again.
    """
    entity_id, step = payload["entity"], payload["step"]
    day = date.fromisoformat(payload["day"])
    worklist.reopen_many(w, [NewItem(
        entity_id=entity_id, queue=account_items.QUEUE, kind=_stopped(step), subject=SUBJECT,
        subject_id=entity_id, reason=f"Not done for accounts: {WORDS[step]}"[:60], due=day, score=60,
        detail={"step": step},
    )])  # fmt: skip
    _promise_next(w, entity_id, day, step)


def _stopped(step: str) -> str:
    return f"day_stopped_{step}"


def _promise_step(w: Work, entity_id: int, day: date, step: str, after: int) -> None:
    payload = {"entity": entity_id, "day": day.isoformat(), "step": step, "after": after}
    w.job(JOB, f"{entity_id}:{day.isoformat()}:{step}:{after}", payload, rank=RANK, once=True)


def whole(w: Work, entity_id: int, day: date) -> None:
    """Every step of a day in this transaction: for tests and for an operator's hand."""
    for step in STEPS.values():
        after: int | None = -1
        while after is not None:
            after = step(w, entity_id, day, after)


# ---------------------------------------------------------------- the steps: each says behind what it goes on


def _lift(w: Work, entity_id: int, day: date, _after: int) -> int | None:
    """Holds whose last day has come."""
    touched = service_holds.lift_due(w, entity_id, day)
    accounts.refresh(w, entity_id, touched)
    returned_mail.back_again(w, entity_id, day)
    return None


def _promises(w: Work, entity_id: int, day: date, _after: int) -> int | None:
    """Promises of guarantors, judged by what came."""
    late = _promise.c.grace_until >= day - timedelta(service_promises.REOPENS_DAYS)
    judged = _promise.c.state.in_(("kept", "nsf"))
    query = select(_promise.c.account_id, func.min(_promise.c.made_at).label("made_at")).where(
        w.within(_promise.c.entity_id), _promise.c.entity_id == entity_id,
        or_(_promise.c.state == "open", judged & late),
    )  # fmt: skip
    rows = w.db.execute(query.group_by(_promise.c.account_id)).all()
    if not rows:
        return None
    # A day earlier: the moment is in UTC, the day of a payment is the entity's.
    since = min(row.made_at for row in rows).date() - timedelta(1)
    received = payments.received(w, sorted(row.account_id for row in rows), since)
    changed = service_promises.judge(w, entity_id, received, day)
    accounts.restand(w, entity_id, changed)
    return None


def _plans(w: Work, entity_id: int, day: date, _after: int) -> int | None:
    """Instalments that are late, plans in default, plans that are done."""
    plans.judge(w, entity_id, day)
    return None


def _what_is_owed(w: Work, entity_id: int, _day: date, after: int) -> int | None:
    """Every visit that has or had a patient balance, decided anew; then accounts that have none."""
    ids = visits_behind(w, entity_id, after, AT_ONCE)
    accounts.refresh_claims(w, entity_id, ids)
    return ids[-1] if len(ids) == AT_ONCE else None


def _all_accounts(w: Work, entity_id: int, _day: date, after: int) -> int | None:
    """Accounts whose visits say nothing new may still have a hold that began or ended today."""
    query = select(_standing.c.account_id).where(
        w.within(_standing.c.entity_id), _standing.c.entity_id == entity_id, _standing.c.account_id > after
    )
    ids = list(w.db.execute(query.order_by(_standing.c.account_id).limit(AT_ONCE)).scalars())
    accounts.restand(w, entity_id, ids)
    return ids[-1] if len(ids) == AT_ONCE else None


def _stages(w: Work, entity_id: int, day: date, _after: int) -> int | None:
    """Stages of collection that clear, restart, pause, resume or fall back."""
    dunning.move_due(w, entity_id, day)
    return None


def _calls(w: Work, entity_id: int, _day: date, _after: int) -> int | None:
    """Whom to call today, and in which order."""
    service_calls.rank_all(w, entity_id)
    return None


def _items(w: Work, entity_id: int, day: date, _after: int) -> int | None:
    """Work for people: opened where something waits for one, closed where it no longer does."""
    account_items.every_day(w, entity_id, day)
    return None


Step = Callable[[Work, int, date, int], int | None]
STEPS: dict[str, Step] = {
    "lift": _lift,
    "promises": _promises,
    "plans": _plans,
    "owed": _what_is_owed,
    "accounts": _all_accounts,
    "stages": _stages,
    "items": _items,
    "calls": _calls,
}
WORDS = {
    "lift": "holds that end today",
    "promises": "promises judged",
    "plans": "plans judged",
    "owed": "what visits owe",
    "accounts": "accounts added up",
    "stages": "stages of collection",
    "items": "work for people",
    "calls": "whom to call",
}
"""What a step is called for people."""


def visits_behind(w: Work, entity_id: int, after: int, many: int) -> list[int]:
    """The next visits of an entity, behind a key, that have a patient balance or had one; in order."""
    balances = select(_balance.c.claim_id).where(
        w.within(_balance.c.entity_id), _balance.c.entity_id == entity_id, _balance.c.patient != 0,
        _balance.c.claim_id > after,
    )  # fmt: skip
    known = select(_owed.c.claim_id).where(
        w.within(_owed.c.entity_id), _owed.c.entity_id == entity_id, _owed.c.claim_id > after
    )
    both = balances.order_by(_balance.c.claim_id).limit(many), known.order_by(_owed.c.claim_id).limit(many)
    found = {int(one) for query in both for one in w.db.execute(query).scalars()}
    return sorted(found)[:many]
