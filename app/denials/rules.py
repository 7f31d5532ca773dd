"""What a refusal means and what it is worth: readings, amounts at stake, deadlines, priority. Pure.

One adjustment at a time; what a batch of remits does to the cases of its claims is in `cases`.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.codes.rules import UNMAPPED, CodeBook, Rarc
from app.kernel.money import Money
from app.payers.rules import Clock, Deadline, Terms, due

DATA = Path(__file__).parent / "data"
ZERO_ALLOWED = "contractual_zero_allowed"
DUPLICATES = frozenset({"18", "B13"})
PLAIN_SHARE = frozenset({"1", "2", "3"})
"""Deductible, coinsurance, copay: in group PR never a denial."""

READ_BY_RARC = frozenset({"16", "96", "A1", "129", "226", "227", "234", "250", "251", "252"})
"""Reasons that say little; their remark decides the category (RDEN-03)."""
AUTHORIZATION_RARCS = frozenset({"M62", "N54"})
NEW_CLAIM_RARCS = frozenset({"MA130", "N142", "N517"})
"""The claim never counted as adjudicated: a new claim goes out, frequency 1 (rebill section 3)."""
HOLD_PATIENT = frozenset({"22", "26", "27", "31", "96", "119", "197", "204", "242", "243"})
"""PR denials whose patient billing waits for a review (RDEN-08)."""
CLAIM_ACTIONS = frozenset({"correct_rebill", "new_claim"})
APPEAL_ACTIONS = frozenset({"appeal", "clinical_appeal", "retro_auth", "timely_proof", "contract_review"})

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
FULLY = Decimal("0.98")
"""Paid to this share of what was expected, a denial counts as overturned in full (RDEN-06)."""


# ---------------------------------------------------------------- tables


@dataclass(frozen=True, slots=True)
class Taxon:
    """What a category usually takes; `recovery` is the default chance that work on it pays."""

    category: str
    stage: str
    hardness: str
    preventable: str
    recovery: Decimal
    effort: str


@dataclass(frozen=True, slots=True)
class Play:
    """One row of the playbook: an empty condition fits anything, an empty answer leaves it to a less specific row."""

    payer: str
    group: str
    carc: str
    rarc: str
    when_category: str
    category: str
    root_cause: str
    next_action: str
    days: str
    evidence: str
    letter: str
    hardness: str

    @property
    def weight(self) -> int:
        """How specific: remark before reason before payer before group before category."""
        marks = (self.rarc, self.carc, self.payer, self.group, self.when_category)
        return sum(bool(mark) << (4 - at) for at, mark in enumerate(marks))


@lru_cache(maxsize=1)
def taxonomy() -> dict[str, Taxon]:
    """The categories that open a case."""
    return {
        row["category"]: Taxon(
            row["category"],
            row["stage"],
            row["hardness"],
            row["preventable"],
            Decimal(row["recovery"]),
            row["effort"],
        )
        for row in _rows("taxonomy.csv")
    }


@lru_cache(maxsize=1)
def playbook() -> tuple[Play, ...]:
    """Every row, most specific first; among equals the first in the file."""
    plays = [Play(**{name: row[name] for name in Play.__dataclass_fields__}) for row in _rows("playbook.csv")]
    return tuple(sorted(plays, key=lambda play: -play.weight))


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


# ---------------------------------------------------------------- one adjustment


@dataclass(frozen=True, slots=True)
class Reading:
    """What one adjustment asks of us. `appealable` is yes, conditional, no or blocked; `days` 0: the payer's own."""

    category: str
    carc: str
    rarc: str | None
    root_cause: str
    next_action: str
    days: int
    evidence: str
    letter: str
    stage: str
    hardness: str
    preventable: str
    appealable: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """One adjustment as the payer wrote it. `whole`: it takes the whole charge of a line that was paid nothing."""

    group: str
    carc: str
    remarks: tuple[str, ...]
    whole: bool


class Reader:
    """Reads adjustments of one remit; the same refusal is judged once."""

    def __init__(self, book: CodeBook, payer_class: str, filing: str):
        self._book = book
        self._payer = frozenset((payer_class, filing))
        self._read: dict[Refusal, Reading | None] = {}

    def read(self, refusal: Refusal) -> Reading | None:
        """The reading, or None when the adjustment opens no case."""
        if refusal not in self._read:
            self._read[refusal] = _reading(self._book, self._payer, refusal)
        return self._read[refusal]


def _reading(book: CodeBook, payer: frozenset[str], refusal: Refusal) -> Reading | None:
    carc = book.carc(refusal.carc)
    zero_allowed = carc.reads_as == "45" and refusal.whole and refusal.group != "PR"
    if refusal.group == "PR" and carc.reads_as in PLAIN_SHARE:
        return None
    if not zero_allowed and not carc.opens_denial:
        return None
    rarcs = [book.rarc(code) for code in refusal.remarks]
    category, lead = _category(carc.category, carc.reads_as, rarcs)
    plays = [play for play in playbook() if _fits(play, payer, refusal.group, carc.reads_as, refusal.remarks)]
    category = _first(plays, "category") or category
    plays = [play for play in plays if play.when_category in ("", category)]
    taxon = taxonomy().get(category, taxonomy()[UNMAPPED])
    next_action = _first(plays, "next_action") or (lead.next_action if lead else "") or carc.next_action
    if NEW_CLAIM_RARCS & set(refusal.remarks):
        next_action = "new_claim"
    return Reading(
        category=taxon.category,
        carc=refusal.carc,
        rarc=lead.code if lead else next((one.code for one in rarcs if not one.is_alert), None),
        root_cause=_first(plays, "root_cause") or taxon.category,
        next_action=next_action,
        days=int(_first(plays, "days") or 0),
        evidence=_first(plays, "evidence"),
        letter=_first(plays, "letter"),
        stage=taxon.stage,
        hardness=_first(plays, "hardness") or taxon.hardness,
        preventable=carc.preventable if carc.known and not zero_allowed else taxon.preventable,
        appealable=_appealable("conditional" if zero_allowed else carc.appealable, rarcs),
    )


