"""Notes, calls and promises; what holds an account back; attempts at people, refusals, returned mail."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.contacts.lifecycle import (
    Act,
    Direction,
    DisputeState,
    HoldKind,
    PatientPromiseState,
    Reach,
    ReturnState,
)
from app.contacts.rules import ContactKind, PromiseState
from app.kernel.db import Base, Cents, Instant, Json, Key, choice, one_of
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


class AccountHold(Base):
    """Something that stops acts on an account, or on one visit of it (`claim_id`): never a bare boolean.

    starts, ends: `[from, to)`; without an end it holds until somebody lifts it, and `review_on` brings it
    back to a person. detail_sealed: JSON of what the kind asks for (court, case, chapter, attorney ...).
    """

    __tablename__ = "account_hold"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    claim_id: Mapped[int | None] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(choice(HoldKind, 20))
    reason: Mapped[str] = mapped_column(String(200))
    detail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    starts: Mapped[date] = mapped_column(Date)
    ends: Mapped[date | None] = mapped_column(Date)
    review_on: Mapped[date | None] = mapped_column(Date)
    open: Mapped[bool] = mapped_column(Boolean)
    author: Mapped[str] = mapped_column(String(80))
    placed_at: Mapped[datetime] = mapped_column(Instant)
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
    lifted_by: Mapped[str] = mapped_column(String(80))
    lifted_why: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("kind", HoldKind),
        Index("ix_account_hold_of", "account_id", "open"),
        Index("ix_account_hold_due", "entity_id", "open", "ends"),
    )


class Dispute(Base):
    """A guarantor says a bill is wrong. `hold_id` keeps the disputed part out of dunning from the first
    moment; due days: 5 business days to acknowledge, 30 to resolve (dated rows).
    """

    __tablename__ = "dispute"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    claim_id: Mapped[int | None] = mapped_column(Key)
    hold_id: Mapped[int] = mapped_column(Key)
    state: Mapped[str] = mapped_column(choice(DisputeState, 16))
    amount: Mapped[Money | None] = mapped_column(Cents)
    said: Mapped[bytes | None] = mapped_column(LargeBinary)
    opened_on: Mapped[date] = mapped_column(Date)
    acknowledge_by: Mapped[date] = mapped_column(Date)
    resolve_by: Mapped[date] = mapped_column(Date)
    outcome: Mapped[str] = mapped_column(String(40))
    author: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("state", DisputeState),
        Index("ix_dispute_of", "account_id", "state"),
        Index("ix_dispute_due", "entity_id", "state", "resolve_by"),
    )


class AccountEvent(Base):
    """What happened to a hold, a dispute, a promise or returned mail of an account; added, never changed.

    subject, subject_id: which of them. detail: ids and codes only.
    """

    __tablename__ = "account_event"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key, index=True)
    subject: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[int] = mapped_column(Key)
    move: Mapped[str] = mapped_column(String(24))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)


class Attempt(Base):
    """One try to reach somebody, or one time they reached us; never edited.

    right_party: two identifiers were checked and fitted. spoke: a conversation (starts the seven quiet days).
    result, why: codes of data/results.csv and data/nonpayment.csv. said seals the note. automatic: dialled
    by a machine.
    """

    __tablename__ = "attempt"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    reach: Mapped[str] = mapped_column(choice(Reach, 8))
    direction: Mapped[str] = mapped_column(choice(Direction, 4))
    contact_point_id: Mapped[int | None] = mapped_column(Key)
    at: Mapped[datetime] = mapped_column(Instant)
    automatic: Mapped[bool] = mapped_column(Boolean)
    right_party: Mapped[bool] = mapped_column(Boolean)
    spoke: Mapped[bool] = mapped_column(Boolean)
    result: Mapped[str] = mapped_column(String(24))
    why: Mapped[str] = mapped_column(String(24))
    said: Mapped[bytes | None] = mapped_column(LargeBinary)
    next_on: Mapped[date | None] = mapped_column(Date)
    document_id: Mapped[int | None] = mapped_column(Key)
    author_id: Mapped[int | None] = mapped_column(Key)
    actor: Mapped[str] = mapped_column(String(80))
    __table_args__ = (
        one_of("reach", Reach),
        one_of("direction", Direction),
        Index("ix_attempt_of", "account_id", "at"),
        Index("ix_attempt_author", "author_id", "at"),
    )


class PatientPromise(Base):
    """What a guarantor said they would pay by a day; judged by postings, never by hand.

    nth: how many in a row this is since the last kept one. received: what came by the day it was judged.
    """

    __tablename__ = "patient_promise"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    attempt_id: Mapped[int | None] = mapped_column(Key)
    made_at: Mapped[datetime] = mapped_column(Instant)
    promised_on: Mapped[date] = mapped_column(Date)
    grace_until: Mapped[date] = mapped_column(Date)
    amount: Mapped[Money] = mapped_column(Cents)
    state: Mapped[str] = mapped_column(choice(PatientPromiseState, 12))
    nth: Mapped[int] = mapped_column(Integer)
    received: Mapped[Money] = mapped_column(Cents)
    judged_on: Mapped[date | None] = mapped_column(Date)
    author: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("state", PatientPromiseState),
        Index(
            "uq_patient_promise_open",
            "account_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_patient_promise_of", "account_id", "id"),
        Index("ix_patient_promise_due", "entity_id", "state", "grace_until"),
    )


class Refusal(Base):
    """An act a guard refused, with its rule; added, never changed (N9). door: page, api, job or shell."""

    __tablename__ = "refusal"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    act: Mapped[str] = mapped_column(choice(Act, 12))
    rule: Mapped[str] = mapped_column(String(40))
    until: Mapped[datetime | None] = mapped_column(Instant)
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    door: Mapped[str] = mapped_column(String(8))
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        one_of("act", Act),
        Index("ix_refusal_of", "account_id", "id"),
        Index("ix_refusal_list", "entity_id", "id"),
    )


class CollectionRule(Base):
    """A limit of law or of the house that somebody set over the shipped one (data/law.csv), of a state or of
    all of them (empty). Effective `[from, to)`; a change closes the row and writes another. `value` is text:
    a number, yes or no, a time, a list; its rule says which.
    """

    __tablename__ = "collection_rule"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    code: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(2))
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    value: Mapped[str] = mapped_column(String(400))
    source: Mapped[str] = mapped_column(String(200))
    author: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index("ix_collection_rule_code", "entity_id", "code", "state"),)


class ReturnedMail(Base):
    """A letter the post brought back (patient-collections section 12). code: the post office's reason.

    document_id: the statement or letter, when known. candidate_sealed: an address somebody found.
    """

    __tablename__ = "returned_mail"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key, index=True)
    address_id: Mapped[int | None] = mapped_column(Key)
    hold_id: Mapped[int | None] = mapped_column(Key)
    document_id: Mapped[int | None] = mapped_column(Key)
    code: Mapped[str] = mapped_column(String(2))
    returned_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(choice(ReturnState, 12))
    searched: Mapped[int] = mapped_column(Integer)
    candidate_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    candidate_source: Mapped[str] = mapped_column(String(60))
    author: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("state", ReturnState),
        Index("ix_returned_mail_list", "entity_id", "state", "id"),
    )
