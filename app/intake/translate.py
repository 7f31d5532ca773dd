"""The border to `edi`: a scanned file as plain facts, a stored transaction as the span its reader wants."""

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, BinaryIO, NamedTuple

from app.intake import rules
from app.intake.rules import Settled, reply_status
from app.kernel.ids import address
from edi.amounts import BadAmount, parse_cents
from edi.envelope import Interchange, Scan, Span, scan_file
from edi.eob import split as fhir
from edi.eob.positions import number_at
from edi.findings import Finding
from edi.guide import second_opinion
from edi.registry import FUNCTIONAL_IDS
from edi.segments import SEGMENT_BYTES, Separators, element_span, split_segments
from edi.x999 import checks
from edi.x999.writer import GroupReply, Parties, SetReply
from edi.x999.writer import write as write_999
from edi.xta1.writer import Answered
from edi.xta1.writer import write as write_ta1

CLAIM_KINDS = rules.CLAIM_KINDS
EOB = "fhir"
READ_KINDS = ("835", *CLAIM_KINDS, EOB)
ANSWER_KINDS = ("999", "997", "TA1", "277CA", "277")
FINDINGS_KEPT = 500
SHOWN_BYTES = 80


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as kept: what it does, where it stands, in a biller's words."""

    code: str
    does: str
    segment: int
    byte: int
    element: int
    text: str


@dataclass(frozen=True, slots=True)
class FoundTransaction:
    """An ST of a file; `holds` are the findings that keep it from posting."""

    id: int
    kind: str
    control: str
    usage: str
    content_hash: str
    span: dict[str, Any]
    findings: list[Found]
    holds: list[Found]
    group_control: str = ""


@dataclass(frozen=True, slots=True)
class FoundInterchange:
    """An ISA..IEA of a file with its natural key."""

    id: int
    natural: str
    sender: str
    receiver: str
    control: str
    day: str
    usage: str
    closed: bool
    content_hash: str
    findings: list[Found]
    transactions: list[FoundTransaction]


@dataclass(frozen=True, slots=True)
class Split:
    """A file after its first reading; `refusal` is the finding that refuses it, if any."""

    kind: str
    segments: int
    refusal: Found | None
    findings: list[Found]
    interchanges: list[FoundInterchange]


def split_file(stream: BinaryIO, file_no: int) -> Split:
    """Read the envelopes of a whole file, or its FHIR resources; never raises on any bytes."""
    if fhir.looks_like_json(stream):
        return _resources(stream, file_no)
    scan = scan_file(stream)
    findings = found_all(scan.findings)
    refusal = next((one for one in findings if one.does == "refuse"), None)
    interchanges = [_interchange(one, file_no) for one in scan.interchanges]
    if refusal is None:
        refusal = _nothing_known(scan, interchanges)
    return Split(scan.kind, scan.segments, refusal, findings, interchanges)


def _resources(stream: BinaryIO, file_no: int) -> Split:
    """A file of FHIR JSON: each EOB in it is a transaction of its own, the rest is kept with the file."""
    found = fhir.split(stream)
    findings = found_all(found.findings)
    refusal = next((one for one in findings if one.does == "refuse"), None)
    transactions = [_eob(piece, file_no) for piece in found.pieces]
    content = hashlib.sha256("|".join(one.content_hash for one in found.pieces).encode()).hexdigest()
    natural = hashlib.sha256(f"fhir|{file_no}|{content}".encode()).hexdigest()
    key = address(file_no, 1)
    holder = FoundInterchange(key, natural, "FHIR", "", "", "", "P", True, content, [], transactions)
    rest = [one for one in findings if one is not refusal]
    return Split(EOB, sum(found.counts.values()), refusal, rest, [] if refusal else [holder])


def _eob(piece: fhir.Piece, file_no: int) -> FoundTransaction:
    span: dict[str, Any] = dict(st01=EOB, kind=EOB, control=piece.id, version="", segment_from=piece.byte + 1)
    span |= dict(segment_count=1, byte_from=piece.byte, byte_to=piece.byte_end, closed=True, usage="P")
    span |= dict(separators=["*", ":", "^", "~"], others=piece.others, path=piece.path, type=piece.type)
    key = address(file_no, piece.byte + 1)
    return FoundTransaction(key, EOB, piece.id[:20], "P", piece.content_hash, span, [], [])


def _nothing_known(scan: Scan, interchanges: list[FoundInterchange]) -> Found | None:
    known = [
        one for isa in interchanges for one in isa.transactions if one.kind in (*READ_KINDS, *ANSWER_KINDS)
    ]
    acknowledged = any(isa.acknowledgements for isa in scan.interchanges)
    if known or acknowledged:
        return None
    kinds = sorted({one.span["st01"] for isa in interchanges for one in isa.transactions})
    words = f"It holds {', '.join(kinds)}" if kinds else "It holds no transaction"
    return Found(
        "intake.unknown_kind",
        "refuse",
        1,
        0,
        0,
        f"{words}; Reclaim reads 835, 837, 999, 997, TA1, 277CA and 277.",
    )


