"""New fee rows over known ones: same, new, correcting, or overlapping within one file. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.contracts.rules_import import NOTE, FeeFact, RowFinding, shown_amount

SAMPLES = 20


@dataclass(slots=True)
class Known:
    """A row that stands: already kept (`id`), or made by this import (`id` None).

    `fact` holds what it says; `schedule` the version it belongs to, 0 for the one being made.
    """

    fact: FeeFact
    start: date
    end: date | None
    id: int | None = None
    schedule: int = 0
    ours: bool = False

    def overlaps(self, start: date, end: date | None) -> bool:
        """Do its days and these meet?"""
        return (end is None or self.start < end) and (self.end is None or start < self.end)


@dataclass(slots=True)
class Merge:
    """What a chunk of rows does to the rows that stand."""

    standing: dict[tuple[str, str, str], list[Known]]
    retired: list[int] = field(default_factory=list)
    made: list[Known] = field(default_factory=list)
    findings: list[RowFinding] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0

    def take_all(self, facts: Iterable[FeeFact]) -> None:
        """Each row in the order of the file."""
        for fact in facts:
            self.take(fact)

    def take(self, fact: FeeFact) -> None:
        """One row: the same facts are counted once, other facts of an earlier file are corrected, and two
        rows of one file may not speak of the same day.
        """
        standing = self.standing.setdefault(fact.place, [])
        twin = [
            one
            for one in standing
            if (one.start, one.end, one.fact.says) == (fact.start, fact.end, fact.says)
        ]
        if twin:
            self.same += 1
            if twin[0].ours:
                said = f"The same facts as row {twin[0].fact.row}: counted once."
                self.findings.append(RowFinding(fact.row, "code", "twice", said, NOTE))
            return
        meeting = [one for one in standing if one.overlaps(fact.start, fact.end)]
        own = [one for one in meeting if one.ours]
        if own:
            self.bad += 1
            said = f"Its days overlap row {own[0].fact.row}, which says {shown_amount(own[0].fact.cents)}."
            self.findings.append(RowFinding(fact.row, "effective_from", "overlap", said))
            return
        for old in meeting:
            self._clip(old, fact, standing)
        standing.append(made := Known(fact, fact.start, fact.end, ours=True))
        self.made.append(made)
        if meeting:
            self.changed += 1
            self._sample(meeting[0], fact)
        else:
            self.added += 1

    def _clip(self, old: Known, fact: FeeFact, standing: list[Known]) -> None:
        """What is left of an earlier row before and after the new one stays in force as it was."""
        standing.remove(old)
        if old.id is not None:
            self.retired.append(old.id)
        else:
            self.made.remove(old)
        rest: list[tuple[date, date | None]] = []
        if old.start < fact.start:
            rest.append((old.start, fact.start))
        if fact.end is not None and (old.end is None or fact.end < old.end):
            rest.append((fact.end, old.end))
        for start, end in rest:
            part = Known(old.fact, start, end, None, old.schedule)
            standing.append(part)
            self.made.append(part)

    def _sample(self, old: Known, fact: FeeFact) -> None:
        if len(self.samples) < SAMPLES:
            self.samples.append(
                {
                    "row": fact.row,
                    "payer": fact.label,
                    "code": fact.code,
                    "modifier": fact.modifier,
                    "setting": fact.setting,
                    "was": shown_amount(old.fact.cents),
                    "now": shown_amount(fact.cents),
                    "effective_from": fact.start.isoformat(),
                }
            )
