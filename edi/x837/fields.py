"""The fields of a claim by name: what stands there, and the claim with something else there.

`FIELDS` is the catalogue (names, labels, shapes). Lines count from 1; index counts from 0 within a field that
may be there several times (modifiers, diagnoses, condition codes, attachments).
"""

from edi.x835.writer import amount
from edi.x837.catalogue import FIELDS, Field, Spot
from edi.x837.codes import entries, with_entries
from edi.x837.edit import (
    EditError,
    Part,
    insert,
    lines,
    part_of,
    put_segment,
    remove,
    replaced,
    with_element,
)
from edi.x837.facts import cents_of
from edi.x837.values import FORMATS, clean, shown
from edi.x837.whole import COMPONENT, Row, Whole

__all__ = [
    "FIELDS", "EditError", "Field", "get", "insert", "lines", "put", "put_segment", "remove", "with_total",
]  # fmt: skip
STAY = frozenset({"CLM", "SBR", "LX", "SV1", "SV2", "PAT", "HI"})
"""Segments that stay when a field of theirs is emptied; their absence is a finding of its own."""
DIAGNOSES = {"P": 12, "I": 25}


def get(whole: Whole, name: str, *, line: int = 0, index: int = 0) -> str:
    """The value as a person reads it, empty when it was not sent or is not on this form."""
    field = _named(name)
    spot = field.spots.get(whole.kind)
    if spot is None or index >= field.most or index < 0:
        return ""
    if spot.segment == "HI":
        listed = _entries(whole, spot)
        entry = listed[index] if index < len(listed) else ()
        text = entry[spot.element - 1] if len(entry) >= spot.element else ""
        return shown(field.shape, text)
    found = _row(whole, spot, line, index if spot.segment == "PWK" else 0)
    if found is None:
        return ""
    return shown(field.shape, found[2].at(spot.element, _component(spot, index)))


def put(whole: Whole, name: str, value: str, *, line: int = 0, index: int = 0) -> Whole:
    """The claim with this value; empty takes it out. A missing segment is put where the guide has it.

    EditError for a name, line, index or value that cannot be.
    """
    field = _named(name)
    spot = field.spots.get(whole.kind)
    if spot is None:
        raise EditError(name, f"{field.label} is not on this form (837{whole.kind}).")
    most = DIAGNOSES[whole.kind] if name.startswith("diagnosis") else field.most
    if not 0 <= index < most:
        raise EditError(name, f"{field.label}: at most {most} can be sent.")
    text = clean(name, field.shape, value, field.longest)
    if "RD8" in spot.start and len(text) == len("20260131"):
        text = f"{text}-{text}"  # this date is always a range
    if spot.segment == "HI":
        return _put_code(whole, field, spot, index, text)
    if spot.segment == "CLM" and not text and spot.element in (1, 2, 5):
        raise EditError(name, f"{field.label} must be there.")
    found = _row(whole, spot, line, index if spot.segment == "PWK" else 0)
    if found is None:
        return insert(whole, _new(spot, text, index), line=line) if text else whole
    attribute, at, old = found
    made = with_element(old, spot.element, text, _component(spot, index))
    if spot.segment == "DTP" and text:
        made = with_element(made, 2, FORMATS.get(len(text), "D8"))
    rows = getattr(whole, attribute)
    if made.id not in STAY and _hollow(spot, made):
        return _without(whole, attribute, at)
    return replaced(whole, attribute, (*rows[:at], made, *rows[at + 1 :]))


def with_total(whole: Whole) -> Whole:
    """The claim with CLM02 as the sum of its lines."""
    element = {"SV1": 2, "SV2": 3, "SV3": 2}
    total = sum(cents_of(one.at(element[one.id])) for one in whole.claim if one.id in element)
    return whole._replace(claim=(with_element(whole.claim[0], 2, amount(total)), *whole.claim[1:]))


def _named(name: str) -> Field:
    if name not in FIELDS:
        raise EditError(name, "There is no such field.")
    return FIELDS[name]


def _component(spot: Spot, index: int) -> int:
    """The component of a composite; those of one kind follow each other (modifiers, pointers)."""
    return spot.component + index if spot.component else 0


def _row(whole: Whole, spot: Spot, line: int, nth: int) -> tuple[str, int, Row] | None:
    """The attribute of Whole, the place there and the row a field stands in; None when it is not there."""
    attribute, part = part_of(whole, spot.loop, line=line)
    for at, one in enumerate(part.rows, part.start):
        if one.loop != spot.loop or one.id != spot.segment:
            continue
        if spot.qualifiers and spot.qualifiers[0] and one.at(1, 1) not in spot.qualifiers:
            continue
        if nth == 0:
            return attribute, at, one
        nth -= 1
    return None


