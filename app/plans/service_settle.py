"""Working plans out anew from what came: schedules, states, events; the same facts again change nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.contacts.service_law import law
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.plans import queries, queries_terms, rules_paid, service_writes
from app.plans.lifecycle import PLAN, Move, State
from app.plans.models import Instalment, Plan, PlanEvent, PlanItem
from app.plans.queries import LIVE, PlanView
from app.plans.queries_received import Received, received
from app.plans.rules_paid import Verdict

_plan, _line, _event = table_of(Plan), table_of(Instalment), table_of(PlanEvent)
_item, _guarantor = table_of(PlanItem), table_of(Guarantor)
BATCH_PLANS = 500
WATCHED = (*LIVE, State.COMPLETED)
"""A completed plan is looked at again when money of its account moves: what completed it may bounce."""
REASONS = {
    Move.MISS: "An instalment is past its grace",
    Move.DEFAULT: "Missed instalments, or too long past due",
    Move.CURE: "What was missed came",
    Move.COMPLETE: "Everything came",
    Move.REOPEN: "What completed it was taken back",
}


@dataclass(frozen=True)
class Judged:
    """A plan with what a day found of it."""

    plan: PlanView
    verdict: Verdict
    move: Move | None


def settle(w: Work, entity_id: int, plan_ids: Collection[int], day: date) -> int:
    """Bring plans up to date with their receipts and a day; returns how many changed.

    A fixed number of statements for each batch of plans.
    """
    changed = 0
    for chunk in in_chunks(sorted(set(plan_ids)), BATCH_PLANS):
        changed += _settle(w, entity_id, chunk, day)
    return changed


def _settle(w: Work, entity_id: int, plan_ids: Sequence[int], day: date) -> int:
    plans = _held(w, plan_ids)
    if not plans:
        return 0
    came, regions = received(w, plan_ids), _regions(w, plans)
    known = law(w, entity_id, day)
    terms = {state: queries_terms.terms(known, state) for state in set(regions.values())}
    judged = []
    for plan in plans:
        got = came.get(plan.id, Received())
        lines, _ = rules_paid.settle(plan.lines, got.receipts, lifted=got.lifted)
        found = rules_paid.judge(
            plan.state, lines, terms[regions[plan.account_id]], day, defaulted_on=plan.defaulted_on
        )
        judged.append(Judged(plan, found, found.move))
    judged = _possible(w, judged)
    _write_lines(w, judged)
    moved = _write_plans(w, judged, day)
    if moved:
        service_writes.tell(w, entity_id, {one.plan.account_id for one in judged})
    return moved


def _held(w: Work, plan_ids: Sequence[int]) -> list[PlanView]:
    """The plans, kept from others after their accounts: payments take these locks in the same order."""
    mine = (among(w.db, _plan.c.id, list(plan_ids)), w.within(_plan.c.entity_id),
            _plan.c.state.in_([one.value for one in WATCHED]))  # fmt: skip
    account_ids = select(_plan.c.account_id).where(*mine)
    order = select(_guarantor.c.id).where(_guarantor.c.id.in_(account_ids)).order_by(_guarantor.c.id)
    w.db.execute(order.with_for_update()).all()
    rows = w.db.execute(select(_plan).where(*mine).order_by(_plan.c.id).with_for_update()).all()
    return queries.viewed(w, rows)


def _regions(w: Work, plans: Sequence[PlanView]) -> dict[int, str]:
    ids = sorted({one.account_id for one in plans})
    query = select(_guarantor.c.id, _guarantor.c.state).where(
        among(w.db, _guarantor.c.id, ids), w.within(_guarantor.c.entity_id)
    )
    return {row.id: row.state for row in w.db.execute(query)}


def _possible(w: Work, judged: Sequence[Judged]) -> list[Judged]:
    """Without reopening plans whose visits another plan took on meanwhile: that one asks for them now."""
    back = [one.plan.id for one in judged if one.move is Move.REOPEN]
    if not back:
        return list(judged)
    theirs = _item.alias()
    query = (
        select(_item.c.plan_id)
        .join(theirs, theirs.c.claim_id == _item.c.claim_id)
        .where(among(w.db, _item.c.plan_id, back), w.within(_item.c.entity_id), theirs.c.live.is_(True),
               theirs.c.plan_id != _item.c.plan_id)
    )  # fmt: skip
    barred = set(w.db.execute(query).scalars())
    return [Judged(one.plan, one.verdict, None) if one.plan.id in barred else one for one in judged]


def _write_lines(w: Work, judged: Sequence[Judged]) -> None:
    before = {line.id: line for one in judged for line in one.plan.lines}
    rows = [
        {"this_id": line.id, "new_amount": line.amount, "new_paid": line.paid, "new_state": line.state.value}
        for one in judged
        for line in one.verdict.lines
        if line != before[line.id]
    ]
    if not rows:
        return
    values = {
        name: bindparam(f"new_{name}", type_=_line.c[name].type) for name in ("amount", "paid", "state")
    }
    w.db.execute(update(_line).where(_line.c.id == bindparam("this_id")).values(**values), rows)


_FACTS = ("state", "missed", "late_since", "defaulted_on", "closed_at")


def _write_plans(w: Work, judged: Sequence[Judged], day: date) -> int:
    rows, events = [], []
    for one in judged:
        facts = _facts(w, one, day)
        paid = sum(line.paid for line in one.verdict.lines)
        if (
            one.move is None
            and paid == one.plan.paid
            and all(facts[name] == getattr(one.plan, name) for name in _FACTS)
        ):
            continue
        rows.append({"this_id": one.plan.id, **{f"new_{name}": value for name, value in facts.items()}})
        if one.move is not None:
            detail = {"missed": one.verdict.missed, "left": str(one.verdict.left)}
            to = State(facts["state"])
            events.append(
                service_writes.event(w, one.plan, one.move.value, to, reason=REASONS[one.move], detail=detail)
            )
    if not rows:
        return 0
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=_plan.c[name].type) for name in _FACTS}
    change = update(_plan).where(_plan.c.id == bindparam("this_id"))
    w.db.execute(change.values(**values, version=_plan.c.version + 1), rows)
    if events:
        w.db.execute(insert(_event), events)
    _hold_visits(w, judged)
    moves = {move.value: sum(one.move is move for one in judged) for move in REASONS}
    told = {move: count for move, count in moves.items() if count}
    w.audit("plan.settle", "U", "plan", len(rows), entity_id=judged[0].plan.entity_id, detail=told)
    return len(rows)


def _facts(w: Work, one: Judged, day: date) -> dict[str, Any]:
    plan, found = one.plan, one.verdict
    to = PLAN.next(plan.state, one.move) if one.move else plan.state
    ended = to == State.COMPLETED
    defaulted_on = day if one.move is Move.DEFAULT else plan.defaulted_on
    if to not in (State.DEFAULTED, State.COMPLETED):
        defaulted_on = None
    return {
        "state": to.value,
        "missed": 0 if ended else found.missed,
        "late_since": None if ended else found.since,
        "defaulted_on": defaulted_on,
        "closed_at": (plan.closed_at or w.now) if ended else None,
    }


def _hold_visits(w: Work, judged: Sequence[Judged]) -> None:
    done = [one.plan.id for one in judged if one.move is Move.COMPLETE]
    back = [one.plan.id for one in judged if one.move is Move.REOPEN]
    if done:
        service_writes.hold_items(w, done, live=False)
    if back:
        service_writes.hold_items(w, back, live=True)
