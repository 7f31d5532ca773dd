"""A state machine is a table; this reads it and refuses the rest."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from app.kernel.errors import NotAllowed

S = TypeVar("S", bound=StrEnum)
M = TypeVar("M", bound=StrEnum)


class Table(Generic[S, M]):
    """The allowed moves of one machine, `{(state, move): next state}`; pages draw their buttons from it."""

    def __init__(self, moves: Mapping[tuple[S, M], S]):
        self._moves = dict(moves)

    def next(self, state: S, move: M) -> S:
        """Where a move leads; `NotAllowed` when it is not in the table."""
        try:
            return self._moves[state, move]
        except KeyError:
            words = f"“{move.value.replace('_', ' ')}” is not possible while {state.value.replace('_', ' ')}."
            raise NotAllowed(words, code="not_possible_now") from None

    def moves(self, state: S) -> list[M]:
        """What can be done from here, in the order of the table."""
        return [move for (at, move) in self._moves if at == state]

    def states(self) -> set[S]:
        """Every state the table mentions."""
        return {state for state, _ in self._moves} | set(self._moves.values())

    def before(self, move: M) -> list[S]:
        """The states a move may start from."""
        return [state for (state, does) in self._moves if does == move]
