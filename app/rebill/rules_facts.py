"""What a claim says, by the names its fields have for people: the facts the scrubber looks at. Pure.

data/scrub_fields.csv says where each field stands in the segments of a claim. A claim comes as rows of
(loop, elements), elements[0] being the name of the segment; components are parted by SEPARATOR, or by ':' as
people write them.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Protocol

DATA = Path(__file__).parent / "data"
SEPARATOR = "\x1f"
"""What parts the components of a composite in a claim as it is kept."""

Values = Mapping[str, tuple[str, ...]]


class Row(Protocol):
    """One segment of a claim, and the loop it stands in."""

    @property
    def loop(self) -> str:
        """The loop, as the guide names it: 2300, 2010AA."""

    @property
    def elements(self) -> Sequence[str]:
        """Its elements, the name of the segment first."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands. loop: the beginning of its name; qualifiers: what element 1 (of HI the first part
    of a composite) must be; element 0: no element, the fact is about the claim as we know it.
    """

    field: str
    label: str
    per: str
    loops: tuple[str, ...]
    segment: str
    qualifiers: frozenset[str]
    element: int
    first: int
    last: int
    edit: str

    @property
    def group(self) -> str:
        """Fields of one group stand side by side in the same segment, so their values come in pairs."""
        if not self.element or self.first != self.last:
            return self.field  # known beside the segments, or several values of one segment
        return f"{self.per} {' '.join(self.loops)} {self.segment} {' '.join(sorted(self.qualifiers))}"


@lru_cache(maxsize=1)
def places() -> tuple[Place, ...]:
    """Every place of data/scrub_fields.csv; one field may stand in several."""
    with (DATA / "scrub_fields.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(_place(row) for row in csv.DictReader(lines))


def _place(row: Mapping[str, str]) -> Place:
    first, _, last = row["part"].partition("-")
    return Place(
        field=row["field"],
        label=row["label"],
        per=row["per"],
        loops=tuple(row["loop"].split()),
        segment=row["segment"],
        qualifiers=frozenset(row["qualifiers"].split()),
        element=int(row["element"] or (row["segment"] == "HI")),
        first=int(first or 0),
        last=int(last or first or 0),
        edit=row["edit"],
    )


@lru_cache(maxsize=1)
def labels() -> Mapping[str, str]:
    """What each field is called."""
    return {one.field: one.label for one in places()}


@lru_cache(maxsize=1)
def of_lines() -> frozenset[str]:
    """The fields every line has of its own."""
    return frozenset(one.field for one in places() if one.per == "line")


@lru_cache(maxsize=1)
def edited_as() -> Mapping[str, str]:
    """Under which name a field is edited: its own, or that of the field it is part of."""
    return {one.field: one.edit or one.field for one in places()}


@lru_cache(maxsize=1)
def groups() -> Mapping[str, str]:
    """Field to group; fields that stand in several places are in the group of the first."""
    return {one.field: one.group for one in reversed(places())}


@lru_cache(maxsize=1)
def _by_segment() -> Mapping[str, tuple[Place, ...]]:
    found: dict[str, list[Place]] = {}
    for one in places():
        if one.element:
            found.setdefault(one.segment, []).append(one)
    return {name: tuple(some) for name, some in found.items()}


@lru_cache(maxsize=1)
def _qualified() -> frozenset[str]:
    """Segments whose first element says what they are."""
    return frozenset(one.segment for one in places() if one.qualifiers) - {"HI"}


@lru_cache(maxsize=2_048)
def _standing(segment: str, loop: str, qualifier: str) -> tuple[Place, ...]:
    """The places of a segment in this loop; claims name the same few loops and qualifiers again and again."""
    return tuple(
        place
        for place in _by_segment().get(segment, ())
        if (not place.loops or loop.startswith(place.loops))
        and (segment == "HI" or not place.qualifiers or qualifier in place.qualifiers)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What we know of a submission beside its segments.

    kind, rank: as in the row. payer_class, payer_id: whom it goes to. file_by: its last day, None when no
    limit is known. carcs, rarcs: of the answer it comes after. changed: whether it differs from what was sent
    before; None when nobody compared.
    """

    today: date
    kind: str = ""
    rank: int = 1
    payer_class: str = "unknown"
    payer_id: int | None = None
    file_by: date | None = None
    carcs: tuple[str, ...] = ()
    rarcs: tuple[str, ...] = ()
    changed: bool | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A claim as fields with values, in the order they stand; of lines one mapping each. form: P or I."""

    form: str
    about: About
    claim: Values
    lines: tuple[Values, ...] = field(default=())


def facts_of(rows: Iterable[Row], form: str, about: About) -> Facts:
    """Read the segments of one claim; form: P professional, I institutional."""
    claim: dict[str, list[str]] = {}
    lines: list[dict[str, list[str]]] = []
    known, qualified = _by_segment(), _qualified()
    for row in rows:
        elements = row.elements
        name = elements[0]
        if name == "LX":
            lines.append({})
        if name not in known:
            continue
        count = len(elements)
        qualifier = elements[1] if name in qualified and count > 1 else ""
        for place in _standing(name, row.loop, qualifier):
            into = claim if place.per == "claim" else lines[-1] if lines else None
            if into is None:
                continue
            if place.first or name == "HI":
                for value in _parts(place, elements):
                    into.setdefault(place.field, []).append(value)
            else:
                value = elements[place.element] if count > place.element else ""
                into.setdefault(place.field, []).append(value)
    for name in ("birth", "sex"):
        # A dependent stands beside the subscriber.
        claim[name] = claim.get(f"patient_{name}") or claim.get(f"subscriber_{name}", [])
    claim["line_count"] = [str(len(lines))]
    _known(claim, about)
    for line in lines:
        if not any(line.get("place", ())) and claim.get("facility"):
            line["place"] = list(claim["facility"])  # SV105 is sent only where it differs
    return Facts(form, about, _frozen(claim), tuple(_frozen(line) for line in lines))


def _parts(place: Place, elements: Sequence[str]) -> Iterator[str]:
    """One part gives one value, empty when it is left out; of several parts what they hold."""
    if place.segment == "HI":
        for one in elements[1:]:
            parts = parts_of(one)
            if parts[0] in place.qualifiers:
                yield parts[place.first - 1] if len(parts) >= place.first else ""
        return
    parts = parts_of(elements[place.element] if len(elements) > place.element else "")
    if place.first == place.last:
        yield parts[place.first - 1] if len(parts) >= place.first else ""
        return
    yield from (one for one in parts[place.first - 1 : place.last] if one)


def parts_of(held: str) -> Sequence[str]:
    """The parts of a composite, whichever way it is kept."""
    return held.split(SEPARATOR if SEPARATOR in held else ":")


def _known(claim: dict[str, list[str]], about: About) -> None:
    late = "" if about.file_by is None else "yes" if about.file_by < about.today else "no"
    changed = "" if about.changed is None else "yes" if about.changed else "no"
    known = {
        "changed": (changed,),
        "kind": (about.kind,),
        "rank": (str(about.rank),),
        "payer_class": (about.payer_class,),
        "late": (late,),
        "denial_carc": about.carcs,
        "denial_rarc": about.rarcs,
    }
    claim |= {name: [one for one in values if one] for name, values in known.items()}


def _frozen(found: Mapping[str, list[str]]) -> Values:
    return {name: tuple(values) for name, values in found.items()}
