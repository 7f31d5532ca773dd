"""Notes, calls and what payers promised."""

from datetime import date, datetime

from sqlalchemy import Date, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.contacts.rules import ContactKind, PromiseState
from app.kernel.db import Base, Cents, Instant, Key, choice, one_of
from app.kernel.money import Money


class Contact(Base):
    """One note or call; never edited. `said` seals the text and the name of whoever spoke for the payer.

    A row of kind `strike` takes back the one it `strikes`: both stay.
    """

    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    subject: Mapped[str] = mapped_column(String(24))
    subject_id: Mapped[int] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(choice(ContactKind, 8))
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(80))
    author_id: Mapped[int | None] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    patient_id: Mapped[int | None] = mapped_column(Key)
    said: Mapped[bytes | None] = mapped_column(LargeBinary)
    reference: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[str] = mapped_column(String(24))
    strikes: Mapped[int | None] = mapped_column(Key)
    __table_args__ = (
        Index("ix_contact_subject", "subject", "subject_id", "id"),
        Index("ix_contact_strikes", "strikes"),
        one_of("kind", ContactKind),
    )


class PayerPromise(Base):
    """What a payer said it would do by a day; `amount` in cents, absent when none was named.

    `received` is what had come when the day was judged.
    """

    __tablename__ = "payer_promise"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    contact_id: Mapped[int] = mapped_column(Key, index=True)
    payer_id: Mapped[int | None] = mapped_column(Key)
    subject: Mapped[str] = mapped_column(String(24))
    subject_id: Mapped[int] = mapped_column(Key)
    author_id: Mapped[int | None] = mapped_column(Key)
    made_on: Mapped[date] = mapped_column(Date)
    promised_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Money | None] = mapped_column(Cents)
    state: Mapped[str] = mapped_column(choice(PromiseState, 12))
    received: Mapped[Money] = mapped_column(Cents)
    judged_on: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        Index("ix_payer_promise_due", "entity_id", "state", "promised_on"),
        Index("ix_payer_promise_subject", "subject", "subject_id"),
        one_of("state", PromiseState),
    )
