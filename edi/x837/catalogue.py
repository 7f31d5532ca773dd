"""The fields of a claim a person may change: where each stands, what may stand there, how it is called.

fields.csv has a row for each. A place is loop/segment=its first elements/element.component; `=` the same as
in 837P, `-` not on that form. A field of a 2400 loop is one of each line. `EI+SY` reads either and writes the
first; in HI `ABK>ABF` is the first code and those after it.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from edi.x837.whole import Row

CATALOGUE = Path(__file__).with_name("fields.csv")


class Spot(NamedTuple):
    """Where a field stands: loop, segment, the elements that come with it, the element and its component.

    start: elements from 1 on a new segment begins with; empty ones are left to other fields.
    """

    loop: str
    segment: str
    start: tuple[str, ...]
    element: int
    component: int

    @property
    def qualifiers(self) -> tuple[str, ...]:
        """First elements that tell segments of one id apart; composites tell nothing."""
        return tuple(self.start[0].split("+")) if self.start and self.segment not in ("SV1", "HI") else ()

    @property
    def codes(self) -> tuple[tuple[str, ...], ...]:
        """In HI: the qualifiers of the first code, and those of the codes after it."""
        first, _, rest = self.start[0].partition(">")
        return tuple(tuple(one.split("+")) for one in (first, rest) if one)


@dataclass(frozen=True)
class Field:
    """One field. spots: by kind of claim. most: how many of it there may be, index 0 to most - 1."""

    name: str
    label: str
    spots: Mapping[str, Spot]
    shape: str
    longest: int
    most: int = 1

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """On which forms it exists: P, I."""
        return tuple(self.spots)

    @cached_property
    def of_line(self) -> bool:
        """Whether each service line has its own."""
        return any(spot.loop.startswith("24") for spot in self.spots.values())


def _spot(text: str) -> Spot:
    loop, middle, at = text.split("/")
    segment, _, start = middle.partition("=")
    element, _, component = at.partition(".")
    return Spot(loop, segment, tuple(start.split(",")) if start else (), int(element), int(component or 0))


def _field(row: Mapping[str, str]) -> Field:
    spots = {}
    p, i = row["professional"], row["institutional"]
    if p != "-":
        spots["P"] = _spot(p)
    if i != "-":
        spots["I"] = spots["P"] if i == "=" else _spot(i)
    return Field(row["name"], row["label"], spots, row["shape"], int(row["longest"]), int(row["most"]))


def _read() -> dict[str, Field]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return {row["name"]: _field(row) for row in csv.DictReader(file)}


FIELDS: Mapping[str, Field] = _read()
"""Every field by its name."""


@cache
def _by_spot(kind: str) -> Mapping[tuple[str, str, str, int], tuple[Field, ...]]:
    """Fields of a form by loop, segment, qualifier (empty: any) and element."""
    found: dict[tuple[str, str, str, int], tuple[Field, ...]] = {}
    for field in FIELDS.values():
        spot = field.spots.get(kind)
        if spot is None or spot.segment == "HI":
            continue
        for qualifier in spot.qualifiers or ("",):
            key = (spot.loop, spot.segment, qualifier, spot.element)
            found[key] = (*found.get(key, ()), field)
    return found


def field_at(kind: str, row: Row, element: int, component: int = 0) -> Field | None:
    """The field an element or component of a row is, None when it has no name."""
    if row.id == "HI":
        named = (one for one in FIELDS.values() if (at := one.spots.get(kind)) and at.segment == "HI")
        qualifier = row.at(element, 1)
        for one in named:
            spot = one.spots[kind]
            if spot.element == (component or 2) and any(qualifier in codes for codes in spot.codes):
                return one
        return None
    table = _by_spot(kind)
    listed = table.get((row.loop, row.id, row.at(1, 1), element)) or table.get(
        (row.loop, row.id, "", element)
    )
    for one in listed or ():
        start = one.spots[kind].component
        if not component or not start or start <= component < start + one.most:
            return one
    return None
