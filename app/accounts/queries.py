"""Reads of accounts: what is due by visit, accounts at a glance, one account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.accounts.lifecycle import Blocks, OwedState
from app.accounts.models import Owed, Standing
from app.accounts.queries_visits import Visit, visits, visits_of_claims
from app.claims.models import ClaimPayer
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.paging import Hit
from app.kernel.work import Work
from app.ledger.models import ClaimBalance
from app.patients import queries_guarantors
from app.patients.queries_guarantors import AnswersFor, GuarantorRow
from app.payers.models import Payer

__all__ = [
    "AccountStanding",
    "AccountView",
    "DueItem",
    "Visit",
    "by_public",
    "due_items",
    "nothing",
    "standing",
    "visits",
    "visits_of_claims",
]
_owed, _standing, _balance = table_of(Owed), table_of(Standing), table_of(ClaimBalance)
_covered, _payer = table_of(ClaimPayer), table_of(Payer)


@dataclass(frozen=True, slots=True)
class DueItem:
    """A visit with a patient balance: due is what 1110 says now, cents, below zero for a credit.

    state: `OwedState`; reason: `Waits` or the kind of its hold. since: first day it was due without a break.
    payer_classes: of every payer of the claim in their order, empty when nobody insures it.
    """

    claim_id: int
    account_id: int
    patient_id: int
    due: Money
    state: str
    reason: str
    service_from: date | None
    since: date | None
    payer_classes: tuple[str, ...]

    @property
    def billable(self) -> bool:
        """May it be asked for now?"""
        return self.state == OwedState.DUE and self.due > 0


def due_items(w: Work, account_ids: Sequence[int]) -> dict[int, list[DueItem]]:
    """Visits that are not at zero, by account, oldest service first; accounts without any are left out."""
    query = (
        select(_owed, _balance.c.patient)
        .join(_balance, _balance.c.claim_id == _owed.c.claim_id)
        .where(among(w.db, _owed.c.account_id, list(account_ids)), w.within(_owed.c.entity_id),
               _balance.c.patient != 0)
        .order_by(_owed.c.account_id, _owed.c.service_from, _owed.c.claim_id)
    )  # fmt: skip
    rows = w.db.execute(query).all()
    classes = _classes(w, [row.claim_id for row in rows])
    found: dict[int, list[DueItem]] = {}
    for row in rows:
        found.setdefault(row.account_id, []).append(
            DueItem(row.claim_id, row.account_id, row.patient_id, Money.of_sum(int(row.patient)),
                    str(row.state), row.reason, row.service_from, row.since, classes.get(row.claim_id, ()))
        )  # fmt: skip
    return found


def _classes(w: Work, claim_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The classes of each claim's payers by their rank."""
    query = (
        select(_covered.c.claim_id, _payer.c["class"])
        .join(_payer, _payer.c.id == _covered.c.payer_id)
        .where(among(w.db, _covered.c.claim_id, list(claim_ids)), w.within(_covered.c.entity_id))
        .order_by(_covered.c.rank)
    )
    found: dict[int, tuple[str, ...]] = {}
    for claim_id, class_ in w.db.execute(query):
        found[claim_id] = (*found.get(claim_id, ()), str(class_))
    return found


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """An account at a glance; cents as in `Standing`."""

    account_id: int
    entity_id: int
    due: Money
    waiting: Money
    held: Money
    credit: Money
    unapplied: Money
    pending: Money
    on_plan: Money
    visits: int
    oldest_since: date | None
    latest_since: date | None
    blocks: Blocks
    plan: str
    promise_until: date | None
    paid_on: date | None
    paid: Money


STANDING = tuple(AccountStanding.__dataclass_fields__)


def standing(w: Work, account_ids: Sequence[int]) -> dict[int, AccountStanding]:
    """Accounts at a glance; those nothing is known of are left out."""
    mine = (among(w.db, _standing.c.account_id, list(account_ids)), w.within(_standing.c.entity_id))
    query = select(*(_standing.c[name] for name in STANDING)).where(*mine)
    return {row.account_id: standing_of(row) for row in w.db.execute(query)}


def standing_of(row: Any) -> AccountStanding:
    """A row of `standing` as its readers see it."""
    values = {name: getattr(row, name) for name in STANDING}
    return AccountStanding(**{**values, "blocks": Blocks(row.blocks)})


def nothing(account_id: int, entity_id: int) -> AccountStanding:
    """An account nothing is known of yet: at zero in everything."""
    zero = Money(0)
    money = (zero,) * 7
    return AccountStanding(account_id, entity_id, *money, 0, None, None, Blocks.NONE, "", None, None, zero)


# ---------------------------------------------------------------- one account


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account: who answers for it, for whom, how it stands, and its visits with their steps."""

    guarantor: GuarantorRow
    patients: list[AnswersFor]
    standing: AccountStanding
    visits: list[Visit]

    @property
    def balance(self) -> Money:
        """What its visits owe on the patient's side, credits taken off; the steps of all add up to it."""
        return Money.of_sum(sum(int(one.figures.patient_open) for one in self.visits))

    @property
    def explained(self) -> Money:
        """What the steps of every visit add up to."""
        return Money.of_sum(sum(int(step.cents) for one in self.visits for step in one.steps))


def by_public(w: Work, public: str, *, as_of: date | None = None) -> AccountView:
    """One account by its public id, told in the audit; `NotFound` for a stranger's."""
    head = queries_guarantors.by_public(w, public)
    patients = queries_guarantors.patients_of(w, [head.id]).get(head.id, [])
    found = visits(w, [head.id], as_of=as_of).get(head.id, [])
    seen = {one.patient_id for one in found} | {one.patient_id for one in patients}
    w.audit("account.read", "R", "account", public, entity_id=head.entity_id, patients=seen)
    stands = standing(w, [head.id]).get(head.id) or nothing(head.id, head.entity_id)
    return AccountView(head, patients, stands, found)


def find(w: Work, text: str) -> list[Hit]:
    """What the search of all screens finds of accounts: by number, name or birth date of the guarantor."""
    if not {"*", "accounts.read"} & w.actor.permissions or text.startswith("="):
        return []
    return [
        Hit("Account", row.name, f"{row.number} · {row.entity}", "accounts.account",
            {"public_id": row.public_id})
        for row in queries_guarantors.found_by(w, text.strip())
    ]  # fmt: skip
