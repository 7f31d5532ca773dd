"""What leaves the house about claims on their way: every rejection, and every claim nobody answers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from app.claims import queries_rejections, queries_silent
from app.denials.queries_figures import CHUNK, tax_ids
from app.entities import queries as entities
from app.kernel.export import Column, Kind
from app.kernel.work import Work

_CODE, _TEXT, _MONEY, _DAY, _COUNT = Kind.CODE, Kind.TEXT, Kind.MONEY, Kind.DAY, Kind.COUNT


def _columns(**kinds: Kind) -> list[Column]:
    """Columns headed by their own keys: files of programs, not of people."""
    return [Column(key, key, kind) for key, kind in kinds.items()]


REJECTIONS = _columns(
    entity=_CODE, kind=_CODE, claim_id=_CODE, file=_CODE, set_control=_CODE, claims=_COUNT, payer=_TEXT,
    code=_CODE, words=_TEXT, action=_TEXT, amount=_MONEY, opened_at=Kind.INSTANT, due=_DAY,
    resubmitted_on=_DAY, owner=_TEXT, state=_CODE, outcome=_CODE,
)  # fmt: skip
SILENT = _columns(
    entity=_CODE, claim_id=_CODE, payer=_TEXT, rank=_COUNT, provider_npi=_CODE, service_from=_DAY, sent=_DAY,
    first_sent=_DAY, amount=_MONEY, days=_COUNT, expected_by=_DAY, escalate_on=_DAY, basis=_CODE,
    wait_days=_COUNT, track=_CODE, suppressed_until=_DAY, suppressed_reason=_TEXT, owner=_TEXT,
)  # fmt: skip


def export_rejections(w: Work, as_of: date | None = None) -> tuple[list[Column], Iterator[dict[str, Any]]]:
    """`export rejections`: what was refused before anybody decided on it, open and done, oldest first.

    claim_id is empty for a whole transaction; file, set_control and claims for a single claim.
    as_of: those that came in up to and on this day, as they stand now.
    """
    rows = _walk(w, queries_rejections.after, "item_id")
    return REJECTIONS, (
        _values(row, REJECTIONS, {"entity": name, "claim_id": row.claim, "claims": row.claims or None})
        for name, row in rows
        if as_of is None or row.opened_at.date() <= as_of
    )


def export_silent(w: Work, as_of: date | None = None) -> tuple[list[Column], Iterator[dict[str, Any]]]:
    """`export silent-claims`: what no remit has answered in time, those put aside too.

    as_of: those that were to be answered before this day.
    """
    rows = _walk(w, queries_silent.after, "claim_id")
    return SILENT, (
        _values(row, SILENT, {"entity": name, "claim_id": row.claim})
        for name, row in rows
        if as_of is None or row.expected_by < as_of
    )


def _walk(w: Work, read: Callable[[Work, int, int], Sequence[Any]], key: str) -> Iterator[tuple[str, Any]]:
    numbers = tax_ids(w)
    names = {one.id: numbers.get(one.id, one.name) for one in entities.practices(w)}
    last = -1
    while chunk := read(w, last, CHUNK):
        last = getattr(chunk[-1], key)
        for row in chunk:
            yield names.get(row.entity_id, row.entity), row


def _values(row: Any, columns: Sequence[Column], named: dict[str, Any]) -> dict[str, Any]:
    keys = [column.key for column in columns if column.key not in named]
    return {key: getattr(row, key) for key in keys} | named
