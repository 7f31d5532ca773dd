"""The verbs of one submission: open, finish, reopen, sign, cancel, send again after a rejection."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update

from app.claims import queries as claims
from app.contacts.rules import without_cards
from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, NotPermitted, Refused, Stale
from app.kernel.work import Work
from app.rebill import (
    queries_claims,
    rules,
    service_check,
    service_guards,
    service_moves,
    service_open,
    service_secondary,
    translate,
)
from app.rebill.lifecycle import Cause, Kind, Move, State
from app.rebill.models import Rebill, RebillEvent
from app.rebill.rules import New, Proposal
from app.rebill.service_moves import Moved
from app.rebill.service_open import open_many

__all__ = [
    "cancel", "finish", "open_many", "open_one", "proposal", "reopen", "resend", "sign_coding",
]  # fmt: skip

_rebill, _event = table_of(Rebill), table_of(RebillEvent)
EDITED = "edit"


def proposal(w: Work, claim_public: str, *, rank: int = 1) -> Proposal:
    """Which submission the latest state of a claim asks for (section 3); changes nothing."""
    head = claims.by_public(w, claim_public)
    return rules.propose(queries_claims.facts_of(w, [head.id])[head.id], rank)


def open_one(
    w: Work,
    claim_public: str,
    *,
    kind: Kind,
    rank: int | None = None,
    cause: Cause = Cause.PERSON,
    cause_id: int | None = None,
    reason: str = "",
) -> str:
    """Open a submission of a claim as a draft; returns its public id.

    rank: the payer it goes to; absent: the first, of a claim to the next payer the second. Such a claim is
    made of the remits before it, or is the one that is open already. Refused: one that is open already
    (R837-12), a claim whose billing is off the books, a dental claim, a 7 or 8 of a claim never decided
    (R837-11) or to Medicare Part B, late charges to a payer that takes none, an open appeal, a payer never
    billed or with nothing to pay yet. What waiting or editing can mend is a problem of the draft.
    """
    w.may("rebill.work")
    head = claims.by_public(w, claim_public)
    if kind is Kind.SECONDARY:
        service_secondary.ask(w, head.entity_id, head.id, rank or 2, _today(w, head.entity_id))
        return _open_there(w, head.id, rank or 2)
    new = New(claim_id=head.id, kind=kind, rank=rank or 1, cause=cause, cause_id=cause_id,
              reason=without_cards(reason.strip())[:200])  # fmt: skip
    return open_new(w, head.entity_id, new)


def _open_there(w: Work, claim_id: int, rank: int) -> str:
    """The open submission of a claim to a later payer; made of what the payers before it decided."""
    query = select(_rebill.c.public_id).where(
        _rebill.c.claim_id == claim_id, _rebill.c.rank == rank, _rebill.c.open.is_(True),
        w.within(_rebill.c.entity_id),
    )  # fmt: skip
    found = w.db.execute(query).scalar()
    if found is None:
        raise NotAllowed(service_secondary.NOTHING, code="nothing_for_next_payer")
    return str(found)


def open_new(w: Work, entity_id: int, new: New) -> str:
    """Open one submission, or say why not; the same as `open_many` of one."""
    opened, refused = service_open.opening(w, entity_id, [new], _today(w, entity_id))
    if opened:
        return opened[0]
    if refused:
        service_open.refuse(refused[0])
    return _in_the_way(w, new)


def _in_the_way(w: Work, new: New) -> str:
    query = select(_rebill.c.public_id).where(
        _rebill.c.claim_id == new.claim_id, _rebill.c.rank == new.rank, _rebill.c.open.is_(True),
        w.within(_rebill.c.entity_id),
    )  # fmt: skip
    if w.db.execute(query).first() is None:
        raise service_open.not_there()
    words = "A submission of this claim to this payer is open already; one at a time (R837-12)."
    raise NotAllowed(words, code="already_open")


def _today(w: Work, entity_id: int) -> date:
    return w.today(entities.get(w, entity_id).time_zone)


@dataclass(frozen=True, slots=True)
class Opened:
    """A submission in hand: its row, its segments and those it was made of."""

    row: Any
    whole: Any
    base: Any
    today: date


def load(w: Work, public_id: str, version: int | None = None, *, lock: bool = True) -> Opened:
    """A submission for a change, locked; `NotFound` out of scope, `Stale` when it changed since `version`."""
    query = select(_rebill).where(_rebill.c.public_id == public_id, w.within(_rebill.c.entity_id))
    row = w.db.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("There is no such submission.")
    if version is not None and row.version != version:
        raise Stale()
    whole = translate.opened(row.claim_sealed)
    base = translate.opened(row.base_sealed, translate.BASE)
    return Opened(row, whole, base, _today(w, row.entity_id))


# ---------------------------------------------------------------- what people do


def finish(w: Work, public_id: str, version: int) -> int:
    """It is right: put it with those that wait for a batch; returns its new version.

    Looked at anew first; refused with the first thing that is wrong, and what would unblock it.
    """
    w.may("rebill.work")
    at = load(w, public_id, version)
    if at.row.state == State.DRAFT.value:
        problems = service_check.whole_look(w, at.row, at.whole, at.base)
        wrong = [one for one in problems if one["does"] == service_check.ERROR]
        if wrong:
            words = f"{wrong[0]['words']} {wrong[0]['unblock']}".strip()
            raise NotAllowed(words, code=str(wrong[0]["code"]))
        keep_problems(w, at.row, problems)
    return _step(w, at.row, Move.FINISH, at.today, {})


def keep_problems(w: Work, row: Any, problems: list[dict[str, Any]]) -> None:
    """Keep what is wrong with a submission beside it."""
    values = {"problems": problems, "errors": service_check.errors(problems)}
    w.db.execute(update(_rebill).where(_rebill.c.id == row.id).values(**values))


def reopen(w: Work, public_id: str, version: int) -> int:
    """Take a finished one back to the draft, as long as no batch has it; returns its new version."""
    w.may("rebill.work")
    at = load(w, public_id, version)
    return _step(w, at.row, Move.REOPEN, at.today, {})


def cancel(w: Work, public_id: str, version: int, reason: str) -> int:
    """Give a submission up before it is sent, or after its rejection; returns its new version."""
    w.may("rebill.work")
    why = without_cards(reason.strip())[:200]
    if not why:
        raise Refused("Say why it is not sent.", code="reason_missing", field="reason")
    at = load(w, public_id, version)
    return _step(w, at.row, Move.CANCEL, at.today, {"reason": why})


def _step(w: Work, row: Any, move: Move, day: date, detail: dict[str, Any]) -> int:
    service_moves.move(w, [Moved(row.id, move, day, detail=detail)], strict=True)
    w.audit(f"rebill.{move.value}", "U", "rebill", row.public_id, entity_id=row.entity_id,
            patients=[row.patient_id], detail={"version": row.version})  # fmt: skip
    return int(row.version) + 1


def sign_coding(w: Work, public_id: str, version: int) -> int:
    """A coder stands for changed codes, units and diagnoses; returns the new version.

    Refused: nothing to sign, or to whoever changed them (workflows section 2).
    """
    w.may("rebill.sign_coding")
    at = load(w, public_id, version)
    if not at.row.coding_changed or at.row.coding_signed_by:
        raise NotAllowed("There is no unsigned change of codes.", code="nothing_to_sign")
    if at.row.state not in (State.DRAFT.value, State.READY.value):
        raise NotAllowed("It is on its way already.", code="not_possible_now")
    if w.actor.name[:80] in coders(w, at.row.id):
        raise NotPermitted("Whoever changed the codes does not sign them.", code="own_coding")
    values = {"coding_signed_by": w.actor.name[:80], "coding_signed_at": w.now}
    made = service_moves.bump(w, at.row, version, values)
    service_moves.note(w, at.row, "sign", at.today, {})
    service_check.look_again(w, [at.row.id])
    w.audit("rebill.sign_coding", "U", "rebill", public_id, entity_id=at.row.entity_id,
            patients=[at.row.patient_id], detail={})  # fmt: skip
    return made


def coders(w: Work, rebill_id: int) -> set[str]:
    """Who changed codes of a submission, or of the refused ones it took the place of."""
    mine, before = [rebill_id], _before(w, rebill_id)
    while before is not None:
        mine.append(before)
        before = _before(w, before)
    query = select(_event.c.author, _event.c.detail).where(
        _event.c.rebill_id.in_(mine), _event.c.move == EDITED, w.within(_event.c.entity_id)
    )
    return {row.author for row in w.db.execute(query) if row.detail.get("coding")}


def _before(w: Work, rebill_id: int) -> int | None:
    query = select(_rebill.c.previous_id).where(_rebill.c.id == rebill_id, w.within(_rebill.c.entity_id))
    found = w.db.execute(query).scalar()
    return None if found is None else int(found)


def resend(w: Work, public_id: str, *, reason: str = "") -> str:
    """Open the successor of a rejected submission, which is over then; returns its public id.

    Nothing entered adjudication, so it goes out anew under a new number with the changes made so far: as a
    new claim, or again as the replacement, void or secondary claim it was, since what that one speaks of
    stands as it stood (section 3).
    """
    w.may("rebill.work")
    at = load(w, public_id)
    row = at.row
    if row.state != State.REJECTED.value:
        raise NotAllowed("Only a rejected submission is sent again.", code="not_possible_now")
    _step(w, row, Move.SUPERSEDE, at.today, {})
    new = New(
        claim_id=row.claim_id, kind=Kind(row.kind), rank=row.rank, cause=Cause.REJECTION,
        cause_id=row.cause_id, remit_claim_id=row.remit_claim_id,
        base_version_id=row.version_id or row.base_version_id, whole=at.whole, base_whole=at.base,
        expected=int(row.expected), reason=without_cards(reason.strip())[:200] or row.reason,
        previous_id=row.id,
    )  # fmt: skip
    made = open_new(w, row.entity_id, new)
    if row.coding_changed:
        _carry_coding(w, row, made)
    return made


def _carry_coding(w: Work, row: Any, made: str) -> None:
    """Its successor has the changed codes, and the signature under them when there is one."""
    values = {"coding_changed": True, "coding_signed_by": row.coding_signed_by,
              "coding_signed_at": row.coding_signed_at}  # fmt: skip
    mine = (_rebill.c.public_id == made, w.within(_rebill.c.entity_id))
    key = w.db.execute(update(_rebill).where(*mine).values(values).returning(_rebill.c.id)).scalar_one()
    service_check.look_again(w, [key])


def check_now(w: Work, public_id: str) -> list[service_check.Problem]:
    """Everything that stands against sending a submission at this moment; writes nothing."""
    at = load(w, public_id, lock=False)
    return service_check.whole_look(w, at.row, at.whole, at.base)


def blocks_of(w: Work, public_id: str) -> list[Any]:
    """What the guards say of one submission now."""
    row = load(w, public_id, lock=False).row
    return service_guards.blocks(w, [row.id])[row.id]
