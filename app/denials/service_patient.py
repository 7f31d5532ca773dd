"""Asking somebody else for what a payer refused in group PR, once a person reviewed it (R835-24, RPAT-01).

The next payer of the claim comes first; only then the patient. Exactly the refused PR cents move.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.codes import service as codes
from app.contacts.rules import without_cards
from app.denials import queries_patient, service_acts, service_moved
from app.denials import service_rows as rows
from app.denials.lifecycle import DENIAL, Move, State
from app.denials.models import Denial
from app.denials.rules_cases import MOVED
from app.denials.rules_patient import TO_NEXT_PAYER, TO_PATIENT, Basis, check, check_waiver
from app.denials.service_rows import Told
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.money import Money
from app.kernel.work import Work
from app.worklist import service as worklist

_denial = table_of(Denial)


@dataclass(frozen=True, slots=True)
class Asked:
    """What moved: cents, to `to_patient` or `to_next_payer`; `act` names it for its undoing."""

    act: str
    cents: Money
    to: str
    closed: bool


def move(
    w: Work, public_id: str, *, version: int, reason: str, basis: str = "payer", document: str = ""
) -> Asked:
    """Move the refused PR cents of a case to the next payer, else to the patient.

    basis: `payer` (its own PR, reviewed) or `waiver` with the public id of a signed notice of the case.
    The case closes when nothing else of it is refused (RDEN-13); with CO, OA or PI beside it goes on.
    Refused: nothing in group PR, less owed by now, surprise-billing protection without a waiver, no reason.
    """
    w.may("denials.work")
    row = _case(w, public_id, version)
    why = without_cards(reason.strip())[:200]
    if not why:
        raise Refused("Say what you reviewed.", code="reason_missing", field="reason")
    if basis not in {one.value for one in Basis}:
        raise Refused("Choose why it may be asked for.", code="unknown_basis", field="basis")
    service_acts.check_beside(w, row, Move.TO_PATIENT)
    found = queries_patient.review(w, row)
    _allow(w, row, found, Basis(basis), document)
    to = TO_PATIENT if found.following is None else TO_NEXT_PAYER
    told = {"cents": int(found.cents), "to": to, "basis": basis, "document": document or None}
    closes = found.left == int(found.cents)
    state, moves = State(row.state), []
    way = [Move.TRIAGE] if state is State.NEW else []
    for step in (*way, Move.TO_PATIENT, Move.CONCLUDE if closes else Move.RETURN):
        after = DENIAL.next(state, step)
        detail = told if step is Move.TO_PATIENT else None
        moves.append(Told(row.entity_id, row.id, step.value, state.value, after.value, why, detail))
        state = after
    service_moved.move(w, row, found.parts, (found.rank, found.following), f"reviewed, {basis}")
    values: dict[str, Any] = {"state": state.value, "follow_up": None, "patient_hold": False}
    if closes:
        values |= {"outcome": to, "closed_at": w.now}
        rows.leave(w, [row.id], to)
    rows.change(w, {row.id: {**values, "touched_at": w.now}})
    rows.log(w, moves)
    act = service_acts.keep(w, Move.TO_PATIENT.value, [row], {row.id: values}, {})
    return Asked(act, found.cents, to, closes)


def bring_back(w: Work, public_id: str, *, version: int, reason: str) -> Money:
    """Take the money of a moved case back into the payer's receivable, and the case up again."""
    w.may("denials.work")
    row = _case(w, public_id, version)
    why = without_cards(reason.strip())[:200]
    if not why:
        raise Refused("Say why it comes back.", code="reason_missing", field="reason")
    if row.outcome not in MOVED:
        raise NotAllowed("Nothing of this case was moved.", code="not_possible_now")
    cents = service_moved.bring_back(w, row, row.version, "brought back")
    state = DENIAL.next(State(row.state), Move.BRING_BACK)
    values = {"state": state.value, "outcome": None, "closed_at": None, "touched_at": w.now}
    rows.change(w, {row.id: values})
    rows.log(w, [Told(row.entity_id, row.id, Move.BRING_BACK.value, row.state, state.value, why,
                      {"cents": cents})])  # fmt: skip
    again = [one for one in rows.load(w, [row.claim_id]) if one.id == row.id]
    worklist.reopen_many(w, [rows.item_again(one) for one in again])
    patients = [row.patient_id] if row.patient_id else []
    w.audit("denials.bring_back", "U", "denial", public_id, entity_id=row.entity_id, patients=patients,
            detail={"cents": cents})  # fmt: skip
    return Money(cents)


# ---------------------------------------------------------------- what bars it


def _allow(w: Work, row: Any, found: queries_patient.Review, basis: Basis, document: str) -> None:
    """Refuse a move the rules bar, with the rule in words."""
    check(found.parts, owed=found.owed, left=found.left)
    book = codes.book(w, row.entity_id, row.denied_on)
    known = document in {public for public, _ in found.waivers}
    check_waiver((book.rarc(code) for code in found.remarks), basis, document=known)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page of a case offers: `barred` says in words why it may not be done as things stand."""

    cents: Money
    to: str
    waivers: tuple[tuple[str, str], ...]
    barred: str
    back: bool


def offer(w: Work, denial_id: int) -> Offer | None:
    """The move as a person is offered it; None for a case with nothing in group PR."""
    row = w.db.execute(select(_denial).where(w.within(_denial.c.entity_id), _denial.c.id == denial_id)).one()
    if row.outcome in MOVED:
        return Offer(Money(0), "", (), "", back=True)
    found = queries_patient.review(w, row)
    if not found.parts:
        return None
    to = "the patient" if found.following is None else found.payer or "the next payer"
    return Offer(found.cents, to, found.waivers, _barred(w, row, found), back=False)


def _barred(w: Work, row: Any, found: queries_patient.Review) -> str:
    """The words of the first rule that bars it, whichever basis would be chosen."""
    problems: list[str] = []
    first = found.waivers[0][0] if found.waivers else ""
    for basis in Basis:
        try:
            _allow(w, row, found, basis, first)
        except Refused as problem:
            problems.append(problem.message)
    return problems[0] if len(problems) == len(Basis) else ""


def _case(w: Work, public_id: str, version: int) -> Any:
    query = select(_denial).where(w.within(_denial.c.entity_id), _denial.c.public_id == public_id)
    row = w.db.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound()
    if row.version != version:
        raise Stale()
    return row
