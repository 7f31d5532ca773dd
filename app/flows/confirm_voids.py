"""A void (frequency 8) takes the charges off the books once a reversal of the payer confirms it."""

from sqlalchemy import select

from app.claims import service_void as voids
from app.claims.models import ClaimVersion
from app.kernel.db import table_of
from app.kernel.work import Work
from app.ledger.service import Batch
from app.remits.lifecycle import State
from app.remits.models import RemitClaim

_version, _remit_claim = table_of(ClaimVersion), table_of(RemitClaim)


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
            batch = Batch(w, entity_id, "void", f"void:{row.id}", w.now.date(), **named)
            voids.confirm(w, batch, row.claim_id, row.id)
            batch.close()
    return len(confirmed)