def _interchange(one: Interchange, file_no: int) -> FoundInterchange:
    words = (one.sender_q, one.sender, one.receiver_q, one.receiver, one.control, one.date, one.time)
    natural = hashlib.sha256("|".join(words).encode()).hexdigest()
    transactions = [_transaction(span, file_no) for span in one.transactions]
    if one.acknowledgements:
        transactions = [_ta1(one, file_no), *transactions]
    return FoundInterchange(
        address(file_no, one.number),
        natural,
        one.sender[:20],
        one.receiver[:20],
        one.control[:20],
        one.date[:8],
        one.usage[:2],
        one.closed,
        one.content_hash,
        found_all(one.findings),
        transactions,
    )


def _ta1(one: Interchange, file_no: int) -> FoundTransaction:
    first = one.acknowledgements[0]
    span = dict(st01="TA1", control=one.control, version=one.version, segment_from=first.number)
    span |= dict(segment_count=len(one.acknowledgements), byte_from=first.byte, byte_to=one.byte_end)
    span |= dict(closed=one.closed, separators=list(one.separators), usage=one.usage)
    key = address(file_no, first.number)
    return FoundTransaction(key, "TA1", one.control[:20], one.usage[:2], one.content_hash, span, [], [])


def _transaction(span: Span, file_no: int) -> FoundTransaction:
    stored = dict(st01=span.st01, control=span.control, version=span.version, segment_from=span.segment_from)
    stored |= dict(segment_count=span.segment_count, byte_from=span.byte_from, byte_to=span.byte_to)
    stored |= dict(closed=span.closed, separators=list(span.separators), usage=span.usage, kind=span.kind)
    key = address(file_no, span.segment_from)
    holds = found_all(span.held_by)
    own = found_all([*span.findings, *(span.group.findings if span.group else ())])
    kind = span.kind[:8]
    facts = (span.content_hash, stored, own, holds, span.group.control.lstrip("0")[:20])
    return FoundTransaction(key, kind, span.control[:20], span.usage[:2], *facts)


def span_of(stored: dict[str, Any]) -> Any:
    """A stored transaction as the span that the readers of `edi` take."""
    return SimpleNamespace(
        **{**stored, "separators": Separators(*stored["separators"]), "findings": [], "group": None}
    )


def found_all(findings: Iterable[Finding]) -> list[Found]:
    """Findings of a reader as kept; at most 500 of one place, the rest would say the same."""
    kept: list[Found] = []
    for one in findings:
        if len(kept) == FINDINGS_KEPT:
            break
        kept.append(Found(one.code, one.does, one.segment, one.byte, one.element or 0, one.text))
    return kept


def is_zip(stream: BinaryIO) -> bool:
    """Does the content start like a zip archive?"""
    stream.seek(0)
    head = stream.read(4)
    stream.seek(0)
    return head in (b"PK\x03\x04", b"PK\x05\x06") and zipfile.is_zipfile(stream)


def functional_id(kind: str) -> str:
    """The GS01 of a kind, for screens."""
    return FUNCTIONAL_IDS.get(kind, "")


def guide_findings(stream: BinaryIO, *, seconds: int) -> list[Found]:
    """pyx12's opinion of a whole file, in a process of its own with a time limit; all of it warnings."""
    stream.seek(0)
    return found_all(second_opinion(stream.read(), seconds))


def segment_at(stream: BinaryIO, span: dict[str, Any], byte: int) -> bytes:
    """The raw segment that starts at a byte of a stored transaction, without its terminator.

    Of an EOB: the text from that byte on, as much as names the amount.
    """
    stream.seek(byte)
    if span.get("kind") == EOB:
        return stream.read(min(SHOWN_BYTES, span["byte_to"] - byte))
    raw = stream.read(min(SEGMENT_BYTES, span["byte_to"] - byte))
    end = raw.find(Separators(*span["separators"]).terminator.encode("latin-1"))
    return raw if end < 0 else raw[:end]


def element_at(stream: BinaryIO, span: dict[str, Any], byte: int, element: int) -> tuple[bytes, int, int]:
    """(raw segment, start, end) of one element, offsets within the segment."""
    raw = segment_at(stream, span, byte)
    if span.get("kind") == EOB:
        return raw, 0, len(number_at(raw))
    start, end = element_span(raw, Separators(*span["separators"]), element)
    return raw, start, end


def cents_at(stream: BinaryIO, span: dict[str, Any], byte: int, element: int) -> int | None:
    """The amount that stands in an element, in cents; None when there is none."""
    raw, start, end = element_at(stream, span, byte, element)
    try:
        return parse_cents(raw[start:end].decode("latin-1").strip())
    except BadAmount:
        return None


