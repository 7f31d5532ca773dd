"""Every submission as it leaves the house in a file: whose, what, to whom, how far, for how much."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.claims.models import Claim
from app.kernel.db import table_of
from app.kernel.work import Work
from app.payers.models import Payer
from app.rebill.models import Rebill, RebillBatch

_rebill, _claim, _batch, _payer = table_of(Rebill), table_of(Claim), table_of(RebillBatch), table_of(Payer)


def after(w: Work, last: int, most: int) -> Sequence[Any]:
    """The next submissions in the order they were opened, those closed too; flat memory."""
    columns = (
        _rebill.c.id, _rebill.c.entity_id, _rebill.c.public_id.label("submission"),
        _claim.c.control.label("claim"), _payer.c.name.label("payer"), _rebill.c.rank, _rebill.c.kind,
        _rebill.c.form, _rebill.c.frequency, _rebill.c.cause, _rebill.c.state, _rebill.c.control,
        _rebill.c.original_reference, _rebill.c.charge, _rebill.c.expected, _rebill.c.errors,
        _rebill.c.on_hold, _rebill.c.reason, _rebill.c.opened_at, _rebill.c.file_by, _rebill.c.sent_on,
        _rebill.c.closed_at, _batch.c.interchange, _batch.c.file_name.label("file"),
    )  # fmt: skip
    query = (
        select(*columns)
        .join(_claim, _claim.c.id == _rebill.c.claim_id)
        .outerjoin(_payer, _payer.c.id == _rebill.c.payer_id)
        .outerjoin(_batch, _batch.c.id == _rebill.c.batch_id)
        .where(w.within(_rebill.c.entity_id), _rebill.c.id > last)
        .order_by(_rebill.c.id)
        .limit(most)
    )
    return w.db.execute(query).all()
