"""What becomes of a batch on its way: an attempt is on record before anything leaves, and each ends known,
surely failed, or with a person.
"""

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, insert, select, update

from app.documents import service as documents
from app.entities import queries as entities
from app.gateways.handing import Handed, Looked, Outcome, Seen, Way
from app.hooks import service as hooks
from app.hooks.service import News
from app.intake import service as intake
from app.intake.rules import OURS
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.work import Work
from app.rebill import service_moves, service_receivers
from app.rebill.lifecycle import BatchMove, BatchState, How, Move
from app.rebill.models import BatchAttempt, RebillBatch, Receiver
from app.rebill.rules_guards import hard
from app.rebill.service_batches import (
    QUEUE,
    SUBJECT,
    WORDS_MOST,
    claim_ids,
    close_items,
    day_of,
    locked,
    said,
    step,
    take_out,
)
from app.rebill.service_guards import blocks
from app.rebill.service_moves import Moved
from app.worklist import service as worklist
from app.worklist.service import NewItem

_batch, _attempt, _receiver = table_of(RebillBatch), table_of(BatchAttempt), table_of(Receiver)
SCORE = 80


@dataclass(frozen=True)
class Package:
    """A batch in hand. again: an earlier try did not end, so that it may only be looked for."""

    public_id: str
    name: str
    data: bytes
    way: Way
    attempt: int
    again: bool


def begin(w: Work, public: str) -> Package | None:
    """Start a released batch, or take up one whose try broke off; None when there is nothing to do.

    The attempt is committed with this work, before anything leaves the house (C5).
    """
    row = locked(w, public)
    if row.how == How.DOWNLOAD or row.state not in (BatchState.RELEASED, BatchState.SENDING):
        return None
    if row.state == BatchState.RELEASED and (words := kept_by(w, row.id)):
        step(w, row, BatchMove.START, BatchMove.FAIL, proof=words)
        _ask(w, row, "claims_blocked")
        return None
    way = service_receivers.way(w, row.receiver_id)
    data = documents.read_range(w, row.file_no, 0, row.size)
    again = row.state == BatchState.SENDING
    if again:
        number = _last(w, row.id)
    else:
        number = _open_attempt(w, row)
        step(w, row, BatchMove.START)
    return Package(public, row.file_name, data, way, number, again)


def kept_by(w: Work, batch_id: int) -> str:
    """Why a file may not leave that was made before something happened to its claims, in words; empty: it
    may. The guards are asked once more right before sending: a payer's answer may have been undone since.
    """
    found = [hard(each) for each in blocks(w, claim_ids(w, batch_id)).values()]
    kept = [each[0] for each in found if each]
    if not kept:
        return ""
    count = f"{len(kept)} of its claims" if len(kept) > 1 else "One of its claims"
    words = f"Not sent: {count} may not go any more. {kept[0].words} Cancel it; the others go with the next."
    return words[:WORDS_MOST]


def _last(w: Work, batch_id: int) -> int:
    query = select(func.max(_attempt.c.number)).where(_attempt.c.batch_id == batch_id)
    return int(w.db.execute(query).scalar() or 0)


def _open_attempt(w: Work, row: Any) -> int:
    number = _last(w, row.id) + 1
    values = dict(batch_id=row.id, entity_id=row.entity_id, number=number, started_at=w.now)
    w.db.execute(insert(_attempt).values(**values, outcome="", words=""))
    return number


def _end_attempt(w: Work, batch_id: int, number: int, outcome: str, words: str) -> None:
    """What was found out; a try that somebody else gave up as unknown may still tell."""
    mine = (_attempt.c.batch_id == batch_id, _attempt.c.number == number)
    open_ones = _attempt.c.outcome.in_(("", Outcome.UNKNOWN.value))
    values = dict(ended_at=w.now, outcome=outcome, words=words[:WORDS_MOST])
    w.db.execute(update(_attempt).where(*mine, open_ones).values(**values))


def found_again(looked: Looked) -> Handed:
    """What a look says after a crash: only the very file is proof. What is not there may have been taken."""
    if looked.seen is Seen.SAME:
        return Handed(Outcome.ARRIVED, f"After an interruption a look showed: {looked.words}")
    return Handed(Outcome.UNKNOWN, f"Sending was interrupted. {looked.words}")


def settle(w: Work, package: Package, handed: Handed) -> None:
    """Write down the outcome of a try and what follows from it."""
    row = locked(w, package.public_id)
    _end_attempt(w, row.id, package.attempt, handed.outcome.value, handed.words)
    state, words = BatchState(row.state), handed.words[:WORDS_MOST]
    if state not in (BatchState.SENDING, BatchState.UNKNOWN):
        return  # an acknowledgement or a person was first
    doubted = state is BatchState.UNKNOWN
    if handed.outcome is Outcome.ARRIVED:
        arrive(w, row, BatchMove.FOUND_ARRIVED if doubted else BatchMove.ARRIVE, words)
    elif handed.outcome is Outcome.NOT_SENT:
        fail(w, row, BatchMove.FOUND_MISSING if doubted else BatchMove.FAIL, words, handed.code)
    elif not doubted:
        step(w, row, BatchMove.LOSE_SIGHT, proof=words)
        _ask(w, row, "unknown")


