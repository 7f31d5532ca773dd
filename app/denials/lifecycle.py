"""The states of a denial case and the moves between them: the machine of the denial worklist."""

from enum import StrEnum

from app.kernel.lifecycle import Table


class State(StrEnum):
    """Where a case stands."""

    NEW = "new"
    TRIAGED = "triaged"
    WAITING_INFO = "waiting_info"
    SNOOZED = "snoozed"
    PAYER_PROMISED = "payer_promised"
    REBILL_PREP = "rebill_prep"
    REBILLED = "rebilled"
    APPEAL_DRAFT = "appeal_draft"
    APPEAL_REVIEW = "appeal_review"
    APPEAL_SENT = "appeal_sent"
    ACKNOWLEDGED = "acknowledged"
    WON = "won"
    PARTIAL = "partial"
    LOST = "lost"
    NEXT_LEVEL = "next_level"
    AWAITING_PAYMENT = "awaiting_payment"
    PATIENT_RESP = "patient_resp"
    WRITEOFF_REQUESTED = "writeoff_requested"
    EXPIRED = "expired"
    CLOSED = "closed"


class Origin(StrEnum):
    """How the refusal came: at first adjudication, or after a payment was taken back (RDEN-07)."""

    INITIAL = "initial"
    POST_PAYMENT = "post_payment"


class Writeoff(StrEnum):
    """Where a request to write off stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    """What is done with a request."""

    APPROVE = "approve"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class Move(StrEnum):
    """What can be done with a case; the last four are the posting's."""

    TRIAGE = "triage"
    ASK = "ask"
    ANSWER = "answer"
    SNOOZE = "snooze"
    WAKE = "wake"
    NOTE_PROMISE = "note_promise"
    PREPARE_REBILL = "prepare_rebill"
    REBILL = "rebill"
    DRAFT_APPEAL = "draft_appeal"
    SUBMIT = "submit"
    RETURN = "return"
    SEND = "send"
    ACKNOWLEDGE = "acknowledge"
    WIN = "win"
    WIN_PART = "win_part"
    LOSE = "lose"
    GO_ON = "go_on"
    AWAIT_PAYMENT = "await_payment"
    TO_PATIENT = "to_patient"
    BRING_BACK = "bring_back"
    ASK_WRITEOFF = "ask_writeoff"
    DECLINE = "decline"
    APPROVE = "approve"
    CONCLUDE = "conclude"
    EXPIRE = "expire"
    EXCUSE = "excuse"
    PAY = "pay"
    REVERSE = "reverse"
    DENY_AGAIN = "deny_again"
    WITHDRAW = "withdraw"


_S, _M = State, Move
OPEN = frozenset(_S) - {_S.CLOSED}
"""Every state but closed: a case in one of them still holds the money."""
_AT_WORK = (
    _S.TRIAGED,
    _S.WAITING_INFO,
    _S.SNOOZED,
    _S.PAYER_PROMISED,
    _S.REBILL_PREP,
    _S.APPEAL_DRAFT,
    _S.LOST,
)

BY_HAND = frozenset(_M) - {
    *(_M.ASK_WRITEOFF, _M.DECLINE, _M.APPROVE),  # a write-off moves the ledger and takes two people
    *(_M.TO_PATIENT, _M.BRING_BACK),  # so does what is asked of the patient; it has a review of its own
    *(_M.EXPIRE, _M.PAY, _M.REVERSE, _M.DENY_AGAIN, _M.WITHDRAW),
}
"""Moves a person may make without another's approval."""

