"""The machine PLAN over every state and move: what the table allows, and that nothing else is."""

import itertools

import pytest

from app.kernel.errors import NotAllowed
from app.plans.lifecycle import PLAN, RUNNING, Move, State

S, M = State, Move
ALLOWED = {
    (S.DRAFT, M.ACTIVATE): S.ACTIVE,
    (S.DRAFT, M.CANCEL): S.CANCELLED,
    (S.ACTIVE, M.MISS): S.LATE,
    (S.ACTIVE, M.DEFAULT): S.DEFAULTED,
    (S.ACTIVE, M.COMPLETE): S.COMPLETED,
    (S.ACTIVE, M.CANCEL): S.CANCELLED,
    (S.RE_ESTABLISHED, M.MISS): S.LATE,
    (S.RE_ESTABLISHED, M.DEFAULT): S.DEFAULTED,
    (S.RE_ESTABLISHED, M.COMPLETE): S.COMPLETED,
    (S.RE_ESTABLISHED, M.CANCEL): S.CANCELLED,
    (S.LATE, M.CURE): S.ACTIVE,
    (S.LATE, M.DEFAULT): S.DEFAULTED,
    (S.LATE, M.COMPLETE): S.COMPLETED,
    (S.LATE, M.CANCEL): S.CANCELLED,
    (S.DEFAULTED, M.CURE): S.ACTIVE,
    (S.DEFAULTED, M.RE_ESTABLISH): S.RE_ESTABLISHED,
    (S.DEFAULTED, M.COMPLETE): S.COMPLETED,
    (S.DEFAULTED, M.CANCEL): S.CANCELLED,
    (S.COMPLETED, M.REOPEN): S.LATE,
}


@pytest.mark.parametrize(("state", "move"), list(itertools.product(State, Move)))
def test_only_these_moves_lead_anywhere(state: State, move: Move) -> None:
    if (state, move) in ALLOWED:
        assert PLAN.next(state, move) is ALLOWED[state, move]
    else:
        with pytest.raises(NotAllowed):
            PLAN.next(state, move)


def test_dunning_waits_for_plans_that_are_kept_and_for_no_other() -> None:
    assert {State.ACTIVE, State.LATE, State.RE_ESTABLISHED} == RUNNING


def test_a_cancelled_plan_stays_cancelled() -> None:
    assert PLAN.moves(State.CANCELLED) == []
