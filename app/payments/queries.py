"""Reading payments: of an account, one with what it paid, unapplied cash, what judges promises."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from app.claims.models import Claim
from app.entities.models import Entity
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.payments.lifecycle import State
from app.payments.models import PatientPayment, PaymentApplication, PaymentEvent

_payment, _application = table_of(PatientPayment), table_of(PaymentApplication)
_event, _entity, _guarantor = table_of(PaymentEvent), table_of(Entity), table_of(Guarantor)
_claim = table_of(Claim)
_PLAIN = (
    "id", "public_id", "entity_id", "account_id", "number", "tender", "amount", "applied", "unapplied",
    "received_on", "reference", "mode", "plan_id", "token_id", "state", "review", "reversal", "reversed_on",
    "author", "author_id", "recorded_at", "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment in a list. account: public id, empty while unidentified; its name and number likewise."""

    id: int
    public_id: str
    entity_id: int
    account_id: int | None
    number: str
    tender: str
    amount: Money
    applied: Money
    unapplied: Money
    received_on: date
    reference: str
    mode: str
    plan_id: int | None
    token_id: int | None
    state: str
    review: str
    reversal: str | None
    reversed_on: date | None
    author: str
    author_id: int | None
    recorded_at: datetime
    version: int
    entity: str
    entity_name: str
    time_zone: str
    account: str
    account_number: str
    account_name: str


def listed(w: Work) -> Select[Any]:
    """The select every list of payments starts from: yours only."""
    name = _guarantor.c.last + ", " + _guarantor.c.first
    return (
        select(
            *(_payment.c[one] for one in _PLAIN),
            _entity.c.public_id.label("entity"),
            _entity.c.name.label("entity_name"),
            _entity.c.time_zone,
            func.coalesce(_guarantor.c.public_id, "").label("account"),
            func.coalesce(_guarantor.c.number, "").label("account_number"),
            func.coalesce(name, "").label("account_name"),
        )
        .join(_entity, _entity.c.id == _payment.c.entity_id)
        .outerjoin(_guarantor, _guarantor.c.id == _payment.c.account_id)
        .where(w.within(_payment.c.entity_id))
    )


def payment_row(row: Row[Any]) -> PaymentRow:
    """What a row of `listed` says."""
    return PaymentRow(**{name: getattr(row, name) for name in PaymentRow.__dataclass_fields__})


def payment(w: Work, public: str) -> PaymentRow:
    """One payment; `NotFound` when there is none or it is not yours. The caller notes what it told."""
    row = w.db.execute(listed(w).where(_payment.c.public_id == public)).one_or_none()
    if row is None:
        raise NotFound("There is no such payment.")
    return payment_row(row)


def payments(w: Work, account_ids: Collection[int]) -> dict[int, list[PaymentRow]]:
    """Every payment of these accounts, the newest first; one statement."""
    found: dict[int, list[PaymentRow]] = {}
    if not account_ids:
        return found
    query = listed(w).where(among(w.db, _payment.c.account_id, list(account_ids)))
    for row in w.db.execute(query.order_by(_payment.c.received_on.desc(), _payment.c.id.desc())):
        found.setdefault(row.account_id, []).append(payment_row(row))
    return found


def received(w: Work, account_ids: Collection[int], since: date) -> dict[int, list[tuple[date, int, bool]]]:
    """What came from each account since a day: (day, cents, did it bounce), oldest first. Judges promises."""
    found: dict[int, list[tuple[date, int, bool]]] = {}
    if not account_ids:
        return found
    counted = (State.POSTED.value, State.REVERSED.value)
    query = select(_payment.c.account_id, _payment.c.received_on, _payment.c.amount, _payment.c.state).where(
        among(w.db, _payment.c.account_id, list(account_ids)), w.within(_payment.c.entity_id),
        _payment.c.received_on >= since, _payment.c.state.in_(counted),
    )  # fmt: skip
    for row in w.db.execute(query.order_by(_payment.c.received_on, _payment.c.id)):
        came = (row.received_on, int(row.amount), row.state == State.REVERSED)
        found.setdefault(int(row.account_id), []).append(came)
    return found


def unapplied(w: Work, account_ids: Collection[int]) -> dict[int, Money]:
    """What each account has without a visit, those at zero left out; one statement."""
    return _sums(w, account_ids, _payment.c.unapplied, State.POSTED)


def pending(w: Work, account_ids: Collection[int]) -> dict[int, Money]:
    """Card payments under way of each account: asked for, or without an answer yet."""
    return _sums(w, account_ids, _payment.c.amount, State.PENDING, State.UNKNOWN)


def last_paid(w: Work, account_ids: Collection[int]) -> dict[int, tuple[date, int]]:
    """(day, cents) of the newest payment of each account that stands; one statement."""
    if not account_ids:
        return {}
    ranked = func.row_number().over(
        partition_by=_payment.c.account_id, order_by=(_payment.c.received_on.desc(), _payment.c.id.desc())
    )
    newest = (
        select(_payment.c.account_id, _payment.c.received_on, _payment.c.amount, ranked.label("place"))
        .where(
            among(w.db, _payment.c.account_id, list(account_ids)), w.within(_payment.c.entity_id),
            _payment.c.state == State.POSTED.value,
        )
        .subquery()
    )  # fmt: skip
    rows = w.db.execute(select(newest).where(newest.c.place == 1))
    return {int(row.account_id): (row.received_on, int(row.amount)) for row in rows}


def _sums(w: Work, account_ids: Collection[int], column: Any, *states: State) -> dict[int, Money]:
    if not account_ids:
        return {}
    query = select(_payment.c.account_id, func.sum(column)).where(
        among(w.db, _payment.c.account_id, list(account_ids)), w.within(_payment.c.entity_id),
        _payment.c.state.in_([one.value for one in states]), column > 0,
    )  # fmt: skip
    rows = w.db.execute(query.group_by(_payment.c.account_id))
    return {int(key): Money.of_sum(int(cents)) for key, cents in rows}


@dataclass(frozen=True, slots=True)
class Part:
    """What a payment put on a visit, or took off it (negative)."""

    claim: str
    control: str
    claim_id: int
    patient_id: int
    service_from: date | None
    amount: Money
    applied_on: date
    takes_back: bool


def parts(w: Work, payment_ids: Sequence[int]) -> dict[int, list[Part]]:
    """The applications of payments in the order they were made; one statement."""
    found: dict[int, list[Part]] = {}
    if not payment_ids:
        return found
    query = (
        select(_application, _claim.c.public_id, _claim.c.control, _claim.c.patient_id, _claim.c.service_from)
        .join(_claim, _claim.c.id == _application.c.claim_id)
        .where(_application.c.payment_id.in_(payment_ids), w.within(_application.c.entity_id))
    )
    for row in w.db.execute(query.order_by(_application.c.id)):
        made = Part(
            row.public_id, row.control, row.claim_id, row.patient_id, row.service_from, row.amount,
            row.applied_on, row.takes_back is not None,
        )  # fmt: skip
        found.setdefault(int(row.payment_id), []).append(made)
    return found


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a payment, in the order they were written."""

    move: str
    to_state: str
    reason: str
    author: str
    at: datetime
    detail: dict[str, Any]


def events(w: Work, payment_id: int) -> list[Happened]:
    """What happened to a payment, oldest first."""
    columns = [_event.c[name] for name in Happened.__dataclass_fields__]
    query = select(*columns).where(_event.c.payment_id == payment_id, w.within(_event.c.entity_id))
    return [Happened(*row) for row in w.db.execute(query.order_by(_event.c.id))]