def _category(category: str, reads_as: str, rarcs: Sequence[Rarc]) -> tuple[str, Rarc | None]:
    """The category after its remarks (RDEN-03), and the remark that decided. An alert never decides."""
    telling = [one for one in rarcs if not one.is_alert and one.known]
    for one in telling:
        if one.code in AUTHORIZATION_RARCS:
            return "authorization", one
    if reads_as not in READ_BY_RARC and category != UNMAPPED:
        return category, None
    # "Unprocessable" says how to answer; a remark that names the missing thing says what it is about.
    for one in sorted(telling, key=lambda rarc: rarc.code in NEW_CLAIM_RARCS):
        if one.category in taxonomy():
            return one.category, one
    return category, None


def _fits(play: Play, payer: frozenset[str], group: str, carc: str, remarks: Sequence[str]) -> bool:
    return (
        (not play.payer or play.payer in payer)
        and (not play.group or play.group == group)
        and (not play.carc or play.carc == carc)
        and (not play.rarc or play.rarc in remarks)
    )


def _first(plays: Sequence[Play], name: str) -> str:
    return next((str(value) for play in plays if (value := getattr(play, name))), "")


def _appealable(usual: str, rarcs: Sequence[Rarc]) -> str:
    effects = {one.appeal_effect for one in rarcs}
    if "no_rights" in effects:
        return "blocked"
    if "rights_given" in effects and usual != "yes":
        return "conditional"
    return usual


def holds_patient(group: str, carc: str, *, review: bool) -> bool:
    """Must patient billing wait for a review? Only PR-group denials of RDEN-08, and only under the payer's flag."""
    return review and group == "PR" and carc in HOLD_PATIENT


# ---------------------------------------------------------------- money at stake


def at_stake(charge: Money, denied: Money, share: Money, paid: Money, ratio: Decimal) -> Money:
    """What a refused line should bring, in cents (RDEN-02): the usual share of its charge less the patient's
    part.

    share: PR of the line that is the patient's own (deductible, coinsurance, copay); paid: what came anyway.
    A line that was paid in part has only its denied cents at stake, at the same ratio. Never below zero nor
    above `denied`.
    """
    expected = charge.times(ratio) - share if paid <= 0 else denied.times(ratio)
    return Money(max(0, min(int(expected), int(denied))))


# ---------------------------------------------------------------- deadlines


def deadline(
    reading: Reading, terms: Terms, *, level: int, remit_date: date, service_from: date | None
) -> tuple[Deadline | None, int]:
    """The nearest clock a person must beat, with its proof, and the appeal level it opens (0: no appeal).

    An appeal clock runs whenever an appeal is possible, whatever we do first: a resubmission never restarts
    it (RDEN-23). The filing clock runs when a claim goes out again. The nearest internal day wins.
    """
    found: list[Deadline] = []
    clock = terms.level(level) if reading.appealable != "blocked" and reading.appealable != "no" else None
    if clock is not None:
        if reading.days:
            clock = Clock(rule="playbook", basis=clock.basis, days=reading.days, level=clock.level)
        # The 835 is the notice of an initial determination, so its date stands for the notice (RDEN-22).
        found.append(due(clock, "remit_date", remit_date, margin_days=terms.margin_mailed_days))
    if reading.next_action in CLAIM_ACTIONS or clock is None:
        filing = terms.filing("corrected")
        known = filing.basis == "service_date" and service_from is not None
        start, event = (service_from, "service_date") if known else (remit_date, "remit_date")
        found.append(due(filing, event, start or remit_date, margin_days=terms.margin_portal_days))
    nearest = min(found, key=lambda one: (one.internal_due, one.rule), default=None)
    return nearest, clock.level if clock is not None else 0


# ---------------------------------------------------------------- priority


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
    """How pressing a case is (denials section 5), deterministic; days_left below 0 is overdue, None has no clock."""
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
    stake: Money,
    category: str,
    internal_due: date | None,
    today: date,
    recovery: Mapping[str, Decimal] | None = None,
) -> Priority:
    """The priority of a case on a day; `recovery` holds our own history by category where there is enough of it."""
    taxon = taxonomy().get(category, taxonomy()[UNMAPPED])
    chance = (recovery or {}).get(category, taxon.recovery)
    days_left = (internal_due - today).days if internal_due else None
    cost = Money(COST_CENTS[taxon.effort])
    return priority(stake, recovery=chance, cost=cost, effort=taxon.effort, days_left=days_left)


def overturned(recovered: Money, expected: Money) -> str:
    """How a payment ends a case (RDEN-06)."""
    full = recovered >= expected.times(FULLY)
    return "overturned_full" if full else "overturned_partial"
