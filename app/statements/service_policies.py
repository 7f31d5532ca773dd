"""Dunning policies: the shipped one kept on first use, drafts, and a second person who makes one live."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from app.contacts.service_law import law
from app.entities import queries as entities
from app.kernel.db import bulk_insert, instant_text, table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.statements import queries_policies
from app.statements.lifecycle import POLICY, PolicyMove, PolicyState
from app.statements.models import Level, Policy
from app.statements.queries_policies import PolicyRow
from app.statements.rules_policy import DAYS_MOST, NAME, Plan, Step, problems, standard

_policy, _level = table_of(Policy), table_of(Level)
SHIPPED_BY, SINCE = "Reclaim", date(2000, 1, 1)
_LEVEL = ("policy_id", "number", "entity_id", "stage", "after_days", "wait_days", "minimum", "statement",
          "letter", "review", "message")  # fmt: skip
_POLICY = ("id", "public_id", "entity_id", "name", "number", "state", "minimum", "cycle_days", "due_days",
           "households", "effective_from", "author", "approved_by", "recorded_at", "version")  # fmt: skip


def ensure(w: Work, entity_id: int, on: date) -> Plan:
    """The policy of an entity on a day; the shipped one becomes its first version when it has none.

    Two at once: the number of the version decides who was first, and both read that one.
    """
    found = queries_policies.in_force(w, entity_id, on)
    if found is not None:
        return found
    made = standard(int(law(w, entity_id, on).cents("statement_least")))
    key = w.numbers("dunning_policy")
    days = (made.minimum, made.cycle_days, made.due_days, made.households)
    row = (key, public_id(), entity_id, made.name, 1, PolicyState.LIVE.value, *days, SINCE.isoformat(),
           SHIPPED_BY, SHIPPED_BY, instant_text(w.now), 1)  # fmt: skip
    if bulk_insert(w.db, _policy, _POLICY, [row]):
        _write_steps(w, key, entity_id, made.steps)
    found = queries_policies.in_force(w, entity_id, on)
    if found is None:
        raise NotAllowed("No policy is live on this day. Approve one first.", code="no_policy")
    return found


def read(w: Work, entity_id: int, on: date) -> Plan:
    """The same without keeping it: what a page that only reads takes."""
    found = queries_policies.in_force(w, entity_id, on)
    return found or standard(int(law(w, entity_id, on).cents("statement_least")))


def _write_steps(w: Work, policy_id: int, entity_id: int, steps: Sequence[Step]) -> None:
    rows = [
        (policy_id, one.number, entity_id, one.stage, one.after_days, one.wait_days, int(one.minimum),
         one.statement, one.letter, one.review, one.message)
        for one in steps
    ]  # fmt: skip
    bulk_insert(w.db, _level, _LEVEL, rows)


def draft(w: Work, entity_public: str, plan: Plan, steps: Sequence[Step]) -> str:
    """Write the next version of a policy as a draft; returns its public id. Nothing goes by it yet."""
    w.may("policies.write")
    chosen = entities.chosen(w, entity_public)
    if not chosen:
        raise NotFound("Name the practice it is for.", field="entity")
    _checked(plan, steps)
    entity_id = chosen[0]
    mine = (_policy.c.entity_id == entity_id, _policy.c.name == plan.name, w.within(_policy.c.entity_id))
    last = w.db.execute(select(func.max(_policy.c.number)).where(*mine)).scalar() or 0
    key, name = w.numbers("dunning_policy"), public_id()
    today = w.today(entities.get(w, entity_id).time_zone)
    values = dict(
        id=key, public_id=name, entity_id=entity_id, name=plan.name, number=int(last) + 1,
        state=PolicyState.DRAFT.value, effective_from=today, effective_to=None,
        author=w.actor.name[:80], author_id=w.actor.person_id, approved_by="", recorded_at=w.now, version=1,
        **_days(plan),
    )  # fmt: skip
    w.db.execute(insert(_policy).values(**values))
    _write_steps(w, key, entity_id, steps)
    w.audit("policy.draft", "C", "dunning_policy", name, entity_id=entity_id, detail={"steps": len(steps)})
    return name


def _days(plan: Plan) -> dict[str, Any]:
    return {
        "minimum": plan.minimum, "cycle_days": plan.cycle_days, "due_days": plan.due_days,
        "households": plan.households,
    }  # fmt: skip


def _checked(plan: Plan, steps: Sequence[Step]) -> None:
    if not NAME.fullmatch(plan.name):
        raise Refused("A policy's name is small letters, digits and hyphens.", code="bad_name", field="name")
    if plan.minimum < 0 or not 0 <= plan.cycle_days <= DAYS_MOST or not 1 <= plan.due_days <= DAYS_MOST:
        raise Refused("Dollars and days of a policy are not below zero.", code="bad_policy")
    if wrong := problems(steps):
        raise Refused(" ".join(wrong), code="bad_steps", field="steps")


def change(w: Work, public: str, plan: Plan, steps: Sequence[Step], version: int) -> int:
    """Write a draft anew; a live one is never changed. Returns the new version."""
    w.may("policies.write")
    row = _locked(w, public, version)
    if row.state != PolicyState.DRAFT:
        raise NotAllowed("Only a draft can be changed: write the next version.", code="not_possible_now")
    _checked(plan, steps)
    w.db.execute(delete(_level).where(_level.c.policy_id == row.id, w.within(_level.c.entity_id)))
    _write_steps(w, row.id, row.entity_id, steps)
    who = {"author": w.actor.name[:80], "author_id": w.actor.person_id}
    return _step(w, row, "policy.change", **_days(plan), **who)


def approve(w: Work, public: str, effective_from: date, version: int) -> int:
    """Make a draft live from a day on, today or later; whoever wrote it does not approve it.

    The version in force until then ends on that day.
    """
    w.may("policies.approve")
    row = _locked(w, public, version)
    state = POLICY.next(PolicyState(row.state), PolicyMove.APPROVE)
    if same_person(w, row.author_id, row.author):
        raise NotAllowed("Somebody else approves what you wrote.", code="own_policy")
    if effective_from < w.today(row.time_zone):
        raise Refused("A policy holds from today or a later day.", code="too_early", field="effective_from")
    steps = row.steps
    if wrong := problems(steps):
        raise Refused(" ".join(wrong), code="bad_steps", field="steps")
    others = (
        _policy.c.entity_id == row.entity_id, w.within(_policy.c.entity_id),
        _policy.c.state == PolicyState.LIVE.value, _policy.c.effective_to.is_(None),
    )  # fmt: skip
    later = select(_policy.c.id).where(*others, _policy.c.effective_from >= effective_from)
    if w.db.execute(later).first() is not None:
        raise NotAllowed("A policy that is live from a later day is there.", code="later_policy")
    w.db.execute(
        update(_policy).where(*others).values(effective_to=effective_from, version=_policy.c.version + 1)
    )
    values = {"state": state.value, "effective_from": effective_from, "approved_by": w.actor.name[:80]}
    return _step(w, row, "policy.approve", **values)


def retire(w: Work, public: str, version: int) -> int:
    """Discard a draft, or end a live one that another replaces; the last live one stays."""
    w.may("policies.write")
    row = _locked(w, public, version)
    state = POLICY.next(PolicyState(row.state), PolicyMove.RETIRE)
    if row.state == PolicyState.LIVE and row.effective_to is None:
        raise NotAllowed("Approve another policy first: one is always in force.", code="last_policy")
    return _step(w, row, "policy.retire", state=state.value)


def same_person(w: Work, person_id: int | None, name: str) -> bool:
    """Is whoever asks the one who did it before: a person by key, a program or shell by its name."""
    if w.actor.person_id is not None or person_id is not None:
        return w.actor.person_id == person_id
    return w.actor.name[:80] == name


def _locked(w: Work, public: str, version: int) -> PolicyRow:
    mine = (_policy.c.public_id == public, w.within(_policy.c.entity_id))
    w.db.execute(select(_policy.c.id).where(*mine).with_for_update())
    row = queries_policies.policy(w, public)
    if row.version != version:
        raise Stale()
    return row


def _step(w: Work, row: PolicyRow, what: str, **values: Any) -> int:
    held = (_policy.c.id == row.id, _policy.c.version == row.version)
    if w.db.execute(update(_policy).where(*held).values(**values, version=row.version + 1)).rowcount != 1:
        raise Stale()
    w.audit(what, "U", "dunning_policy", row.public_id, entity_id=row.entity_id)
    return row.version + 1
