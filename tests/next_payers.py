"""Claims to later payers as they would leave the house: written into a file, and read back from it."""

import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from app.claims.models import Claim
from app.kernel.db import table_of
from app.kernel.work import Work
from app.rebill import translate
from app.rebill.models import Rebill
from edi.envelope import scan_file
from edi.x837.model import BilledClaim
from edi.x837.reader import read
from edi.x837.whole import Whole
from edi.x837.writer import Envelope, Writer

_rebill, _claim = table_of(Rebill), table_of(Claim)
ENVELOPE = Envelope(
    sender="CLINIC", receiver="CLEARING", submitter_name="EXAMPLE CLINIC", submitter_number="CLINIC",
    contact_name="BILLING", contact_phone="5555550101", receiver_name="CLEARING", receiver_number="CLEAR1",
    moment=datetime(2026, 3, 1, 12, 0, tzinfo=UTC), interchange=1, first_group=1,
)  # fmt: skip


class Opened(NamedTuple):
    """A submission to a payer after the first, with the claim it carries on."""

    row: Any
    claim: str
    whole: Whole


def opened(w: Work) -> list[Opened]:
    """Every submission to a later payer, in the order they were opened, those closed too."""
    query = select(_rebill, _claim.c.control.label("claim")).join(_claim, _claim.c.id == _rebill.c.claim_id)
    rows = w.db.execute(query.where(_rebill.c.rank > 1).order_by(_rebill.c.id))
    return [Opened(row, row.claim, translate.opened(row.claim_sealed)) for row in rows]


def written(wholes: Iterable[Whole]) -> bytes:
    """One file of these claims; those of a guide together."""
    out = io.BytesIO()
    writer = Writer(out, ENVELOPE)
    for one in sorted(wholes, key=lambda each: each.kind):
        writer.add(one)
    writer.close()
    return out.getvalue()


def read_back(data: bytes) -> Iterator[BilledClaim]:
    """The claims of a file."""
    for span in scan_file(io.BytesIO(data)).transactions:
        yield from read(io.BytesIO(data), span).claims()


def money(cents: int | None) -> str:
    """Cents as a truth file writes them."""
    whole, part = divmod(abs(cents or 0), 100)
    return f"{'-' * ((cents or 0) < 0)}{whole}.{part:02d}"


def said(adjustments: Iterable[Any]) -> str:
    """Adjustments in one text, as a truth file writes them."""
    triplets = sorted((one.group, one.reason, one.cents) for one in adjustments)
    return ", ".join(f"{group} {reason} {money(cents)}" for group, reason, cents in triplets)
