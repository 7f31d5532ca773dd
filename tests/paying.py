"""The kit of tests about patients' payments: visits a patient owes, and payments for them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.accounts.models import Owed, Standing
from app.claims.models import Claim
from app.flows import patient_paid
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.ids import public_id
from app.kernel.money import Money
from app.kernel.work import Actor, system, work
from app.patients.models import Guarantor
from app.payments.lifecycle import Mode, Reversal, Tender
from app.payments.models import CardToken, PatientPayment, PaymentApplication, PaymentEvent, SmallBalance
from app.payments.rules_apply import Named
from app.payments.service import Taken, Taking
from app.payments.service_reverse import Return, Reversed
from app.statements.models import Statement
from tests import books, era

PAYMENT, APPLICATION = table_of(PatientPayment), table_of(PaymentApplication)
EVENT, TOKEN, SMALL = table_of(PaymentEvent), table_of(CardToken), table_of(SmallBalance)
OWED, STANDING, GUARANTOR = table_of(Owed), table_of(Standing), table_of(Guarantor)
_claim, _statement = table_of(Claim), table_of(Statement)
CASHIER = system("cashier", door="cli")
VISITS = (("A", "120.00", "20260105"), ("B", "45.50", "20260201"), ("C", "34.50", "20260220"))
"""RPAT-21: what one patient owes for three visits."""


def owing(*visits: tuple[str, str, str], patient: str = "DOE*JANE", member: str = "MEM0001") -> int:
    """A practice whose patient owes these (control, amount, day) after the payer paid; the account."""
    if not books.rows(books.ENTITY):
        books.practice()
    visits = visits or VISITS
    dress = era.PLAIN
    billed = [era.billed(control, "99214 200", day=day, patient=patient, member=member)
              for control, _, day in visits]  # fmt: skip
    paid = [
        era.claim(control, charge="200", paid=str(Money(200_00 - int(Money.parse(amount)))),
                  cas=f"PR*1*{amount}", patient=patient, member=member)
        for control, amount, _ in visits
    ]  # fmt: skip
    books.take(era.bill(*billed, dress=dress), era.era(*paid, trace=f"T{visits[0][0]}", dress=dress))
    return account_of(visits[0][0])


def claim_id(control: str) -> int:
    """The key of a visit."""
    (row,) = books.rows(_claim, _claim.c.control == control)
    return int(row.id)


def account_of(control: str) -> int:
    """Who answers for a visit."""
    (row,) = books.rows(OWED, OWED.c.claim_id == claim_id(control))
    assert row.account_id is not None, f"{control}: nobody answers for it"
    return int(row.account_id)


def entity_id() -> int:
    """The practice."""
    return int(books.rows(books.ENTITY)[0].id)


def due() -> dict[str, str]:
    """What each visit's patient owes by the ledger, those at zero left out."""
    with books.looking() as line:
        names = {row.id: row.control for row in line.execute(select(_claim.c.id, _claim.c.control))}
    return {names[key]: str(Money(pair[1])) for key, pair in sorted(books.balances().items()) if pair[1]}


def pay(
    account: int | None,
    amount: str,
    *,
    key: str = "",
    tender: Tender = Tender.CHECK,
    mode: Mode | None = None,
    named: Sequence[Named] = (),
    actor: Actor = CASHIER,
    **given: Any,
) -> Taken:
    """A payment at the desk."""
    taking = Taking(
        entity_id=entity_id(), account_id=account, tender=tender, cents=int(Money.parse(amount)),
        key=key or f"k{len(books.rows(PAYMENT))}", mode=mode, designated=named, **given,
    )  # fmt: skip
    with work(actor) as w:
        return patient_paid.take(w, taking)


def bounce(public: str, why: Reversal = Reversal.NSF, *, actor: Actor = CASHIER, **given: Any) -> Reversed:
    """A payment comes back."""
    (row,) = books.rows(PAYMENT, PAYMENT.c.public_id == public)
    with work(actor) as w:
        return patient_paid.reverse(w, public, Return(why=why, **given), version=row.version)


def sent_long_ago(account: int) -> None:
    """The account's first statement went out half a year ago about what it owes; only days count here."""
    day = now().date() - timedelta(180)
    due_long_ago(account)
    values: dict[str, Any] = dict(
        id=90_000_000 + account, public_id=public_id(), account_id=account, kind="summary"
    )
    values |= dict(entity_id=entity_of(account), number=f"T{account}", stage="stmt_1", day=day, due_on=day)
    values |= dict(amount=Money(1), balance=Money(1), language="en", way="mail", scan_line="", facts_hash="")
    values |= dict(
        facts_sealed=b"", template="", file_no=0, sha256="", pages=1, link_misses=0, author="tests"
    )
    with work(CASHIER) as w:
        w.db.execute(insert(_statement).values(**values, state="issued", recorded_at=w.now))


def due_long_ago(account: int) -> None:
    """What the account owes came due half a year ago."""
    with work(CASHIER) as w:
        change = update(OWED).where(OWED.c.account_id == account, OWED.c.since.is_not(None))
        w.db.execute(change.values(since=now().date() - timedelta(180)))


def entity_of(account: int) -> int:
    """The practice an account belongs to."""
    (row,) = books.rows(GUARANTOR, GUARANTOR.c.id == account)
    return int(row.entity_id)


def payment(public: str) -> Any:
    """A payment as it stands."""
    (row,) = books.rows(PAYMENT, PAYMENT.c.public_id == public)
    return row


def standing(account: int) -> Any:
    """An account at a glance."""
    (row,) = books.rows(STANDING, STANDING.c.account_id == account)
    return row
