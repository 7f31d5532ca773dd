"""The shape of a claim against its guide: what is missing, too often there, misplaced, too long or strange.

It knows segments by their place, not every element; the second opinion (edi.guide) knows those.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

from edi.x837.order import GUIDES, REPEATED_LOOPS, Place, place_of, places
from edi.x837.whole import Row, Whole

STRANGE = re.compile(r"[^A-Z0-9 !\"&'()*+,\-./:;?=~^\x1c\x1f]")
SEPARATES = re.compile(r"[*:~^]")
ODD = re.compile(r"[^A-Z0-9 !\"&'()+,\-./;?=\x1c\x1f]")
"""Whatever either of them finds."""
ESSENTIAL = frozenset(
    {("2010AA", "NM1"), ("2000B", "SBR"), ("2010BA", "NM1"), ("2010BB", "NM1"), ("2300", "CLM"),
     ("2400", "SV1"), ("2400", "SV2"), ("2330A", "NM1"), ("2330B", "NM1"), ("2320", "SBR"), ("2430", "SVD")}
)  # fmt: skip
"""Without these nobody can read the claim; what else is missing a receiver may or may not mind."""
ALWAYS = ("2010AA", "2000B", "2010BA", "2010BB")
LONGEST = {
    ("NTE", 2): 80, ("REF", 2): 50, ("NM1", 3): 60, ("NM1", 4): 35, ("NM1", 5): 25, ("NM1", 9): 80,
    ("N3", 1): 55, ("N3", 2): 55, ("N4", 1): 30, ("PWK", 6): 50, ("SBR", 3): 50, ("SBR", 4): 60,
    ("K3", 1): 80, ("PER", 2): 60,
}  # fmt: skip
MEASURED = frozenset(name for name, _ in LONGEST)
LINE_CONTROL = 30
LENGTH_OF_ANY = min(LINE_CONTROL, *LONGEST.values())
"""So long any of them may be."""
REMEMBERED = 100
"""Segments of a loop; a longer one is looked at each time, so that no file can fill the memory."""
STARTS = frozenset({"NM1", "SBR", "LX", "SVD", "LIN", "LQ", "CLM"})


class Misshape(NamedTuple):
    """One fault of shape. row: where; line: 0 of the claim; element: 0 of the segment as a whole."""

    code: str
    row: Row
    line: int
    element: int
    what: str


@dataclass
class _Loop:
    """A loop as it stands in the claim. around: which line or other payer it belongs to."""

    name: str
    around: int
    line: int
    rows: list[Row] = field(default_factory=list)
    late: list[Row] = field(default_factory=list)


def faults_of_shape(whole: Whole) -> Iterator[Misshape]:
    """Faults of shape: of signs in the order of the claim, then of each loop."""
    yield from _signs(whole)
    loops = _loops(whole)
    for one in loops:
        yield from _inside(whole.kind, one)
    yield from _missing(whole, loops)
    yield from _too_many(whole, loops)


def _loops(whole: Whole) -> list[_Loop]:
    made: list[_Loop] = []
    current: dict[str, _Loop] = {}
    line = other = 0
    in_provider = in_line = False  # whether a 2310, or a loop below the line, has begun
    for one in whole.rows:
        name, elements = one
        key = elements[0]
        if key == "LX":
            line += 1
            current = {each: loop for each, loop in current.items() if each[:2] != "24"}
            in_line = False
        elif name == "2320" and key == "SBR":
            other += 1
            current = {each: loop for each, loop in current.items() if each[:3] not in ("232", "233")}
        loop = current.get(name)
        if loop is None or (key in STARTS and loop.rows and place_of(whole.kind, name, key, one.at(1))):
            inside = line if name[:2] == "24" else 0
            loop = _Loop(name, inside or (other if name[:3] == "233" else 0), inside)
            current[name] = loop
            made.append(loop)
            in_provider = in_provider or name[:4] == "2310"
            in_line = in_line or (name[:2] == "24" and name != "2400")
        loop.rows.append(one)
        # A segment of the claim after its providers, or of a line after what hangs below the line.
        if (name == "2300" and in_provider) or (name == "2400" and in_line):
            loop.late.append(one)
    return made


def _inside(kind: str, loop: _Loop) -> Iterator[Misshape]:
    """Order, number and presence of the segments of one loop."""
    told, late = _qualified(kind, loop.name), loop.late
    signature = tuple(
        [
            (one.elements[0], one.at(1, 1) if one.elements[0] in told else "", bool(late) and one in late)
            for one in loop.rows
        ]
    )
    look = _faults if len(signature) <= REMEMBERED else _faults.__wrapped__
    for code, at, what in look(kind, loop.name, signature):
        row = loop.rows[at]
        yield Misshape(code, row, loop.line, 0, what or f"{_named(row)} in {loop.name}")


@lru_cache(maxsize=4_096)
def _faults(
    kind: str, loop: str, signature: tuple[tuple[str, str, bool], ...]
) -> tuple[tuple[str, int, str], ...]:
    """(code, which row, what; empty: the row itself) of a loop of these segments (id, qualifier, late).

    Claims are made of the same few loops again and again, so what is wrong with one is found out once.
    """
    found: list[tuple[str, int, str]] = []
    seen: Counter[int] = Counter()
    first = _first_ranks(kind)
    highest, told = -1, False
    for at, (name, qualifier, late) in enumerate(signature):
        place = place_of(kind, loop, name, qualifier)
        if place is None:
            found.append(("out.unplaced", at, ""))
            continue
        seen[place.rank] += 1
        if seen[place.rank] == place.most + 1:
            found.append(("out.repeated", at, ""))
        rank = first[(loop, name)]
        if (rank < highest or late) and not told:
            told = True
            found.append(("out.order", at, ""))
        highest = max(highest, rank)
    for place in _required(kind, loop):
        if not seen[place.rank]:
            code = "out.required" if (loop, place.id) in ESSENTIAL else "out.expected"
            named = f"*{place.qualifiers[0]}" if place.qualifiers else ""
            found.append((code, 0, f"{place.id}{named} in {loop}"))
    return tuple(found)


@cache
def _qualified(kind: str, loop: str) -> frozenset[str]:
    """Segments of a loop that the guide tells apart by their first element."""
    return frozenset(place.id for place in places(kind) if place.loop == loop and place.qualifiers)


@cache
def _first_ranks(kind: str) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for place in places(kind):
        found.setdefault((place.loop, place.id), place.rank)
    return found


@cache
def _required(kind: str, loop: str) -> tuple[Place, ...]:
    return tuple(place for place in places(kind) if place.loop == loop and place.required)


def _missing(whole: Whole, loops: list[_Loop]) -> Iterator[Misshape]:
    """Loops that must be there, and what a subscriber who is the patient must say."""
    there = {loop.name for loop in loops}
    clm = whole.claim[0]
    for name in ALWAYS:
        if name not in there:
            key = "SBR" if name == "2000B" else "NM1"
            yield Misshape("out.required", clm, 0, 0, f"{key} in {name}")
    named = {(loop.name, loop.around) for loop in loops}
    for number, loop in enumerate((one for one in loops if one.name == "2320"), 1):
        for name in ("2330A", "2330B"):
            if (name, number) not in named:
                yield Misshape("out.required", loop.rows[0], 0, 0, f"NM1 in {name}")
    if whole.patient:
        if "2010CA" not in there:
            yield Misshape("out.required", clm, 0, 0, "NM1*QC in 2010CA")
        return
    ids = {one.id for one in whole.subscriber if one.loop == "2010BA"}
    for name in ("N3", "N4", "DMG"):
        if name not in ids and "2010BA" in there:
            yield Misshape("out.expected", clm, 0, 0, f"{name} in 2010BA (the subscriber is the patient)")


def _too_many(whole: Whole, loops: list[_Loop]) -> Iterator[Misshape]:
    count: Counter[tuple[str, int]] = Counter()
    for loop in loops:
        if loop.name in ("2400", "2440") or loop.name not in _names(whole.kind):
            continue
        count[(loop.name, loop.around)] += 1
        most = REPEATED_LOOPS.get(loop.name, 1) if whole.kind == "P" or loop.name in ("2320", "2430") else 1
        if count[(loop.name, loop.around)] == most + 1:
            yield Misshape("out.repeated", loop.rows[0], loop.line, 0, f"Loop {loop.name}")


@cache
def _names(kind: str) -> frozenset[str]:
    return frozenset(place.loop for place in places(kind)) if kind in GUIDES else frozenset()


def _signs(whole: Whole) -> Iterator[Misshape]:
    """Elements too long, and signs a receiver may not take (R837-05)."""
    # One look at everything: the rows are gone through for signs only where it finds one.
    odd = ODD.search("\x1f".join(["\x1f".join(one.elements[1:]) for one in whole.rows])) is not None
    line = 0
    for one in whole.rows:
        elements = one.elements
        line += elements[0] == "LX"
        if odd or (elements[0] in MEASURED and max(map(len, elements)) > LENGTH_OF_ANY):
            yield from _signs_of(one, line if one.loop[:2] == "24" else 0)


def _signs_of(one: Row, line: int) -> Iterator[Misshape]:
    for at, text in enumerate(one.elements[1:], 1):
        if not text:
            continue
        most = LONGEST.get((one.id, at), 0)
        if one.id == "REF" and one.at(1) == "6R":
            most = LINE_CONTROL
        place = f"{one.id}{at:02d} in {one.loop}"
        if most and len(text) > most:
            yield Misshape("out.long", one, line, at, place)
        if STRANGE.search(text):
            yield Misshape("out.characters", one, line, at, place)
        if SEPARATES.search(text):
            yield Misshape("out.separator", one, line, at, place)


def _named(one: Row) -> str:
    qualifier = one.at(1, 1)
    return f"{one.id}*{qualifier}" if one.id in ("REF", "DTP", "AMT", "NM1", "HI", "NTE") else one.id
