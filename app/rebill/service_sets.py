"""One cause, one set: claims opened for hundreds of denials at once, looked at first, undone as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, update

from app.contacts.rules import without_cards
from app.denials import service_corrections
from app.entities import queries as entities
from app.kernel import failpoints
from app.kernel.db import in_chunks, table_of
from app.kernel.errors import NotAllowed, NotFound, Refused
from app.kernel.ids import public_id
from app.kernel.money import Money
from app.kernel.work import Work
from app.rebill import (
    queries_claims,
    queries_sets,
    rules,
    rules_edit,
    rules_sets,
    service_moves,
    service_open,
    translate,
)
from app.rebill.lifecycle import Cause, Kind, Move, State
from app.rebill.models import RebillSet, RebillSetClaim
from app.rebill.queries_sets import Wanted
from app.rebill.rules import New
from app.rebill.rules_facts import About, facts_of
from app.rebill.rules_sets import Correction
from app.rebill.service_moves import Moved
from app.rebill.service_open import Draft

_set, _of_set = table_of(RebillSet), table_of(RebillSetClaim)
MOST = 500
"""So many denials in one set: each of its claims is read whole from the file it came in."""
SAMPLES = 10
UNSENT = frozenset({State.DRAFT.value, State.READY.value})


@dataclass(frozen=True, slots=True)
class Blocked:
    """A denial no claim is opened for: what stands against it, and what would unblock it."""

    denial: str
    control: str
    words: str
    unblock: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One claim of a set as it would go out."""

    denial: str
    control: str
    payer: str
    reason: str
    kind: str
    charge: Money
    expected: Money
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a set would open: claims, their charge and what we hope for; with_errors: drafts a person must
    still correct; denials: how many they answer.
    """

    claims: int
    denials: int
    charge: Money
    expected: Money
    with_errors: int
    samples: tuple[Sample, ...]
    blocked: tuple[Blocked, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A set that was opened; `public_id` names it for its undoing, empty when nothing was."""

    public_id: str
    claims: int
    blocked: tuple[Blocked, ...]


@dataclass(slots=True)
class _Plan:
    """One entity's part of a set."""

    entity_id: int
    today: date
    drafts: list[Draft]
    by_cause: dict[int, Wanted]
    answered: int
    blocked: list[Blocked]


def preview(w: Work, denials: Sequence[str], correction: Correction | None = None) -> Preview:
    """What `open_set` would do, down to the problems of each draft; writes nothing."""
    w.may("rebill.work")
    plans = _plans(w, denials, correction)
    drafts = [(plan, draft) for plan in plans for draft in plan.drafts]
    drafts.sort(key=lambda pair: -pair[1].expected)
    for plan in plans:
        w.audit("rebill.look_at_set", "R", "rebill_set", len(plan.drafts), entity_id=plan.entity_id,
                patients=[one.facts.patient_id for one in plan.drafts],
                detail={"count": len(plan.drafts)})  # fmt: skip
    return Preview(
        claims=len(drafts),
        denials=sum(plan.answered for plan in plans),
        charge=Money.of_sum(sum(int(one.said.charge) for _, one in drafts)),
        expected=Money.of_sum(sum(one.expected for _, one in drafts)),
        with_errors=sum(any(row["does"] == "error" for row in one.problems or ()) for _, one in drafts),
        samples=tuple(_sample(plan, one) for plan, one in drafts[:SAMPLES]),
        blocked=tuple(one for plan in plans for one in plan.blocked),
    )


def _sample(plan: _Plan, one: Draft) -> Sample:
    denial = plan.by_cause[one.new.cause_id or 0]
    return Sample(
        denial.public_id, denial.control, denial.payer, denial.reason, one.new.kind.value, one.said.charge,
        Money(one.expected), tuple(str(row["words"]) for row in one.problems or ()),
    )  # fmt: skip


def open_set(
    w: Work, denials: Sequence[str], correction: Correction | None = None, *, reason: str = ""
) -> Opened:
    """Open the claim each of these denials asks for, all with one correction; the others are named.

    Several denials of one claim and payer are answered by one claim. Refused: more than 500, none at all,
    a person without the right.
    """
    w.may("rebill.work")
    plans = _plans(w, denials, correction, reason=without_cards(reason.strip())[:200])
    blocked = tuple(one for plan in plans for one in plan.blocked)
    made = [(plan, service_open.write(w, plan.entity_id, plan.drafts, plan.today)) for plan in plans]
    failpoints.hit("rebill.after_opening")
    made = [(plan, publics) for plan, publics in made if publics]
    if not made:
        return Opened("", 0, blocked)
    if len(made) > 1:
        raise Refused(
            "A set is of one billing entity; narrow the filters.", code="one_entity", field="entity"
        )
    ((plan, publics),) = made
    name = _keep(w, plan, publics, correction)
    return Opened(name, len(publics), blocked)


def _plans(
    w: Work, denials: Sequence[str], correction: Correction | None, *, reason: str = ""
) -> list[_Plan]:
    chosen = list(dict.fromkeys(denials))
    if not chosen:
        raise Refused("Select a denial first.", code="nothing_selected")
    if len(chosen) > MOST:
        raise Refused(f"At most {MOST} denials at once; narrow the filters.", code="too_many")
    found = queries_sets.wanted(w, chosen)
    if not found:
        raise NotFound()
    by_entity: dict[int, list[Wanted]] = {}
    for one in found:
        by_entity.setdefault(one.entity_id, []).append(one)
    if len(by_entity) > 1:
        words = "A set is of one billing entity; narrow the filters to one."
        raise Refused(words, code="one_entity", field="entity")
    return [_plan(w, entity, mine, correction, reason) for entity, mine in sorted(by_entity.items())]


