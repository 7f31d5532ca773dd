"""The states of holds, disputes, promises of patients and returned mail (workflows sections 5 and 8)."""

from enum import StrEnum

from app.kernel.lifecycle import Table


class HoldKind(StrEnum):
    """Why an account, or one visit of it, is kept back (RPAT-02, patient-collections section 7).

    Each has its rule in data/holds.csv: which acts it stops, for how long by default, what lifts it.
    """

    DISPUTE = "dispute"
    ASSISTANCE = "assistance"
    BANKRUPTCY = "bankruptcy"
    DECEASED = "deceased"
    ATTORNEY = "attorney"
    CEASE = "cease"
    ESTIMATE_DISPUTE = "estimate_dispute"
    RETURNED_MAIL = "returned_mail"
    MAIL_PAUSED = "mail_paused"
    LIEN = "lien"
    QMB = "qmb"
    MINOR = "minor"
    NO_GUARANTOR = "no_guarantor"
    IDENTITY_THEFT = "identity_theft"
    VICTIM = "victim"
    MILITARY = "military"
    INSURANCE_REVIEW = "insurance_review"
    MANAGER = "manager"


class DisputeState(StrEnum):
    """Where a dispute stands."""

    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    INVESTIGATING = "investigating"
    AWAITING_OTHER = "awaiting_other"
    PROPOSED = "proposed"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    ESCALATED = "escalated"


class DisputeMove(StrEnum):
    """What happens to a dispute."""

    ACKNOWLEDGE = "acknowledge"
    INVESTIGATE = "investigate"
    AWAIT = "await"
    ANSWER = "answer"
    PROPOSE = "propose"
    RESOLVE = "resolve"
    CONFIRM = "confirm"
    ESCALATE = "escalate"


_D, _M = DisputeState, DisputeMove
_AT_WORK = (_D.ACKNOWLEDGED, _D.INVESTIGATING, _D.AWAITING_OTHER, _D.PROPOSED, _D.ESCALATED)
DISPUTE = Table(
    {
        (_D.OPENED, _M.ACKNOWLEDGE): _D.ACKNOWLEDGED,
        (_D.ACKNOWLEDGED, _M.INVESTIGATE): _D.INVESTIGATING,
        (_D.ESCALATED, _M.INVESTIGATE): _D.INVESTIGATING,
        (_D.INVESTIGATING, _M.AWAIT): _D.AWAITING_OTHER,
        (_D.AWAITING_OTHER, _M.ANSWER): _D.INVESTIGATING,
        **{(state, _M.PROPOSE): _D.PROPOSED for state in (_D.ACKNOWLEDGED, _D.INVESTIGATING, _D.ESCALATED)},
        **{(state, _M.RESOLVE): _D.RESOLVED for state in _AT_WORK},
        (_D.RESOLVED, _M.CONFIRM): _D.CONFIRMED,
        **{(state, _M.ESCALATE): _D.ESCALATED for state in (*_AT_WORK[:-1], _D.RESOLVED)},
    }
)
DISPUTE_ENDED = frozenset({_D.RESOLVED, _D.CONFIRMED})


class PatientPromiseState(StrEnum):
    """What became of a patient's promise; nsf: it was paid by something that bounced."""

    OPEN = "open"
    KEPT = "kept"
    PARTIAL = "partial"
    BROKEN = "broken"
    NSF = "nsf"
    WITHDRAWN = "withdrawn"


class ReturnState(StrEnum):
    """Where a piece of returned mail stands."""

    RETURNED = "returned"
    STOPPED = "stopped"
    SEARCHING = "searching"
    CANDIDATE = "candidate"
    VERIFIED = "verified"
    RESUMED = "resumed"
    EXHAUSTED = "exhausted"


class ReturnMove(StrEnum):
    """What happens to it."""

    STOP = "stop"
    SEARCH = "search"
    FIND = "find"
    REJECT = "reject"
    VERIFY = "verify"
    RESUME = "resume"
    GIVE_UP = "give_up"


_R, _V = ReturnState, ReturnMove
RETURNED = Table(
    {
        (_R.RETURNED, _V.STOP): _R.STOPPED,
        # Deliverable after all (refused, unclaimed, temporarily away and back).
        (_R.RETURNED, _V.RESUME): _R.RESUMED,
        (_R.STOPPED, _V.SEARCH): _R.SEARCHING,
        (_R.STOPPED, _V.FIND): _R.CANDIDATE,
        (_R.STOPPED, _V.RESUME): _R.RESUMED,
        (_R.SEARCHING, _V.FIND): _R.CANDIDATE,
        (_R.SEARCHING, _V.GIVE_UP): _R.EXHAUSTED,
        (_R.CANDIDATE, _V.REJECT): _R.SEARCHING,
        (_R.CANDIDATE, _V.VERIFY): _R.VERIFIED,
        (_R.VERIFIED, _V.RESUME): _R.RESUMED,
        (_R.EXHAUSTED, _V.FIND): _R.CANDIDATE,
    }
)


class Direction(StrEnum):
    """Who reached whom."""

    OUT = "out"
    IN = "in"


class Reach(StrEnum):
    """How somebody was reached, or tried."""

    CALL = "call"
    SMS = "sms"
    EMAIL = "email"
    MAIL = "mail"
    PERSON = "person"


class Act(StrEnum):
    """What the guards are asked about; each has one function in a `rules_guards.py` (N9)."""

    CALL = "call"
    SMS = "sms"
    EMAIL = "email"
    STATEMENT = "statement"
    LETTER = "letter"
    CHARGE = "charge"
    FEE = "fee"
    INTEREST = "interest"
    PLACE = "place"
    REPORT = "report"
