"""How plans are written: rows held, moves made by the table, lines of a schedule, what accounts are told."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import insert, select, update

from app.accounts import service as accounts
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import Stale
from app.kernel.work import Work
from app.payments.service import lock_account
from app.plans import queries
from app.plans.lifecycle import PLAN, InstalmentState, Move, State
from app.plans.models import Instalment, Plan, PlanEvent, PlanItem
from app.plans.queries import LIVE, PlanView
from app.plans.rules import Line

_plan, _item = table_of(Plan), table_of(PlanItem)
_line, _event = table_of(Instalment), table_of(PlanEvent)
_NEVER = frozenset({State.DRAFT, State.CANCELLED})


def held(w: Work, public_id: str, version: int) -> PlanView:
    """A plan, its account and its row kept from others; `Stale` when it is not of that version any more."""
    found = queries.by_public(w, public_id)
    lock_account(w, found.account_id)
    w.db.execute(select(_plan.c.id).where(_plan.c.id == found.id).with_for_update()).one()
    found = queries.by_public(w, public_id)
    if found.version != version:
        raise Stale()
    return found


def write(w: Work, plan: PlanView, values: dict[str, Any]) -> None:
    """Other values and the next version; `Stale` when somebody was faster."""
    same = (_plan.c.id == plan.id, _plan.c.version == plan.version)
    if w.db.execute(update(_plan).where(*same).values(**values, version=plan.version + 1)).rowcount != 1:
        raise Stale()


def move(
    w: Work, plan: PlanView, does: Move, values: dict[str, Any], *, reason: str, detail: dict[str, Any]
) -> State:
    """Move a plan by the table, with its event and audit; `NotAllowed` when the table has no such move."""
    to = PLAN.next(plan.state, does)
    write(w, plan, {**values, "state": to.value})
    note(w, plan, does.value, to, reason=reason, detail=detail)
    w.audit(f"plan.{does}", "U", "plan", plan.public_id, entity_id=plan.entity_id, detail=detail)
    return to


def note(w: Work, plan: PlanView, does: str, to: State, *, reason: str, detail: dict[str, Any]) -> None:
    """Add to what happened to a plan."""
    w.db.execute(insert(_event).values(**event(w, plan, does, to, reason=reason, detail=detail)))


def event(
    w: Work, plan: PlanView, does: str, to: State, *, reason: str, detail: dict[str, Any]
) -> dict[str, Any]:
    """The row of an event."""
    return dict(entity_id=plan.entity_id, plan_id=plan.id, move=does, from_state=plan.state.value,
                to_state=to.value, reason=reason[:200], detail=detail, author=w.actor.name[:80],
                at=w.now)  # fmt: skip


def add_lines(w: Work, entity_id: int, plan_id: int, schedule_no: int, lines: Sequence[Line]) -> None:
    """Write a schedule as it was agreed: nothing of it paid."""
    first = w.numbers("instalment", len(lines))
    rows = [
        dict(id=first + at, entity_id=entity_id, plan_id=plan_id, schedule_no=schedule_no,
             number=line.number, due_on=line.due_on, amount=line.amount, paid=0,
             state=InstalmentState.DUE.value, tries=0)
        for at, line in enumerate(lines)
    ]  # fmt: skip
    w.db.execute(insert(_line), rows)


def put_away(w: Work, plan: PlanView, state: InstalmentState) -> None:
    """What is open of a schedule is moved or cancelled; of a line paid in part its paid part stays."""
    for line in plan.lines:
        if line.left <= 0:
            continue
        kept = dict(amount=line.paid, state=InstalmentState.PAID.value) if line.paid else {"state": state}
        w.db.execute(update(_line).where(_line.c.id == line.id).values(**kept, next_try=None))


def add_items(w: Work, plan: tuple[int, int], amounts: dict[int, int], *, live: bool, since_id: int) -> None:
    """Let a plan (its entity and id) cover visits: cents by claim."""
    entity_id, plan_id = plan
    rows = [
        dict(plan_id=plan_id, claim_id=claim_id, entity_id=entity_id, amount=cents, live=live,
             since_id=since_id)
        for claim_id, cents in sorted(amounts.items())
    ]  # fmt: skip
    w.db.execute(insert(_item), rows)


def hold_items(w: Work, plan_ids: Collection[int], *, live: bool) -> None:
    """Let plans keep their visits from other plans, or let them go."""
    mine = (among(w.db, _item.c.plan_id, list(plan_ids)), w.within(_item.c.entity_id))
    w.db.execute(update(_item).where(*mine).values(live=live))


def start_items(w: Work, plan_id: int, since_id: int) -> None:
    """A plan takes its visits on: from now on what is applied to them counts for it."""
    mine = (_item.c.plan_id == plan_id, w.within(_item.c.entity_id))
    w.db.execute(update(_item).where(*mine).values(live=True, since_id=since_id))


def taken(w: Work, claim_ids: Iterable[int]) -> set[int]:
    """Those of the visits that a running plan, or one in default, covers."""
    mine = (among(w.db, _item.c.claim_id, list(claim_ids)), w.within(_item.c.entity_id))
    return set(w.db.execute(select(_item.c.claim_id).where(*mine, _item.c.live.is_(True))).scalars())


def tell(w: Work, entity_id: int, account_ids: Collection[int]) -> None:
    """Tell accounts which plan they have and what it waits for; dunning and statements read it there."""
    found = queries.all_of(w, account_ids)
    facts: dict[int, dict[str, Any]] = {}
    for account_id in sorted(set(account_ids)):
        plans = [one for one in found.get(account_id, ()) if one.state not in _NEVER]
        live = sorted((one for one in plans if one.state in LIVE), key=lambda one: not one.running)
        state = live[0].state.value if live else plans[-1].state.value if plans else ""
        on_plan = sum(one.left for one in live if one.running)
        facts[account_id] = {"plan": state, "on_plan": on_plan}
    accounts.note_many(w, entity_id, facts)
