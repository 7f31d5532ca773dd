"""Pass 1 over a file: interchanges, groups and transactions, their counts and control numbers, their
fingerprints.

One pass, flat memory but for one small record per transaction. A later pass reads one transaction from its
Span.
"""

import hashlib
import re
from collections.abc import Generator, Iterator
from typing import BinaryIO

from edi.amounts import same_count
from edi.findings import Finding, found
from edi.interchange import Group, Interchange, Scan, Span
from edi.registry import FUNCTIONAL_IDS, READ
from edi.segments import BLANK, ISA_REACH, SEGMENT_BYTES, IsaRead, Segment, Separators, blocks, read_isa

__all__ = ["Group", "Interchange", "Scan", "Span", "scan", "scan_file"]

TRANSACTIONS = 50_000  # per file: each costs a record in memory; payers send a few hundred
STRAYS = 1_000  # segments out of place that are named one by one
SEARCH_BYTES = 1 << 16  # how far ahead of it text may stand before the first ISA
ENVELOPE = ("ST", "SE", "GS", "GE")
CANONICAL = Separators("\x1d", "\x1f", "\x1c", "\x1e")
ISA_SHAPE = re.compile(rb"ISA([^A-Za-z0-9\s])(?=[^\n]{0,12}\1[^\n]{0,14}\1)")