def _new(spot: Spot, text: str, index: int) -> Row:
    start = [one.partition("+")[0] for one in spot.start]
    one = with_element(Row(spot.loop, (spot.segment, *start)), spot.element, text, _component(spot, index))
    if spot.segment == "DTP":
        one = with_element(one, 2, FORMATS.get(len(text), "D8"))
    return one


def _hollow(spot: Spot, one: Row) -> bool:
    """Whether nothing is left but what the segment begins with."""
    given = {at for at, text in enumerate(spot.start, 1) if text}
    if one.id == "NM1":
        given |= {2, 8}  # what kind of name and id it would be
    return not any(text for at, text in enumerate(one.elements) if at and at not in given)


def _without(whole: Whole, attribute: str, at: int) -> Whole:
    """Without that row; with a name goes what describes it."""
    rows = getattr(whole, attribute)
    end = at + 1
    if rows[at].id in ("NM1", "LIN"):
        while end < len(rows) and rows[end].loop == rows[at].loop and rows[end].id != rows[at].id:
            end += 1
    return replaced(whole, attribute, (*rows[:at], *rows[end:]))


# ---------------------------------------------------------------- codes (HI)


def _entries(whole: Whole, spot: Spot) -> list[tuple[str, ...]]:
    return [entry for qualifiers in spot.codes for entry in entries(whole, *qualifiers)]


def _put_code(whole: Whole, field: Field, spot: Spot, index: int, text: str) -> Whole:
    """One code of a list: changed, added at its end, or taken out so that those after it move up."""
    listed = _entries(whole, spot)
    at = spot.element
    if index > len(listed) or (index == len(listed) and at != 2):
        if not text:
            return whole
        raise EditError(field.name, f"{field.label}: fill in the codes before it first.")
    if index == len(listed):
        if not text:
            return whole
        listed.append(("", text))
    elif at == 2 and not text:
        del listed[index]
        if field.name == "diagnosis":
            whole = _moved_pointers(whole, index + 1)
    else:
        parts = [*listed[index], *[""] * (at - len(listed[index]))]
        parts[at - 1] = text
        if at == 4:
            parts[2] = (FORMATS.get(len(text), "D8")) if text else ""
        listed[index] = tuple(parts)
    return _with_list(whole, spot, listed)


def _with_list(whole: Whole, spot: Spot, listed: list[tuple[str, ...]]) -> Whole:
    first, rest = spot.codes[0], spot.codes[-1]
    old = any(one[0] in first[1:] for one in listed)  # ICD-9 stays ICD-9
    named = [
        (qualifiers[1] if old and len(qualifiers) > 1 else qualifiers[0], *one[1:])
        for one, qualifiers in zip(listed, [first, *[rest] * len(listed)], strict=False)
    ]
    if first == rest:
        return with_entries(whole, first, named)
    if whole.kind == "P":
        return with_entries(whole, (*first, *rest), named)
    return with_entries(with_entries(whole, first, named[:1]), rest, named[1:])


def _moved_pointers(whole: Whole, gone: int) -> Whole:
    """Pointers of the lines after a diagnosis was taken out: those beyond it name the same ones as before."""
    rows = []
    for one in whole.claim:
        if one.id == "SV1" and one.at(7):
            kept = [text for text in one.at(7).split(COMPONENT) if text != str(gone)]
            moved = [
                str(int(text) - 1) if text.isdigit() and len(text) < 3 and int(text) > gone else text
                for text in kept
            ]
            one = with_element(one, 7, COMPONENT.join(moved))
        rows.append(one)
    return whole._replace(claim=tuple(rows))


def count(whole: Whole, name: str, *, line: int = 0) -> int:
    """How many of a field there are: index 0 to this number less one is filled."""
    field = _named(name)
    spot = field.spots.get(whole.kind)
    if spot is None:
        return 0
    if spot.segment == "HI":
        return len(_entries(whole, spot))
    if spot.segment == "PWK":
        part: Part = part_of(whole, spot.loop, line=line)[1]
        return sum(1 for one in part.rows if one.loop == spot.loop and one.id == "PWK")
    filled = [at for at in range(field.most) if get(whole, name, line=line, index=at)]
    return filled[-1] + 1 if filled else 0
