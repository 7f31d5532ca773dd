"""What a practice must say of itself before a document leaves: where it is, and where one may call. Pure.

A statement without them asks to call nobody and to write to nowhere (RPAT-10).
"""

from collections.abc import Sequence
from typing import NamedTuple

from app.contacts.rules_law import Law
from app.statements.rules_content import NO_VALUE

NEEDED = ("practice_street", "practice_place", "practice_phone")
PAGE = "/rules/collection"
"""Where the rows are filled in."""


class Gap(NamedTuple):
    """A row nobody filled in: its code, the state it holds for (empty: everywhere), and what it says."""

    code: str
    state: str
    label: str


def gaps(law: Law) -> list[Gap]:
    """The rows of the letterhead that are in force and say nothing, in the order of the letterhead."""
    rows = [one for one in law.in_force() if one.code in NEEDED and one.value.strip() in ("", NO_VALUE)]
    rows.sort(key=lambda one: (NEEDED.index(one.code), one.state))
    return [Gap(one.code, one.state, one.label) for one in rows]


def words(found: Sequence[Gap]) -> str:
    """Why nothing is signed or released, and where that is mended."""
    rows = ", ".join(f"{one.code} in {one.state}" if one.state else one.code for one in found)
    return f"The letterhead is not filled in: {rows}. Enter it under Rules of collection ({PAGE}) first."