class _Scanner:
    """The state of one pass: what is open, and the running fingerprint of the open transaction."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.findings: list[Finding] = []  # of the file
        self.number = 0  # segments seen
        self.end = 0  # bytes read
        self.spans = 0
        self.junk_bytes = 0
        self.inside = False  # whether an interchange is open
        self.interchange = Interchange(IsaRead([""] * 17, CANONICAL, 0, False), 0, 0)
        self.group: Group | None = None
        self.span: Span | None = None
        self.hash = hashlib.sha256()

    def run(self) -> Iterator[Interchange]:
        """Interchanges in file order, each as soon as it ends."""
        byte = self._first_isa()
        while byte is not None:
            isa = self._isa_at(byte)
            if isa is None:
                self.findings.append(found("edi.separators", self.number + 1, byte))
                break
            self._open_interchange(isa, byte)
            byte = yield from self._walk(isa.separators, self._past_line_end(byte + isa.length))
        if self.inside:
            yield self._leave_interchange(self.end)
        if self.junk_bytes:
            self.findings.append(found("edi.junk_after", self.number, self.end, value=str(self.junk_bytes)))

    def _walk(self, separators: Separators, start: int) -> Generator[Interchange, None, int | None]:
        """Read on with the same separators; gives the offset of an ISA that needs others, None at the end."""
        star = separators.element
        marks = frozenset({"ISA", "IEA", "TA1", *ENVELOPE, *(name + star for name in ENVELOPE)})
        block = None
        for block in blocks(self.stream, separators, start, as_read=False):
            texts = block.texts
            hits = [index for index, text in enumerate(texts) if text[:3] in marks]
            starts = block.starts() if hits or not self.inside else []
            done = 0
            for index in hits:
                jump = self._inside(texts[done:index], separators, starts[done : index + 1])
                if jump is not None:
                    return jump
                done = index + 1
                start = starts[index]
                after = starts[done] if done < len(texts) else block.end
                if texts[index].startswith("ISA"):
                    if self.inside:
                        yield self._leave_interchange(start)
                    isa = self._isa_at(start)
                    if isa is None or isa.separators != separators:
                        return start
                    self._open_interchange(isa, start)
                    continue
                glued = self._isa_within(texts[index], start)
                whole = block.glue > 0 and glued is None
                self._mark(Segment("", texts[index].split(star), 0, start), after, whole)
                if self.inside and self.interchange.closed:
                    yield self._leave_interchange(after)
                if glued is not None:
                    return glued
            jump = self._inside(texts[done:], separators, [*starts[done:], block.end] if starts else [])
            if jump is not None:
                return jump
            self.end = block.end
            if self.spans > TRANSACTIONS:
                self.findings.append(
                    found("edi.too_many", self.number, self.end, value=f"{TRANSACTIONS} transactions")
                )
                return None
        self.stream.seek(self.end if block else start)
        if len(self.stream.read(SEGMENT_BYTES)) >= SEGMENT_BYTES:
            self.findings.append(found("edi.segment_too_long", self.number + 1, self.end))
        return None

    def _first_isa(self) -> int | None:
        """Offset of the first ISA, past a byte order mark, blanks or a transport's heading."""
        self.stream.seek(0)
        raw = self.stream.read(SEARCH_BYTES)
        lead = raw.removeprefix(b"\xef\xbb\xbf").lstrip(BLANK.encode())
        if lead.startswith(b"ISA"):
            return len(raw) - len(lead)
        match = ISA_SHAPE.search(raw)
        if match is None:
            self.findings.append(found("edi.not_x12", 0, 0))
            return None
        self.findings.append(found("edi.junk_before", 1, match.start(), value=str(match.start())))
        return match.start()

    def _isa_at(self, byte: int) -> IsaRead | None:
        self.stream.seek(byte)
        return read_isa(self.stream.read(ISA_REACH))

    def _past_line_end(self, byte: int) -> int:
        self.stream.seek(byte)
        raw = self.stream.read(4)
        return byte + len(raw) - len(raw.lstrip(b"\r\n"))

    def _isa_within(self, text: str, byte: int) -> int | None:
        """Offset of an ISA glued to a segment whose terminator is missing, as in files joined by hand."""
        if "ISA" not in text[3:]:
            return None
        self.stream.seek(byte)
        match = ISA_SHAPE.search(self.stream.read(len(text) + ISA_REACH), 3)
        return None if match is None or match.start() > len(text) + 2 else byte + match.start()

    # -- what stands between the envelope segments

    def _inside(self, texts: list[str], separators: Separators, starts: list[int]) -> int | None:
        """Count and fingerprint the segments of a transaction; elsewhere complain.

        An ISA in junk is pointed to.
        """
        if not texts:
            return None
        if not self.inside:
            for text, start in zip(texts, starts, strict=False):
                isa = self._isa_within("   " + text, start - 3)
                if isa is not None:
                    return isa
            self.junk_bytes += starts[-1] - starts[0]
            return None
        self.number += len(texts)
        if self.span is not None:
            self.span.segment_count += len(texts)
            self.hash.update(canonical(texts, separators))
        else:
            first = self.number - len(texts) + 1
            for number, text in enumerate(texts[:STRAYS], first):
                self._complain(
                    "edi.out_of_place", number, self.end, value=text[:3].partition(separators.element)[0]
                )
        return None

    # -- what each envelope segment does

    def _open_interchange(self, isa: IsaRead, byte: int) -> None:
        self.number += 1
        self.interchange = Interchange(isa, self.number, byte)
        self.inside = True
        self.end = byte + isa.length
        if isa.odd_width:
            self._complain("edi.isa_width", self.number, byte, value=str(isa.length))

    def _mark(self, segment: Segment, after: int, whole: bool) -> None:
        """One of GS ST SE GE IEA TA1. after: offset just past it; whole: its terminator was there."""
        if not self.inside:
            self.junk_bytes += after - segment.byte
            return
        self.number += 1
        segment = segment._replace(id=segment.elements[0], number=self.number)
        {
            "GS": self._open_group,
            "ST": self._open_span,
            "SE": self._close_span,
            "GE": self._close_group,
            "IEA": self._close_interchange,
            "TA1": self._acknowledgement,
        }.get(segment.id, self._other)(segment, after, whole)

    def _other(self, segment: Segment, after: int, _whole: bool) -> None:
        self.number -= 1
        self._inside(
            [self.interchange.separators.element.join(segment.elements)], self.interchange.separators, [after]
        )

    def _acknowledgement(self, segment: Segment, _after: int, _whole: bool) -> None:
        self.interchange.acknowledgements.append(segment)

    def _open_group(self, segment: Segment, _after: int, _whole: bool) -> None:
        self._leave_group(segment.byte)
        self.group = Group(segment)
        self.spans += 1  # an empty group costs a record too
        self.interchange.groups.append(self.group)

    def _open_span(self, segment: Segment, _after: int, _whole: bool) -> None:
        self._leave_span(segment.byte)
        group = self.group
        homeless = group is None
        if group is None:
            group = self.group = Group(Segment("GS", ["GS"], segment.number, segment.byte))
            group.closed = True
            self.interchange.groups.append(group)
        span = self.span = Span(segment, group, self.interchange)
        self.spans += 1
        span.segment_count = 1
        self.hash = hashlib.sha256(span.st01.encode("latin-1"))
        if homeless:
            span.findings.append(found("edi.no_group", segment.number, segment.byte))
        self._check_kind(span, group, segment)
        group.transactions.append(span)

    def _check_kind(self, span: Span, group: Group, segment: Segment) -> None:
        """R835-06: a transaction must be of the kind its group promises, in a guide known here."""
        functional = FUNCTIONAL_IDS.get(span.kind)
        if group.functional_id and functional and group.functional_id != functional:
            span.findings.append(
                found("edi.functional_id", group.segment, group.byte, 1, group.functional_id)
            )
        if span.kind not in READ:
            span.findings.append(
                found("edi.unknown_set", segment.number, segment.byte, 1, f"{span.st01} {span.version}")
            )
        elif span.version.startswith("004010"):
            span.findings.append(found("edi.version_old", segment.number, segment.byte, 3, span.version))
        elif span.kind == "835" and not span.version.startswith("005010X221"):
            span.findings.append(found("edi.version", segment.number, segment.byte, 3, span.version))

    def _close_span(self, segment: Segment, after: int, whole: bool) -> None:
        span = self.span
        if span is None:
            self._complain("edi.unopened", segment.number, segment.byte, value="SE")
            return
        span.segment_count += 1
        span.closed = whole
        if segment.at(2) != span.control:
            span.findings.append(
                found("edi.transaction_control", segment.number, segment.byte, 2, segment.at(2))
            )
        if not same_count(segment.at(1), span.segment_count):
            span.findings.append(
                found("edi.transaction_count", segment.number, segment.byte, 1, segment.at(1))
            )
        self._leave_span(after)

    def _close_group(self, segment: Segment, after: int, whole: bool) -> None:
        self._leave_span(segment.byte)
        group = self.group
        if group is None:
            self._complain("edi.unopened", segment.number, segment.byte, value="GE")
            return
        group.closed = whole
        if segment.at(2).lstrip("0") != group.control.lstrip("0"):
            group.findings.append(found("edi.group_control", segment.number, segment.byte, 2, segment.at(2)))
        if not same_count(segment.at(1), len(group.transactions)):
            group.findings.append(found("edi.group_count", segment.number, segment.byte, 1, segment.at(1)))
        self._leave_group(after)

    def _close_interchange(self, segment: Segment, _after: int, whole: bool) -> None:
        self._leave_group(segment.byte)
        interchange = self.interchange
        control = segment.at(2).partition("ISA")[0].strip()
        # The last terminator of a file is often lost on the way; the control number then shows the segment
        # is whole.
        interchange.closed = whole or control == interchange.control
        if control != interchange.control:
            self._complain("edi.interchange_control", segment.number, segment.byte, 2, control)
        groups = len(interchange.groups)
        if not same_count(segment.at(1), groups) and not (groups == 0 and interchange.acknowledgements):
            self._complain("edi.interchange_count", segment.number, segment.byte, 1, segment.at(1))

    # -- leaving a level, closed or not

    def _leave_span(self, after: int) -> None:
        span, self.span = self.span, None
        if span is None:
            return
        span.byte_to = after
        span.content_hash = self.hash.hexdigest()
        if not span.closed:
            span.findings.append(found("edi.transaction_not_closed", span.segment_from, span.byte_from))

    def _leave_group(self, after: int) -> None:
        self._leave_span(after)
        group, self.group = self.group, None
        if group is None:
            return
        if not group.closed:
            group.findings.append(found("edi.group_not_closed", group.segment, group.byte))
        seen: set[str] = set()
        for span in group.transactions:
            if span.control in seen:
                span.findings.append(
                    found("edi.repeated_control", span.segment_from, span.byte_from, 2, span.control)
                )
            seen.add(span.control)

    def _leave_interchange(self, after: int) -> Interchange:
        self._leave_group(after)
        interchange, self.inside = self.interchange, False
        interchange.byte_end = self.end = after
        if not interchange.closed:
            interchange.findings.append(found("edi.not_closed", interchange.number, interchange.byte))
        whole = hashlib.sha256()
        for span in interchange.transactions:
            whole.update(span.content_hash.encode())
        for acknowledgement in interchange.acknowledgements:
            whole.update("\x1d".join(acknowledgement.elements).encode("latin-1"))
        interchange.content_hash = whole.hexdigest()
        return interchange

    def _complain(
        self, code: str, segment: int, byte: int, element: int | None = None, value: str = ""
    ) -> None:
        if self.interchange.findings.want(code):
            self.interchange.findings.add(found(code, segment, byte, element, value))


