"""What became of each payer of a claim: billed, answered, or forwarded to by the payer before it (B10)."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true, update

from app.claims.models import ClaimPayer, SilentClaim
from app.claims.rules_standing import Answer
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, table_of
from app.kernel.work import Work

_payer, _silent = table_of(ClaimPayer), table_of(SilentClaim)
CROSSED_OVER = frozenset({"19", "20", "21"})
ANSWERS = frozenset({"1", "2", "3", "4", *CROSSED_OVER})
REVERSAL = "22"
_COLUMNS = ("claim_id", "rank", "entity_id", "payer_id", "filing", "state", "source")


def note_answers(w: Work, posted: Any) -> None:
    """A consequence of posting: payers that answered, took an answer back, and next ones the claim was
    forwarded to (NM1*TT).

    A forwarded claim is not to be billed by us until the wait for its remit is over. A next
    payer that no claim of ours names is added, because the payer says there is one: what is left
    is not the patient's yet (RPAT-01).
    """
    answered = {(one.claim_id, one.rank) for one in posted.claims if one.status in ANSWERS}
    taken_back = {(one.claim_id, one.rank) for one in posted.claims if one.status == REVERSAL}
    forwarded = {
        (one.claim_id, one.rank + 1): one.remit_claim_id
        for one in posted.claims
        if one.status in CROSSED_OVER
    }
    rows = [
        (claim_id, rank, posted.entity_id, None, "", "crossed_over", source)
        for (claim_id, rank), source in forwarded.items()
    ]
    bulk_insert(w.db, _payer, _COLUMNS, rows)
    _state(w, forwarded, "crossed_over", before=("billed",))
    _take_back(w, taken_back, posted)
    _state(w, answered, "answered", before=("billed", "crossed_over", "answered"), by=posted)


def _state(
    w: Work, pairs: Iterable[tuple[int, int]], state: str, *, before: tuple[str, ...], by: Any = None
) -> None:
    """by: the posting that answers; its day is kept with the payer unless a later one answered already."""
    values: dict[str, Any] = {"state": state}
    newer: ColumnElement[bool] = true()
    if by is not None:
        values |= {"answered_on": by.effective_date, "answer_id": by.transaction_id}
        newer = or_(_payer.c.answered_on.is_(None), _payer.c.answered_on <= by.effective_date)
    for rank, claims in _by_rank(pairs):
        these = (
            _payer.c.rank == rank,
            among(w.db, _payer.c.claim_id, claims),
            _payer.c.state.in_(before),
            newer,
        )
        w.db.execute(update(_payer).where(*these).values(**values))


def _by_rank(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, list[int]]]:
    by_rank: dict[int, list[int]] = {}
    for claim_id, rank in pairs:
        by_rank.setdefault(rank, []).append(claim_id)
    return sorted(by_rank.items())


def _take_back(w: Work, pairs: Iterable[tuple[int, int]], by: Any) -> None:
    """An answer was taken back: which one and when; the answer itself stays until another comes."""
    for rank, claims in _by_rank(pairs):
        these = (
            _payer.c.rank == rank,
            among(w.db, _payer.c.claim_id, claims),
            _payer.c.state == "answered",
            _payer.c.answered_on <= by.effective_date,
            _payer.c.answer_id != by.transaction_id,
            or_(_payer.c.reversed_on.is_(None), _payer.c.reversed_on <= by.effective_date),
        )
        values = dict(taken_back_on=_payer.c.answered_on, taken_back_id=_payer.c.answer_id)
        values |= dict(reversed_on=by.effective_date, reversal_id=by.transaction_id)
        w.db.execute(update(_payer).where(*these).values(**values))


def stand_anew(w: Work, said: Sequence[Answer], claim_ids: Sequence[int], gone: Iterable[int]) -> None:
    """Remits of these claims were undone: their payers stand as what is left says.

    said: everything that still stands about the claims; gone: the CLPs that do not. A next payer only an
    undone CLP spoke of goes with it; a claim no remit answers any more may be silent again.
    """
    told: dict[tuple[int, int], list[Answer]] = {}
    for one in sorted(said, key=lambda each: (each.day, each.key)):
        told.setdefault((one.claim_id, one.rank), []).append(one)
    lost, waiting = set(gone), []
    mine = (among(w.db, _payer.c.claim_id, claim_ids), w.within(_payer.c.entity_id))
    for row in w.db.execute(select(_payer).where(*mine)).all():
        values = standing_of(told.get((row.claim_id, row.rank), ()))
        passed_on = any(one.status in CROSSED_OVER for one in told.get((row.claim_id, row.rank - 1), ()))
        state = "answered" if values["answered_on"] else "crossed_over" if passed_on else "billed"
        this = and_(_payer.c.claim_id == row.claim_id, _payer.c.rank == row.rank)
        if state == "billed" and row.source in lost:
            w.db.execute(_payer.delete().where(this))
            continue
        w.db.execute(update(_payer).where(this).values(state=state, **values))
        if state == "billed":
            waiting.append(row.claim_id)
    asked = (among(w.db, _silent.c.claim_id, waiting), _silent.c.open.is_(False))
    w.db.execute(_silent.delete().where(*asked, _silent.c.outcome == "remitted"))


def standing_of(answers: Iterable[Answer]) -> dict[str, Any]:
    """What `claim_payer` keeps of the answers of one payer, oldest first."""
    found: dict[str, Any] = dict.fromkeys(
        ("answered_on", "answer_id", "taken_back_on", "taken_back_id", "reversed_on", "reversal_id")
    )
    for one in answers:
        if one.status in ANSWERS:
            found |= dict(answered_on=one.day, answer_id=one.transaction_id)
        elif one.status == REVERSAL and found["answered_on"] is not None:
            found |= dict(taken_back_on=found["answered_on"], taken_back_id=found["answer_id"])
            found |= dict(reversed_on=one.day, reversal_id=one.transaction_id)
    return found
