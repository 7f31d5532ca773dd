"""What a payment could pay: visits of an account that are due, with how much of each is a fee."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select

from app.accounts import queries as accounts
from app.accounts.lifecycle import OwedState
from app.claims.models import Claim
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.ledger.entry import Event
from app.ledger.models import LedgerEntry
from app.payments.rules_apply import Item

_claim, _entry = table_of(Claim), table_of(LedgerEntry)
PAYABLE = frozenset({OwedState.DUE.value, OwedState.HELD.value})


@dataclass(frozen=True, slots=True)
class DueVisit:
    """A visit with its names for people. `item` is what the rules of application look at."""

    item: Item
    public_id: str
    control: str
    patient_id: int
    service_from: date | None


def due_visits(w: Work, account_id: int) -> list[DueVisit]:
    """Every visit of an account that may be paid now, oldest first; what waits for a payer is not there.

    A held visit is: who names it may pay it. Each owes what the ledger says at this moment.
    """
    found = accounts.due_items(w, [account_id]).get(account_id, [])
    rows = {one.claim_id: one for one in found if one.due > 0 and one.state in PAYABLE}
    charged = fees(w, list(rows))
    query = select(_claim.c.id, _claim.c.public_id, _claim.c.control, _claim.c.patient_id).where(
        among(w.db, _claim.c.id, list(rows)), w.within(_claim.c.entity_id)
    )
    made = []
    for row in w.db.execute(query) if rows else ():
        key, one = row.id, rows[row.id]
        held = one.state == OwedState.HELD.value
        item = Item(key, int(one.due), one.service_from, min(int(one.due), charged.get(key, 0)), held)
        made.append(DueVisit(item, row.public_id, row.control, row.patient_id, one.service_from))
    return sorted(made, key=lambda visit: (visit.service_from or date.max, visit.item.claim_id))


def fees(w: Work, claim_ids: Sequence[int]) -> dict[int, int]:
    """Cents of fees charged on visits, less those taken back."""
    if not claim_ids:
        return {}
    moved = func.sum(case((_entry.c.event == Event.ITEM_FEE.value, _entry.c.amount), else_=-_entry.c.amount))
    both = (Event.ITEM_FEE.value, Event.ITEM_FEE_BACK.value)
    query = select(_entry.c.claim_id, moved).where(
        among(w.db, _entry.c.claim_id, list(claim_ids)),
        _entry.c.event.in_(both),
        w.within(_entry.c.entity_id),
    )
    return {int(key): int(cents) for key, cents in w.db.execute(query.group_by(_entry.c.claim_id)) if cents}
