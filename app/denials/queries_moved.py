"""Refused PR money that stands moved: read from the ledger itself, so that whatever took it back counts."""

from collections.abc import Sequence

from sqlalchemy import case, func, select

from app.denials.models import DenialItem
from app.kernel.bulk import among
from app.kernel.db import in_chunks, table_of
from app.kernel.work import Work
from app.ledger.accounts import Account
from app.ledger.models import LedgerEntry
from app.remits.models import RemitClaim

_item, _entry, _remit_claim = table_of(DenialItem), table_of(LedgerEntry), table_of(RemitClaim)
CHUNK = 2_000


def moved(w: Work, denial_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """By case and address, the cents of refused adjustments that stand moved out of that payer's receivable.

    What was taken back in any way is none: the entries are added up with their signs.
    """
    payer = int(Account.AR_PAYER)
    out = case(((_entry.c.credit == payer) & (_entry.c.credit_rank == _remit_claim.c.rank), _entry.c.amount),
               else_=0)  # fmt: skip
    back = case(((_entry.c.debit == payer) & (_entry.c.debit_rank == _remit_claim.c.rank), _entry.c.amount),
                else_=0)  # fmt: skip
    found: dict[int, dict[int, int]] = {}
    for chunk in in_chunks(list(denial_ids), CHUNK):
        query = (
            select(_item.c.denial_id, _item.c.address, func.sum(out) - func.sum(back))
            .join(_remit_claim, _remit_claim.c.id == _item.c.remit_claim_id)
            .join(_entry, (_entry.c.remit_claim_id == _item.c.remit_claim_id)
                  & (_entry.c.source == _item.c.address))
            .where(w.within(_item.c.entity_id), among(w.db, _item.c.denial_id, chunk),
                   _item.c.group_code == "PR")
            .group_by(_item.c.denial_id, _item.c.address)
        )  # fmt: skip
        for denial_id, address, cents in w.db.execute(query):
            if int(cents):
                found.setdefault(denial_id, {})[address] = int(cents)
    return found


def total(found: dict[int, dict[int, int]], denial_id: int) -> int:
    """The cents of one case that stand moved."""
    return sum(found.get(denial_id, {}).values())
