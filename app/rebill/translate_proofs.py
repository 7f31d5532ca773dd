"""The border to `edi` and `letters`: segments quoted from stored documents, and the proof made of them."""

from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO, NamedTuple

from app.intake.translate import span_of
from edi.segments import split_segments
from letters import render

LETTER = "timely_filing"


class Quote(NamedTuple):
    """One segment as it stands in its file; number from 1, byte from 0."""

    number: int
    byte: int
    text: str


WANTED = {
    "837": (frozenset({"CLM"}), frozenset()),
    "999": (frozenset({"AK1", "AK2", "IK5", "AK5"}), frozenset({"IK5", "AK5", "AK9"})),
    "277CA": (frozenset({"TRN", "STC", "REF", "DTP"}), frozenset({"HL", "SE"})),
    "835": (frozenset({"CLP"}), frozenset()),
}
"""By kind of document, the segments quoted of one claim and those that end it; none ends it at once."""


def quotes(stream: BinaryIO, span: dict[str, Any], kind: str, at: int) -> Iterator[Quote]:
    """What a document says of one claim: from the segment with this number on, and nothing of another."""
    marks = span_of(span).separators
    names, last = WANTED[kind]
    first = span["segment_from"]
    for one in split_segments(stream, marks, span["byte_from"], span["byte_to"], number=first):
        if one.number < at and one.id != "AK1":
            continue
        if one.number > at and (not last or (one.id in last and one.id not in names)):
            return
        if one.id in names:
            text = marks.element.join(one.elements) + marks.terminator.strip()
            yield Quote(one.number, one.byte, text)
        if one.number > at and one.id in last:
            return


def proof(facts: dict[str, Any], *, on: date) -> bytes:
    """The proof as a tagged PDF: the same facts on the same day are the same bytes."""
    return render(LETTER, facts, on=on).pdf
