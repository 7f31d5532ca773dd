"""Health care codes of a claim (HI): lists by qualifier, however the sender spread them over segments."""

from collections.abc import Sequence

from edi.x837.edit import head, insert
from edi.x837.whole import COMPONENT, Row, Whole

A_SEGMENT = 12


def entries(whole: Whole, *qualifiers: str) -> list[tuple[str, ...]]:
    """Every HI entry with one of these qualifiers, in order, as its components."""
    return [
        tuple(text.split(COMPONENT))
        for one in head(whole).rows
        if one.id == "HI"
        for text in one.elements[1:]
        if text.split(COMPONENT, 1)[0] in qualifiers
    ]


def codes_of(whole: Whole, *qualifiers: str) -> list[str]:
    """Their codes only."""
    return [one[1] for one in entries(whole, *qualifiers) if len(one) > 1]


def with_codes(whole: Whole, qualifier: str, listed: Sequence[Sequence[str]]) -> Whole:
    """These entries (components after the qualifier) in the place of all entries of the qualifier."""
    return with_entries(whole, (qualifier,), [(qualifier, *one) for one in listed])


def with_entries(whole: Whole, qualifiers: Sequence[str], listed: Sequence[Sequence[str]]) -> Whole:
    """These whole entries in the place of all entries with one of the qualifiers.

    They start where the first of them stood; a segment that is left empty goes. Twelve stand in a segment.
    """
    rows: list[Row] = []
    at, end = -1, head(whole).end
    for index, one in enumerate(whole.claim):
        if one.id != "HI" or index >= end:
            rows.append(one)
            continue
        kept = [text for text in one.elements[1:] if text.split(COMPONENT, 1)[0] not in qualifiers]
        if len(kept) == len(one.elements) - 1:
            rows.append(one)
            continue
        at = len(rows) if at < 0 else at
        if any(kept):
            rows.append(Row(one.loop, ("HI", *kept)))
    texts = [COMPONENT.join(one).rstrip(COMPONENT) for one in listed]
    made = [
        Row("2300", ("HI", *texts[start : start + A_SEGMENT])) for start in range(0, len(texts), A_SEGMENT)
    ]
    if at >= 0:
        return whole._replace(claim=(*rows[:at], *made, *rows[at:]))
    whole = whole._replace(claim=tuple(rows))
    for one in made:
        whole = insert(whole, one)
    return whole
