"""What a corrected claim under way means for the cases of its claim: who follows it, who must wait. Pure."""

from dataclasses import dataclass
from datetime import date

from app.denials.lifecycle import Move, State
from app.kernel.errors import NotAllowed

IDLE = frozenset({State.NEW, State.TRIAGED})
"""Cases that wait for us: they follow a claim that was opened for another case, or for none."""

_WAYS = {
    State.NEW: (Move.TRIAGE, Move.PREPARE_REBILL),
    State.TRIAGED: (Move.PREPARE_REBILL,),
    State.WAITING_INFO: (Move.ANSWER, Move.PREPARE_REBILL),
    State.SNOOZED: (Move.WAKE, Move.PREPARE_REBILL),
    State.PAYER_PROMISED: (Move.WAKE, Move.PREPARE_REBILL),
    State.REBILLED: (Move.RETURN, Move.PREPARE_REBILL),
    State.REBILL_PREP: (),
}
_ELSEWHERE = {
    State.APPEAL_DRAFT: "An appeal is being drafted for this denial: return it before you correct the claim.",
    State.APPEAL_REVIEW: "An appeal of this denial is in review: return it before you correct the claim.",
    State.APPEAL_SENT: "An appeal of this denial is with the payer: wait for its decision.",
    State.ACKNOWLEDGED: "An appeal of this denial is with the payer: wait for its decision.",
    State.WRITEOFF_REQUESTED: "A write-off of this denial waits for a decision: have it declined first.",
    State.EXPIRED: "This denial is out of time: a supervisor excuses the delay first.",
    State.PATIENT_RESP: "This denial was moved to the patient: return it first.",
    State.CLOSED: "This denial is closed.",
}
APPEALS = frozenset({Move.DRAFT_APPEAL, Move.SUBMIT, Move.SEND})
BY_THE_CLAIM = frozenset({Move.RETURN, Move.REBILL})
"""Moves of a prepared case that the corrected claim makes, not a person."""

GUARDED = APPEALS | BY_THE_CLAIM | {Move.CONCLUDE, Move.ASK_WRITEOFF, Move.TO_PATIENT}


def way(state: State) -> tuple[Move, ...] | None:
    """The moves by which a case comes to be prepared; None when it cannot now."""
    return _WAYS.get(state)


def why_not(state: State) -> str:
    """Why a case cannot be answered by a corrected claim now."""
    words = f"The denial stands at {state.value.replace('_', ' ')}: take it up again first."
    return _ELSEWHERE.get(state, words)


@dataclass(frozen=True, slots=True)
class Under:
    """A corrected claim under way. until: the day the payer should have answered, once it was sent."""

    public_id: str
    opened_on: date
    sent_on: date | None
    until: date | None


def guard(move: Move, state: State, under: Under | None, today: date) -> None:
    """Refuse what would collide with a corrected claim under way (G1), saying what unblocks it.

    A payer that stays silent beyond its follow-up day holds nothing back: a resubmission never restarts the
    clock of an appeal (RDEN-23).
    """
    if under is None or move not in GUARDED:
        return
    if move in BY_THE_CLAIM:
        if state is State.REBILL_PREP:
            words = "A corrected claim is open for it: the case moves when that is sent or cancelled."
            raise NotAllowed(words, code="rebill_open")
        return
    if under.sent_on is None:
        words = f"A corrected claim was opened on {under.opened_on:%Y-%m-%d} and not sent: cancel it first."
        raise NotAllowed(words, code="rebill_open")
    if under.until is None or today <= under.until:
        by = f" its answer is due by {under.until:%Y-%m-%d}" if under.until else " wait for its answer"
        raise NotAllowed(f"A corrected claim was sent on {under.sent_on:%Y-%m-%d};{by}.", code="rebill_open")