DENIAL = Table(
    {
        (_S.NEW, _M.TRIAGE): _S.TRIAGED,
        (_S.TRIAGED, _M.ASK): _S.WAITING_INFO,
        (_S.WAITING_INFO, _M.ANSWER): _S.TRIAGED,  # answered, or back by itself when the answer is late
        (_S.TRIAGED, _M.SNOOZE): _S.SNOOZED,
        (_S.SNOOZED, _M.WAKE): _S.TRIAGED,
        (_S.TRIAGED, _M.NOTE_PROMISE): _S.PAYER_PROMISED,
        (_S.PAYER_PROMISED, _M.WAKE): _S.TRIAGED,
        (_S.TRIAGED, _M.PREPARE_REBILL): _S.REBILL_PREP,
        (_S.REBILL_PREP, _M.RETURN): _S.TRIAGED,
        (_S.REBILL_PREP, _M.REBILL): _S.REBILLED,
        (_S.REBILLED, _M.WAKE): _S.TRIAGED,  # the payer stays silent beyond the follow-up day
        (_S.REBILLED, _M.RETURN): _S.TRIAGED,  # rejected on its way: it was never adjudicated
        (_S.TRIAGED, _M.DRAFT_APPEAL): _S.APPEAL_DRAFT,
        (_S.NEXT_LEVEL, _M.DRAFT_APPEAL): _S.APPEAL_DRAFT,
        (_S.APPEAL_DRAFT, _M.RETURN): _S.TRIAGED,
        (_S.APPEAL_DRAFT, _M.SUBMIT): _S.APPEAL_REVIEW,
        (_S.APPEAL_REVIEW, _M.RETURN): _S.APPEAL_DRAFT,
        (_S.APPEAL_REVIEW, _M.SEND): _S.APPEAL_SENT,
        (_S.APPEAL_SENT, _M.ACKNOWLEDGE): _S.ACKNOWLEDGED,
        **{
            (state, move): decided
            for state in (_S.APPEAL_SENT, _S.ACKNOWLEDGED)
            for move, decided in ((_M.WIN, _S.WON), (_M.WIN_PART, _S.PARTIAL), (_M.LOSE, _S.LOST))
        },
        (_S.LOST, _M.GO_ON): _S.NEXT_LEVEL,
        (_S.PARTIAL, _M.GO_ON): _S.NEXT_LEVEL,
        (_S.WON, _M.AWAIT_PAYMENT): _S.AWAITING_PAYMENT,
        (_S.PARTIAL, _M.AWAIT_PAYMENT): _S.AWAITING_PAYMENT,
        (_S.AWAITING_PAYMENT, _M.WAKE): _S.TRIAGED,
        (_S.TRIAGED, _M.TO_PATIENT): _S.PATIENT_RESP,
        (_S.LOST, _M.TO_PATIENT): _S.PATIENT_RESP,
        (_S.PATIENT_RESP, _M.RETURN): _S.TRIAGED,
        (_S.PATIENT_RESP, _M.CONCLUDE): _S.CLOSED,
        **{(state, _M.ASK_WRITEOFF): _S.WRITEOFF_REQUESTED for state in (*_AT_WORK, _S.PARTIAL, _S.EXPIRED)},
        (_S.WRITEOFF_REQUESTED, _M.DECLINE): _S.TRIAGED,
        (_S.WRITEOFF_REQUESTED, _M.APPROVE): _S.CLOSED,
        **{(state, _M.EXPIRE): _S.EXPIRED for state in sorted(OPEN - {_S.EXPIRED})},
        (_S.EXPIRED, _M.EXCUSE): _S.TRIAGED,  # good cause for being late, by a supervisor (RDEN-25)
        (_S.EXPIRED, _M.CONCLUDE): _S.CLOSED,
        (_S.TRIAGED, _M.CONCLUDE): _S.CLOSED,
        **{(state, move): _S.CLOSED for state in sorted(OPEN) for move in (_M.PAY, _M.REVERSE, _M.WITHDRAW)},
        (_S.CLOSED, _M.WITHDRAW): _S.CLOSED,
        (_S.CLOSED, _M.BRING_BACK): _S.TRIAGED,  # what was moved to the patient or the next payer only
        **{(state, _M.DENY_AGAIN): _S.NEW for state in sorted(_S)},
    }
)

WRITEOFF = Table(
    {
        (Writeoff.REQUESTED, Decision.APPROVE): Writeoff.APPROVED,
        (Writeoff.REQUESTED, Decision.DECLINE): Writeoff.DECLINED,
        (
            Writeoff.REQUESTED,
            Decision.WITHDRAW,
        ): Writeoff.WITHDRAWN,  # the payer paid or took it back meanwhile
    }
)
