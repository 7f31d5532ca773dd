"""What screens and programs read of a remit straight from its stored bytes; its head was in scope."""

from collections.abc import Sequence
from typing import Any

from app.documents import service as documents
from app.kernel.work import Work
from app.remits.queries import ProviderView, RemitHead
from app.remits.queries_claim import ClaimView
from app.remits.translate import RawSegment, raw_segments
from app.remits.translate_preview import Preview, preview

HEAD_BYTES = 1_000
"""ST, BPR and TRN stand in the first bytes of a transaction; the guides allow them 300 at most."""

Part = tuple[str, list[RawSegment]]


def live(w: Work, head: RemitHead, book: Any, *, segment: int | None = None) -> Preview:
    """A transaction that is not posted: its bytes are the only place where it lives."""
    w.audit("remit.preview", "R", "intake_transaction", head.transaction, entity_id=head.entity_id)
    with documents.open_file(w, head.file_no) as stream:
        return preview(stream, head, book, segment=segment)


def payment_part(w: Work, head: RemitHead) -> Part:
    """The segments that make the payment: ST, BPR, TRN."""
    first = beginning(w, head, HEAD_BYTES)[:6]
    return "Payment", [one for one in first if one.id in ("ST", "BPR", "TRN")]


def beginning(w: Work, head: RemitHead, most: int) -> list[RawSegment]:
    """The first segments of the transaction, ST and on, of at most so many bytes."""
    start, end = head.span["byte_from"], head.span["byte_to"]
    return _segments(w, head, start, min(end, start + most), head.span["segment_from"])


def claim_part(w: Work, head: RemitHead, one: ClaimView) -> Part:
    """The segments of one claim, CLP to the last before the next."""
    return f"Claim {one.control}", _segments(w, head, one.byte, one.byte_end, one.segment)


def provider_part(w: Work, head: RemitHead, pairs: Sequence[ProviderView]) -> Part:
    """The PLB segments these pairs stand in."""
    wanted = {one.at.segment for one in pairs}
    first = min((one.at for one in pairs), key=lambda place: place.segment)
    rest = _segments(w, head, first.byte, head.span["byte_to"], first.segment)
    return "Provider adjustments", [one for one in rest if one.number in wanted]


def _segments(w: Work, head: RemitHead, start: int, end: int, number: int) -> list[RawSegment]:
    raw = documents.read_range(w, head.file_no, start, end)
    return raw_segments(raw, head.span, byte=start, number=number)
