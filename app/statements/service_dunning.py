"""Where accounts stand: the daily look at all of them, and the moves that documents make."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from app.accounts.lifecycle import OwedState
from app.accounts.models import Owed
from app.accounts.models import Standing as Glance
from app.contacts.service_law import law
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, instant_text, table_of
from app.kernel.work import Work
from app.payments import queries as payments
from app.plans.models import Plan as PlanTable
from app.statements.lifecycle import ADVANCE, DUNNING, Move, Stage
from app.statements.models import Dunning, DunningEvent, StatementLine
from app.statements.rules_dunning import (
    BILLED,
    DEFAULTED,
    REOPEN,
    Change,
    Standing,
    Was,
    enough,
    judge,
    next_day,
    reopen,
)
from app.statements.rules_eligible import HOLDS
from app.statements.rules_policy import Plan, Step
from app.statements.service_policies import ensure

_glance, _dunning, _event = table_of(Glance), table_of(Dunning), table_of(DunningEvent)
_owed, _line, _plan = table_of(Owed), table_of(StatementLine), table_of(PlanTable)
CHUNK = 5_000
_BILLED = sorted(stage.value for stage in BILLED)
_ROW = (
    "account_id", "entity_id", "stage", "since", "first_on", "episode_on", "notice_on", "next_on",
    "paused_on", "skip_one", "statement_on", "statement_due", "policy_id", "version",
)  # fmt: skip
_EVENT = (
    "entity_id",
    "account_id",
    "move",
    "from_stage",
    "to_stage",
    "day",
    "reason",
    "detail",
    "author",
    "at",
)
_KEPT = ("first_on", "next_on", "notice_on", "since")
_CHANGED = ("stage", "since", "first_on", "next_on", "paused_on", "skip_one", "notice_on")


@dataclass(frozen=True, slots=True)
class Document:
    """A document that moves an account: the step it takes, its day, what it asks for in cents, its number."""

    account_id: int
    step: Step
    day: date
    asked: int
    number: str
    statement: bool
    latest_since: date | None


def move_due(w: Work, entity_id: int, day: date, account_ids: Collection[int] | None = None) -> int:
    """Let a day pass for every account of an entity: come due, clear, restart, pause, resume, fall back.

    account_ids: only these, whose money has just moved. Returns how many moved. Twice on a day is once. A
    handful of statements per 5,000 accounts.
    """
    plan = ensure(w, entity_id, day)
    rules = law(w, entity_id, day)
    percent, reopens = rules.number("payment_pauses_percent"), rules.number("reopens_days")
    moved = 0
    for rows in _chunks(w, entity_id, account_ids):
        fresh, back = _new_visits(w, rows), _taken_back(w, rows, percent)
        again = _as_they_were(w, rows, day, reopens)
        defaults = _defaults(w, rows)
        changes = []
        for row in rows:
            one = _standing(row, day, row.account_id in fresh, row.account_id in back)
            one = replace(one, defaulted_on=defaults[row.account_id]) if row.account_id in defaults else one
            was = again.get(row.account_id)
            change = judge(one, plan, day, percent) if was is None else reopen(was, day)
            if change is not None:
                changes.append((row, change))
        moved += _write(w, entity_id, day, plan, changes)
    return moved


def _chunks(w: Work, entity_id: int, only: Collection[int] | None) -> Iterator[Sequence[Any]]:
    cents = [
        type_coerce(_glance.c[name], BigInteger).label(name)
        for name in ("due", "waiting", "held", "on_plan", "paid")
    ]
    query = select(
        _glance.c.account_id, *cents, _glance.c.plan, _glance.c.blocks, _glance.c.promise_until,
        _glance.c.paid_on, _glance.c.latest_since, _dunning.c.stage, _dunning.c.since, _dunning.c.first_on,
        _dunning.c.episode_on, _dunning.c.notice_on, _dunning.c.next_on, _dunning.c.paused_on,
        _dunning.c.skip_one, _dunning.c.statement_on, _dunning.c.version,
        type_coerce(_dunning.c.statement_due, BigInteger).label("statement_due"),
    ).outerjoin(_dunning, _dunning.c.account_id == _glance.c.account_id)  # fmt: skip
    worth = or_(_glance.c.due > 0, _dunning.c.stage != Stage.NOT_DUE.value)
    query = query.where(_glance.c.entity_id == entity_id, w.within(_glance.c.entity_id), worth)
    if only is not None:
        query = query.where(among(w.db, _glance.c.account_id, sorted(set(only))))
    last = -1
    while True:
        page = query.where(_glance.c.account_id > last).order_by(_glance.c.account_id).limit(CHUNK)
        rows = w.db.execute(page).all()
        if not rows:
            return
        last = rows[-1].account_id
        yield rows


def _new_visits(w: Work, rows: Sequence[Any]) -> set[int]:
    """The accounts with a due visit no statement ever showed, of those where something came due since."""
    asked = [
        row.account_id for row in rows
        if row.stage in BILLED and row.latest_since is not None
        and (row.episode_on is None or row.latest_since > row.episode_on)
    ]  # fmt: skip
    return _never_shown(w, asked) if asked else set()


def _never_shown(w: Work, asked: Sequence[int]) -> set[int]:
    """Of these accounts, those with a due visit that was never on a statement."""
    query = (
        select(_owed.c.account_id)
        .distinct()
        .outerjoin(_line, _line.c.claim_id == _owed.c.claim_id)
        .where(
            among(w.db, _owed.c.account_id, asked),
            w.within(_owed.c.entity_id),
            and_(_owed.c.state == OwedState.DUE.value, _line.c.claim_id.is_(None)),
        )
    )
    return {int(one) for one in w.db.execute(query).scalars()}


def _defaults(w: Work, rows: Sequence[Any]) -> dict[int, date]:
    """The day of the last default of each account whose plan is in default; one statement, where any is."""
    asked = [row.account_id for row in rows if row.plan == DEFAULTED and row.stage in BILLED]
    if not asked:
        return {}
    query = select(_plan.c.account_id, func.max(_plan.c.defaulted_on).label("on")).where(
        among(w.db, _plan.c.account_id, asked), w.within(_plan.c.entity_id), _plan.c.state == DEFAULTED,
        _plan.c.defaulted_on.is_not(None),
    )  # fmt: skip
    return {row.account_id: row.on for row in w.db.execute(query.group_by(_plan.c.account_id))}


def _taken_back(w: Work, rows: Sequence[Any], percent: int) -> set[int]:
    """The accounts whose pause for a good part paid rests on money that came back."""
    since = {row.account_id: row.statement_on for row in rows if row.skip_one and row.statement_on}
    if not since:
        return set()
    asked = {row.account_id: row.statement_due or 0 for row in rows}
    came = payments.received(w, list(since), min(since.values()))
    large = {
        key: [bounced for day, cents, bounced in came.get(key, ())
              if day >= since[key] and enough(cents, asked[key], percent)]
        for key in since
    }  # fmt: skip
    return {key for key, ones in large.items() if ones and all(ones)}


def _as_they_were(w: Work, rows: Sequence[Any], day: date, most: int) -> dict[int, Was]:
    """Where accounts stood that owed nothing for at most so many days and owe for the very same visits again.

    Their money came back. Who bounces a check does not begin anew: stages only move forward (section 4).
    """
    asked = [row.account_id for row in rows if row.stage == Stage.NOT_DUE and row.due > 0]
    if not asked:
        return {}
    fresh = _never_shown(w, asked)
    known = sorted(set(asked) - fresh)
    latest = select(func.max(_event.c.id)).where(
        among(w.db, _event.c.account_id, known), w.within(_event.c.entity_id)
    )
    query = select(_event.c.account_id, _event.c.from_stage, _event.c.detail).where(
        _event.c.id.in_(latest.group_by(_event.c.account_id)), _event.c.move == Move.CLEAR.value,
        _event.c.day >= day - timedelta(most), _event.c.from_stage.in_(sorted(ADVANCE)),
    )  # fmt: skip
    return {
        row.account_id: Was(row.from_stage, *(_day(row.detail.get(name)) for name in _KEPT))
        for row in (w.db.execute(query) if known else ())
        if row.detail.get("first_on")
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _standing(row: Any, day: date, new_visit: bool, taken_back: bool) -> Standing:
    return Standing(
        stage=row.stage or Stage.NOT_DUE.value, due=row.due, waiting=row.waiting, held=row.held,
        on_plan=row.on_plan, plan=row.plan, stopped=bool(row.blocks & HOLDS), new_visit=new_visit,
        promise_until=row.promise_until, paid_on=row.paid_on, paid=row.paid, latest_since=row.latest_since,
        since=row.since or day, first_on=row.first_on, next_on=row.next_on, paused_on=row.paused_on,
        skip_one=bool(row.skip_one), statement_on=row.statement_on, statement_due=row.statement_due or 0,
        taken_back=taken_back,
    )  # fmt: skip


def _write(w: Work, entity_id: int, day: date, plan: Plan, changes: list[tuple[Any, Change]]) -> int:
    """Write what the day does; returns how many accounts moved. Whom somebody else has moved meanwhile stays
    as they are, without an event: the next look judges them as they stand now.
    """
    fresh = [_fresh(entity_id, row, change, day, plan) for row, change in changes if row.stage is None]
    others = set()
    if bulk_insert(w.db, _dunning, _ROW, fresh) < len(fresh):
        others = _begun(w, [row.account_id for row, _ in changes if row.stage is None])
    here = _versions(w, [row.account_id for row, _ in changes if row.stage is not None])
    changes = [
        (row, change) for row, change in changes
        if (row.account_id not in others if row.stage is None else here.get(row.account_id) == row.version)
    ]  # fmt: skip
    known = [_values(row, change, day) for row, change in changes if row.stage is not None]
    if known:
        naming: dict[str, Any] = {name: bindparam(f"to_{name}") for name in _CHANGED}
        held = (_dunning.c.account_id == bindparam("of"), _dunning.c.version == bindparam("was"))
        w.db.execute(update(_dunning).where(*held).values(**naming, version=_dunning.c.version + 1), known)
    events = [
        _told(w, entity_id, (row.account_id, change.move, row.stage or Stage.NOT_DUE.value, change.to),
              (day, change.reason), _detail(row, change))
        for row, change in changes
    ]  # fmt: skip
    bulk_insert(w.db, _event, _EVENT, events)
    return len(changes)


def _begun(w: Work, account_ids: Sequence[int]) -> set[int]:
    """Which of the accounts that stood nowhere somebody else has let come due just now."""
    mine = (among(w.db, _event.c.account_id, list(account_ids)), w.within(_event.c.entity_id))
    return {int(one) for one in w.db.execute(select(_event.c.account_id).where(*mine)).scalars()}


def _versions(w: Work, account_ids: Sequence[int]) -> dict[int, int]:
    """The versions of accounts as they stand now; nobody else moves them until we are done."""
    if not account_ids:
        return {}
    query = select(_dunning.c.account_id, _dunning.c.version).where(_mine(w, account_ids))
    return {row.account_id: row.version for row in w.db.execute(_in_order(query))}


def _mine(w: Work, account_ids: Sequence[int]) -> ColumnElement[bool]:
    return and_(among(w.db, _dunning.c.account_id, list(account_ids)), w.within(_dunning.c.entity_id))


def _in_order(query: Select[Any]) -> Select[Any]:
    return query.order_by(_dunning.c.account_id).with_for_update()


def _detail(row: Any, change: Change) -> dict[str, Any]:
    """The next day; of an account that is cleared also where it stood, in case the money comes back."""
    days = {"next_on": change.next_on}
    if change.move == Move.CLEAR.value:
        days = {name: getattr(row, name) for name in _KEPT}
    return {name: one.isoformat() for name, one in days.items() if one is not None}


def _fresh(entity_id: int, row: Any, change: Change, day: date, plan: Plan) -> tuple[Any, ...]:
    values = {"stage": change.to, "since": day, "next_on": change.next_on, "skip_one": False}
    return _inserted(entity_id, row.account_id, values | {"statement_due": 0, "policy_id": plan.id})


def _values(row: Any, change: Change, day: date) -> dict[str, Any]:
    moved = change.to != row.stage
    starts_anew = change.move in (Move.RESTART.value, Move.CLEAR.value)
    if change.move == REOPEN:
        to = _there(Stage(change.to))
        since, notice = change.since or day, change.notice_on
    else:
        to = DUNNING.next(Stage(row.stage), Move(change.move)) if moved else Stage(row.stage)
        since, notice = day if moved else row.since, None if starts_anew else row.notice_on
    values = {
        "stage": to.value,
        "since": since,
        "first_on": change.first_on,
        "next_on": change.next_on,
        "paused_on": change.paused_on,
        "skip_one": change.skip_one,
        "notice_on": notice,
    }
    return {"of": row.account_id, "was": row.version} | {
        f"to_{name}": value for name, value in values.items()
    }


def _there(stage: Stage) -> Stage:
    """A stage by the table, move by move from nothing due: nobody jumps."""
    here = DUNNING.next(Stage.NOT_DUE, Move.COME_DUE)
    for move in ADVANCE.values():
        if here == stage:
            break
        here = DUNNING.next(here, move)
    return here


def _told(
    w: Work, entity_id: int, move: tuple[int, str, str, str], why: tuple[date, str], detail: dict[str, Any]
) -> tuple[Any, ...]:
    day, reason = why
    who = (w.actor.name[:80], instant_text(w.now))
    return (entity_id, *move, day.isoformat(), reason, json.dumps(detail), *who)


# ---------------------------------------------------------------- what documents move


def advance(w: Work, entity_id: int, plan: Plan, documents: Sequence[Document]) -> None:
    """Move accounts by the documents just made: day 0, the final notice and the next day follow from them."""
    if not documents:
        return
    rows = _rows(w, entity_id, plan, documents)
    known, events = [], []
    for one in documents:
        row = rows[one.account_id]
        stage = Stage(row.stage)
        move = ADVANCE[Stage(one.step.stage)]
        if stage is Stage.NOT_DUE:  # the day had not been let pass before the run
            stage = DUNNING.next(stage, Move.COME_DUE)
        to = DUNNING.next(stage, move)
        values = _after(row, one, to, plan)
        known.append({"of": one.account_id, "was": row.version} | {f"to_{k}": v for k, v in values.items()})
        told = f"{'statement' if one.statement else one.step.letter} {one.number}"
        moved = (one.account_id, move.value, stage.value, to.value)
        events.append(_told(w, entity_id, moved, (one.day, told), {"asked": one.asked}))
    naming: dict[str, Any] = {
        name.removeprefix("to_"): bindparam(name) for name in known[0] if name.startswith("to_")
    }
    held = (_dunning.c.account_id == bindparam("of"), _dunning.c.version == bindparam("was"))
    w.db.execute(update(_dunning).where(*held).values(**naming, version=_dunning.c.version + 1), known)
    bulk_insert(w.db, _event, _EVENT, events)


def _rows(w: Work, entity_id: int, plan: Plan, documents: Sequence[Document]) -> dict[int, Any]:
    """Where these accounts stand, held until we are done. One that stands nowhere yet begins at nothing due,
    whoever else lets it come due at the same moment.
    """
    days = {one.account_id: one.day for one in documents}
    query = _in_order(select(_dunning).where(_mine(w, list(days))))
    rows = {row.account_id: row for row in w.db.execute(query)}
    if len(rows) < len(days):
        start = {"stage": Stage.NOT_DUE.value, "skip_one": False, "statement_due": 0, "policy_id": plan.id}
        fresh = [_inserted(entity_id, key, start | {"since": day})
                 for key, day in days.items() if key not in rows]  # fmt: skip
        bulk_insert(w.db, _dunning, _ROW, fresh)
        rows = {row.account_id: row for row in w.db.execute(query)}
    return rows


def _after(row: Any, one: Document, to: Stage, plan: Plan) -> dict[str, Any]:
    first = one.day if to is Stage.STMT_1 else row.first_on or one.day
    episode = one.latest_since if to is Stage.STMT_1 else row.episode_on
    return {
        "stage": to.value,
        "since": one.day,
        "first_on": first,
        "episode_on": episode,
        "notice_on": one.day if to is Stage.FINAL_NOTICE else row.notice_on,
        "next_on": next_day(plan, to.value, first, one.day),
        "paused_on": None,
        "skip_one": False,
        "statement_on": one.day if one.statement else row.statement_on,
        "statement_due": one.asked if one.statement else int(row.statement_due),
        "policy_id": plan.id,
    }


def _inserted(entity_id: int, account_id: int, values: dict[str, Any]) -> tuple[Any, ...]:
    row = {"account_id": account_id, "entity_id": entity_id, "version": 1} | values
    return tuple(value.isoformat() if isinstance(value, date) else value for value in map(row.get, _ROW))
