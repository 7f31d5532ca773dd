"""Pricing anew what a late schedule or changed terms concern: claims in chunks, by their key."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from app.claims.models import Claim, ClaimPayer
from app.contracts.queries import payers_of
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work
from app.remits.models import RemitClaim
from app.underpayments import service

_claim, _covered, _remit_claim = table_of(Claim), table_of(ClaimPayer), table_of(RemitClaim)


def reprice(w: Work, payload: Mapping[str, Any]) -> int:
    """Judge the next 2,000 answered claims of some payer numbers (all when none are named).

    payload: entity, payers, after (the last claim done), from (the first day of service concerned). Returns
    the last claim done, or 0 when none is left.
    """
    entity_id = int(payload["entity"])
    query = select(_claim.c.id).where(
        _claim.c.entity_id == entity_id, w.within(_claim.c.entity_id), _claim.c.id > int(payload["after"])
    )
    first = date.fromisoformat(payload["from"])
    query = query.where(or_(_claim.c.service_to.is_(None), _claim.c.service_to >= first))
    answered = select(_remit_claim.c.claim_id).where(
        w.within(_remit_claim.c.entity_id), _remit_claim.c.claim_id == _claim.c.id
    )
    if payload["payers"]:
        payers = payers_of(w, entity_id, payload["payers"])
        billed = select(_covered.c.claim_id).where(
            w.within(_covered.c.entity_id),
            _covered.c.claim_id == _claim.c.id,
            among(w.db, _covered.c.payer_id, payers),
        )
        theirs = answered.where(among(w.db, _remit_claim.c.payer_id, payers))
        query = query.where(or_(billed.exists(), theirs.exists()))
    found = w.db.execute(query.where(answered.exists()).order_by(_claim.c.id).limit(BATCH_CLAIMS)).scalars()
    ids = [int(one) for one in found]
    if ids:
        service.judge(w, entity_id, ids)
    return ids[-1] if len(ids) == BATCH_CLAIMS else 0
