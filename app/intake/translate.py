"""The border to `edi`: a scanned file as plain facts, a stored transaction as the span its reader wants."""

import hashlib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, BinaryIO

from app.kernel.ids import address
from edi.amounts import BadAmount, parse_cents
from edi.envelope import Interchange, Scan, Span, scan_file
from edi.eob import split as fhir
from edi.eob.positions import number_at
from edi.findings import Finding
from edi.guide import second_opinion
from edi.registry import FUNCTIONAL_IDS
from edi.segments import SEGMENT_BYTES, Separators, element_span

CLAIM_KINDS = ("837P", "837I", "837D")
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
