"""What can be done to many underpayments at once."""

from enum import StrEnum

MOST = 2_000
"""Lines one act may be about."""


class Act(StrEnum):
    """What can be done to many at once."""

    MINE = "mine"
    RELEASE = "release"
    VALIDATE = "validate"
    GROUP = "group"
    NOTE = "note"
