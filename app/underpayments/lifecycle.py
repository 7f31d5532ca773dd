"""The states of an underpayment and the moves between them: from detection to what came in the end."""

from enum import StrEnum

from app.kernel.lifecycle import Table


class State(StrEnum):
    """Where an underpaid line stands."""

    DETECTED = "detected"
    VALIDATED = "validated"
    INVALID = "invalid"
    BELOW_TOLERANCE = "below_tolerance"
    GROUPED = "grouped"
    SENT = "sent"
    PAYER_ACK = "payer_ack"
    AGREED = "agreed"
    REFUSED = "refused"
    ESCALATED = "escalated"
    REPROCESSING = "reprocessing"
    RECOVERED = "recovered"
    PARTIAL = "partial"
    CLOSED = "closed"


class Move(StrEnum):
    """What can be done with it; the last six are made by a posting or a new price."""

    VALIDATE = "validate"
    INVALIDATE = "invalidate"
    TOLERATE = "tolerate"
    GROUP = "group"
    UNGROUP = "ungroup"
    SEND = "send"
    ACKNOWLEDGE = "acknowledge"
    AGREE = "agree"
    REFUSE = "refuse"
    REPROCESS = "reprocess"
    ESCALATE = "escalate"
    CLOSE = "close"
    REOPEN = "reopen"
    RECOVER = "recover"
    RECOVER_PART = "recover_part"
    DETECT = "detect"
    FIND_SMALL = "find_small"
    WITHDRAW = "withdraw"
    REPRICE = "reprice"


_S, _M = State, Move
OPEN = frozenset(_S) - {_S.INVALID, _S.BELOW_TOLERANCE, _S.RECOVERED, _S.CLOSED}
"""Somebody has it on the list."""
ENDED = frozenset({_S.INVALID, _S.RECOVERED, _S.CLOSED})
"""Nobody waits for anything; what is below tolerance still waits to become part of a pattern."""
BY_HAND = frozenset(_M) - {_M.RECOVER, _M.RECOVER_PART, _M.DETECT, _M.FIND_SMALL, _M.WITHDRAW, _M.REPRICE}
ENDINGS = frozenset({_M.INVALIDATE, _M.CLOSE})
"""Moves that end work and take a reason."""

UNDERPAYMENT = Table(
    {
        (_S.DETECTED, _M.VALIDATE): _S.VALIDATED,
        (_S.DETECTED, _M.INVALIDATE): _S.INVALID,
        (_S.VALIDATED, _M.INVALIDATE): _S.INVALID,
        (_S.DETECTED, _M.TOLERATE): _S.BELOW_TOLERANCE,
        (_S.VALIDATED, _M.GROUP): _S.GROUPED,
        (_S.GROUPED, _M.UNGROUP): _S.VALIDATED,
        (_S.GROUPED, _M.SEND): _S.SENT,
        (_S.SENT, _M.ACKNOWLEDGE): _S.PAYER_ACK,
        **{(state, _M.AGREE): _S.AGREED for state in (_S.SENT, _S.PAYER_ACK, _S.ESCALATED)},
        **{(state, _M.REFUSE): _S.REFUSED for state in (_S.SENT, _S.PAYER_ACK)},
        (_S.AGREED, _M.REPROCESS): _S.REPROCESSING,
        (_S.REFUSED, _M.ESCALATE): _S.ESCALATED,
        (_S.PARTIAL, _M.ESCALATE): _S.ESCALATED,
        (_S.INVALID, _M.REOPEN): _S.DETECTED,
        (_S.BELOW_TOLERANCE, _M.REOPEN): _S.DETECTED,
        (_S.CLOSED, _M.REOPEN): _S.DETECTED,
        **{(state, _M.CLOSE): _S.CLOSED for state in sorted(OPEN)},
        # A posting or a new price: what was underpaid is paid, taken back, or was priced wrongly.
        **{(state, _M.RECOVER): _S.RECOVERED for state in sorted(_S)},
        **{(state, _M.RECOVER_PART): _S.PARTIAL for state in sorted(_S)},
        **{(state, _M.DETECT): _S.DETECTED for state in sorted(_S)},
        **{(state, _M.FIND_SMALL): _S.BELOW_TOLERANCE for state in sorted(_S)},
        **{(state, _M.WITHDRAW): _S.CLOSED for state in sorted(_S)},
        **{(state, _M.REPRICE): _S.CLOSED for state in sorted(_S)},
    }
)