def canonical(texts: list[str], separators: Separators) -> bytes:
    """Segments in one spelling whatever the separators,
    line ends and trailing empty elements of the sender.
    """
    joined = CANONICAL.terminator.join(texts) + CANONICAL.terminator
    star = separators.element
    if star + CANONICAL.terminator in joined:
        joined = CANONICAL.terminator.join([text.rstrip(star) for text in texts]) + CANONICAL.terminator
    table = {ord(sign): ord(same) for sign, same in zip(separators[:3], CANONICAL[:3], strict=True) if sign}
    return joined.encode("latin-1").translate(bytes(table.get(sign, sign) for sign in range(256)))


def scan(stream: BinaryIO) -> Iterator[Interchange]:
    """The interchanges of a file, one after the other.

    Complaints about the file as a whole: see scan_file.
    """
    return _Scanner(stream).run()


def scan_file(stream: BinaryIO) -> Scan:
    """Pass 1 over a whole file.

    Bad bytes are findings; a file nothing can be read from has a finding that refuses it.
    """
    scanner = _Scanner(stream)
    result = Scan()
    result.interchanges = list(scanner.run())
    result.findings = scanner.findings
    result.segments = scanner.number
    result.bytes = stream.seek(0, 2)
    spans = result.transactions
    kinds = {span.kind for span in spans}
    if not spans and any(interchange.acknowledgements for interchange in result.interchanges):
        kinds = {"TA1"}
    readable_kinds = kinds & READ
    result.kind = next(iter(kinds)) if len(kinds) == 1 else "mixed" if readable_kinds else ""
    if result.interchanges and not result.refused and not readable_kinds:
        named = ", ".join(sorted({span.st01 for span in spans})) if spans else ""
        code = "edi.unknown_kind" if named else "edi.nothing_inside"
        result.findings.append(found(code, 1, result.interchanges[0].byte, value=named))
    return result
