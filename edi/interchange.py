"""The records of pass 1: a file, its interchanges, groups and transactions,
with what was found about each.
"""

from edi.findings import Finding, Findings
from edi.registry import kind_of
from edi.segments import IsaRead, Segment

FINDINGS = 1_000  # kept of one interchange


class Span:
    """One ST..SE: where it stands and whether it is whole. byte_to: just past it; closed: its SE was read."""

    __slots__ = (
        "byte_from", "byte_to", "closed", "content_hash", "control", "findings", "group", "interchange",
        "kind", "segment_count", "segment_from", "separators", "st01", "usage", "version",
    )  # fmt: skip

    def __init__(self, segment: Segment, group: "Group", interchange: "Interchange") -> None:
        self.st01 = segment.at(1)
        self.control = segment.at(2)
        self.version = segment.at(3) or group.version
        self.kind = kind_of(self.st01, self.version)
        self.segment_from, self.segment_count = segment.number, 0
        self.byte_from = self.byte_to = segment.byte
        self.closed = False
        self.separators = interchange.separators
        self.content_hash = ""
        self.findings: list[Finding] = []
        self.usage = interchange.usage
        self.group = group
        self.interchange = interchange

    @property
    def held_by(self) -> list[Finding]:
        """Every finding that keeps this transaction from posting: its own, its group's, its interchange's."""
        above = [*self.group.findings, *self.interchange.findings]
        return [finding for finding in (*self.findings, *above) if finding.does in ("hold", "refuse")]


class Group:
    """One GS..GE; transactions in file order."""

    __slots__ = (
        "byte", "closed", "control", "date", "findings", "functional_id", "receiver", "segment",
        "sender", "time", "transactions", "version",
    )  # fmt: skip

    def __init__(self, segment: Segment) -> None:
        self.functional_id, self.sender, self.receiver = segment.at(1), segment.at(2), segment.at(3)
        self.date, self.time, self.control, self.version = (
            segment.at(4),
            segment.at(5),
            segment.at(6),
            segment.at(8),
        )
        self.segment, self.byte = segment.number, segment.byte
        self.closed = False
        self.transactions: list[Span] = []
        self.findings: list[Finding] = []


class Interchange:
    """One ISA..IEA. date YYMMDD and time HHMM as sent; usage P or T; acknowledgements: its TA1 segments;
    wants_answer: whether a TA1 is asked for (ISA14 = 1).
    """

    __slots__ = (
        "acknowledgements", "byte", "byte_end", "closed", "content_hash", "control", "date", "findings",
        "groups", "number", "receiver", "receiver_q", "sender", "sender_q", "separators", "time",
        "usage", "version", "wants_answer",
    )  # fmt: skip

    def __init__(self, isa: IsaRead, number: int, byte: int) -> None:
        elements = [element.strip() for element in isa.elements]
        self.number, self.byte = number, byte
        self.sender_q, self.sender, self.receiver_q, self.receiver = elements[5:9]
        self.date, self.time, self.version, self.control = (
            elements[9],
            elements[10],
            elements[12],
            elements[13],
        )
        self.usage = elements[15]
        self.wants_answer = elements[14] == "1"
        self.separators = isa.separators
        self.closed = False
        self.byte_end = byte + isa.length
        self.content_hash = ""
        self.groups: list[Group] = []
        self.findings = Findings(FINDINGS)
        self.acknowledgements: list[Segment] = []

    @property
    def transactions(self) -> list[Span]:
        """Its transactions in file order."""
        return [span for group in self.groups for span in group.transactions]


class Scan:
    """A whole file after pass 1.

    kind: one kind, "mixed", or "" when nothing can be read; bytes: the file's size.
    """

    __slots__ = (
        "bytes", "findings", "interchanges", "kind", "segments",
    )  # fmt: skip

    def __init__(self) -> None:
        self.kind = ""
        self.interchanges: list[Interchange] = []
        self.findings: list[Finding] = []
        self.segments = 0
        self.bytes = 0

    @property
    def refused(self) -> bool:
        """Whether nothing of the file may be used."""
        return any(finding.does == "refuse" for finding in self.findings)

    @property
    def transactions(self) -> list[Span]:
        """Every transaction of the file in order."""
        return [span for interchange in self.interchanges for span in interchange.transactions]
