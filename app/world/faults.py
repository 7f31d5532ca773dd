"""What goes wrong in the example world, how often, and to which claims and remits it can happen.

A kind not seen yet comes first whenever it fits, so that even a small world shows every kind at least once.
"""

from collections import Counter
from collections.abc import Sequence
from random import Random

from app.world.claims import Claim
from app.world.deciding import LOWER
from app.world.tables import faults

FORCE_EVERY = 3
# Stories of four payments: a small world may end before the last, so more than one is begun early.
LONG = {"takeback_deferred": 3, "rebilled": 2, "reversed_split": 2, "forward_balance": 2}


def rates(level: str) -> dict[str, int]:
    """Kinds of one level with their rates: claims in ten thousand, files in a thousand.

    Claim kinds come with the long stories first: what is not seen yet is forced in this order, and a small
    world ends soon.
    """
    return {fault.kind: fault.rate for fault in faults() if fault.level == level}


CLAIMS, HELD, COPIES, EXTRAS, BILLS = map(rates, ("claim", "held", "copy", "extra", "bill"))


class Plan:
    """Draws faults. seen counts what was told to the end or still may be, by kind."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self._turn = 0

    def for_claim(self, rng: Random, claim: Claim) -> str:
        """The fault of this claim, or an empty string."""
        self._turn += 1
        point = rng.random() * 10_000
        if self._turn % FORCE_EVERY == 0:
            for kind in CLAIMS:
                if self.seen[kind] < LONG.get(kind, 1) and fits(kind, claim):
                    return self._mark(kind)
        for kind, rate in CLAIMS.items():
            point -= rate
            if point < 0:
                return self._mark(kind) if fits(kind, claim) else ""
        return ""

    def for_remit(self, rng: Random, rates: dict[str, int], possible: Sequence[str]) -> str:
        """The fault of this file, or an empty string; only kinds in `possible` are drawn."""
        point = rng.random() * 1_000
        for kind in possible:
            if not self.seen[kind]:
                return self._mark(kind)
        for kind, rate in rates.items():
            point -= rate
            if point < 0:
                return self._mark(kind) if kind in possible else ""
        return ""

    def lost(self, kind: str) -> None:
        """The fault was planned but its story broke off, so it is still to be shown."""
        if kind:
            self.seen[kind] -= 1

    def _mark(self, kind: str) -> str:
        self.seen[kind] += 1
        return kind


def fits(kind: str, claim: Claim) -> bool:
    """Whether this can happen to this claim and still leave one right answer.

    Claims with two plans stay simple: what a second plan does after a takeback is not settled by any rule.
    """
    if kind in ("interest", "unanswered"):
        return True
    if kind in ("underpaid_percent", "underpaid_old_fee"):
        return claim.form != "D"
    if claim.secondary or claim.form == "D":
        return False
    if kind == "capitated":
        return claim.payer.capitated and claim.form == "P"
    if kind == "downcoded":
        return any(line.code.code in LOWER for line in claim.lines)
    if kind == "over_charge":
        return not claim.payer.sequestration_bp and not claim.payer.withhold_bp
    if kind in ("denied_line", "bundled", "denied_after_payment", "reversed_corrected", "reversed_split",
                "takeback_deferred"):  # fmt: skip
        return len(claim.lines) > 1
    return True