# ---------------------------------------------------------------- our own 999 and TA1


class Reply(NamedTuple):
    """What we answer to one interchange. groups is empty when only a TA1 is due, note when only a 999 is.

    partner: who sent it; parties are theirs to us the other way round, without date and control number.
    """

    interchange_id: int
    partner: str
    parties: tuple[str, str, str, str]
    usage: str
    groups: tuple[GroupReply, ...]
    answered: Answered | None

    def kinds(self) -> list[tuple[str, str, int, int]]:
        """The files due: (kind, status, transactions, of them accepted)."""
        found = []
        if self.answered is not None:
            found.append(("TA1", self.answered.status, 0, 0))
        if self.groups:
            taken, sets = sum(one.accepted for one in self.groups), sum(len(one.sets) for one in self.groups)
            statuses = {one.status for one in self.groups}
            status = statuses.pop() if len(statuses) == 1 else "P"
            found.append(("999", status, sets, taken))
        return found

    def text(self, kind: str, day: str, time: str, control: int) -> bytes:
        """The file of a kind, made on a day (YYYYMMDD) at a time (HHMM) under our next control number."""
        parties = Parties(*self.parties, day, time, control, self.usage)
        if kind == "TA1" and self.answered is not None:
            return write_ta1(parties, self.answered)
        return write_999(parties, self.groups)


def replies(stream: BinaryIO, file_no: int, settled: Mapping[int, Settled]) -> list[Reply]:
    """Our answers to the interchanges of a file, by what became of their transactions.

    settled: transaction id -> what became of it; an interchange with one that is missing there is not
    answered. Answers are never answered, nor an interchange that came in before.
    """
    scan = scan_file(stream)
    return [
        found for one in scan.interchanges if (found := _reply(stream, one, file_no, settled)) is not None
    ]


def _reply(stream: BinaryIO, one: Interchange, file_no: int, settled: Mapping[int, Settled]) -> Reply | None:
    groups = [group for group in one.groups if group.functional_id != "FA"]
    spans = [span for group in groups for span in group.transactions]
    known = [settled.get(address(file_no, span.segment_from)) for span in spans]
    if not spans or any(state is None or state.again for state in known):
        return None
    note = checks.interchange_note(one.findings)
    answered = None
    if one.wants_answer or note != "000":
        status = "R" if note != "000" else "E" if one.findings else "A"
        answered = Answered(one.control, one.date, one.time, status, note)
    written = () if note != "000" else tuple(_group(stream, group, file_no, settled) for group in groups)
    parties = (one.receiver_q, one.receiver, one.sender_q, one.sender)
    key = address(file_no, one.number)
    return Reply(key, f"{one.sender_q}:{one.sender}"[:40], parties, one.usage or "P", written, answered)


def _group(stream: BinaryIO, group: Any, file_no: int, settled: Mapping[int, Settled]) -> GroupReply:
    sets = tuple(
        _set(stream, span, settled[address(file_no, span.segment_from)]) for span in group.transactions
    )
    codes = checks.group_codes(group.findings)
    if codes:
        sets = tuple(one._replace(status="R", codes=one.codes or ("5",)) for one in sets)
    return GroupReply(group.functional_id, group.control, group.version, len(sets), sets, codes)


def _set(stream: BinaryIO, span: Span, settled: Settled) -> SetReply:
    found = [
        Finding(one.code, one.does, one.segment, one.byte, one.element or None, one.text)
        for one in settled.findings
    ]
    names = _segments_named(stream, span, {one.segment for one in found})
    errors = checks.set_errors(found, span.segment_from, names)
    status = reply_status(settled)
    codes = checks.set_codes(found, errors)
    if status == "A":
        codes, errors = (), ()
    elif status == "R" and not codes:
        codes = ("5",)
    return SetReply(
        span.st01, span.control, span.version if span.st01 != "835" else "", status, codes, errors
    )


def _segments_named(stream: BinaryIO, span: Span, wanted: set[int]) -> dict[int, tuple[str, str]]:
    """Segment number -> (its id, the claim it stands in), of those wanted."""
    if not wanted:
        return {}
    named: dict[int, tuple[str, str]] = {}
    opens, business = checks.BUSINESS.get(span.st01, ""), ""
    segments = split_segments(stream, span.separators, span.byte_from, span.byte_to, number=span.segment_from)
    for segment in segments:
        if opens and segment.id == opens:
            business = f"{opens}0{2 if opens == 'TRN' else 1}:{segment.at(2 if opens == 'TRN' else 1)}"[:35]
        if segment.number in wanted:
            named[segment.number] = (segment.id, business if segment.id not in ("ST", "SE") else "")
    return named
