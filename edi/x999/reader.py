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


class _Reader:
    """Takes the segments of one answer in turn."""

    def __init__(self, span: Span) -> None:
        self.answer = GroupAnswer(span)
        self.current: SetAnswer | None = None

    def take(self, segment: Segment) -> None:
        """One segment; what is not known is kept in other."""
        answer, current = self.answer, self.current
        match segment.id:
            case "ST" | "SE":
                pass
            case "AK1":
                answer.functional_id, answer.control = segment.at(1), segment.at(2)
                answer.version = segment.at(3)
            case "AK2":
                self.current = SetAnswer(segment)
                answer.sets.append(self.current)
            case "AK9":
                answer.status, answer.included = segment.at(1), segment.at(2)
                answer.received, answer.accepted = segment.at(3), segment.at(4)
                answer.codes = [code for code in segment.elements[5:] if code]
            case "IK5" | "AK5" if current is not None:
                current.status = segment.at(1)
                current.codes = [code for code in segment.elements[2:] if code]
            case "IK3" | "AK3" | "IK4" | "AK4" | "CTX" if current is not None:
                self._error(current.errors, segment)
            case _:
                answer.other.append(segment)
                answer.findings.append(
                    found("ack.unknown_segment", segment.number, segment.byte, value=segment.id)
                )

    def _error(self, errors: list[SetError], segment: Segment) -> None:
        """IK3 names a segment of ours, IK4 an element in it, CTX the claim it belongs to."""
        at = segment.at
        if segment.id in ("IK3", "AK3"):
            errors.append(SetError(at(1), at(2), at(3), at(4), "", "", "", segment.number, segment.byte))
        elif errors and segment.id == "CTX":
            if not errors[-1].business and not at(1).startswith("SITUATIONAL"):
                errors[-1] = errors[-1]._replace(business=at(1))
        elif errors:
            element = {"code": at(3), "element": at(1), "value": at(4)}
            errors.append(errors[-1]._replace(**element, segment=segment.number, byte=segment.byte))


def read(stream: BinaryIO, span: Span) -> GroupAnswer:
    """The answer a Span of the envelope stands for. Never fails on any bytes: what is wrong is a finding."""
    reader = _Reader(span)
    segments = split_segments(stream, span.separators, span.byte_from, span.byte_to, number=span.segment_from)
    for segment in segments:
        if segment.number - span.segment_from > KEPT:
            reader.answer.findings.append(
                found("ack.too_long", segment.number, segment.byte, value=str(KEPT))
            )
            break
        reader.take(segment)
    if not reader.answer.control:
        reader.answer.findings.append(found("ack.nothing_answered", span.segment_from, span.byte_from))
    return reader.answer