def _plan(
    w: Work, entity_id: int, mine: Sequence[Wanted], correction: Correction | None, reason: str
) -> _Plan:
    today = w.today(entities.get(w, entity_id).time_zone)
    blocked: list[Blocked] = []
    fit = _fitting(w, mine, blocked)
    facts = queries_claims.facts_of(w, sorted({one.claim_id for one in fit}))
    news: list[New] = []
    taken: dict[tuple[int, int], int] = {}
    for one in fit:
        key = (one.claim_id, one.rank)
        if key not in taken:
            proposed = rules.propose(facts[one.claim_id], one.rank)
            if proposed.kind is None or proposed.kind is Kind.SECONDARY:
                blocked.append(Blocked(one.public_id, one.control, proposed.why, ""))
                continue
            why = reason or one.reason
            news.append(New(claim_id=one.claim_id, kind=proposed.kind, rank=one.rank, cause=Cause.DENIAL,
                            cause_id=one.id, reason=why))  # fmt: skip
        taken[key] = taken.get(key, 0) + 1
    correct = _correcting(correction, today)
    drafts, refused = service_open.prepared(w, entity_id, news, today, correct=correct)
    by_cause = {one.id: one for one in mine}
    drafted = {(one.new.claim_id, one.new.rank) for one in drafts}
    for at, new in enumerate(news):
        if (new.claim_id, new.rank) in drafted:
            continue
        one = by_cause[new.cause_id or 0]
        stop = refused.get(at)
        words = stop[0].words if stop else "A submission of this claim to this payer is open already."
        unblock = stop[0].unblock if stop else "Finish or cancel that one."
        blocked.append(Blocked(one.public_id, one.control, words, unblock))
    answered = sum(count for key, count in taken.items() if key in drafted)
    return _Plan(entity_id, today, drafts, by_cause, answered, blocked)


def _fitting(w: Work, mine: Sequence[Wanted], blocked: list[Blocked]) -> list[Wanted]:
    """Those whose case can be answered by a claim now; the others are named."""
    not_now = service_corrections.may_follow(w, [one.id for one in mine])
    for one in mine:
        if one.id in not_now:
            blocked.append(Blocked(one.public_id, one.control, not_now[one.id], ""))
    return [one for one in mine if one.id not in not_now]


def _correcting(correction: Correction | None, today: date) -> Callable[[Any], Any] | None:
    if correction is None:
        return None

    def correct(whole: Any) -> Any:
        facts = facts_of(whole.rows, whole.kind, About(today=today))
        for edit in rules_sets.edits(correction, facts):
            rules_edit.check(edit, Kind.REPLACEMENT)
            whole = translate.edited(whole, edit)
        return whole

    return correct


def _keep(w: Work, plan: _Plan, publics: Sequence[str], correction: Correction | None) -> str:
    """The set itself, and what was changed in its claims, so that who changed codes does not sign them."""
    found = queries_sets.opened(w, publics)
    name = public_id()
    values = {"public_id": name, "entity_id": plan.entity_id, "author": w.actor.name[:80], "at": w.now,
              "claims": len(publics), "field": correction.field if correction else ""}  # fmt: skip
    key = int(w.db.execute(insert(_set).values(values).returning(_set.c.id)).scalar_one())
    w.db.execute(
        insert(_of_set),
        [
            {"set_id": key, "rebill_id": row.id, "entity_id": plan.entity_id, "version": row.version}
            for row in found
        ],
    )
    if correction is not None:
        told = [
            (row, "edit", plan.today, {"fields": [correction.field], "coding": bool(row.coding_changed)})
            for row in found
        ]
        service_moves.note_many(w, told)
    w.audit("rebill.open_set", "C", "rebill_set", name, entity_id=plan.entity_id,
            patients=[row.patient_id for row in found], detail={"count": len(found)})  # fmt: skip
    failpoints.hit("rebill.after_set")
    return name


def undo_set(w: Work, public: str, reason: str = "") -> tuple[int, int]:
    """Cancel the claims of a set that were not sent nor changed since; returns (cancelled, left)."""
    w.may("rebill.work")
    row = queries_sets.head(w, public, lock=True)
    if row.undone_at is not None:
        raise NotAllowed("This set is undone already.", code="undone")
    found = queries_sets.members(w, row.id)
    mine = [one for one in found if one.state in UNSENT and one.version == one.opened_version]
    today = w.today(entities.get(w, row.entity_id).time_zone)
    detail = {"reason": without_cards(reason.strip())[:200] or "the set was undone"}
    for chunk in in_chunks(mine, MOST):
        service_moves.move(w, [Moved(one.id, Move.CANCEL, today, detail=detail) for one in chunk])
    w.db.execute(update(_set).where(_set.c.id == row.id, w.within(_set.c.entity_id)).values(undone_at=w.now))
    w.audit("rebill.undo_set", "U", "rebill_set", public, entity_id=row.entity_id,
            patients=[one.patient_id for one in mine], detail={"count": len(mine)})  # fmt: skip
    return len(mine), len(found) - len(mine)
