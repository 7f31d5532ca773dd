"""How pressing a case is, with its reasons, and the chance that working it pays. Pure (denials section 5,
N4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.codes.rules import UNMAPPED
from app.denials.rules import taxonomy
from app.kernel.money import Money

COST_CENTS = {"low": 800, "medium": 2_500, "high": 12_000}
"""What working a case costs us, by effort (denials section 5)."""
EASE = {"low": Decimal("1"), "medium": Decimal("0.6"), "high": Decimal("0.3")}
URGENCY = (
    (3, Decimal("1")),
    (7, Decimal("0.8")),
    (14, Decimal("0.6")),
    (30, Decimal("0.4")),
    (60, Decimal("0.2")),
)
LEISURE = Decimal("0.1")
ENOUGH_CASES, DRAW_CASES = 200, 50
"""Closed cases before our own history speaks, and the weight of a category's rate in a payer's."""


@dataclass(frozen=True, slots=True)
class Priority:
    """A score of 0 to 100, what working the case should bring after cost, and the factors behind it."""

    score: int
    net: Money
    reasons: tuple[dict[str, Any], ...]

    @property
    def hopeless(self) -> bool:
        """Working it costs more than it brings: closed in bulk after a look (denials section 5)."""
        return self.net < 0


def priority(stake: Money, *, recovery: Decimal, cost: Money, effort: str, days_left: int | None) -> Priority:
    """How pressing a case is (denials section 5), deterministic.

    Days_left below 0 is overdue, None has no clock.
    """
    net = stake.times(recovery) - cost
    value = min(max(Decimal(int(net)) / 100_000, Decimal(0)), Decimal(1))
    urgency = _urgency(days_left)
    parts = {
        "net_value": 50 * value,
        "days_left": 35 * urgency,
        "effort": 15 * EASE[effort],
    }
    facts: dict[str, Any] = {"net_value": str(net), "days_left": days_left, "effort": effort}
    reasons = [
        {"factor": name, "fact": facts[name], "points": str(points.quantize(Decimal("0.1"), ROUND_HALF_UP))}
        for name, points in sorted(parts.items(), key=lambda part: -part[1])
    ]
    reasons.append({"factor": "recovery", "fact": str(recovery), "points": "0.0"})
    reasons.append({"factor": "cost", "fact": str(cost), "points": "0.0"})
    score = int(sum(parts.values(), Decimal(0)).quantize(Decimal(1), ROUND_HALF_UP))
    return Priority(score, net, tuple(reasons))


def _urgency(days_left: int | None) -> Decimal:
    if days_left is None:
        return LEISURE
    if days_left < 0:
        return Decimal(0)
    return next((weight for days, weight in URGENCY if days_left <= days), LEISURE)


def rank(
    stake: Money, category: str, internal_due: date | None, today: date, *, chance: Decimal | None = None
) -> Priority:
    """The priority of a case on a day; `chance` is our own where there is history enough, else the usual."""
    taxon = taxonomy().get(category, taxonomy()[UNMAPPED])
    days_left = (internal_due - today).days if internal_due else None
    cost = Money(COST_CENTS[taxon.effort])
    return priority(
        stake,
        recovery=taxon.recovery if chance is None else chance,
        cost=cost,
        effort=taxon.effort,
        days_left=days_left,
    )


def chance(
    own: Mapping[tuple[str, int | None], Decimal], category: str, payer_id: int | None
) -> Decimal | None:
    """Our own chance for a category of this payer, else of any payer; None: too few closed cases, use the
    usual.
    """
    return own.get((category, payer_id), own.get((category, None)))


def own_chances(
    counts: Mapping[tuple[str, int | None], tuple[int, int]],
) -> dict[tuple[str, int | None], Decimal]:
    """Chances from (closed, paid) counts by category and payer; cells below 200 closed cases say nothing.

    A payer's own rate is drawn towards the category's by 50 cases' weight, so that one lucky month does not
    rank.
    """
    total: dict[str, tuple[int, int]] = {}
    for (category, _), (closed, paid) in counts.items():
        before = total.get(category, (0, 0))
        total[category] = before[0] + closed, before[1] + paid
    found: dict[tuple[str, int | None], Decimal] = {}
    for category, (closed, paid) in total.items():
        if closed >= ENOUGH_CASES:
            found[category, None] = _share(Decimal(paid), Decimal(closed))
    for (category, payer), (closed, paid) in counts.items():
        usual = found.get((category, None))
        if payer is not None and closed >= ENOUGH_CASES and usual is not None:
            found[category, payer] = _share(paid + DRAW_CASES * usual, closed + Decimal(DRAW_CASES))
    return found


def cell(
    counts: Mapping[tuple[str, int | None], tuple[int, int]], category: str, payer_id: int | None
) -> tuple[int, int]:
    """The counts behind a chance: of one payer, or of all payers of the category."""
    if payer_id is not None:
        return counts[category, payer_id]
    mine = [count for (name, _), count in counts.items() if name == category]
    return sum(closed for closed, _ in mine), sum(paid for _, paid in mine)


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP)
