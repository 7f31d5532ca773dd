"""A payer met under one name on its claims and another on its remits is one payer, once a claim proves it."""

from typing import Any

from sqlalchemy import select

from app.claims.models import Claim, ClaimPayer
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.payers import service as payers
from app.remits.rules import Posted

_claim, _covered = table_of(Claim), table_of(ClaimPayer)
AS_PRIMARY = "1"


def learn_from(w: Work, posted: Posted) -> None:
    """A consequence of posting: link the payer a claim was sent to with the one that answered it.

    Proof is a claim processed as primary (CLP02 1, never a crossover, a secondary or a reversal) that has our
    control number and charge. One statement for any batch, two more when there is something to learn.
    """
    answered: dict[int, Any] = {
        one.claim_id: one for one in posted.claims if one.status == AS_PRIMARY and one.reverses is None
    }
    if posted.payer_id is None or not answered:
        return
    query = (
        select(_covered.c.payer_id, _claim.c.id, _claim.c.control, _claim.c.charge)
        .join(_claim, _claim.c.id == _covered.c.claim_id)
        .where(
            w.within(_covered.c.entity_id),
            among(w.db, _covered.c.claim_id, sorted(answered)),
            _covered.c.rank == 1,
            _covered.c.payer_id != posted.payer_id,
        )
    )
    sent_to = {
        row.payer_id
        for row in w.db.execute(query)
        if (row.control, int(row.charge)) == (answered[row.id].control, int(answered[row.id].charge))
    }
    if sent_to:
        payers.learn(w, posted.entity_id, [(one, posted.payer_id) for one in sorted(sent_to)], careful=True)