def give_up(w: Work, public: str, reason: str) -> None:
    """The house itself could not send it in all its tries: a person finds out what became of it."""
    row = locked(w, public)
    if row.state == BatchState.SENDING:
        step(w, row, BatchMove.LOSE_SIGHT, proof=reason[:WORDS_MOST])
        _ask(w, row, "unknown")
    elif row.state == BatchState.RELEASED:
        step(w, row, BatchMove.START, BatchMove.FAIL, proof=reason[:WORDS_MOST])
        _ask(w, row, "failed")


def fail(w: Work, row: Any, move: BatchMove, words: str, code: str = "") -> int:
    """It surely did not arrive: a person sends it again or cancels it."""
    done = step(w, row, move, proof=words)
    _ask(w, row, code or "failed")
    return done


def arrive(w: Work, row: Any, move: BatchMove, words: str) -> int:
    """It arrived: its claims are on their way, and the very file comes into the books as ours.

    A test file to a receiver of live books files nothing: its claims are ready again.
    """
    done = step(w, row, move, proof=words[:WORDS_MOST], sent_at=w.now)
    practice = entities.get(w, row.entity_id)
    if row.usage == "P" or practice.test:
        day = w.today(practice.time_zone)
        moved = [Moved(key, Move.TRANSMIT, day, row.id) for key in claim_ids(w, row.id)]
        service_moves.move(w, moved)
    else:
        take_out(w, row)
    ours = copy(w)
    ours.actor = replace(w.actor, door=OURS)
    with documents.open_file(w, row.file_no) as content:
        intake.record_offer(ours, content, row.file_name)
    close_items(w, row, "sent")
    detail = {"claims": row.claims, "usage": row.usage}
    hooks.announce(w, row.entity_id, [News("rebill.sent", SUBJECT, row.public_id, detail)])
    return done


def _ask(w: Work, row: Any, reason: str) -> None:
    """A person's item: today, for everything the batch bills."""
    detail = {"batch": row.public_id}
    about = dict(entity_id=row.entity_id, queue=QUEUE, kind="send", subject=SUBJECT, subject_id=row.id)
    facts = dict(amount=int(row.charge), due=day_of(w, row), score=SCORE, detail=detail)
    worklist.reopen_many(w, [NewItem(**about, reason=reason, **facts)])


# ---------------------------------------------------------------- what people and documents find out


def settle_unknown(w: Work, public: str, arrived: bool, words: str, version: int) -> int:
    """A person asked the receiver: it arrived, or it surely did not. Returns the new version."""
    w.may("rebill.release")
    row, why = locked(w, public, version), said(words)
    _end_attempt(w, row.id, _last(w, row.id), "arrived" if arrived else "not_sent", why)
    if arrived:
        return arrive(w, row, BatchMove.FOUND_ARRIVED, why)
    return fail(w, row, BatchMove.FOUND_MISSING, why)


def take(w: Work, public: str, version: int) -> int:
    """A person fetches the file to upload it: from now on it may have left. Returns the new version."""
    w.may("rebill.release")
    row = locked(w, public, version)
    if row.how != How.DOWNLOAD:
        raise NotAllowed("Reclaim sends this batch itself.", code="not_possible_now")
    if words := kept_by(w, row.id):
        raise NotAllowed(words, code="claims_blocked")
    done = step(w, row, BatchMove.START)
    _open_attempt(w, row)
    return done


def confirm_upload(w: Work, public: str, uploaded: bool, words: str, version: int) -> int:
    """The person who took the file says whether it was uploaded. Returns the new version."""
    w.may("rebill.release")
    row = locked(w, public, version)
    if row.how != How.DOWNLOAD:
        raise NotAllowed("Reclaim sends this batch itself.", code="not_possible_now")
    why = " ".join(words.split())[:WORDS_MOST] if uploaded else said(words)
    why = why or f"Uploaded by {w.actor.name}."[:WORDS_MOST]
    _end_attempt(w, row.id, _last(w, row.id), "arrived" if uploaded else "not_sent", why)
    return arrive(w, row, BatchMove.ARRIVE, why) if uploaded else fail(w, row, BatchMove.FAIL, why)


def proven(w: Work, batch_id: int, words: str) -> bool:
    """A document of the receiver speaks of this batch, so it arrived; False when that was known, or when it
    is not on its way at all.
    """
    mine = (_batch.c.id == batch_id, w.within(_batch.c.entity_id))
    public = w.db.execute(select(_batch.c.public_id).where(*mine)).scalar()
    if public is None:
        return False
    row = locked(w, public)
    move = {
        BatchState.UNKNOWN: BatchMove.FOUND_ARRIVED,
        BatchState.SENDING: BatchMove.ARRIVE,
    }.get(BatchState(row.state))
    if move is None:
        return False
    _end_attempt(w, row.id, _last(w, row.id), Outcome.ARRIVED.value, words)
    arrive(w, row, move, words)
    return True
