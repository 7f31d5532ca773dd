"""Giving up denied money: asked by one person, decided by another within their limit, posted to the ledger
(RDEN-12).
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from app.access.queries import EVERY_ENTITY, grants_of
from app.contacts.rules import without_cards
from app.denials import queries_limits, queries_moved, rules_limits, service_acts
from app.denials import service_rows as rows
from app.denials.lifecycle import DENIAL, WRITEOFF, Decision, Move, State, Writeoff
from app.denials.models import Denial, DenialItem, DenialWriteoff
from app.denials.service_acts import check_beside
from app.denials.service_rows import Told
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id as new_public_id
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.entry import Source, Transfer
from app.ledger.models import ClaimBalance
from app.ledger.rules_writeoff import write_off
from app.ledger.service import Batch
from app.remits.models import RemitClaim
from app.worklist import service as worklist
from app.worklist.service import NewItem

_denial, _item, _writeoff = table_of(Denial), table_of(DenialItem), table_of(DenialWriteoff)
_balance, _remit_claim = table_of(ClaimBalance), table_of(RemitClaim)
REASONS = {"avoidable": "Avoidable: our own mistake", "unavoidable": "Unavoidable: nothing to be done"}
SUBJECT = "denial"


def request(
    w: Work, public_id: str, *, version: int, reason: str, words: str, amount: Money | None = None
) -> str:
    """Ask to write off what a case denied; returns the request's public id.

    amount: cents; absent means all that can be. Never more than the case still denies, nor than the payer
    still owes on the claim. Nothing is posted until another person approves.
    """
    w.may("denials.work")
    row = _case(w, public_id, version)
    if reason not in REASONS:
        raise Refused("Say whether it was avoidable.", code="unknown_reason", field="reason")
    plain = without_cards(words.strip())[:200]
    if not plain:
        raise Refused("Say why.", code="reason_missing", field="words")
    most = writable(w, row)
    wanted = most if amount is None else amount
    if not 0 < wanted <= most:
        words_ = f"At most {most} can be written off: what is denied and still owed by the payer."
        raise Refused(words_, code="amount", field="amount")
    check_beside(w, row, Move.ASK_WRITEOFF)
    way = [Move.TRIAGE] if row.state == State.NEW.value else []
    state, told = State(row.state), []
    for move in (*way, Move.ASK_WRITEOFF):
        after = DENIAL.next(state, move)
        detail = {"cents": int(wanted), "reason": reason} if move is Move.ASK_WRITEOFF else None
        told.append(Told(row.entity_id, row.id, move.value, state.value, after.value, plain, detail))
        state = after
    key, public = w.numbers("denial_writeoff"), new_public_id()
    w.db.execute(
        insert(_writeoff).values(
            id=key, public_id=public, entity_id=row.entity_id, denial_id=row.id, claim_id=row.claim_id,
            amount=wanted, reason=reason, words=plain, state=Writeoff.REQUESTED.value,
            requested_by=w.actor.person_id, requested_at=w.now, version=1,
        )
    )  # fmt: skip
    rows.change(w, {row.id: {"state": state.value, "follow_up": None, "touched_at": w.now}})
    rows.log(w, told)
    worklist.reopen_many(w, [_approval(row, int(wanted), reason)])
    _audit(w, row, "denials.writeoff_asked", {"cents": int(wanted), "reason": reason})
    return public


def writable(w: Work, row: Any) -> Money:
    """The most that can be written off a case: what it still denies, and the payer still owes."""
    query = select(_balance.c.payer).where(
        w.within(_balance.c.entity_id), _balance.c.claim_id == row.claim_id
    )
    owed = int(w.db.execute(query).scalar() or 0)
    moved = queries_moved.total(queries_moved.moved(w, [row.id]), row.id)
    return Money(max(0, min(int(row.denied) - int(row.recovered) - moved, owed)))


def _approval(row: Any, cents: int, reason: str) -> NewItem:
    return NewItem(
        entity_id=row.entity_id,
        queue=rows.APPROVALS,
        kind="denial_writeoff",
        subject=SUBJECT,
        subject_id=row.id,
        reason=reason,
        amount=cents,
        claim_id=row.claim_id,
        payer_id=row.payer_id,
        patient_id=row.patient_id,
        due=row.internal_due,
        score=row.score,
        detail={"denial": row.public_id},
    )


def decide(
    w: Work,
    public_id: str,
    decision: Decision,
    *,
    version: int,
    answer: str = "",
    reviewed: bool = False,
) -> str:
    """Approve or decline a request; returns the case's public id.

    Refused: whoever asked, an amount above what the decider's roles at this entity may approve, an answer
    without words when it is no, a balance that has moved meanwhile (decline it then); and a claim that can
    still be filed in time, unless a supervisor has `reviewed` that and the answer says why it is not (G5).
    """
    w.may("denials.approve")
    asked, row = _asked(w, public_id, version)
    after = WRITEOFF.next(Writeoff(asked.state), decision)
    if asked.requested_by is None or asked.requested_by == w.actor.person_id:
        raise NotAllowed("Whoever asks for a write-off may not decide it.", code="own_request")
    plain = without_cards(answer.strip())[:200]
    batch_id = None
    if decision is Decision.APPROVE:
        _may_approve(w, row.entity_id, asked.amount)
        _look_at_filing(w, row, plain, reviewed=reviewed)
        move, batch_id = Move.APPROVE, _post(w, asked, row)
    else:
        if not plain:
            raise Refused("Say why not.", code="reason_missing", field="answer")
        move = Move.DECLINE
    state = DENIAL.next(State(row.state), move)
    values: dict[str, Any] = {"state": state.value, "touched_at": w.now}
    if state is State.CLOSED:
        values |= {"outcome": "written_off", "closed_at": w.now, "patient_hold": False}
        rows.leave(w, [row.id], "written_off")
    else:
        worklist.close_many(w, rows.APPROVALS, SUBJECT, [row.id], after.value)
    rows.change(w, {row.id: values})
    rows.log(w, [Told(row.entity_id, row.id, move.value, row.state, state.value, plain or after.value,
                      {"cents": int(asked.amount)})])  # fmt: skip
    _settle(w, asked, state=after.value, decided_by=w.actor.person_id, decided_at=w.now, answer=plain,
            batch_id=batch_id)  # fmt: skip
    _audit(w, row, f"denials.writeoff_{after.value}", {"cents": int(asked.amount), "reviewed": reviewed})
    return str(row.public_id)


def _asked(w: Work, public_id: str, version: int) -> tuple[Any, Any]:
    mine = (w.within(_writeoff.c.entity_id), _writeoff.c.public_id == public_id)
    asked = w.db.execute(select(_writeoff).where(*mine).with_for_update()).one_or_none()
    if asked is None:
        raise NotFound()
    if asked.version != version:
        raise Stale()
    row = w.db.execute(select(_denial).where(_denial.c.id == asked.denial_id).with_for_update()).one()
    return asked, row


def _settle(w: Work, asked: Any, **values: Any) -> None:
    held = (_writeoff.c.id == asked.id, _writeoff.c.version == asked.version)
    if w.db.execute(update(_writeoff).where(*held).values(**values, version=asked.version + 1)).rowcount != 1:
        raise Stale()


def _may_approve(w: Work, entity_id: int, amount: Money) -> None:
    """The limit of the roles held at this very entity; a manager elsewhere is none here."""
    person = w.actor.person_id
    roles = {
        role
        for role, at in (grants_of(w.db, person) if person is not None else ())
        if at in (entity_id, EVERY_ENTITY)
    }
    most = rules_limits.may_write_off(
        queries_limits.own(w, entity_id), roles, service_acts.today_of(w, entity_id)
    )
    if int(amount) > most:
        raise NotAllowed(f"Your limit is {Money(most)}; somebody above you decides this.", code="limit")


def filing_open(row: Any, today: date) -> date | None:
    """The last day its claim can still be sent again, when that has not passed."""
    return row.file_by if row.file_by is not None and row.file_by >= today else None


def _look_at_filing(w: Work, row: Any, plain: str, *, reviewed: bool) -> None:
    last = filing_open(row, service_acts.today_of(w, row.entity_id))
    if last is None:
        return
    if not (reviewed and plain):
        words = (
            f"The claim can still be filed until {last.isoformat()}: "
            "a supervisor confirms the review and says why it is not sent again."
        )
        raise NotAllowed(words, code="filing_open")
    w.may("denials.review_filing")


def _post(w: Work, asked: Any, row: Any) -> int:
    if int(asked.amount) > int(writable(w, row)):
        words = "The payer owes less than this by now. Decline it, and look again."
        raise NotAllowed(words, code="balance_moved")
    rank = w.db.execute(
        select(_remit_claim.c.rank).where(
            w.within(_remit_claim.c.entity_id), _remit_claim.c.id == row.latest_remit_claim_id
        )
    ).scalar()
    today = service_acts.today_of(w, row.entity_id)
    named = {"reason": f"denial_writeoff {asked.reason}"}
    batch = Batch(w, row.entity_id, "writeoff", f"denial_writeoff:{asked.id}", today, **named)
    batch.add(list(_transfers(w, row, int(asked.amount), int(rank or 1))))
    return batch.close().id


def _transfers(w: Work, row: Any, cents: int, rank: int) -> Iterator[Transfer]:
    """The write-off adjustment by adjustment, so that each cent still names the byte that denied it."""
    query = (
        select(_item)
        .where(_item.c.denial_id == row.id, _item.c.round == row.round, _item.c.withdrawn.is_(False))
        .order_by(_item.c.cents.desc(), _item.c.address)
    )
    moved = queries_moved.moved(w, [row.id]).get(row.id, {})
    for one in w.db.execute(query):
        part = min(cents, int(one.cents))
        if part > 0 and one.address not in moved:
            source = Source(one.address, one.byte, one.element)
            keys = (row.claim_id, one.claim_line_id, row.payer_id)
            yield write_off(keys, rank, part, source, whole=part == int(one.cents))
            cents -= part


def withdraw_moved(w: Work, entity_id: int) -> int:
    """Requests whose case is no longer waiting for them (the payer paid, a posting was undone) end; returns
    how many.
    """
    query = (
        select(_writeoff)
        .join(_denial, _denial.c.id == _writeoff.c.denial_id)
        .where(_writeoff.c.entity_id == entity_id, w.within(_writeoff.c.entity_id))
        .where(_writeoff.c.state == Writeoff.REQUESTED.value)
        .where(_denial.c.state != State.WRITEOFF_REQUESTED.value)
    )
    found = w.db.execute(query.order_by(_writeoff.c.id)).all()
    for asked in found:
        state = WRITEOFF.next(Writeoff(asked.state), Decision.WITHDRAW)
        _settle(w, asked, state=state.value, decided_at=w.now, answer="the case moved on")
    worklist.close_many(w, rows.APPROVALS, SUBJECT, [asked.denial_id for asked in found], "withdrawn")
    return len(found)


def _case(w: Work, public_id: str, version: int) -> Any:
    query = select(_denial).where(w.within(_denial.c.entity_id), _denial.c.public_id == public_id)
    row = w.db.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound()
    if row.version != version:
        raise Stale()
    return row


def _audit(w: Work, row: Any, event: str, detail: dict[str, Any]) -> None:
    patients = [row.patient_id] if row.patient_id else []
    w.audit(event, "U", "denial", row.public_id, entity_id=row.entity_id, patients=patients, detail=detail)
