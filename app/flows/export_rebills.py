"""What leaves the house about claims that go out again: every submission, from draft to answer."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from app.denials.queries_figures import CHUNK, tax_ids
from app.entities import queries as entities
from app.kernel.export import Column, Kind
from app.kernel.work import Work
from app.rebill.queries_exports import after

_CODE, _TEXT, _MONEY, _DAY = Kind.CODE, Kind.TEXT, Kind.MONEY, Kind.DAY
KINDS = dict(
    entity=_CODE, submission=_CODE, claim_id=_CODE, payer=_TEXT, rank=Kind.COUNT, kind=_CODE, form=_CODE,
    frequency=_CODE, cause=_CODE, state=_CODE, control=_CODE, original_reference=_CODE, charge=_MONEY,
    expected=_MONEY, errors=Kind.COUNT, on_hold=_CODE, reason=_TEXT, opened_at=Kind.INSTANT, file_by=_DAY,
    sent_on=_DAY, closed_at=Kind.INSTANT, interchange=_CODE, file=_TEXT,
)  # fmt: skip
REBILLS = [Column(key, key, kind) for key, kind in KINDS.items()]


def export_rebills(w: Work, as_of: date | None = None) -> tuple[list[Column], Iterator[dict[str, Any]]]:
    """`export rebills`: every submission made here in the order they were opened, those closed too.

    claim_id: the control number the claim was first billed with; control: that of this submission.
    as_of: those opened up to and on this day, as they stand now.
    """
    return REBILLS, _rows(w, as_of)


def _rows(w: Work, as_of: date | None) -> Iterator[dict[str, Any]]:
    numbers = tax_ids(w)
    names = {one.id: numbers.get(one.id, one.name) for one in entities.practices(w)}
    last = 0
    while chunk := after(w, last, CHUNK):
        last = chunk[-1].id
        for row in chunk:
            if as_of is None or row.opened_at.date() <= as_of:
                named = {"entity": names.get(row.entity_id, ""), "claim_id": row.claim}
                named["on_hold"] = "yes" if row.on_hold else ""
                yield {key: named[key] if key in named else getattr(row, key) for key in KINDS}
