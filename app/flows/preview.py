"""What a posting would do, seen before it does it: the very posting in a transaction that is rolled back.

A plan names every entry, balance, denial, parked line and finding. Its seal speaks for all of them: `commit`
runs the posting once more, compares, and refuses when anything is no longer as it was seen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.flows import receive_claims as claims_flow
from app.flows import receive_eob, receive_remit, resolve
from app.flows.preview_plan import Plan, changed, plan_of
from app.flows.receive_claims import HeldLate, SameAgain
from app.intake import queries_file, service
from app.intake.lifecycle import State
from app.intake.queries_file import TransactionRow
from app.intake.translate import CLAIM_KINDS, EOB, READ_KINDS
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.work import Actor, Work, in_the_name_of, reading, rehearsing

LOOKING = "Looked at before it was decided."
"""The reason a rehearsal gives; it is rolled back with everything else."""


@dataclass(frozen=True)
class Doing:
    """A decision that posts: the right it needs, the state it starts from, what it is called."""

    right: str
    starts: tuple[State, ...]
    label: str
    verb: Callable[..., Any] | None


DOINGS = {
    "post": Doing("remits.post", (State.STAGED,), "Post", None),
    "replay": Doing("files.replay", (State.HELD, State.QUARANTINED, State.UNDONE, State.IGNORED), "Replay",
                    resolve.replay),
    "release": Doing("holds.release", (State.HELD,), "Release", resolve.release),
    "undo": Doing("remits.undo", (State.POSTED,), "Undo", resolve.undo),
}  # fmt: skip


def doings(row: TransactionRow) -> list[str]:
    """What can be looked at before it is done, in this state; posting first where it waits for that."""
    found = [name for name, one in DOINGS.items() if row.state in {state.value for state in one.starts}]
    if row.to_look_at:
        found = ["post", *found]
    return found if row.kind in READ_KINDS else []


class PlanChanged(Refused):
    """What would happen now is not what was seen."""

    status = 409

    def __init__(self, parts: Sequence[str]):
        words = f"It is no longer what you saw: {', '.join(parts)} changed. Nothing was posted; look again."
        super().__init__(words, code="plan_changed", field="plan")
        self.parts = tuple(parts)


def preview(actor: Actor, public_id: str, doing: str) -> Plan:
    """What a decision about a transaction would do now. Nothing of it stays but that it was looked at."""
    with reading(actor) as w:
        queries_file.transaction(w, public_id)  # a stranger hears that there is none
    everything = frozenset({"*"})
    seen = Actor(actor.name, actor.person_id, actor.roles, everything, actor.scope, actor.door)
    with rehearsing(seen) as w:
        plan = _run(w, public_id, doing, LOOKING)
    with reading(actor) as w:
        detail = {"doing": doing, "entries": len(plan.entries), "parked": len(plan.parked)}
        w.audit(
            "posting.preview", "R", "intake_transaction", public_id, entity_id=plan.transaction.entity_id,
            patients=plan.patients, detail=detail,
        )  # fmt: skip
    return plan


def commit(w: Work, public_id: str, doing: str, *, seal: str, reason: str) -> Plan:
    """Do what was seen, if it is still that; raises `PlanChanged` (409) otherwise, and nothing is done."""
    w.may(_doing(doing).right)
    plan = _run(w, public_id, doing, reason)
    if parts := changed(seal, plan.seal):
        raise PlanChanged(parts)
    if not plan.posts:
        raise NotAllowed(f"Nothing would post: {plan.words}", code="nothing_posts")
    detail = {"doing": doing, "entries": len(plan.entries)}
    entity_id = next(iter(plan.entity_ids), None)
    w.audit("posting.planned", "U", "intake_transaction", public_id, entity_id=entity_id, detail=detail)
    return plan


def _doing(name: str) -> Doing:
    if name not in DOINGS:
        raise Refused("There is no such decision.", code="unknown_doing", field="doing")
    return DOINGS[name]


def _run(w: Work, public_id: str, doing: str, reason: str) -> Plan:
    """The decision and the posting it leads to, as the jobs would do them; what they did."""
    about = _doing(doing)
    before = queries_file.transaction(w, public_id)
    if doing not in doings(before):
        words = f"“{about.label}” is not possible while the transaction is {before.state}."
        raise NotAllowed(words, code="not_possible_now")
    verb = resolve.post_seen if doing == "post" and before.to_look_at else about.verb
    if verb is not None:
        verb(w, public_id, reason=reason)
    house = in_the_name_of(w)
    known = None if doing == "undo" else _post(house, before.id)
    plan = plan_of(house, before, known)
    if plan.entity_ids and not any(entity in w.scope for entity in plan.entity_ids):
        raise NotFound("There is no such transaction.")
    if any(entity not in w.scope for entity in plan.entity_ids):
        raise NotAllowed("It would also post for entities you do not work for.", code="not_all_yours")
    return plan


def _post(w: Work, transaction_id: int) -> tuple[str, str] | None:
    """Post what is staged; what a flow finds out only after it has written, as (state, words)."""
    staged = service.lock(w, transaction_id)
    if staged is None:
        return None
    flow = receive_remit.receive_remit
    if staged.kind in CLAIM_KINDS:
        flow = claims_flow.receive_claims
    elif staged.kind == EOB:
        flow = receive_eob.receive_eob
    try:
        flow(w, staged)
    except HeldLate as held:
        return State.HELD.value, held.why[1]
    except SameAgain as known:
        return State.IGNORED.value, f"The same facts were posted before, from {known.file_name}."
    except Stale:
        raise  # somebody else is at it in this moment: the next look sees what they did
    except Refused as refusal:
        return State.QUARANTINED.value, refusal.message
    return None
