"""The states of a payment plan and its instalments (workflows section 5, patient-collections section 9)."""

from enum import StrEnum

from app.kernel.lifecycle import Table


class State(StrEnum):
    """Where a plan stands. RE_ESTABLISHED: running again after a default, by a new schedule."""

    DRAFT = "draft"
    ACTIVE = "active"
    LATE = "late"
    DEFAULTED = "defaulted"
    RE_ESTABLISHED = "re_established"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What happens to a plan; MISS, CURE, DEFAULT and COMPLETE are the postings' and the calendar's."""

    ACTIVATE = "activate"
    MISS = "miss"
    CURE = "cure"
    DEFAULT = "default"
    RE_ESTABLISH = "re_establish"
    COMPLETE = "complete"
    REOPEN = "reopen"
    CANCEL = "cancel"


_S, _M = State, Move
RUNNING = frozenset({_S.ACTIVE, _S.LATE, _S.RE_ESTABLISHED})
"""Dunning waits while a plan is one of these."""

PLAN = Table(
    {
        (_S.DRAFT, _M.ACTIVATE): _S.ACTIVE,
        (_S.DRAFT, _M.CANCEL): _S.CANCELLED,
        **{(state, _M.MISS): _S.LATE for state in (_S.ACTIVE, _S.RE_ESTABLISHED)},
        (_S.LATE, _M.CURE): _S.ACTIVE,
        **{(state, _M.DEFAULT): _S.DEFAULTED for state in (_S.LATE, _S.ACTIVE, _S.RE_ESTABLISHED)},
        # What was missed came within the days of cure; later only a new schedule helps.
        (_S.DEFAULTED, _M.CURE): _S.ACTIVE,
        (_S.DEFAULTED, _M.RE_ESTABLISH): _S.RE_ESTABLISHED,
        **{(state, _M.COMPLETE): _S.COMPLETED for state in (*sorted(RUNNING), _S.DEFAULTED)},
        # The payment that completed it bounced.
        (_S.COMPLETED, _M.REOPEN): _S.LATE,
        **{(state, _M.CANCEL): _S.CANCELLED for state in (*sorted(RUNNING), _S.DEFAULTED)},
    }
)


class InstalmentState(StrEnum):
    """MOVED: taken over by the schedule of a re-established or changed plan."""

    DUE = "due"
    PAID = "paid"
    MISSED = "missed"
    MOVED = "moved"
    CANCELLED = "cancelled"
