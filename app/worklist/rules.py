"""How work is ordered. Pure."""

from datetime import date

NEVER = date(9999, 12, 31)
AMOUNT_BITS, DAY_BITS = 28, 22


def rank(score: int, due: date | None, amount: int) -> int:
    """One number that sorts work, larger first: the score, then the earlier due day, then the larger amount.

    amount: whole cents; compared in dollars, below zero counts as nothing.
    """
    day = NEVER.toordinal() - (due or NEVER).toordinal()
    dollars = min(max(amount, 0) // 100, (1 << AMOUNT_BITS) - 1)
    return (max(score, 0) << DAY_BITS | day) << AMOUNT_BITS | dollars
