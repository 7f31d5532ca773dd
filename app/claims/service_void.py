"""Taking the charges of a voided claim off the books, line by line, each with the byte it was billed at."""

from collections.abc import Sequence

from sqlalchemy import select, update

from app.claims import service_undo
from app.claims.models import Claim, ClaimLine, ClaimVersion
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.ledger import rules as ledger_rules
from app.ledger.entry import Source
from app.ledger.rules import Amount
from app.ledger.service import Batch

_claim, _version, _line = table_of(Claim), table_of(ClaimVersion), table_of(ClaimLine)


def confirm(w: Work, ledger: Batch, claim_id: int, version_id: int) -> None:
    """The payer has taken its payment back: the charges go, and no line of the claim is live any more."""
    claim = w.db.execute(
        select(_claim.c.insured, _claim.c.current_version_id).where(_claim.c.id == claim_id)
    ).one()
    payer_id = w.db.execute(
        select(_version.c.payer_id).where(_version.c.id == claim.current_version_id)
    ).scalar_one()
    lines = select(_line).where(_line.c.claim_id == claim_id, _line.c.live.is_(True)).order_by(_line.c.id)
    transfers, days = [], []
    for row in w.db.execute(lines):
        amount = Amount(int(row.charge), Source(row.id, row.byte, row.element))
        if amount.cents:
            transfers.append(
                ledger_rules.charge(claim_id, row.id, payer_id, amount, insured=claim.insured, removed=True)
            )
            days.append(row.service_to or row.service_from or w.now.date())
    ledger.add(transfers, days=days)
    w.db.execute(update(_line).where(_line.c.claim_id == claim_id).values(live=False))
    w.db.execute(update(_version).where(_version.c.id == version_id).values(state="void"))
    current = _version.c.id == claim.current_version_id
    w.db.execute(update(_version).where(current, _version.c.id != version_id).values(state="voided"))


def bring_back(w: Work, ledger: Batch, claim_id: int, version_id: int) -> None:
    """The reversal that confirmed a void was undone: the payment stands, so the charges do, and the void
    waits for its answer again.
    """
    insured = w.db.execute(select(_claim.c.insured).where(_claim.c.id == claim_id)).scalar_one()
    w.db.execute(update(_version).where(_version.c.id == version_id).values(state="void_pending"))
    service_undo.stand_again(w, [claim_id])
    current = select(_claim.c.current_version_id).where(_claim.c.id == claim_id).scalar_subquery()
    payer_id = w.db.execute(select(_version.c.payer_id).where(_version.c.id == current)).scalar_one()
    lines = select(_line).where(_line.c.claim_id == claim_id, _line.c.live.is_(True)).order_by(_line.c.id)
    transfers, days = [], []
    for row in w.db.execute(lines):
        amount = Amount(int(row.charge), Source(row.id, row.byte, row.element))
        if amount.cents:
            transfers.append(ledger_rules.charge(claim_id, row.id, payer_id, amount, insured=insured))
            days.append(row.service_to or row.service_from or w.now.date())
    ledger.add(transfers, days=days)


def withdraw(w: Work, version_ids: Sequence[int]) -> None:
    """These voids were refused on their way: no reversal is their answer."""
    waiting = (among(w.db, _version.c.id, list(version_ids)), _version.c.state == "void_pending")
    w.db.execute(update(_version).where(*waiting).values(state="same"))
