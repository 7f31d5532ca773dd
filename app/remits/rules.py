"""What a remittance means, as values: the batch a posting hands on, and how claims and lines match."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from rapidfuzz import fuzz


class PostedAdjustment(NamedTuple):
    """One CAS triplet as posted: cents as the payer wrote them, positive lowers the payment (R835-20)."""

    address: int
    group: str
    carc: str
    cents: int
    quantity: str | None
    element: int
    byte: int


class PostedLine(NamedTuple):
    """One SVC as posted; money in cents, `claim_line_id` None when no billed line matched."""

    remit_line_id: int
    claim_line_id: int | None
    code: str
    charge: int
    paid: int
    units: str | None
    billed_units: str | None
    allowed: int | None
    adjustments: tuple[PostedAdjustment, ...]
    remarks: tuple[str, ...]


class PostedClaim(NamedTuple):
    """One CLP as posted. `reverses` is the remit claim that a status 22 takes back."""

    remit_claim_id: int
    claim_id: int
    patient_id: int | None
    control: str
    payer_control: str
    status: str
    rank: int
    filing: str
    charge: int
    paid: int
    service_from: date | None
    reverses: int | None
    lines: tuple[PostedLine, ...]
    adjustments: tuple[PostedAdjustment, ...]
    remarks: tuple[str, ...]
    public_id: str = ""
    segment: int = 0
    byte: int = 0


@dataclass(frozen=True, slots=True)
class Posted:
    """Up to 2,000 claims of one remit, just posted; every consequence of a posting gets it once."""

    entity_id: int
    remit_id: int
    transaction_id: int
    payer_id: int | None
    remit_date: date
    effective_date: date
    claims: list[PostedClaim]
    book: Any
    origin: dict[str, Any] = field(default_factory=dict)
    cash: bool = True
    """Did money come with it? An EOB only says that it was paid."""


class Candidate(NamedTuple):
    """A claim that a CLP may speak of."""

    claim_id: int
    patient_id: int
    control: str
    cents: int
    service_from: date | None
    last: str


class Match(NamedTuple):
    """Which claim, how it was found, how sure (100 is certain), and why in words."""

    claim_id: int
    patient_id: int
    how: str
    score: int
    reason: str


def match_claim(
    *,
    cents: int,
    last: str,
    service_from: str | None,
    same_control: Sequence[Candidate],
    same_payer: Sequence[Candidate],
) -> Match | str:
    """B1: by our control number, then by the payer's; or the reason it waits for a person.

    A control number alone is not proof: the charge or the patient's name must agree too, and one claim only.
    """
    for how, found, sure in (("control", same_control, 100), ("payer_control", same_payer, 95)):
        if not found:
            continue
        named = "our control number" if how == "control" else "the payer's claim number"
        by_charge = [one for one in found if one.cents == abs(cents)]
        by_name = [one for one in found if one.last and one.last == last.upper()]
        for agreeing, words in ((by_charge, "charge"), (by_name, "patient")):
            picked = _one(agreeing, last, service_from)
            if picked is not None:
                return Match(picked.claim_id, picked.patient_id, how, sure, f"{named} and {words} agree")
        if by_charge:
            return "match.ambiguous"
        return "match.conflict"
    return "match.none"


def match_given(claim_id: int, same_control: Sequence[Candidate]) -> Match | str:
    """The claim we gave this control number to, once; nothing else has to agree. What comes before the file
    that carried it was taken in waits for it: it speaks of lines the books do not know yet.
    """
    for one in same_control:
        if one.claim_id == claim_id:
            return Match(one.claim_id, one.patient_id, "control", 100, "the control number we gave it")
    return "match.none"


def _one(found: Sequence[Candidate], last: str, service_from: str | None) -> Candidate | None:
    claims = {one.claim_id: one for one in found}
    if len(claims) <= 1:
        return next(iter(claims.values()), None)
    narrowed = [
        one for one in claims.values() if one.service_from and one.service_from.isoformat() == service_from
    ]
    if len(narrowed) > 1:
        narrowed = [one for one in narrowed if one.last == last.upper()]
    return narrowed[0] if len(narrowed) == 1 else None


class BilledLine(NamedTuple):
    """A billed line a remit line may speak of."""

    id: int
    number: int
    control: str
    code: str
    modifiers: str
    revenue: str
    cents: int
    service_from: str | None


def line_by_control(control: str, lines: Sequence[BilledLine]) -> int | None:
    """The one billed line that carries this REF*6R."""
    named = [line.id for line in lines if line.control == control]
    return named[0] if len(named) == 1 else None


def match_line(
    *,
    control: str,
    codes: Sequence[str],
    modifiers: str,
    revenue: str,
    cents: int,
    day: str | None,
    lines: Sequence[BilledLine],
) -> tuple[int | None, str | None]:
    """B2: REF*6R, then code, modifiers, day and charge, then revenue code, then code and charge."""
    if control and (named := line_by_control(control, lines)) is not None:
        return named, "control"
    amount = abs(cents)
    same = [line for line in lines if line.code in codes and line.cents == amount]
    exact = [
        line for line in same if line.modifiers == modifiers and (day is None or line.service_from == day)
    ]
    if len(exact) == 1:
        return exact[0].id, "code"
    by_revenue = [
        line
        for line in lines
        if revenue and line.revenue == revenue and line.cents == amount and day == line.service_from
    ]
    if len(by_revenue) == 1:
        return by_revenue[0].id, "revenue"
    if len(same) == 1:
        return same[0].id, "charge"
    return None, None


_RANKS = {"2": 2, "20": 2, "3": 3, "21": 3}


def rank_of(status: str) -> int:
    """The payer's place that CLP02 states: 1 primary, 2 secondary, 3 tertiary; 1 for what says nothing."""
    return _RANKS.get(status, 1)


PROCESSED = frozenset({"1", "2", "3", "4", "19", "20", "21", "22", "23"})
CROSSED_OVER = frozenset({"19", "20", "21"})
REVERSAL, FORWARDED, PREDETERMINATION = "22", "23", "25"


def same_negated(
    posted: Mapping[tuple[str, str], int], reversal: Mapping[tuple[str, str], int], paid: int, taken: int
) -> bool:
    """Does a reversal negate exactly what was posted: payment and every (group, CARC) total (R835-32)?"""
    ours = {key: cents for key, cents in posted.items() if cents}
    theirs = {key: -cents for key, cents in reversal.items() if cents}
    return ours == theirs and paid == -taken


def score_suggestion(
    *, cents: int, last: str, first: str, service_from: str | None, other: tuple[int, str, str, date | None]
) -> tuple[int, list[str]]:
    """How alike a parked CLP and a claim are, 0 to 100, with the reasons; a score never posts by itself."""
    charge, other_last, other_first, other_day = other
    reasons, score = [], 0
    if charge == abs(cents):
        score += 40
        reasons.append("same charge")
    name = fuzz.ratio(f"{last} {first}".upper(), f"{other_last} {other_first}".upper())
    if name >= 85:
        score += 35 if name == 100 else 25
        reasons.append("same patient name" if name == 100 else "patient name alike")
    if other_day is not None and other_day.isoformat() == service_from:
        score += 25
        reasons.append("same day of service")
    return score, reasons
