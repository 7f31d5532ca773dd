"""What may go to whom on a day, written down from the text about collection (sections 1-4, 8, 9) in plain
Python: nothing here asks the product but the ledger's entries, and those are added up anew.

A `Truth` is one account as an attentive clerk would follow it with pencil and calendar.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

STAGES = ("stmt_1", "stmt_2", "stmt_3", "final_notice", "pre_collection")
AFTER = {"stmt_1": 0, "stmt_2": 30, "stmt_3": 60, "final_notice": 90, "pre_collection": 90}
"""Section 4: days from day 0."""
APART = {"stmt_2": 28, "stmt_3": 28, "final_notice": 28, "pre_collection": 15}
"""Days from the step before; workflows section 5: statements 28-30 days apart, 15 after the notice."""
LETTERS = {"second_notice": "stmt_3", "final_notice": "final_notice", "pre_collection": "pre_collection"}
SMALLEST = 5_00
PAYER, PATIENT = 1100, 1110
MONEY = frozenset({1000, 1010, 1020, 2000, 2010, 2030, 2040, 2041, 2060, 2070})
BY_CONTRACT = frozenset({4100, 4110, 4150, 1200, 1220})
SLACK = 4
"""A step moved off a Sunday and a holiday behind it comes so many days later."""


@dataclass
class Truth:
    """An account: its step, day 0, the days left to the next step, what stands in the way."""

    name: str
    stage: str = ""
    first: date | None = None
    last: date | None = None
    left: int = 0
    asked: int = 0
    good_part: bool = False
    pushed: bool = False
    stops: set[str] = field(default_factory=set)
    shown: set[int] = field(default_factory=set)
    letters: list[str] = field(default_factory=list)
    cleared: bool = False

    @property
    def following(self) -> str:
        """The step after the one it is on; empty when there is none."""
        place = STAGES.index(self.stage) + 1 if self.stage else 0
        return STAGES[place] if place < len(STAGES) else ""

    def night(self) -> None:
        """A day has passed: the clock of whoever is stopped stands still, a good payment pauses one step."""
        if self.stops:
            return
        self.left -= 1
        if self.good_part and not self.pushed and self.following and self.stage:
            here, there = AFTER[self.stage], AFTER[self.following]
            self.left += (there - here) or 30
            self.pushed = True
        self.good_part = False

    def may(self, stage: str, day: date, visits: Iterable[int]) -> str:
        """Why this account may not be taken this step on a day; empty when it may."""
        if self.stops:
            return f"stopped by {sorted(self.stops)}"
        if day.weekday() == 6:
            return "a Sunday"
        if stage == "stmt_1":
            anew = not self.stage or self.cleared or bool(set(visits) - self.shown)
            return "" if anew else "day 0 twice for the same visits"
        if stage != self.following:
            return f"{stage} after {self.stage or 'nothing'}"
        assert self.first is not None and self.last is not None
        earliest = max(self.first + timedelta(AFTER[stage]), self.last + timedelta(APART[stage]))
        if day < earliest:
            return f"{stage} before {earliest}"
        return f"{stage} with {self.left} days left" if self.left > 0 else ""

    def step(self, stage: str, day: date, asked: int, visits: Iterable[int], *, statement: bool) -> None:
        """It was taken the step."""
        if stage == "stmt_1":
            self.first, self.letters = day, []
        self.stage, self.last, self.cleared, self.pushed, self.good_part = stage, day, False, False, False
        self.shown |= set(visits)
        self.asked = asked if statement else self.asked
        if self.following and self.first is not None:
            due = max(self.first + timedelta(AFTER[self.following]), day + timedelta(APART[self.following]))
            self.left = (due - day).days

    def fell_back(self, day: date) -> None:
        """A plan defaulted: the whole balance is back at the third statement, no sooner than the calendar."""
        if self.stage in ("stmt_1", "stmt_2") and self.first is not None:
            self.stage = "stmt_3"
            self.left = (self.first + timedelta(AFTER["final_notice"]) - day).days

    def paid(self, cents: int) -> None:
        """Money came: a quarter of the last statement pauses one step."""
        if self.asked and cents * 4 >= self.asked:
            self.good_part = True

    def bounced(self) -> None:
        """What had paid came back: nothing is cleared, nothing paused."""
        if self.pushed:
            self.left -= (AFTER[self.following] - AFTER[self.stage]) or 30
        self.cleared = self.good_part = self.pushed = False

    def sure(self, due: int, kinds: Iterable[str]) -> bool:
        """Must a run that sends these steps send it one today, whatever a Sunday moved?"""
        ready = not self.stage or self.left <= -SLACK
        return bool(not self.stops and due >= SMALLEST and ready and self.following in set(kinds))


def figures(entries: Iterable[Any]) -> dict[str, int]:
    """RPAT-11 of one visit, from its ledger entries."""
    found = dict.fromkeys(
        ("charges", "insurance_paid", "insurance_adjusted", "patient_paid", "patient_adjusted", "refunded",
         "balance", "patient"), 0,
    )  # fmt: skip
    for one in entries:
        for side, other, sign in ((one.debit, one.credit, 1), (one.credit, one.debit, -1)):
            if side not in (PAYER, PATIENT):
                continue
            cents = sign * int(one.amount)
            found["balance"] += cents
            found["patient"] += cents if side == PATIENT else 0
            if other in (PAYER, PATIENT):
                continue
            if other == 4000:
                found["charges"] += cents
            elif other in (2020, 2050):
                found["refunded"] += cents
            elif other in MONEY:
                found["patient_paid" if side == PATIENT else "insurance_paid"] -= cents
            elif other in BY_CONTRACT or side == PAYER:
                found["insurance_adjusted"] -= cents
            else:
                found["patient_adjusted"] -= cents
    return found


def line_differs(line: Any, truth: Mapping[str, int]) -> list[str]:
    """Which figures of a statement's line are not the ledger's, and whether the line adds up."""
    wrong = [name for name in truth if name != "patient" and int(getattr(line, name)) != truth[name]]
    down = line.insurance_paid + line.insurance_adjusted + line.patient_paid + line.patient_adjusted
    if line.charges - down + line.refunded != line.balance:
        wrong.append("RPAT-11")
    return wrong
