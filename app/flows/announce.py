"""What other programs are told about the way of a file to the books: kinds, public ids and counts only."""

from typing import Any

from sqlalchemy import select

from app.denials.models import Denial
from app.hooks import service as hooks
from app.hooks.service import News
from app.intake.models import IntakeTransaction
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import SQL_VARIABLES
from app.kernel.work import Work
from app.remits.rules import Posted

_denial, _transaction = table_of(Denial), table_of(IntakeTransaction)


def posting(w: Work, posted: Posted) -> None:
    """The denial cases a batch opened, or denied once more; the last consequence of a posting."""
    if not posted.claims or not hooks.listeners(w, posted.entity_id):
        return
    news = []
    for chunk in in_chunks([claim.remit_claim_id for claim in posted.claims], SQL_VARIABLES):
        query = select(_denial.c.public_id, _denial.c.category, _denial.c.round).where(
            w.within(_denial.c.entity_id), _denial.c.latest_remit_claim_id.in_(chunk)
        )
        for row in w.db.execute(query.order_by(_denial.c.id)):
            detail = {"category": row.category, "round": row.round}
            news.append(News("denial.opened", "denial", row.public_id, detail))
    hooks.announce(w, posted.entity_id, news)


def transaction(w: Work, entity_id: int | None, kind: str, transaction_id: int, **detail: Any) -> None:
    """Something happened to a remit or to the claims of a file; quiet while its entity is unknown."""
    if entity_id is None or not hooks.listeners(w, entity_id):
        return
    named = w.db.execute(
        select(_transaction.c.public_id).where(_transaction.c.id == transaction_id)
    ).scalar_one()
    hooks.announce(w, entity_id, [News(kind, "transaction", named, detail)])
