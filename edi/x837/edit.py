"""Segments of a whole claim put in, taken out and changed at their place of the guide; always a new claim."""

from collections.abc import Sequence
from typing import NamedTuple

from edi.x837.order import place_of
from edi.x837.whole import COMPONENT, Row, Rows, Whole

HEAD = frozenset({"SBR", "LX"})
FIRST_OF_LOOP = frozenset({"NM1", "SBR", "LX", "SVD", "LIN", "LQ", "CLM", "PAT"})


class EditError(ValueError):
    """A value that cannot stand there: `field` names where, `words` say why to a person."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field, self.words = field, words


class Part(NamedTuple):
    """A loop of the claim: its number from 1, and where its rows stand in `Whole.claim` ([start, end))."""

    number: int
    start: int
    end: int
    rows: Rows


def lines(whole: Whole) -> list[Part]:
    """The service lines (2400 with what hangs below) in order."""
    return _parts(whole, "2400", "LX")


def others(whole: Whole) -> list[Part]:
    """The other payers (2320 with 2330) in order."""
    return _parts(whole, "2320", "SBR")


def _parts(whole: Whole, loop: str, first: str) -> list[Part]:
    claim = whole.claim
    starts = [at for at, one in enumerate(claim) if one.loop == loop and one.elements[0] == first]
    ends = [at for at, one in enumerate(claim) if one.elements[0] in HEAD and one.loop in ("2320", "2400")]
    after = dict(zip(ends, [*ends[1:], len(claim)], strict=False))
    return [Part(number, at, after[at], claim[at : after[at]]) for number, at in enumerate(starts, 1)]


def head(whole: Whole) -> Part:
    """The claim itself: 2300 and 2310, before other payers and lines."""
    claim = whole.claim
    end = next((at for at, one in enumerate(claim) if one.loop in ("2320", "2400")), len(claim))
    return Part(0, 0, end, claim[:end])


def part_of(whole: Whole, loop: str, *, line: int = 0, other: int = 0) -> tuple[str, Part]:
    """The attribute of Whole and the stretch of it in which a loop stands; line and other count from 1."""
    level = loop[:5]
    for name, starts in (("billing", "A"), ("subscriber", "B"), ("patient", "C")):
        if level in (f"2000{starts}", f"2010{starts}"):
            rows: Rows = getattr(whole, name)
            return name, Part(0, 0, len(rows), rows)
    if loop[:2] == "24":
        listed, number, what = lines(whole), line, "line"
    elif loop[:3] in ("232", "233"):
        listed, number, what = others(whole), other, "other payer"
    else:
        return "claim", head(whole)
    if not 1 <= number <= len(listed):
        raise EditError(what, f"The claim has no {what} {number}.")
    return "claim", listed[number - 1]


def _qualifier(one: Row) -> str:
    return one.at(1, 1)


def replaced(whole: Whole, name: str, rows: Sequence[Row]) -> Whole:
    """The claim with another `billing`, `subscriber`, `patient` or `claim`."""
    made = tuple(rows)
    if name == "claim":
        return whole._replace(claim=made)
    if name == "billing":
        return whole._replace(billing=made)
    return whole._replace(subscriber=made) if name == "subscriber" else whole._replace(patient=made)


def insert(whole: Whole, one: Row, *, line: int = 0, other: int = 0) -> Whole:
    """The segment at its place of the guide: before the first that comes later there, else at the end."""
    name, part = part_of(whole, one.loop, line=line, other=other)
    mine = place_of(whole.kind, one.loop, one.id, _qualifier(one))
    at = part.end
    if mine is not None:
        for index, each in enumerate(part.rows):
            place = place_of(whole.kind, each.loop, each.id, _qualifier(each))
            if place is not None and place.rank > mine.rank:
                at = part.start + index
                break
    else:
        same = [index for index, each in enumerate(part.rows) if each.loop == one.loop]
        at = part.start + same[-1] + 1 if same else part.end
    rows: Rows = getattr(whole, name)
    return replaced(whole, name, (*rows[:at], one, *rows[at:]))


def put_segment(whole: Whole, one: Row, *, line: int = 0, other: int = 0) -> Whole:
    """The segment in the place of the one with the same id and qualifier in that loop, or as a new one."""
    name, part = part_of(whole, one.loop, line=line, other=other)
    for index, each in enumerate(part.rows):
        if each.loop == one.loop and each.id == one.id and _qualifier(each) == _qualifier(one):
            rows: Rows = getattr(whole, name)
            at = part.start + index
            return replaced(whole, name, (*rows[:at], one, *rows[at + 1 :]))
    return insert(whole, one, line=line, other=other)


def remove(
    whole: Whole, loop: str, segment: str, qualifier: str = "", *, line: int = 0, other: int = 0
) -> Whole:
    """Without the segments of that id (and qualifier) in the loop; with the first of a loop goes the loop."""
    name, part = part_of(whole, loop, line=line, other=other)
    rows: Rows = getattr(whole, name)
    kept, going = [], False
    for each in part.rows:
        if each.loop == loop and each.id in FIRST_OF_LOOP:
            going = False
        if going and each.loop == loop:
            continue
        if each.loop == loop and each.id == segment and (not qualifier or _qualifier(each) == qualifier):
            going = segment in FIRST_OF_LOOP
            continue
        going = False
        kept.append(each)
    return replaced(whole, name, (*rows[: part.start], *kept, *rows[part.end :]))


def with_element(one: Row, element: int, value: str, component: int = 0) -> Row:
    """The row with one element or component changed; empty ends are cut off."""
    elements = [*one.elements, *[""] * (element + 1 - len(one.elements))]
    if component:
        parts = elements[element].split(COMPONENT)
        parts += [""] * (component - len(parts))
        parts[component - 1] = value
        value = COMPONENT.join(parts).rstrip(COMPONENT)
    elements[element] = value
    while len(elements) > 1 and not elements[-1]:
        elements.pop()
    return Row(one.loop, tuple(elements))


def first(rows: Sequence[Row], loop: str, segment: str, qualifier: str = "") -> Row | None:
    """The first row of this loop, id and qualifier."""
    for one in rows:
        if one.loop == loop and one.elements[0] == segment and (not qualifier or one.at(1, 1) == qualifier):
            return one
    return None
