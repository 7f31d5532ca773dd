"""Which claims have a corrected claim under way, as far as cases must know."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from app.denials.models import DenialCorrection
from app.denials.rules_corrections import Under
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.remits.models import RemitClaim

_correction, _answer = table_of(DenialCorrection), table_of(RemitClaim)
RANK = func.coalesce(_answer.c.rank, 1)
"""The payer of a case by its order on the claim: that of its newest adjudication."""


def under_way(w: Work, cases: Sequence[Any]) -> dict[int, Under]:
    """By case, the corrected claim under way to the payer that denied it. Two statements.

    cases: rows with id, claim_id and latest_remit_claim_id.
    """
    open_ones = select(_correction).where(
        w.within(_correction.c.entity_id),
        among(w.db, _correction.c.claim_id, sorted({one.claim_id for one in cases})),
        _correction.c.ended_at.is_(None),
    )
    found = {
        (row.claim_id, row.rank): Under(row.public_id, row.opened_on, row.sent_on, row.until)
        for row in w.db.execute(open_ones.order_by(_correction.c.id))
    }
    if not found:
        return {}
    ranked = select(_answer.c.id, _answer.c.rank).where(
        w.within(_answer.c.entity_id),
        among(w.db, _answer.c.id, sorted({one.latest_remit_claim_id for one in cases})),
    )
    ranks = {row.id: row.rank for row in w.db.execute(ranked)}
    keys = {one.id: (one.claim_id, ranks.get(one.latest_remit_claim_id, 1)) for one in cases}
    return {key: found[at] for key, at in keys.items() if at in found}
