"""Where a claim stands between sending and payment (x12-837-rebill section 7), and which fact moves it.

Only facts with a source document move a claim. They are taken in the order of their days, and a fact whose
move is not in the table is kept and moves nothing: a late message never moves a claim backwards (R837-30).
"""

from enum import StrEnum

from app.kernel.errors import NotAllowed
from app.kernel.lifecycle import Table


class State(StrEnum):
    """Where a claim stands."""

    TRANSMITTED = "transmitted"
    INTERCHANGE_REJECTED = "interchange_rejected"
    SYNTAX_REJECTED = "syntax_rejected"
    SYNTAX_ACCEPTED = "syntax_accepted"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    LINES_REJECTED = "accepted_with_line_rejects"
    REJECTED = "rejected"
    NOT_FOUND = "not_found"
    PENDING = "pending"
    INFO_REQUESTED = "info_requested"
    FINALIZED = "finalized"
    REMITTED = "remitted"
    REVERSED = "reversed"
    REPLACEMENT_PENDING = "replacement_pending"
    VOID_PENDING = "void_pending"
    VOIDED = "voided"


class Move(StrEnum):
    """What a fact does to a claim. SEND: a version went out; REPLACE and VOID: with frequency 7 and 8."""

    SEND = "send"
    REPLACE = "replace"
    VOID = "void"
    REFUSE_INTERCHANGE = "refuse_interchange"
    REFUSE_SYNTAX = "refuse_syntax"
    ACCEPT_SYNTAX = "accept_syntax"
    RECEIVE = "receive"
    ACCEPT = "accept"
    ACCEPT_SOME = "accept_some_lines"
    REJECT = "reject"
    NOT_FIND = "not_find"
    PEND = "pend"
    ASK = "ask"
    FINALIZE = "finalize"
    REMIT = "remit"
    REVERSE = "reverse"
    CONFIRM_VOID = "confirm_void"
    NOTE = "note"


class Track(StrEnum):
    """What was done about a claim no remit answers."""

    WAITING = "waiting"
    CALLED = "called"
    ASKED = "asked"
    ANSWERED = "answered"
    ESCALATED = "escalated"


# A rejection is not a denial: the claim is in nobody's books and is to be sent again (R837-31).
REJECTED_STATES = frozenset(
    {State.INTERCHANGE_REJECTED, State.SYNTAX_REJECTED, State.REJECTED, State.NOT_FOUND, State.LINES_REJECTED}
)
_AGAIN = (State.INTERCHANGE_REJECTED, State.SYNTAX_REJECTED, State.REJECTED, State.NOT_FOUND)
_SENT = (State.TRANSMITTED, State.REPLACEMENT_PENDING, State.VOID_PENDING)
_TAKEN = (State.RECEIVED, State.ACCEPTED, State.LINES_REJECTED, State.PENDING, State.INFO_REQUESTED)
_UNDECIDED = (*_SENT, State.SYNTAX_ACCEPTED, *_TAKEN)
_STATES = tuple(State)
_OPEN = tuple(state for state in _STATES if state not in (State.REMITTED, State.REVERSED, State.VOIDED))

CLAIM = Table(
    {
        # Sent again: a new life begins, whatever the last one came to.
        **{(state, Move.SEND): State.TRANSMITTED for state in _STATES},
        **{(state, Move.REPLACE): State.REPLACEMENT_PENDING for state in _STATES},
        **{(state, Move.VOID): State.VOID_PENDING for state in _STATES},
        # The envelope: only what nobody behind it has answered yet.
        **{(state, Move.REFUSE_INTERCHANGE): State.INTERCHANGE_REJECTED for state in _SENT},
        **{(state, Move.REFUSE_SYNTAX): State.SYNTAX_REJECTED for state in _SENT},
        # After a refusal of the file: the same claims in a new envelope, known by their later day.
        **{
            (state, Move.ACCEPT_SYNTAX): State.SYNTAX_ACCEPTED
            for state in (*_SENT, State.SYNTAX_REJECTED, State.INTERCHANGE_REJECTED)
        },
        # Received and accepted; after a rejection that is a later submission, known by its later day.
        **{(state, Move.RECEIVE): State.RECEIVED for state in (*_SENT, State.SYNTAX_ACCEPTED, *_AGAIN)},
        **{
            (state, Move.ACCEPT): State.ACCEPTED
            for state in (*_SENT, State.SYNTAX_ACCEPTED, State.RECEIVED, State.LINES_REJECTED, *_AGAIN)
        },
        **{
            (state, Move.ACCEPT_SOME): State.LINES_REJECTED
            for state in (*_SENT, State.SYNTAX_ACCEPTED, State.RECEIVED, State.ACCEPTED, *_AGAIN)
        },
        # The payer refuses after the clearinghouse took it: valid, and it wins.
        **{(state, Move.REJECT): State.REJECTED for state in (*_UNDECIDED, *_AGAIN)},
        **{(state, Move.NOT_FIND): State.NOT_FOUND for state in (*_UNDECIDED, State.NOT_FOUND)},
        **{(state, Move.PEND): State.PENDING for state in (*_UNDECIDED, *_AGAIN)},
        **{(state, Move.ASK): State.INFO_REQUESTED for state in (*_UNDECIDED, *_AGAIN)},
        **{(state, Move.FINALIZE): State.FINALIZED for state in (*_UNDECIDED, *_AGAIN, State.FINALIZED)},
        **{(state, Move.REMIT): State.REMITTED for state in (*_OPEN, State.REMITTED, State.REVERSED)},
        # Taken back (CLP02 22). One that is being replaced or voided waits for what it asked for.
        **{(state, Move.REVERSE): State.REVERSED for state in (State.REMITTED, State.REVERSED)},
        **{(state, Move.CONFIRM_VOID): State.VOIDED for state in _STATES},
    }
)


def after(state: State, move: Move) -> State | None:
    """Where a fact leads; None when it comes too late to move anything."""
    try:
        return CLAIM.next(state, move)
    except NotAllowed:
        return None
