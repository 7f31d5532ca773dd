"""Do two records look like one payer? Reasons for a person, who decides. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.payers.rules import normal_value

FEWEST_WORDS = 2
"""One common word is in many names: BLUE is nobody."""
SHORTEST = 4
"""Numbers of fewer digits are anybody's."""


@dataclass(frozen=True, slots=True)
class Called:
    """What a record goes by: names as written, payer ids (NM109, N104), company ids (TRN03)."""

    names: frozenset[str]
    plans: frozenset[str]
    companies: frozenset[str]


def reasons(one: Called, two: Called) -> list[str]:
    """Why the two may be one payer, in words; empty when nothing says so.

    Two that pay under company ids of their own are two companies, whatever they are called.
    """
    if one.companies and two.companies:
        return []
    found = []
    mine, theirs = _plain(one.names), _plain(two.names)
    if same := mine & theirs:
        found.append(f"both are called {min(same)}")
    elif longer := _begins(mine, theirs):
        found.append(f"one name begins with the other: {longer}")
    left, right = one.plans | one.companies, two.plans | two.companies
    known = {_core(number): number for number in left}
    for number in sorted(right):
        if _core(number) in known and len(_core(number)) >= SHORTEST:
            found.append(f"{known[_core(number)]} and {number} are one number written in two ways")
            break
    return found


def _plain(names: Iterable[str]) -> set[str]:
    return {plain for name in names if (plain := normal_value("name", name))}


def _begins(mine: set[str], theirs: set[str]) -> str:
    for left in sorted(mine):
        for right in sorted(theirs):
            short, long = sorted((left, right), key=len)
            if len(short.split()) >= FEWEST_WORDS and long.startswith(short + " "):
                return long
    return ""


def _core(number: str) -> str:
    """A number without what is written or left out: leading zeros, the 1 before a tax id of ten digits."""
    digits = number[1:] if len(number) == 10 and number.startswith("1") and number.isdigit() else number
    return digits.lstrip("0")
