"""A void (frequency 8) takes the charges off the books once a reversal of the payer confirms it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.claims import service_void as voids
from app.claims.models import ClaimVersion
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.ledger.models import LedgerBatch
from app.ledger.service import Batch
from app.remits.lifecycle import State
from app.remits.models import RemitClaim

_version, _remit_claim, _batch = table_of(ClaimVersion), table_of(RemitClaim), table_of(LedgerBatch)


def confirm_voids(w: Work, entity_id: int) -> int:
    """Take off the charges of every voided claim whose payment was reversed; returns how many claims."""
    waiting = select(_version.c.claim_id, _version.c.id, _version.c.transaction_id).where(
        _version.c.entity_id == entity_id, _version.c.state == "void_pending"
    )
    rows = w.db.execute(waiting.order_by(_version.c.id)).all()
    if not rows:
        return 0
    ids = {row.claim_id for row in rows}
    answers = select(_remit_claim.c.claim_id, _remit_claim.c.state, _remit_claim.c.live)
    found = w.db.execute(answers.where(_remit_claim.c.claim_id.in_(ids))).all()
    taken_back = {row.claim_id for row in found if row.state == State.REVERSED}
    confirmed = taken_back - {row.claim_id for row in found if row.live}
    for row in rows:
        if row.claim_id in confirmed:
            named = dict(transaction_id=row.transaction_id, reason="void confirmed by the payer's reversal")
            batch = Batch(w, entity_id, "void", _key(w, entity_id, row), w.now.date(), **named)
            voids.confirm(w, batch, row.claim_id, row.id)
            batch.close()
    return len(confirmed)


def _key(w: Work, entity_id: int, void: Any) -> str:
    """A name for the next batch of a void: it may be confirmed, brought back and confirmed again."""
    mine = (_batch.c.entity_id == entity_id, _batch.c.transaction_id == void.transaction_id)
    query = select(_batch.c.source_key).where(*mine, _batch.c.kind == "void")
    own = f"void:{void.id}"
    count = sum(key == own or key.startswith(f"{own}:") for key in w.db.execute(query).scalars())
    return f"{own}:{count + 1}" if count else own


def bring_back(w: Work, entity_id: int, claim_ids: Sequence[int]) -> int:
    """A remit was undone: voids it confirmed wait again where a payment stands; returns how many claims."""
    query = select(_version.c.claim_id, _version.c.id, _version.c.transaction_id).where(
        among(w.db, _version.c.claim_id, list(claim_ids)), _version.c.state == "void"
    )
    rows = w.db.execute(query.order_by(_version.c.id)).all()
    if not rows:
        return 0
    stands = select(_remit_claim.c.claim_id).where(
        among(w.db, _remit_claim.c.claim_id, sorted({row.claim_id for row in rows})),
        _remit_claim.c.live.is_(True),
    )
    paid = set(w.db.execute(stands).scalars())
    for row in rows:
        if row.claim_id in paid:
            named = dict(transaction_id=row.transaction_id, reason="the payer's reversal was undone")
            batch = Batch(w, entity_id, "void", _key(w, entity_id, row), w.now.date(), **named)
            voids.bring_back(w, batch, row.claim_id, row.id)
            batch.close()
    return len(paid)
