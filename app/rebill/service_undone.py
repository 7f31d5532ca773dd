"""The way back of an answer: a remit was undone, so what it answered waits again, as it stood before."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, select

from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.rebill import service_moves
from app.rebill.lifecycle import Move, State
from app.rebill.models import Rebill, RebillEvent
from app.rebill.service_moves import Moved
from app.remits.lifecycle import State as RemitState
from app.remits.models import RemitClaim

_rebill, _event, _answer = table_of(Rebill), table_of(RebillEvent), table_of(RemitClaim)
_STANDS = (RemitState.POSTED.value, RemitState.REVERSED.value)
_AGAIN = {
    State.RECEIVED.value: (Move.RECEIVE,),
    State.ACCEPTED.value: (Move.ACCEPT,),
    State.REJECTED.value: (Move.REJECT,),
}
"""The moves from TRANSMITTED to where a submission stood when the answer came."""


def take_back(w: Work, remit_claim_ids: Sequence[int], today: date) -> int:
    """These adjudications were undone: submissions they answered wait for their answer again; returns how
    many. Another answer that stands still answers them.

    One whose claim and payer have a newer open submission stays as it is until that one is over, because one
    at a time is open (R837-12); the guards keep the newer one meanwhile, since nothing is decided.
    """
    return sum(_take_back(w, chunk, today) for chunk in in_chunks(sorted(remit_claim_ids), BATCH_CLAIMS))


def left_over(w: Work, entity_id: int, today: date) -> int:
    """The same for those that had to stay: their answer does not stand, and nothing else is open now."""
    gone = (
        select(_event.c.source_id)
        .join(_rebill, _rebill.c.id == _event.c.rebill_id)
        .join(_answer, _answer.c.id == _event.c.source_id)
        .where(
            _rebill.c.entity_id == entity_id,
            w.within(_rebill.c.entity_id),
            _rebill.c.state == State.ANSWERED.value,
            _event.c.move == Move.ANSWER.value,
            _answer.c.state == RemitState.UNDONE.value,
        )
    )
    return take_back(w, sorted(set(w.db.execute(gone).scalars())), today)


def _take_back(w: Work, remit_claim_ids: Sequence[int], today: date) -> int:
    told = _answers(w, remit_claim_ids)
    stand, busy = _answered_still(w, list(told)), _busy(w, list(told))
    moved: list[Moved] = []
    for key, event in sorted(told.items()):
        if key in stand or key in busy:
            continue
        why = {"why": "posting_undone"}
        moved.append(Moved(key, Move.TAKE_BACK, today, event.source_id, why))
        moved += [Moved(key, one, today, None, why) for one in _AGAIN.get(event.from_state, ())]
    done = service_moves.move(w, moved)
    return sum(one.move is Move.TAKE_BACK for one in done)


def _answers(w: Work, remit_claim_ids: Sequence[int]) -> Mapping[int, Any]:
    """By submission that stands answered, the event by which one of these answered it."""
    query = (
        select(_event.c.rebill_id, _event.c.source_id, _event.c.from_state)
        .select_from(_answer)
        .join(_rebill, _rebill.c.claim_id == _answer.c.claim_id)
        .join(_event, and_(_event.c.rebill_id == _rebill.c.id, _event.c.source_id == _answer.c.id))
        .where(
            among(w.db, _answer.c.id, remit_claim_ids),
            _event.c.move == Move.ANSWER.value,
            _event.c.to_state == State.ANSWERED.value,
            _event.c.from_state != State.ANSWERED.value,
            _rebill.c.state == State.ANSWERED.value,
            w.within(_event.c.entity_id),
        )
        .order_by(_event.c.id)
    )
    return {row.rebill_id: row for row in w.db.execute(query)}


def _answered_still(w: Work, rebill_ids: Sequence[int]) -> set[int]:
    """Those another adjudication answers that was not undone."""
    query = (
        select(_event.c.rebill_id)
        .join(_answer, _answer.c.id == _event.c.source_id)
        .where(
            among(w.db, _event.c.rebill_id, rebill_ids),
            _event.c.move == Move.ANSWER.value,
            _answer.c.state.in_(_STANDS),
            w.within(_event.c.entity_id),
        )
    )
    return set(w.db.execute(query).scalars())


def _busy(w: Work, rebill_ids: Sequence[int]) -> set[int]:
    """Those whose claim and payer have another submission open."""
    other = _rebill.alias("other")
    query = (
        select(_rebill.c.id)
        .join(other, (other.c.claim_id == _rebill.c.claim_id) & (other.c.rank == _rebill.c.rank))
        .where(among(w.db, _rebill.c.id, rebill_ids), other.c.open.is_(True), w.within(_rebill.c.entity_id))
    )
    return set(w.db.execute(query).scalars())
