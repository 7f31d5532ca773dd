"""What goes wrong in the example world, how often, and to which claims and remits it can happen.

A kind not seen yet comes first whenever it fits, so that even a small world shows every kind at least once.
"""

from collections import Counter
from collections.abc import Sequence
from random import Random

from app.world.claims import Claim
from app.world.deciding import LOWER

# Claims in ten thousand. The rest are paid as the schedule says, with deductible, coinsurance and copay.
CLAIMS = {
    # The long stories first: what is not yet seen is forced in this order, and a small world ends soon.
    "takeback_deferred": 40, "rebilled": 40, "reversed_split": 40, "forward_balance": 12,
    "reversed_corrected": 70, "denied_after_payment": 40, "reversed_only": 30, "same_adjudication": 25,
    "denied_line": 480, "denied_claim": 230, "denied_patient": 110, "denied_unknown_member": 30,
    "denied_partial": 120, "underpaid_percent": 180, "underpaid_old_fee": 140, "downcoded": 60, "bundled": 60,
    "interest": 60, "capitated": 120, "zero_pay": 20, "over_charge": 20, "claim_deductible": 40,
    "estimate": 15, "forwarded": 12, "unmatched": 25, "line_unbalanced": 20, "claim_unbalanced": 20,
    "three_decimals": 8, "unknown_status": 8, "patient_share_differs": 15,
    "reversal_without_original": 15, "unanswered": 250,
}  # fmt: skip
# Remits in a thousand.
REMITS = {
    "same_file": 15, "redressed": 15, "redelimited": 10, "same_trace": 10, "transaction_unbalanced": 12,
    "unknown_payee": 10, "cut_file": 8, "cut_then_complete": 10, "test_file": 8,
}  # fmt: skip
EXTRAS = {
    "refund_acknowledged": 20, "takeback_unknown": 20, "withhold_released": 15, "bonus": 15,
    "tax_withheld": 8, "adjusted_by_hand": 10, "capitation_paid": 20,
}  # fmt: skip
BILLS = {"same_bill": 15}
HELD = ("transaction_unbalanced", "unknown_payee", "cut_file")
FORCE_EVERY = 3


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
                if not self.seen[kind] and fits(kind, claim):
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
