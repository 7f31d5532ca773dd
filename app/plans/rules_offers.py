"""What to offer who cannot pay at once (I4): terms within the policy, the likeliest to be kept first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.kernel.errors import Refused
from app.kernel.money import ZERO, Money
from app.plans import rules
from app.plans.rules import Line, Terms

TERMS_OFFERED = (3, 6, 9, 12, 18, 24, 30, 36)
CASES_LEAST = 20
"""Ended plans of such a term a clinic must have before their outcome says anything."""


@dataclass(frozen=True)
class Kept:
    """How plans of a term ended at this clinic: how many, and how many of them were paid to the end."""

    ended: int = 0
    completed: int = 0

    @property
    def percent(self) -> int | None:
        """Of a hundred such plans how many were paid to the end; None while too few are known."""
        return self.completed * 100 // self.ended if self.ended >= CASES_LEAST else None


@dataclass(frozen=True)
class Offer:
    """One way to pay. kept: percent of such plans paid to the end here, None while too few are known.

    right: what it takes to make it. sum: what its lines ask for, always the balance.
    """

    count: int
    instalment: Money
    last: Money
    first_due: date
    ends_on: date
    down: Money
    right: str
    disclosures: bool
    kept: int | None
    lines: tuple[Line, ...]


def band(count: int) -> int:
    """The term offered that a plan's term counts towards: the next longer one."""
    return next((term for term in TERMS_OFFERED if count <= term), TERMS_OFFERED[-1])


def offers(
    balance: Money,
    terms: Terms,
    kept: Mapping[int, Kept],
    *,
    made_on: date,
    first: date,
    down: Money = ZERO,
    income: Money | None = None,
) -> list[Offer]:
    """Every term that fits, ranked: by what this clinic's own plans did where enough is known, else shorter
    first.

    A balance too small for two instalments gives the single payment. Nothing fits: an empty list.
    """
    if balance - down <= 0:
        return []
    found = [_offer(balance, count, terms, made_on=made_on, first=first, down=down, income=income)
             for count in _counts(balance - down, terms)]  # fmt: skip
    known = [_ranked(one, kept.get(band(one.count), Kept())) for one in found if one is not None]
    known.sort(key=lambda one: (one.kept is None, -(one.kept or 0), one.count))
    return known


def _counts(balance: Money, terms: Terms) -> Sequence[int]:
    longest = min(int(balance) // max(int(terms.minimum), 1), terms.months_manager)
    counts = {term for term in TERMS_OFFERED if term <= longest}
    # What comes next below the least instalment is often all somebody can pay.
    return sorted(counts | {longest}) if longest > 1 else [1]


def _offer(
    balance: Money, count: int, terms: Terms, *, made_on: date, first: date, down: Money, income: Money | None
) -> Offer | None:
    lines = rules.schedule(balance, count=count, down=down, first=first, made_on=made_on)
    try:
        rules.checked(lines, terms, made_on=made_on, income=income)
        right = rules.right_for(count, terms)
    except Refused:
        return None
    regular = [line for line in lines if line.number != rules.DOWN]
    disclosed = rules.discloses(lines, terms)
    return Offer(count, regular[0].amount, regular[-1].amount, first, regular[-1].due_on, down, right,
                 disclosed, None, tuple(lines))  # fmt: skip


def _ranked(offer: Offer, kept: Kept) -> Offer:
    return Offer(**{**offer.__dict__, "kept": kept.percent})
