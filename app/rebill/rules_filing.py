"""By when a claim must be with its payer (x12-837-rebill section 6): each day with rule and start. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from app.payers.rules import Clock, Terms, due
from app.rebill.lifecycle import Kind, Proof

DELAY_REASONS = {
    "1": "Proof of eligibility unknown or unavailable",
    "2": "Litigation",
    "3": "Authorization delays",
    "4": "Delay in certifying provider",
    "5": "Delay in supplying billing forms",
    "6": "Delay in delivery of custom-made appliances",
    "7": "Third party processing delay",
    "8": "Delay in eligibility determination",
    "9": "Original claim rejected or denied for a reason unrelated to the billing limitation",
    "10": "Administration delay in the prior approval process",
    "11": "Other",
    "15": "Natural disaster",
}
"""CLM20; sent only outside the filing limit."""

ACCEPTED_PROOF = frozenset({Proof.PAYER_ACCEPTED, Proof.SYNTAX_ACCEPTED, Proof.PRIOR_REMIT})


@dataclass(frozen=True, slots=True)
class Filing:
    """The last day to send a claim, and how it was counted. start: day 0, `event` what happened on it."""

    last: date
    rule: str
    event: str
    start: date
    days: int

    def left(self, today: date) -> int:
        """Days still there: 0 on the last day, below zero when it has passed."""
        return (self.last - today).days

    def proof(self) -> dict[str, Any]:
        """The limit as plain values, kept with the claim."""
        return {
            "rule": self.rule,
            "event": self.event,
            "start": self.start.isoformat(),
            "days": self.days,
            "last": self.last.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Days:
    """The days a filing limit may start from.

    service_from, service_to: of the claim; answered_on: of the remit that asks for the correction;
    primary_on: of the remit of the payer before.
    """

    form: str
    service_from: date | None
    service_to: date | None
    answered_on: date | None
    primary_on: date | None

    @property
    def service(self) -> date | None:
        """Day 0 of a limit from the service: the through-date of an institutional claim."""
        return (self.service_to or self.service_from) if self.form == "I" else self.service_from


def filing(kind: Kind, days: Days, terms: Terms) -> Filing | None:
    """The limit that holds for a submission; None when nothing limits it or no day is known.

    A void gives money back and is never too late. A rejection stops no clock: a claim that never entered
    adjudication is an initial claim still. A secondary claim has its days from the primary's remit, and never
    less than the initial limit.
    """
    if kind is Kind.VOID:
        return None
    initial = _counted(terms.filing("initial"), days, None)
    if kind is Kind.NEW:
        return initial
    if kind is Kind.SECONDARY:
        after = _counted(terms.filing("secondary"), days, days.primary_on)
        found = [one for one in (after, initial) if one is not None]
        return max(found, key=lambda one: (one.last, one.rule), default=None)
    return _counted(terms.filing("corrected"), days, days.answered_on) or initial


def _counted(clock: Clock, days: Days, remit: date | None) -> Filing | None:
    on_service = clock.basis == "service_date"
    start = days.service if on_service else remit
    if start is None:
        start, on_service = (remit, False) if on_service else (days.service, True)
    if start is None:
        return None
    event = "service_date" if on_service else "remit_date"
    counted = due(clock, event, start, margin_days=0)
    return Filing(counted.legal_due, clock.rule, event, start, clock.days)


class Shown(NamedTuple):
    """A proof of filing: its kind, its day, and the payer whose acceptance it shows; None: not known."""

    kind: str
    day: date
    payer_id: int | None


def excused(delay_reason: str, proofs: Collection[Shown], last: date, payer_id: int | None) -> str:
    """Why a claim may go out after its last day, in words; empty when nothing excuses it.

    proofs: what shows that it was filed before. One payer's acceptance shows nothing to another, and a
    rejection is never among them (R837-31). payer_id: of the payer the claim goes to.
    """
    if delay_reason in DELAY_REASONS:
        return f"delay reason {delay_reason}: {DELAY_REASONS[delay_reason].lower()}"
    mine = [one for one in proofs if payer_id is not None and one.payer_id == payer_id]
    shown = [one.day for one in mine if one.kind in ACCEPTED_PROOF and one.day <= last]
    return f"filed in time, proof of {said(min(shown))}" if shown else ""


def said(day: date) -> str:
    """A day in words, as notices write it: Jan 16, 2026."""
    return f"{day:%b} {day.day}, {day.year}"
