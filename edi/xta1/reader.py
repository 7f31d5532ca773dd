"""TA1 segments of an interchange as facts; TA1 stands beside the groups, so the envelope already has them."""

from collections.abc import Iterable
from typing import NamedTuple

from edi.amounts import iso_date
from edi.envelope import Interchange
from edi.segments import Segment


class InterchangeAnswer(NamedTuple):
    """What became of one interchange of ours. control, date, time: its ISA13, ISA09 (YYYY-MM-DD) and ISA10.

    status: A accepted, E accepted with errors, R rejected. note: TA105, 000 when there is nothing to say.
    """

    control: str
    date: str | None
    time: str
    status: str
    note: str
    segment: int
    byte: int

    @property
    def accepted(self) -> bool:
        """Whether the interchange went on to be read."""
        return self.status in ("A", "E")


def read(interchange: Interchange) -> list[InterchangeAnswer]:
    """The answers of an interchange in file order; empty when it carries none."""
    return read_segments(interchange.acknowledgements)


def read_segments(segments: Iterable[Segment]) -> list[InterchangeAnswer]:
    """The answers among segments; those that are no TA1 are passed over."""
    return [
        InterchangeAnswer(
            segment.at(1),
            iso_date(f"20{segment.at(2)}"),
            segment.at(3),
            segment.at(4),
            segment.at(5),
            segment.number,
            segment.byte,
        )
        for segment in segments
        if segment.id == "TA1"
    ]
