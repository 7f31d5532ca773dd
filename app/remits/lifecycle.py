"""What may happen to a claim of a remit."""

from enum import StrEnum

from app.kernel.lifecycle import Table


class State(StrEnum):
    """Where a CLP stands."""

    PARKED = "parked"
    POSTED = "posted"
    ESTIMATE = "estimate"
    NOT_OURS = "not_ours"
    SPLIT = "split"
    REVERSED = "reversed"
    UNDONE = "undone"


class Move(StrEnum):
    """What is done to a CLP."""

    LINK = "link"
    RETRY = "retry"
    ACCEPT = "accept"
    SPLIT = "split"
    NOT_OURS = "not_ours"
    REVERSE = "reverse"
    UNDO = "undo"


REMIT_CLAIM = Table(
    {
        (State.PARKED, Move.LINK): State.POSTED,
        (State.PARKED, Move.RETRY): State.POSTED,
        (State.PARKED, Move.ACCEPT): State.POSTED,
        (State.PARKED, Move.SPLIT): State.SPLIT,
        (State.PARKED, Move.NOT_OURS): State.NOT_OURS,
        (State.PARKED, Move.UNDO): State.UNDONE,
        (State.POSTED, Move.REVERSE): State.REVERSED,
        (State.POSTED, Move.UNDO): State.UNDONE,
        (State.ESTIMATE, Move.UNDO): State.UNDONE,
        (State.SPLIT, Move.UNDO): State.UNDONE,
        (State.NOT_OURS, Move.UNDO): State.UNDONE,
        (State.REVERSED, Move.UNDO): State.UNDONE,
    }
)
