"""Refused PR money in the ledger: moved to whoever owes it next, and brought back.

The entries name the adjudication and the very adjustment, and their batch the remit's transaction: a reversal
by the payer, an undo of the import and an undo by a person each take back exactly what stands.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.denials.models import DenialItem
from app.denials.rules_patient import Part
from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.work import Work
from app.ledger import service as ledger
from app.ledger.accounts import Account
from app.ledger.entry import Event, Source, Transfer
from app.remits.models import RemitClaim

_item, _remit_claim = table_of(DenialItem), table_of(RemitClaim)
KIND = "patient_review"


def move(w: Work, row: Any, parts: Sequence[Part], ranks: tuple[int, int | None], reason: str) -> None:
    """Post the cents of each adjustment from the payer who refused them to the next payer, else the patient.

    ranks: of the payer who refused, and of the next one or None.
    """
    rank, following = ranks
    if following is None:
        event, account = Event.TO_PATIENT, Account.AR_PATIENT
    else:
        event, account = Event.TO_NEXT_PAYER, Account.AR_PAYER
    made = [
        Transfer(
            event.value, int(account), following or 0, int(Account.AR_PAYER), rank, one.cents, row.claim_id,
            one.line_id, one.remit_claim_id, row.payer_id, Source(one.address, one.byte, one.element),
        )
        for one in parts
    ]  # fmt: skip
    _post(w, row, made, f"{KIND}:{row.id}:{row.version}", reason)


def bring_back(w: Work, row: Any, version: int, reason: str) -> int:
    """Take back what stands moved of a case; returns the cents. Refused when nothing stands any more."""
    items = w.db.execute(
        select(_item.c.address, _item.c.remit_claim_id)
        .where(w.within(_item.c.entity_id), _item.c.denial_id == row.id, _item.c.group_code == "PR")
    ).all()  # fmt: skip
    addresses = {one.address for one in items}
    standing = ledger.reversing_claims(w, sorted({one.remit_claim_id for one in items}))
    made = [one for key in sorted(standing) for one in standing[key] if one.source.address in addresses]
    if not made:
        raise NotAllowed("Nothing of it stands moved any more.", code="nothing_moved")
    _post(w, row, made, f"{KIND}_back:{row.id}:{version}", reason)
    return sum(one.cents for one in made)


def _post(w: Work, row: Any, made: Sequence[Transfer], key: str, reason: str) -> None:
    """A batch for each remit: what belongs to a transaction is undone with it."""
    query = select(_remit_claim.c.id, _remit_claim.c.remit_id).where(
        w.within(_remit_claim.c.entity_id), _remit_claim.c.id.in_({one.remit_claim_id for one in made})
    )
    remits = {one.id: int(one.remit_id) for one in w.db.execute(query)}
    today = w.today(entities.get(w, row.entity_id).time_zone)
    for remit_id in sorted(set(remits.values())):
        named = dict(transaction_id=remit_id, reason=reason[:200])
        batch = ledger.Batch(w, row.entity_id, KIND, f"{key}:{remit_id}", today, **named)
        batch.add([one for one in made if remits[one.remit_claim_id or 0] == remit_id])
        batch.close()
    # A claim goes on to its next payer when something is left for it, and back when nothing is any more.
    w.job("bill_secondary", key, {"entity": row.entity_id, "claims": [row.claim_id]}, rank=8)
