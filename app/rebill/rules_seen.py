"""What of a check a person may see: diagnoses and segments take rights of their own. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DIAGNOSES = "HI"
"""The segment of diagnoses and codes of the stay."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference to what was billed, in words and in segments; line 0: of the claim."""

    line: int
    label: str
    before: str
    after: str
    segment_before: str
    segment_after: str


def differences(changes: Sequence[Any], *, clinical: bool, raw: bool) -> tuple[Difference, ...]:
    """The differences this person may see. clinical: diagnoses as well; raw: with their segments."""
    found = []
    for one in changes:
        segments = (one.segment_before, one.segment_after)
        if not clinical and any(text.startswith(DIAGNOSES) for text in segments):
            continue
        shown = segments if raw else ("", "")
        found.append(Difference(int(one.line or 0), one.label, one.before, one.after, *shown))
    return tuple(found)
