"""What is never asked of a patient, whatever the payer's remit says (patient-collections section 2)."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent / "data" / "never_bill.csv"
RARC, CARC, CLASS, MOVED = "rarc", "carc", "class", "moved"
WAIVER = "waiver"
LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: `value` of `list` forbids what was left to the patient, beyond the CARCs it `allows`.

    list: rarc and carc of an adjudication that stands, class of a payer of the claim, moved: a group whose
    adjustment reached the patient. payer_class: only where a payer of that class answers. unless: what lifts
    it (`waiver`: a person moved it on a signed notice). Effective `[from, to)`.
    """

    code: str
    effective_from: date
    effective_to: date | None
    list: str
    value: str
    payer_class: str
    allows: frozenset[str]
    unless: str
    words_en: str
    words_es: str
    source: str

    def words(self, language: str) -> str:
        """Why, in plain words of a language."""
        return self.words_es if language == "es" else self.words_en


class Left(NamedTuple):
    """One adjustment that stands and went to the patient: cents, as the payer wrote them."""

    group: str
    carc: str
    cents: int


class Said(NamedTuple):
    """What stands about a claim: remark codes, reason codes of any group, classes of its payers, what was
    left to the patient; waived: a person moved it there on a signed notice.
    """

    remarks: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    left: tuple[Left, ...] = ()
    waived: bool = False


@cache
def shipped() -> tuple[Rule, ...]:
    """The rows of data/never_bill.csv."""
    with DATA.open(encoding="utf-8", newline="") as lines:
        return tuple(_rule(row) for row in csv.DictReader(lines))


def _rule(row: dict[str, str]) -> Rule:
    until = date.fromisoformat(row["effective_to"]) if row["effective_to"] else None
    same = ("code", "list", "value", "payer_class", "unless", "words_en", "words_es", "source")
    return Rule(
        **{name: row[name] for name in same},
        effective_from=date.fromisoformat(row["effective_from"]),
        effective_to=until,
        allows=frozenset(row["allows"].split()),
    )


def in_force(rules: Iterable[Rule], on: date) -> list[Rule]:
    """The rows of a day."""
    return [
        one
        for one in rules
        if one.effective_from <= on and (one.effective_to is None or on < one.effective_to)
    ]


def watched(rules: Iterable[Rule], kind: str) -> frozenset[str]:
    """The values of one list: what a read has to look for."""
    return frozenset(one.value for one in rules if one.list == kind)


def never(rules: Sequence[Rule], said: Said) -> Rule | None:
    """The first row that forbids what was left to the patient; None when it may be asked."""
    return next((one for one in rules if _applies(one, said)), None)


def _applies(rule: Rule, said: Said) -> bool:
    if rule.payer_class and rule.payer_class not in said.classes:
        return False
    if rule.unless == WAIVER and said.waived:
        return False
    left = [one for one in said.left if one.cents > 0]
    if rule.list == MOVED:
        return any(one.group == rule.value for one in left)
    of = {RARC: said.remarks, CARC: said.reasons, CLASS: said.classes}[rule.list]
    if rule.value not in of:
        return False
    # Without what it allows all of it is forbidden, also what no adjustment explains.
    return not rule.allows or any(one.carc not in rule.allows for one in left)
