"""What documents say of submissions and batches, and what follows: pure (x12-837-rebill section 7)."""

from collections.abc import Iterable, Sequence

from app.claims.lifecycle import Move as ClaimMove
from app.rebill.lifecycle import Move, State

MOVES = {
    ClaimMove.RECEIVE: Move.RECEIVE,
    ClaimMove.ACCEPT: Move.ACCEPT,
    ClaimMove.ACCEPT_SOME: Move.ACCEPT,
    # Nobody decides, asks or pends about a claim that was not taken.
    ClaimMove.PEND: Move.ACCEPT,
    ClaimMove.ASK: Move.ACCEPT,
    ClaimMove.FINALIZE: Move.ACCEPT,
    ClaimMove.REJECT: Move.REJECT,
    ClaimMove.NOT_FIND: Move.REJECT,
}
"""What a 277CA or 277 does to a submission; ACCEPT_SOME: the claim is taken, refused lines stand by it."""

_PROVEN = frozenset({State.RECEIVED, State.ACCEPTED})
REFUSED = (ClaimMove.REJECT.value, ClaimMove.NOT_FIND.value)
GOOD_SETS = frozenset("AE")


def move_of(said: str, kind: str, state: str) -> Move | None:
    """What an answer of this kind does to a submission in this state; None when it only tells something.

    D0 or A4 in a 277 (claim not found) of a submission somebody took before: a call to the payer, no new
    claim, because there is proof.
    """
    told = ClaimMove(said)
    if told is ClaimMove.NOT_FIND and kind == "277" and State(state) in _PROVEN:
        return None
    return MOVES.get(told)


def syntax_of(codes: Iterable[str]) -> str:
    """What a receiver said of the transaction sets of a batch, in one letter: A, E with errors, P some of
    them, R none; empty before anything was said. codes: the last IK5 of each set.
    """
    said = list(codes)
    good = [code for code in said if code in GOOD_SETS]
    if not said:
        return ""
    if len(good) == len(said):
        return "E" if "E" in said else "A"
    return "P" if good else "R"


def counted(controls: Sequence[str], said: Iterable[tuple[str, bool]], refused: set[str]) -> tuple[int, int]:
    """(accepted, rejected) of the claims of a batch: submitted = accepted + rejected + nothing heard of.

    said: (control number, was it refused) of every report and remit about them; a rejection wins, as in one
    report. refused: those in transaction sets the receiver could not read.
    """
    accepted: set[str] = set()
    rejected = set(refused)
    for control, bad in said:
        (rejected if bad else accepted).add(control)
    own = set(controls)
    return len((accepted - rejected) & own), len(rejected & own)
