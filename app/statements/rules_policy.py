"""A dunning policy as values, and the one that is shipped (patient-collections section 4). Pure."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from app.kernel.money import Money
from app.statements.lifecycle import ADVANCE, Stage

DATA = Path(__file__).parent / "data"
STANDARD = "standard"
CYCLE_DAYS, DUE_DAYS = 25, 30
"""Between two statements with nothing new (RPAT-14), and from a statement to the day it is due."""
LETTERS = ("", "second_notice", "final_notice", "pre_collection")
MESSAGES = ("", "first", "reminder", "past_due", "final", "pre_collection")
ORDER = (
    Stage.NOT_DUE, Stage.ELIGIBLE, Stage.STMT_1, Stage.STMT_2, Stage.STMT_3, Stage.FINAL_NOTICE,
    Stage.PRE_COLLECTION, Stage.PLACEMENT_REVIEW, Stage.PLACED, Stage.RETURNED, Stage.BAD_DEBT,
)  # fmt: skip
RANK = {stage.value: place for place, stage in enumerate(ORDER)}
LEVELS_MOST, DAYS_MOST = 5, 720
NAME = re.compile(r"[a-z][a-z0-9_ -]{0,59}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Step:
    """One level: into `stage`, `after_days` from the first statement and `wait_days` from the step before.

    minimum: cents below which the step is not taken. letter: name of a template, empty for none.
    """

    number: int
    stage: str
    after_days: int
    wait_days: int
    minimum: int
    statement: bool
    letter: str
    review: bool
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A policy: id of its row (0: not kept), smallest balance in cents, days, and its steps in order."""

    id: int
    name: str
    minimum: int
    cycle_days: int
    due_days: int
    households: bool
    steps: tuple[Step, ...]
    _after: Mapping[str, Step | None] = field(init=False, repr=False, compare=False)
    _at: Mapping[str, Step] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Asked for each of a million accounts, and there are but eleven stages.
        found = {stage: next((one for one in self.steps if RANK.get(one.stage, 0) > here), None)
                 for stage, here in RANK.items()}  # fmt: skip
        object.__setattr__(self, "_after", found)
        object.__setattr__(self, "_at", {one.stage: one for one in reversed(self.steps)})

    def after(self, stage: str) -> Step | None:
        """The step that follows a stage; None when there is none."""
        return self._after[stage]

    def at(self, stage: str) -> Step | None:
        """The step that led into a stage."""
        return self._at.get(stage)


@lru_cache(maxsize=1)
def shipped() -> tuple[Step, ...]:
    """The steps of data/policy.csv."""
    with (DATA / "policy.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(_step(row) for row in csv.DictReader(lines) if row["policy"] == STANDARD)


def _step(row: Mapping[str, str]) -> Step:
    return Step(
        number=int(row["number"]),
        stage=Stage(row["stage"]).value,
        after_days=int(row["after_days"]),
        wait_days=int(row["wait_days"]),
        minimum=int(Money.parse(row["minimum"])),
        statement=row["statement"] == "yes",
        letter=row["letter"],
        review=row["review"] == "yes",
        message=row["message"],
    )


def standard(minimum: int) -> Plan:
    """The shipped policy, not kept yet."""
    return Plan(0, STANDARD, minimum, CYCLE_DAYS, DUE_DAYS, True, shipped())


def problems(steps: Sequence[Step]) -> list[str]:
    """What is wrong with the steps of a draft, in words; empty when they may be approved."""
    found = []
    if not steps or len(steps) > LEVELS_MOST:
        found.append(f"A policy has 1 to {LEVELS_MOST} steps.")
    if [one.number for one in steps] != list(range(1, len(steps) + 1)):
        found.append("The steps are numbered 1, 2, 3 without a gap.")
    stages = [RANK[one.stage] for one in steps if one.stage in ADVANCE]
    if len(stages) != len(steps):
        found.append("A step leads into a stage a document is sent for.")
    elif stages != list(range(RANK[Stage.STMT_1], RANK[Stage.STMT_1] + len(stages))):
        found.append("The steps go forward, from the first statement on, and leave no stage out.")
    if any(one.after_days < last.after_days for last, one in pairwise(steps)):
        found.append("No step comes on an earlier day than the one before.")
    for one in steps:
        found += _wrong(one)
    return found


def _wrong(one: Step) -> list[str]:
    found = []
    if one.letter not in LETTERS or one.message not in MESSAGES:
        found.append(f"Step {one.number}: there is no such letter or message.")
    if not one.statement and not one.letter:
        found.append(f"Step {one.number} sends nothing.")
    if not 0 <= one.after_days <= DAYS_MOST or not 0 <= one.wait_days <= DAYS_MOST:
        found.append(f"Step {one.number}: days are 0 to {DAYS_MOST}.")
    if one.number == 1 and (not one.statement or one.after_days):
        found.append("The first step is a statement on day 0.")
    if one.stage in (Stage.FINAL_NOTICE, Stage.PRE_COLLECTION) and not one.review:
        found.append(f"Step {one.number}: a person releases final notices and what follows them.")
    return found


def as_facts(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The steps as lists and the API show them."""
    return [
        {name: getattr(one, name) for name in Step.__slots__} | {"minimum": Money(one.minimum)}
        for one in steps
    ]
