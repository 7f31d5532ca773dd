"""What changed between two forms of a claim: in words and in segments, each change once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edi.x837.catalogue import field_at
from edi.x837.codes import entries
from edi.x837.edit import head, lines, others
from edi.x837.values import shown
from edi.x837.whole import COMPONENT, Row, Whole

Key = tuple[str, str, str, int]
TOLD_APART = frozenset(
    {"REF", "DTP", "AMT", "NM1", "NTE", "PRV", "CAS", "SVD", "QTY", "CRC", "DMG", "PER", "LIN", "LQ"}
)
"""Segments whose first element says what they are about."""
LEVELS = ("billing", "subscriber", "patient")


class Change(NamedTuple):
    """One change. line: 1-based in the newer claim (the older one's for a line that went), 0 of the claim.

    label: the field in words, else the element (REF02). before and after: as a person reads them, empty when
    it was or is not there; segment_before and segment_after likewise, whole segments. field: its name in
    `fields.FIELDS` when it has one.
    """

    loop: str
    line: int
    label: str
    before: str
    after: str
    segment_before: str
    segment_after: str
    field: str = ""


def difference(old: Whole, new: Whole) -> list[Change]:
    """Every change from old to new: of the levels above, the claim, its other payers, then line by line.

    Lines are the same line by their control number (REF*6R), else by their place.
    """
    kind = new.kind
    made: list[Change] = []
    for level in LEVELS:
        made += _rows(kind, 0, getattr(old, level), getattr(new, level))
    made += _rows(kind, 0, _without_codes(head(old).rows), _without_codes(head(new).rows))
    made += _codes(old, new)
    for before, after in _paired(_by_rank(old), _by_rank(new)):
        made += _rows(kind, 0, before[1], after[1])
    for before, after in _paired(_by_control(old), _by_control(new)):
        made += _rows(kind, after[0] or before[0], before[1], after[1])
    return made


Numbered = tuple[int, Sequence[Row]]
NOBODY: Numbered = (0, ())


def _paired(old: dict[str, Numbered], new: dict[str, Numbered]) -> Iterator[tuple[Numbered, Numbered]]:
    """What has the same name on both sides, then what came, then what went."""
    for name, one in new.items():
        yield old.get(name, NOBODY), one
    for name, one in old.items():
        if name not in new:
            yield one, NOBODY


def _by_rank(whole: Whole) -> dict[str, Numbered]:
    """Other payers by their rank (SBR01)."""
    found: dict[str, Numbered] = {}
    seen: Counter[str] = Counter()
    for part in others(whole):
        found[_apart(seen, part.rows[0].at(1))] = (0, part.rows)
    return found


def _by_control(whole: Whole) -> dict[str, Numbered]:
    """Lines by their control number, else by their place."""
    found: dict[str, Numbered] = {}
    seen: Counter[str] = Counter()
    for part in lines(whole):
        control = next((one.at(2) for one in part.rows if one.loop == "2400" and one.at(1) == "6R"), "")
        found[_apart(seen, control or f"line {part.number}")] = (part.number, part.rows)
    return found


def _apart(seen: Counter[str], name: str) -> str:
    """The name, with a number when several have it; a line end stands in no name."""
    seen[name] += 1
    return name if seen[name] == 1 else f"{name}\n{seen[name]}"


def _without_codes(rows: Sequence[Row]) -> list[Row]:
    return [one for one in rows if one.id != "HI"]


def _keyed(rows: Sequence[Row]) -> dict[Key, Row]:
    """Rows by what they are about; of several alike, by their number."""
    found: dict[Key, Row] = {}
    count: dict[tuple[str, str, str], int] = {}
    for one in rows:
        about = (one.loop, one.id, one.at(1) if one.id in TOLD_APART else "")
        number = count[about] = count.get(about, 0) + 1
        found[(*about, number)] = one
    return found


def _rows(kind: str, line: int, old: Sequence[Row], new: Sequence[Row]) -> Iterator[Change]:
    if tuple(old) == tuple(new):
        return
    before, after = _keyed(old), _keyed(new)
    for key, one in after.items():
        was = before.get(key)
        if was is None or was.elements != one.elements:
            yield from _row(kind, line, was, one)
    for key, one in before.items():
        if key not in after:
            yield from _row(kind, line, one, None)


def _row(kind: str, line: int, old: Row | None, new: Row | None) -> Iterator[Change]:
    """The elements of a segment that differ; of one that came or went, those that say something."""
    either = new or old
    if either is None:
        return
    texts = (old.shown() if old else "", new.shown() if new else "")
    size = max(len(one.elements) for one in (old, new) if one)
    told = False
    for element in range(1, size):
        before, after = (one.at(element) if one else "" for one in (old, new))
        if before == after:
            continue
        parts = 1 + max(before.count(COMPONENT), after.count(COMPONENT))
        for component in range(1, parts + 1) if parts > 1 else (0,):
            values = [one.at(element, component) if one else "" for one in (old, new)]
            field = field_at(kind, either, element, component)
            whole_segment = old is None or new is None
            # Of a segment that came or went its qualifiers say nothing by themselves.
            if values[0] == values[1] or (whole_segment and field is None):
                continue
            told = True
            label = field.label if field else f"{either.id}{element:02d}"
            named = [shown(field.shape, value) if field else _plain(value) for value in values]
            yield Change(either.loop, line, label, named[0], named[1], *texts, field.name if field else "")
    if not told:
        yield Change(either.loop, line, either.id, *texts, *texts)


def _plain(text: str) -> str:
    return text.replace(COMPONENT, ":")


def _codes(old: Whole, new: Whole) -> Iterator[Change]:
    """Diagnoses and other codes, by their qualifier and place in the list, however they stand in segments."""
    qualifiers = list(
        dict.fromkeys(
            text.split(COMPONENT, 1)[0]
            for whole in (new, old)
            for one in head(whole).rows
            if one.id == "HI"
            for text in one.elements[1:]
            if text
        )
    )
    for qualifier in qualifiers:
        before, after = entries(old, qualifier), entries(new, qualifier)
        for at in range(max(len(before), len(after))):
            was = before[at] if at < len(before) else ()
            now = after[at] if at < len(after) else ()
            if was == now:
                continue
            row = Row("2300", ("HI", COMPONENT.join(now or was)))
            texts = [f"HI*{':'.join(one)}" if one else "" for one in (was, now)]
            for component in range(2, max(len(was), len(now)) + 1):
                values = [one[component - 1] if len(one) >= component else "" for one in (was, now)]
                if values[0] == values[1]:
                    continue
                field = field_at(new.kind, row, 1, component)
                named = [shown(field.shape, value) if field else value for value in values]
                label = field.label if field else f"{qualifier} {component}"
                name = field.name if field else ""
                yield Change("2300", 0, label, named[0], named[1], texts[0], texts[1], name)
