"""The denials behind submissions follow them: prepared when one is opened, sent with it, back if it fails."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Protocol

from app.denials import service_corrections as corrections
from app.denials.service_corrections import Correction
from app.kernel.work import Work
from app.rebill.lifecycle import Cause, Kind, Move

CANCELLED = "corrected claim cancelled"
REJECTED = "corrected claim rejected on its way: correct it and send it again, or cancel it"
REFUSED = "the file with the corrected claim was refused; it goes out again"
REPLACED = "corrected claim replaced"


class Done(Protocol):
    """A submission that moved; row: as `service_moves.rows_of` gives it."""

    @property
    def row(self) -> Any: ...

    @property
    def move(self) -> Move: ...

    @property
    def day(self) -> date: ...


def opened(w: Work, entity_id: int, rows: Sequence[Any]) -> int:
    """Submissions were opened; returns how many cases are prepared by that.

    rows: with id, public_id, claim_id, rank, kind, cause, cause_id. `NotAllowed` when the case one was opened
    for cannot be answered by a claim now.
    """
    made = [
        Correction(
            source=row.id,
            public_id=row.public_id,
            claim_id=row.claim_id,
            rank=row.rank,
            denial_id=row.cause_id if row.cause == Cause.DENIAL.value else None,
            alone=row.kind == Kind.VOID.value,
        )
        for row in rows
    ]
    return corrections.opened(w, entity_id, made)


def moved(w: Work, done: Sequence[Done]) -> None:
    """Submissions moved; moves that mean nothing to a denial are passed over. Facts in their order."""
    start = 0
    while start < len(done):
        first, end = done[start], start
        while end < len(done) and _same(done[end], first):
            end += 1
        verb = _VERBS.get(first.move)
        if verb is not None:
            verb(w, first.row.entity_id, [one.row.id for one in done[start:end]], first.day)
        start = end


def _same(one: Done, other: Done) -> bool:
    return (one.move, one.day, one.row.entity_id) == (other.move, other.day, other.row.entity_id)


def _sent(w: Work, entity_id: int, ids: list[int], day: date) -> None:
    corrections.sent(w, entity_id, ids, day)


def _answered(w: Work, entity_id: int, ids: list[int], _: date) -> None:
    corrections.ended(w, entity_id, ids)


def _asked_anew(w: Work, entity_id: int, ids: list[int], _: date) -> None:
    corrections.go_on(w, entity_id, ids)


def _back(why: str, *, ended: bool, again: bool = False) -> Callable[[Work, int, list[int], date], None]:
    def verb(w: Work, entity_id: int, ids: list[int], _: date) -> None:
        corrections.back(w, entity_id, dict.fromkeys(ids, why), ended=ended, again=again)

    return verb


_VERBS: dict[Move, Callable[[Work, int, list[int], date], None]] = {
    Move.TRANSMIT: _sent,
    Move.ANSWER: _answered,
    Move.TAKE_BACK: _asked_anew,
    Move.REFUSE_FILE: _back(REFUSED, ended=False, again=True),
    Move.REJECT: _back(REJECTED, ended=False),
    Move.CANCEL: _back(CANCELLED, ended=True),
    Move.SUPERSEDE: _back(REPLACED, ended=True),
}
"""What a move of a submission means for the denials of its claim."""
