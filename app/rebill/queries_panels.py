"""What submissions show on pages of others: the road of a claim, with its proofs of timely filing."""

from typing import Any

from sqlalchemy import select

from app.denials.models import Denial
from app.kernel.db import table_of
from app.kernel.paging import Panel
from app.kernel.work import Work
from app.rebill import queries_proofs, queries_road
from app.rebill.models import Rebill

_OWNERS: dict[str, Any] = {"denial": table_of(Denial), "rebill": table_of(Rebill)}


def panel(w: Work, kind: str, key: int) -> Panel | None:
    """The road of a claim: on its own page, and on those of its denials, rejections and submissions."""
    claim_id = _claim_of(w, kind, key)
    if claim_id is None:
        return None
    values = {"road": queries_road.of(w, claim_id), "proofs": queries_proofs.of(w, claim_id)}
    return Panel("Road", "road", "rebill/road.html", values)


def _claim_of(w: Work, kind: str, key: int) -> int | None:
    if kind in ("claim", "rejection"):
        return key
    if kind not in _OWNERS:
        return None
    owner = _OWNERS[kind]
    mine = (owner.c.id == key, w.within(owner.c.entity_id))
    return w.db.execute(select(owner.c.claim_id).where(*mine)).scalar()
