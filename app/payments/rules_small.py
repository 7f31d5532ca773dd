"""Which small balances may be written off (patient-collections section 10). Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

MEDICARE = frozenset({"medicare", "medicare_advantage"})


@dataclass(frozen=True)
class SmallFacts:
    """A visit with little left, in cents. payer_classes: all its payers: what a supplement left of Medicare's
    cost share is Medicare's still. first_sent: the day of the account's first statement, None when none went;
    since: the day the visit came due, which may be later.

    most: cents; days: after that statement; medicare: Medicare's cost share too (rows of law).
    """

    due: int
    payer_classes: tuple[str, ...]
    first_sent: date | None
    held: bool
    since: date | None = None


def why_not(facts: SmallFacts, *, most: int, days: int, medicare: bool, today: date) -> str:
    """Why a balance is not written off, in a word; empty: it may be proposed."""
    wait = timedelta(days)
    if not 0 < facts.due <= most:
        return "amount"
    if facts.held:
        return "held"
    if MEDICARE & set(facts.payer_classes) and not medicare:
        return "medicare_cost_share"
    if facts.first_sent is None or max(facts.first_sent, facts.since or facts.first_sent) + wait > today:
        return "too_early"
    return ""
