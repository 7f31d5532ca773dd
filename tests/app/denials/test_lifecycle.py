"""The machine of a denial case, over every pair of state and move."""

import pytest

from app.denials.lifecycle import BY_HAND, DENIAL, OPEN, Move, State
from app.kernel.errors import NotAllowed

JOURNEYS = [
    "new triage triaged ask waiting_info answer triaged snooze snoozed wake triaged",
    "triaged prepare_rebill rebill_prep rebill rebilled pay closed",
    "triaged draft_appeal appeal_draft submit appeal_review send appeal_sent",
    "appeal_sent acknowledge acknowledged lose lost go_on next_level draft_appeal appeal_draft",
    "appeal_sent win won await_payment awaiting_payment pay closed",
    "appeal_sent win_part partial go_on next_level",
    "triaged to_patient patient_resp conclude closed",
    "lost to_patient patient_resp return triaged",
    "closed bring_back triaged",
    "triaged ask_writeoff writeoff_requested approve closed",
    "writeoff_requested decline triaged",
    "new expire expired excuse triaged",
    "closed deny_again new",
    "appeal_sent deny_again new",
]


@pytest.mark.parametrize("journey", JOURNEYS)
def test_the_journeys_of_the_worklist(journey: str) -> None:
    words = journey.split()
    for at in range(0, len(words) - 2, 2):
        assert DENIAL.next(State(words[at]), Move(words[at + 1])) == words[at + 2]


def test_every_pair_either_moves_or_is_refused() -> None:
    for state in State:
        for move in Move:
            if move in DENIAL.moves(state):
                assert DENIAL.next(state, move) in State
            else:
                with pytest.raises(NotAllowed):
                    DENIAL.next(state, move)


def test_an_open_case_can_always_be_paid_reversed_withdrawn_and_run_out_of_time() -> None:
    for state in OPEN:
        always = {Move.PAY, Move.REVERSE, Move.WITHDRAW, Move.DENY_AGAIN}
        assert always <= set(DENIAL.moves(state))
        assert state is State.EXPIRED or Move.EXPIRE in DENIAL.moves(state)


def test_a_closed_case_opens_only_when_it_is_refused_again() -> None:
    assert set(DENIAL.moves(State.CLOSED)) == {Move.WITHDRAW, Move.DENY_AGAIN, Move.BRING_BACK}
    assert Move.BRING_BACK not in BY_HAND


def test_every_state_is_reached_and_left() -> None:
    assert DENIAL.states() == set(State)
    assert all(DENIAL.moves(state) for state in State)


def test_no_write_off_and_no_posting_by_hand() -> None:
    assert not BY_HAND & {
        Move.APPROVE,
        Move.ASK_WRITEOFF,
        Move.PAY,
        Move.REVERSE,
        Move.DENY_AGAIN,
        Move.EXPIRE,
    }
