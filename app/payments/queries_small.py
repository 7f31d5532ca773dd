"""Small balances: proposals and what became of them; the cards of an account."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.claims.models import Claim
from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.payments.models import CardToken, SmallBalance

_small, _token, _entity = table_of(SmallBalance), table_of(CardToken), table_of(Entity)
_claim, _guarantor = table_of(Claim), table_of(Guarantor)
FILTERS = ("entity", "state")
SORTS = {"asked": Sort(_small.c.id, descending=True), "amount": Sort(_small.c.amount, descending=True)}
DEFAULT = "-asked"
COLUMNS = (
    Column("control", "Visit", Kind.CODE),
    Column("account_name", "Account"),
    Column("amount", "Balance", Kind.MONEY, sort="amount"),
    Column("state", "State", Kind.STATE),
    Column("asked_by", "Proposed by"),
    Column("asked_at", "Proposed", Kind.INSTANT, sort="asked"),
    Column("decided_by", "Decided by"),
    Column("entity_name", "Practice", wide=False),
)


@dataclass(frozen=True, slots=True)
class SmallRow:
    """A proposal."""

    public_id: str
    entity_id: int
    claim_id: int
    amount: Money
    state: str
    asked_by: str
    asked_by_id: int | None
    asked_at: datetime
    decided_by: str
    version: int
    entity: str
    entity_name: str
    account: str
    account_name: str
    claim: str
    control: str
    patient_id: int


def _listed(w: Work) -> Select[Any]:
    plain = ("public_id", "entity_id", "claim_id", "amount", "state", "asked_by", "asked_by_id", "asked_at",
             "decided_by", "version")  # fmt: skip
    return (
        select(
            *(_small.c[name] for name in plain),
            _entity.c.public_id.label("entity"),
            _entity.c.name.label("entity_name"),
            _guarantor.c.public_id.label("account"),
            (_guarantor.c.last + ", " + _guarantor.c.first).label("account_name"),
            _claim.c.public_id.label("claim"),
            _claim.c.control,
            _claim.c.patient_id,
        )
        .join(_entity, _entity.c.id == _small.c.entity_id)
        .join(_guarantor, _guarantor.c.id == _small.c.account_id)
        .join(_claim, _claim.c.id == _small.c.claim_id)
        .where(w.within(_small.c.entity_id))
    )


def _filtered(query: Select[Any], ask: Ask) -> Select[Any]:
    if entity := ask.get("entity"):
        query = query.where(_entity.c.public_id == entity)
    if state := ask.get("state"):
        query = query.where(_small.c.state == state)
    return query


def _row(row: Any) -> SmallRow:
    return SmallRow(**{name: getattr(row, name) for name in SmallRow.__dataclass_fields__})


def smalls(w: Work, ask: Ask) -> Slice[SmallRow]:
    """Proposals, the newest first; whose they are is written down."""
    found = page(w.db, _filtered(_listed(w), ask), ask, sorts=SORTS, key=_small.c.id, row=_row)
    w.audit("small.list", "R", "small_balance", patients=[one.patient_id for one in found.rows],
            detail={"rows": len(found.rows)})  # fmt: skip
    return found


def totals(w: Work, ask: Ask) -> tuple[int, Money]:
    """How many the filtered list has, and what they come to."""
    rows = _filtered(_listed(w), ask).order_by(None).subquery()
    count, cents = w.db.execute(
        select(func.count(), func.coalesce(func.sum(rows.c.amount), 0)).select_from(rows)
    ).one()
    return int(count), Money.of_sum(int(cents))


def small(w: Work, public: str) -> SmallRow:
    """One proposal; `NotFound` when there is none or it is not yours."""
    row = w.db.execute(_listed(w).where(_small.c.public_id == public)).one_or_none()
    if row is None:
        raise NotFound("There is no such proposal.")
    return _row(row)


@dataclass(frozen=True, slots=True)
class CardRow:
    """A kept card; its token never leaves."""

    id: int
    public_id: str
    account_id: int
    brand: str
    last4: str
    expires: date
    authorised: str
    authorised_on: date
    most: Money | None
    until: date | None
    revoked_at: datetime | None
    version: int
    account: str

    def usable(self, today: date) -> bool:
        """May it still be charged on a day?"""
        ended = self.until is not None and self.until < today
        return self.revoked_at is None and self.expires >= today and not ended


def cards(w: Work, *, account_id: int | None = None, public: str = "") -> list[CardRow]:
    """The cards of an account, or the one of this public id; the newest first."""
    columns = [_token.c[name] for name in CardRow.__dataclass_fields__ if name != "account"]
    query = select(*columns, _guarantor.c.public_id.label("account")).join(
        _guarantor, _guarantor.c.id == _token.c.account_id
    )
    which = _token.c.public_id == public if public else _token.c.account_id == account_id
    rows = w.db.execute(query.where(which, w.within(_token.c.entity_id)).order_by(_token.c.id.desc()))
    return [CardRow(**{name: getattr(row, name) for name in CardRow.__dataclass_fields__}) for row in rows]
