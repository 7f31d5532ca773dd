"""What stands of a payment in the ledger, and whether the tables of payments agree with it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from app.kernel.db import table_of
from app.kernel.ids import address
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.accounts import Account
from app.ledger.entry import Event, Source, Transfer
from app.ledger.models import PLACE_BITS, LedgerEntry
from app.payments.lifecycle import State
from app.payments.models import PatientPayment, PaymentApplication

_payment, _application = table_of(PatientPayment), table_of(PaymentApplication)
_entry = table_of(LedgerEntry)
PAID = (
    Event.PATIENT_PAYMENT.value, Event.PATIENT_APPLIED.value, Event.PATIENT_TAKEN_OFF.value,
    Event.PATIENT_RETURNED.value,
)  # fmt: skip


def standing(w: Work, row: Any) -> list[tuple[int, Transfer]]:
    """(entry, transfer) of a payment that nothing took back: what reversing it takes back, to the cent."""
    query = select(_application.c.entry_id).where(
        _application.c.payment_id == row.id, w.within(_application.c.entity_id)
    )
    batches = {int(row.batch_id)} | {int(one) >> PLACE_BITS for one in w.db.execute(query).scalars()}
    found: list[tuple[int, Transfer]] = []
    mine = (_entry.c.source == address(row.file_no, 1), w.within(_entry.c.entity_id))
    for batch_id in sorted(batches):
        within = (_entry.c.id >= batch_id << PLACE_BITS, _entry.c.id < (batch_id + 1) << PLACE_BITS)
        rows = w.db.execute(select(_entry).where(*within, *mine).order_by(_entry.c.id))
        found += [(int(one.id), transfer_of(one)) for one in rows if one.reverses is None]
    ids = [key for key, _ in found]
    gone = set(w.db.execute(select(_entry.c.reverses).where(_entry.c.reverses.in_(ids))).scalars())
    return [(key, one) for key, one in found if key not in gone]


def entry(w: Work, entry_id: int) -> Transfer | None:
    """One entry as a transfer; None when there is none."""
    row = w.db.execute(select(_entry).where(_entry.c.id == entry_id, w.within(_entry.c.entity_id))).first()
    return transfer_of(row) if row is not None else None


def transfer_of(row: Any) -> Transfer:
    """The transfer an entry posted."""
    keys = (row.claim_id, row.line_id, row.remit_claim_id, row.payer_id)
    sides = (int(row.debit), row.debit_rank, int(row.credit), row.credit_rank)
    source = Source(row.source, row.byte, row.element)
    return Transfer(row.event, *sides, int(row.amount), *keys, source, int(row.basis))


Problem = tuple[str, str]
"""A place and what is wrong there, in words; ids only."""


def problems(w: Work) -> Iterator[Problem]:
    """Applied and unapplied are the amount; unapplied cash is 2010; applications are their entries."""
    yield from _sums(w)
    yield from _waiting(w)
    yield from _parts(w)


def _sums(w: Work) -> Iterator[Problem]:
    stands = _payment.c.state == State.POSTED.value
    whole = _payment.c.applied + _payment.c.unapplied
    wrong = or_(
        and_(stands, or_(whole != _payment.c.amount, _payment.c.batch_id.is_(None))),
        and_(~stands, whole != 0),
    )
    query = select(_payment.c.public_id).where(wrong, w.within(_payment.c.entity_id))
    for public in w.db.execute(query).scalars():
        yield f"payment {public}", "what it paid and what waits do not add up to it"
    paid = (
        select(_application.c.payment_id, func.sum(_application.c.amount).label("cents"))
        .group_by(_application.c.payment_id)
        .subquery()
    )
    differs = func.coalesce(paid.c.cents, 0) != _payment.c.applied
    joined = select(_payment.c.public_id).outerjoin(paid, paid.c.payment_id == _payment.c.id)
    for public in w.db.execute(joined.where(differs, w.within(_payment.c.entity_id))).scalars():
        yield f"payment {public}", "its applications do not add up to what it paid"


def _waiting(w: Work) -> Iterator[Problem]:
    """Unapplied patient cash of an entity is the balance of 2010."""
    account = int(Account.UNAPPLIED_PATIENT)
    moved = case((_entry.c.credit == account, _entry.c.amount), else_=-_entry.c.amount)
    booked = (
        select(_entry.c.entity_id, func.sum(moved))
        .where(or_(_entry.c.credit == account, _entry.c.debit == account), w.within(_entry.c.entity_id))
        .group_by(_entry.c.entity_id)
    )
    listed = (
        select(_payment.c.entity_id, func.sum(_payment.c.unapplied))
        .where(w.within(_payment.c.entity_id))
        .group_by(_payment.c.entity_id)
    )
    books = {key: int(cents) for key, cents in w.db.execute(booked)}
    rows = {key: int(cents) for key, cents in w.db.execute(listed)}
    for entity_id in sorted(set(books) | set(rows)):
        said, is_ = rows.get(entity_id, 0), books.get(entity_id, 0)
        if said != is_:
            words = f"payments have {Money.of_sum(said)} unapplied; account 2010 holds {Money.of_sum(is_)}"
            yield f"entity {entity_id}", words


def _parts(w: Work) -> Iterator[Problem]:
    """An application is its entry: the same visit, the same cents; and every such entry has one."""
    signed = case((_entry.c.credit == int(Account.AR_PATIENT), _entry.c.amount), else_=-_entry.c.amount)
    wrong = or_(
        _entry.c.id.is_(None), _entry.c.claim_id != _application.c.claim_id, signed != _application.c.amount
    )
    query = select(_application.c.id).outerjoin(_entry, _entry.c.id == _application.c.entry_id)
    for key in w.db.execute(query.where(wrong, w.within(_application.c.entity_id))).scalars():
        yield f"payment application {key}", "is not what its ledger entry says"
    alone = (
        select(_entry.c.id)
        .outerjoin(_application, _application.c.entry_id == _entry.c.id)
        .where(
            _entry.c.event.in_(PAID), _entry.c.claim_id.is_not(None), _application.c.id.is_(None),
            w.within(_entry.c.entity_id),
        )
    )  # fmt: skip
    for key in w.db.execute(alone).scalars():
        yield f"entry {key}", "pays a visit, but no payment says so"
