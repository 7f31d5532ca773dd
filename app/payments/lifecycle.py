"""The states of a patient's payment, of a card charge and of a small-balance write-off."""

from enum import StrEnum

from app.kernel.lifecycle import Table


class Tender(StrEnum):
    """How somebody pays."""

    CASH = "cash"
    CHECK = "check"
    MONEY_ORDER = "money_order"
    CARD = "card"
    ACH = "ach"


class Mode(StrEnum):
    """How a payment is spread (patient-collections section 8)."""

    DESIGNATED = "designated"
    PLAN = "plan"
    STATEMENT = "statement"
    OLDEST_FIRST = "oldest_first"
    PROPORTIONAL = "proportional"


class State(StrEnum):
    """PENDING: asked of the card processor, nothing posted. UNKNOWN: no answer came; a person finds out."""

    PENDING = "pending"
    UNKNOWN = "unknown"
    POSTED = "posted"
    DECLINED = "declined"
    REVERSED = "reversed"


class Move(StrEnum):
    """What happens to a payment."""

    POST = "post"
    DECLINE = "decline"
    LOSE_SIGHT = "lose_sight"
    REVERSE = "reverse"


PAYMENT = Table(
    {
        (State.PENDING, Move.POST): State.POSTED,
        (State.PENDING, Move.DECLINE): State.DECLINED,
        (State.PENDING, Move.LOSE_SIGHT): State.UNKNOWN,
        (State.UNKNOWN, Move.POST): State.POSTED,
        (State.UNKNOWN, Move.DECLINE): State.DECLINED,
        (State.POSTED, Move.REVERSE): State.REVERSED,
    }
)


class Reversal(StrEnum):
    """Why a payment is taken back."""

    NSF = "nsf"
    STOPPED = "stopped"
    UNAUTHORIZED = "unauthorized"
    CHARGEBACK = "chargeback"
    ERROR = "error"


class ChargeState(StrEnum):
    """What the card processor said; asked: on record before anything leaves the house."""

    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    UNKNOWN = "unknown"


class SmallState(StrEnum):
    """A proposal to write a small balance off, decided by a second person."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    TAKEN_BACK = "taken_back"


class SmallMove(StrEnum):
    """What happens to it; taking back brings the balance back to the patient's account."""

    APPROVE = "approve"
    DECLINE = "decline"
    TAKE_BACK = "take_back"


SMALL = Table(
    {
        (SmallState.PROPOSED, SmallMove.APPROVE): SmallState.APPROVED,
        (SmallState.PROPOSED, SmallMove.DECLINE): SmallState.DECLINED,
        (SmallState.APPROVED, SmallMove.TAKE_BACK): SmallState.TAKEN_BACK,
    }
)
