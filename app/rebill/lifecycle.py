"""The states of a claim on its way out, and of the batch it travels in (x12-837-rebill sections 3 and 7)."""

from enum import StrEnum

from app.kernel.lifecycle import Table


class Kind(StrEnum):
    """What is sent, and why (x12-837-rebill section 3).

    NEW: frequency 1, of a claim that never entered adjudication. REPLACEMENT 7, VOID 8, LATE_CHARGES 5.
    SECONDARY: to the payer after those that answered; frequency 7 when an earlier one is final there.
    """

    NEW = "new"
    REPLACEMENT = "replacement"
    VOID = "void"
    SECONDARY = "secondary"
    LATE_CHARGES = "late_charges"


class Cause(StrEnum):
    """What it was opened for."""

    DENIAL = "denial"
    REJECTION = "rejection"
    SILENCE = "silence"
    PRIMARY_PAID = "primary_paid"
    PERSON = "person"


class State(StrEnum):
    """Where one submission stands."""

    DRAFT = "draft"
    READY = "ready"
    BATCHED = "batched"
    TRANSMITTED = "transmitted"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ANSWERED = "answered"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What happens to it. From TRANSMIT on only documents move it, except CANCEL and SUPERSEDE."""

    FINISH = "finish"
    REOPEN = "reopen"
    BATCH = "batch"
    UNBATCH = "unbatch"
    TRANSMIT = "transmit"
    REFUSE_FILE = "refuse_file"
    RECEIVE = "receive"
    ACCEPT = "accept"
    REJECT = "reject"
    ANSWER = "answer"
    TAKE_BACK = "take_back"
    SUPERSEDE = "supersede"
    CANCEL = "cancel"


_OUT = (State.TRANSMITTED, State.RECEIVED, State.ACCEPTED)
OPEN = frozenset({State.DRAFT, State.READY, State.BATCHED, *_OUT, State.REJECTED})
"""Somebody still waits for something. At most one of a claim and payer is open (R837-12)."""
AT_WORK = frozenset({State.DRAFT, State.READY, State.REJECTED})
"""A person has the next step."""

REBILL = Table(
    {
        (State.DRAFT, Move.FINISH): State.READY,
        (State.READY, Move.REOPEN): State.DRAFT,
        (State.READY, Move.BATCH): State.BATCHED,
        (State.BATCHED, Move.UNBATCH): State.READY,
        (State.BATCHED, Move.TRANSMIT): State.TRANSMITTED,
        # A refused file: the same claim goes out again, under a new number and in a new envelope.
        (State.TRANSMITTED, Move.REFUSE_FILE): State.READY,
        (State.TRANSMITTED, Move.RECEIVE): State.RECEIVED,
        **{(state, Move.ACCEPT): State.ACCEPTED for state in (State.TRANSMITTED, State.RECEIVED)},
        # A payer may refuse what its clearinghouse took: valid, and it wins (R837-30).
        **{(state, Move.REJECT): State.REJECTED for state in _OUT},
        **{(state, Move.ANSWER): State.ANSWERED for state in (*_OUT, State.REJECTED)},
        # The remit that answered it was undone: it waits again, and what was known before is told anew.
        (State.ANSWERED, Move.TAKE_BACK): State.TRANSMITTED,
        # Billed by somebody else, or corrected by the next submission.
        **{
            (state, Move.SUPERSEDE): State.SUPERSEDED
            for state in (State.DRAFT, State.READY, State.REJECTED, *_OUT)
        },
        **{(state, Move.CANCEL): State.CANCELLED for state in (State.DRAFT, State.READY, State.REJECTED)},
    }
)


class BatchState(StrEnum):
    """Where a batch stands. UNKNOWN: we do not know whether it arrived, so a person finds out."""

    RELEASED = "released"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BatchMove(StrEnum):
    """What happens to a batch."""

    START = "start"
    ARRIVE = "arrive"
    LOSE_SIGHT = "lose_sight"
    FAIL = "fail"
    RETRY = "retry"
    FOUND_ARRIVED = "found_arrived"
    FOUND_MISSING = "found_missing"
    CANCEL = "cancel"


BATCH = Table(
    {
        (BatchState.RELEASED, BatchMove.START): BatchState.SENDING,
        (BatchState.SENDING, BatchMove.ARRIVE): BatchState.SENT,
        (BatchState.SENDING, BatchMove.LOSE_SIGHT): BatchState.UNKNOWN,
        # Nothing had left the house: refused sign-in, wrong host key, no connection.
        (BatchState.SENDING, BatchMove.FAIL): BatchState.FAILED,
        (BatchState.FAILED, BatchMove.RETRY): BatchState.RELEASED,
        # Proof, or a person who asked the receiver; an acknowledgement is proof.
        (BatchState.UNKNOWN, BatchMove.FOUND_ARRIVED): BatchState.SENT,
        (BatchState.UNKNOWN, BatchMove.FOUND_MISSING): BatchState.FAILED,
        (BatchState.RELEASED, BatchMove.CANCEL): BatchState.CANCELLED,
        (BatchState.FAILED, BatchMove.CANCEL): BatchState.CANCELLED,
    }
)


class How(StrEnum):
    """How a batch leaves the house."""

    FOLDER = "folder"
    DOWNLOAD = "download"
    SFTP = "sftp"


class HoldReason(StrEnum):
    """Why a claim is kept back (G6)."""

    RECORDS = "records"
    CODING = "coding"
    AUTHORIZATION = "authorization"
    COVERAGE = "coverage"
    PATIENT = "patient"
    CROSSOVER = "crossover"
    MANAGER = "manager"
    OTHER = "other"


class Proof(StrEnum):
    """What shows that a claim was filed in time (x12-837-rebill section 6); best first."""

    PAYER_ACCEPTED = "payer_accepted"
    SYNTAX_ACCEPTED = "syntax_accepted"
    PRIOR_REMIT = "prior_remit"
