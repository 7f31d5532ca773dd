"""By when a refused claim must be answered: every clock that runs for a case, each with its proof. Pure."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Protocol

from app.denials.rules import APPEALABLE, CLAIM_ACTIONS
from app.payers.rules import Clock, Deadline, Terms, due


class Asked(Protocol):
    """What decides which clocks run: a reading, or a case as it stands."""

    @property
    def appealable(self) -> str: ...

    @property
    def next_action(self) -> str: ...

    @property
    def days(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks that run for a case: the nearest a person must beat, and the last day of each.

    level: the appeal level the appeal clock opens, 0 without one. file_by: the last day to send the claim
    again, whether or not that is the next action.
    """

    nearest: Deadline | None
    level: int
    appeal_by: date | None
    file_by: date


_due = lru_cache(maxsize=8_192)(due)
"""A remit refuses many claims under one rule on one day: their proof is worked out once."""


def clocks(
    reading: Asked, terms: Terms, *, level: int, remit_date: date, service_from: date | None
) -> Clocks:
    """Every clock of a case, each with its proof.

    An appeal clock runs whenever an appeal is possible, whatever we do first: a resubmission never restarts
    it (RDEN-23). The filing clock is beaten when a claim goes out again. The nearest internal day wins.
    """
    appeal: Deadline | None = None
    clock = terms.level(level) if reading.appealable in APPEALABLE else None
    if clock is not None:
        if reading.days:
            clock = Clock(rule="playbook", basis=clock.basis, days=reading.days, level=clock.level)
        # The 835 is the notice of an initial determination, so its date stands for the notice (RDEN-22).
        appeal = _due(clock, "remit_date", remit_date, margin_days=terms.margin_mailed_days)
    filing = terms.filing("corrected")
    known = filing.basis == "service_date" and service_from is not None
    start, event = (service_from, "service_date") if known else (remit_date, "remit_date")
    again = _due(filing, event, start or remit_date, margin_days=terms.margin_portal_days)
    found = [
        one for one in (appeal, again if reading.next_action in CLAIM_ACTIONS or not appeal else None) if one
    ]
    nearest = min(found, key=lambda one: (one.internal_due, one.rule), default=None)
    return Clocks(
        nearest,
        clock.level if clock is not None else 0,
        appeal.legal_due if appeal else None,
        again.legal_due,
    )
