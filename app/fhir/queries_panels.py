"""What FHIR adds to the page of a claim: what payers say they paid, of which no cash is here."""

from sqlalchemy import select

from app.kernel.db import table_of
from app.kernel.paging import Panel
from app.kernel.work import Work
from app.remits.models import Eob, Remit, RemitClaim

_eob, _claim, _remit = table_of(Eob), table_of(RemitClaim), table_of(Remit)
MOST = 20
WHY = {
    "eob.remit_stands": "the 835 counts",
    "eob.remit_came": "the 835 counts",
    "eob.older_version": "a newer version counts",
    "eob.newer_came": "a newer version counts",
    "eob.cancelled": "the payer cancelled it",
}
"""Why an EOB is not on the books, in words."""


def panel(w: Work, kind: str, key: int) -> Panel | None:
    """The EOBs about a claim, newest first; nothing for other records."""
    if kind != "claim":
        return None
    columns = (
        _claim.c.public_id, _claim.c.state, _claim.c.reason, _claim.c.payer_control, _claim.c.status,
        _eob.c.said_paid, _eob.c.standing, _eob.c.payment_date, _eob.c.payment_id, _eob.c.evidence,
        _remit.c.public_id.label("remit"), _remit.c.payer_name,
    )  # fmt: skip
    query = select(*columns).join(_claim, _claim.c.id == _eob.c.id).join(_remit, _remit.c.id == _eob.c.id)
    mine = query.where(_claim.c.claim_id == key, w.within(_eob.c.entity_id))
    rows = w.db.execute(mine.order_by(_eob.c.revision.desc(), _eob.c.id.desc()).limit(MOST)).all()
    return Panel("Said by FHIR", "fhir", "fhir/of_claim.html", {"rows": rows, "why": WHY}) if rows else None
