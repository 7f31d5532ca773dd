"""What may happen to a transaction (workflows section 1)."""

from enum import StrEnum

from app.kernel.lifecycle import Table


class FileState(StrEnum):
    """Where a file stands."""

    RECEIVED = "received"
    STAGED = "staged"
    REFUSED = "refused"


class State(StrEnum):
    """Where an ST stands."""

    STAGED = "staged"
    POSTED = "posted"
    HELD = "held"
    IGNORED = "ignored"
    KEPT = "kept"
    QUARANTINED = "quarantined"
    UNDONE = "undone"


class Move(StrEnum):
    """What happens to an ST."""

    POST = "post"
    HOLD = "hold"
    IGNORE = "ignore"
    KEEP = "keep"
    QUARANTINE = "quarantine"
    REPLAY = "replay"
    RELEASE = "release"
    UNDO = "undo"


LOOK_FIRST = "intake.look_first"
"""Why a transaction is held that somebody wants to see before it posts."""

TRANSACTION = Table(
    {
        (State.STAGED, Move.POST): State.POSTED,
        (State.STAGED, Move.HOLD): State.HELD,
        (State.STAGED, Move.IGNORE): State.IGNORED,
        (State.STAGED, Move.KEEP): State.KEPT,
        (State.STAGED, Move.QUARANTINE): State.QUARANTINED,
        (State.HELD, Move.IGNORE): State.IGNORED,
        (State.HELD, Move.REPLAY): State.STAGED,
        (State.HELD, Move.RELEASE): State.STAGED,
        (State.IGNORED, Move.REPLAY): State.STAGED,
        (State.QUARANTINED, Move.REPLAY): State.STAGED,
        (State.POSTED, Move.UNDO): State.UNDONE,
        (State.UNDONE, Move.REPLAY): State.STAGED,
    }
)
