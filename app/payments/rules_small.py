"""Which small balances may be written off (patient-collections section 10). Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

MEDICARE = frozenset({"medicare", "medicare_advantage"})


@dataclass(frozen=True)
class SmallFacts:
    """A visit with little left. first_sent: the day of the account's first statement, None when none went.

    most: cents; days: after that statement; medicare: Medicare's cost share too (rows of law).
    """

    due: int
    payer_class: str
    first_sent: date | None
    held: bool


def why_not(facts: SmallFacts, *, most: int, days: int, medicare: bool, today: date) -> str:
    """Why a balance is not written off, in a word; empty: it may be proposed."""
    if not 0 < facts.due <= most:
        return "amount"
    if facts.held:
        return "held"
    if facts.payer_class in MEDICARE and not medicare:
        return "medicare_cost_share"
    if facts.first_sent is None or facts.first_sent + timedelta(days) > today:
        return "too_early"
    return ""
