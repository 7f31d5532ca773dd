"""One 999 or 997: the group it answers, its transactions, and their errors as the receiver stated them."""

from typing import BinaryIO, NamedTuple

from edi.envelope import Span
from edi.findings import Finding, found
from edi.segments import Segment, split_segments

KEPT = 20_000  # transactions and errors kept of one answer; more is no answer to anything we send
ACCEPTED = frozenset({"A", "E"})


class SetError(NamedTuple):
    """One IK3 or IK4: where in our transaction (segment id and its position from ST), and the code of the
    error.

    element is empty for an error of the segment; business: what a CTX names, usually CLM01:our control
    number.
    """

    segment_id: str
    position: str
    loop: str
    code: str
    element: str
    value: str
    business: str
    segment: int
    byte: int


class SetAnswer:
    """One AK2 loop: our ST01 and ST02, and the verdict (IK501): A, E accepted; R, M, W,
    X refused; "" none given.
    """

    __slots__ = (
        "byte", "codes", "control", "errors", "segment", "st01", "status", "version",
    )  # fmt: skip

    def __init__(self, segment: Segment) -> None:
        self.st01, self.control, self.version = segment.at(1), segment.at(2), segment.at(3)
        self.segment, self.byte = segment.number, segment.byte
        self.status = ""
        self.codes: list[str] = []
        self.errors: list[SetError] = []

    @property
    def accepted(self) -> bool:
        """Whether the transaction went on to be read."""
        return self.status in ACCEPTED


class GroupAnswer:
    """One 999: the group of ours it answers (AK1), its verdict (AK901: also P,
    some accepted) and the counts stated.
    """

    __slots__ = (
        "accepted", "byte", "codes", "control", "findings", "functional_id", "included", "other",
        "received", "segment", "sets", "status", "version",
    )  # fmt: skip

    def __init__(self, span: Span) -> None:
        self.segment, self.byte = span.segment_from, span.byte_from
        self.functional_id = self.control = self.version = self.status = ""
        self.included = self.received = self.accepted = ""
        self.codes: list[str] = []
        self.sets: list[SetAnswer] = []
        self.findings: list[Finding] = []
        self.other: list[Segment] = []


def read(stream: BinaryIO, span: Span) -> GroupAnswer:
    """The answer a Span of the envelope stands for. Never fails on any bytes: what is wrong is a finding."""
    answer = GroupAnswer(span)
    segments = split_segments(stream, span.separators, span.byte_from, span.byte_to, number=span.segment_from)
    kept = 0
    for segment in segments:
        current = answer.sets[-1] if answer.sets else None
        kept += 1
        if kept > KEPT:
            answer.findings.append(found("ack.too_long", segment.number, segment.byte, value=str(KEPT)))
            break
        match segment.id:
            case "ST" | "SE":
                continue
            case "AK1":
                answer.functional_id, answer.control, answer.version = (
                    segment.at(1),
                    segment.at(2),
                    segment.at(3),
                )
            case "AK2":
                answer.sets.append(SetAnswer(segment))
            case "AK9":
                answer.status, answer.included = segment.at(1), segment.at(2)
                answer.received, answer.accepted = segment.at(3), segment.at(4)
                answer.codes = [code for code in segment.elements[5:] if code]
            case "IK3" | "AK3" if current is not None:
                current.errors.append(
                    SetError(
                        segment.at(1),
                        segment.at(2),
                        segment.at(3),
                        segment.at(4),
                        "",
                        "",
                        "",
                        segment.number,
                        segment.byte,
                    )
                )
            case "IK4" | "AK4" if current is not None and current.errors:
                place = current.errors[-1]
                current.errors.append(
                    SetError(
                        place.segment_id,
                        place.position,
                        place.loop,
                        segment.at(3),
                        segment.at(1),
                        segment.at(4),
                        place.business,
                        segment.number,
                        segment.byte,
                    )
                )
            case "CTX" if current is not None and current.errors:
                if not current.errors[-1].business and not segment.at(1).startswith("SITUATIONAL"):
                    current.errors[-1] = current.errors[-1]._replace(business=segment.at(1))
            case "IK5" | "AK5" if current is not None:
                current.status = segment.at(1)
                current.codes = [code for code in segment.elements[2:] if code]
            case _:
                answer.other.append(segment)
                answer.findings.append(
                    found("ack.unknown_segment", segment.number, segment.byte, value=segment.id)
                )
    if not answer.control:
        answer.findings.append(found("ack.nothing_answered", span.segment_from, span.byte_from))
    return answer
