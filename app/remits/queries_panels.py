"""What remits add to the page of a claim: the EOB of each payer's answer."""

from sqlalchemy import select

from app.kernel.db import table_of
from app.kernel.paging import Panel
from app.kernel.work import Work
from app.remits.models import Remit, RemitClaim

_remit, _claim = table_of(Remit), table_of(RemitClaim)
MOST = 50


def panel(w: Work, kind: str, key: int) -> Panel | None:
    """The EOBs of a claim, the newest first; nothing for other records."""
    if kind != "claim":
        return None
    columns = (
        _claim.c.public_id, _claim.c.status, _claim.c.state, _claim.c.charge, _claim.c.paid,
        _claim.c.payer_control, _remit.c.payer_name, _remit.c.trace, _remit.c.effective_date,
    )  # fmt: skip
    query = select(*columns).join(_remit, _remit.c.id == _claim.c.remit_id)
    own = query.where(_claim.c.claim_id == key, w.within(_claim.c.entity_id))
    rows = w.db.execute(own.order_by(_remit.c.effective_date.desc(), _claim.c.id.desc()).limit(MOST)).all()
    return Panel("EOBs", "eobs", "remits/of_claim.html", {"rows": rows}) if rows else None
