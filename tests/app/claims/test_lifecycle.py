"""Every state of a claim and every fact that may reach it: what moves, and where (R837-30)."""

import pytest

from app.claims.lifecycle import CLAIM, REJECTED_STATES, Move, State, after

# One row for each fact: the states it moves a claim from, by their initials below, and where to.
INITIALS = dict(
    zip(
        "tiyxrlaujpqfdvebz"[: len(State)],
        [
            State.TRANSMITTED, State.INTERCHANGE_REJECTED, State.SYNTAX_REJECTED, State.SYNTAX_ACCEPTED,
            State.RECEIVED, State.LINES_REJECTED, State.ACCEPTED, State.NOT_FOUND, State.REJECTED,
            State.PENDING, State.INFO_REQUESTED, State.FINALIZED, State.REMITTED, State.REVERSED,
            State.REPLACEMENT_PENDING, State.VOID_PENDING, State.VOIDED,
        ],
        strict=True,
    )
)  # fmt: skip
WANTED = {
    Move.SEND: ("tiyxrlaujpqfdvebz", State.TRANSMITTED),
    Move.REPLACE: ("tiyxrlaujpqfdvebz", State.REPLACEMENT_PENDING),
    Move.VOID: ("tiyxrlaujpqfdvebz", State.VOID_PENDING),
    Move.REFUSE_INTERCHANGE: ("teb", State.INTERCHANGE_REJECTED),
    Move.REFUSE_SYNTAX: ("teb", State.SYNTAX_REJECTED),
    Move.ACCEPT_SYNTAX: ("tebiy", State.SYNTAX_ACCEPTED),
    Move.RECEIVE: ("tebxiyuj", State.RECEIVED),
    Move.ACCEPT: ("tebxrliyuj", State.ACCEPTED),
    Move.ACCEPT_SOME: ("tebxraiyuj", State.LINES_REJECTED),
    Move.REJECT: ("tebxrlapqiyuj", State.REJECTED),
    Move.NOT_FIND: ("tebxrlapqu", State.NOT_FOUND),
    Move.PEND: ("tebxrlapqiyuj", State.PENDING),
    Move.ASK: ("tebxrlapqiyuj", State.INFO_REQUESTED),
    Move.FINALIZE: ("tebxrlapqfiyuj", State.FINALIZED),
    Move.REMIT: ("tiyxrlaujpqfdveb", State.REMITTED),
    Move.REVERSE: ("dv", State.REVERSED),
    Move.CONFIRM_VOID: ("tiyxrlaujpqfdvebz", State.VOIDED),
    Move.NOTE: ("", State.TRANSMITTED),
}


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("state", State)
def test_every_pair_of_state_and_move(state: State, move: Move) -> None:
    initials, to = WANTED[move]
    moves = state in {INITIALS[one] for one in initials}
    assert after(state, move) == (to if moves else None)


def test_every_state_can_be_reached_and_left() -> None:
    reached, new = {State.TRANSMITTED}, {State.TRANSMITTED}
    while new:
        new = {CLAIM.next(one, move) for one in new for move in CLAIM.moves(one)} - reached
        reached |= new
    assert reached == set(State)
    assert all(CLAIM.moves(one) for one in State)


def test_a_late_message_never_moves_a_claim_backwards() -> None:
    """What has been decided is moved only by a remit, or by sending again."""
    early = (Move.ACCEPT_SYNTAX, Move.REFUSE_SYNTAX, Move.RECEIVE, Move.ACCEPT, Move.ACCEPT_SOME, Move.PEND)
    for state in (State.FINALIZED, State.REMITTED, State.REVERSED, State.VOIDED):
        assert [move for move in early if after(state, move) is not None] == []


def test_a_rejection_wins_until_a_payer_has_decided() -> None:
    open_ = [one for one in State if after(one, Move.REJECT) is not None]
    assert set(State) - set(open_) == {State.FINALIZED, State.REMITTED, State.REVERSED, State.VOIDED}
    assert all(after(one, Move.SEND) == State.TRANSMITTED for one in REJECTED_STATES)
