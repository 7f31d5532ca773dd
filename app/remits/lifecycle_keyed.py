"""What may happen to a paper EOB that is being keyed."""

from enum import StrEnum

from app.kernel.lifecycle import Table


class Keyed(StrEnum):
    """Where a keyed batch stands: typed, waiting for the second person, written as an 835, thrown away."""

    DRAFT = "draft"
    WAITING = "waiting"
    COMMITTED = "committed"
    DISCARDED = "discarded"


class KeyedMove(StrEnum):
    """What is done to a keyed batch."""

    SAVE = "save"
    SUBMIT = "submit"
    COMMIT = "commit"
    RETURN = "return"
    DISCARD = "discard"


KEYED = Table(
    {
        (Keyed.DRAFT, KeyedMove.SAVE): Keyed.DRAFT,
        (Keyed.DRAFT, KeyedMove.SUBMIT): Keyed.WAITING,
        (Keyed.DRAFT, KeyedMove.COMMIT): Keyed.COMMITTED,
        (Keyed.DRAFT, KeyedMove.DISCARD): Keyed.DISCARDED,
        (Keyed.WAITING, KeyedMove.COMMIT): Keyed.COMMITTED,
        (Keyed.WAITING, KeyedMove.RETURN): Keyed.DRAFT,
        (Keyed.WAITING, KeyedMove.DISCARD): Keyed.DISCARDED,
    }
)
