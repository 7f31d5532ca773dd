"""Claims, their versions as billed, lines and payers; what was answered before payment, and where they stand.

Keys are addresses: file, segment of CLM, SV, SBR, TA1, AK2 or TRN.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.claims.lifecycle import State, Track
from app.kernel.db import Base, Cents, Instant, Json, Key, choice, one_of
from app.kernel.money import Money


class Claim(Base):
    """An encounter that is owed. `id` is the address of the CLM that first billed it."""

    __tablename__ = "claim"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    patient_id: Mapped[int] = mapped_column(Key)
    encounter: Mapped[str] = mapped_column(String(32))
    control: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(1))
    service_from: Mapped[date | None] = mapped_column(Date)
    service_to: Mapped[date | None] = mapped_column(Date)
    charge: Mapped[Money] = mapped_column(Cents)
    current_version_id: Mapped[int] = mapped_column(Key)
    provider_npi: Mapped[str] = mapped_column(String(20))
    insured: Mapped[bool] = mapped_column(Boolean)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("entity_id", "encounter"),
        Index("ix_claim_control", "entity_id", "control"),
        Index("ix_claim_patient", "patient_id"),
        Index("ix_claim_facts", "entity_id", "service_from", "charge"),
    )


class ClaimVersion(Base):
    """One CLM as sent. `posted` tells whether its charges are in the ledger."""

    __tablename__ = "claim_version"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    claim_id: Mapped[int] = mapped_column(Key, index=True)
    entity_id: Mapped[int] = mapped_column(Key)
    transaction_id: Mapped[int] = mapped_column(Key, index=True)
    control: Mapped[str] = mapped_column(String(40))
    frequency: Mapped[str] = mapped_column(String(2))
    sequence: Mapped[str] = mapped_column(String(1))
    charge: Mapped[Money] = mapped_column(Cents)
    sent: Mapped[str] = mapped_column(String(12))
    filing: Mapped[str] = mapped_column(String(2))
    payer_id: Mapped[int | None] = mapped_column(Key)
    original_reference: Mapped[str | None] = mapped_column(String(50))
    prior_authorization: Mapped[str | None] = mapped_column(String(50))
    subscriber_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    facility: Mapped[str] = mapped_column(String(4))
    diagnoses: Mapped[str] = mapped_column(String(240))
    drg: Mapped[str | None] = mapped_column(String(6))
    content: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    byte: Mapped[int] = mapped_column(Key)
    byte_end: Mapped[int] = mapped_column(Key)
    segments: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        Index("ix_claim_version_control", "entity_id", "control"),
        Index("ix_claim_version_reference", "entity_id", "original_reference"),
        Index(
            "ix_claim_version_void",
            "entity_id",
            sqlite_where=text("state = 'void_pending'"),
            postgresql_where=text("state = 'void_pending'"),
        ),
    )


class ClaimLine(Base):
    """A service line of one version. `live` ones carry the charges on the books: remits match them."""

    __tablename__ = "claim_line"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    version_id: Mapped[int] = mapped_column(Key, index=True)
    claim_id: Mapped[int] = mapped_column(Key, index=True)
    number: Mapped[int] = mapped_column(Integer)
    control: Mapped[str] = mapped_column(String(40))
    qualifier: Mapped[str] = mapped_column(String(2))
    code: Mapped[str] = mapped_column(String(48))
    modifiers: Mapped[str] = mapped_column(String(12))
    revenue: Mapped[str] = mapped_column(String(8))
    charge: Mapped[Money] = mapped_column(Cents)
    units: Mapped[str] = mapped_column(String(16))
    service_from: Mapped[date | None] = mapped_column(Date)
    service_to: Mapped[date | None] = mapped_column(Date)
    byte: Mapped[int] = mapped_column(Key)
    element: Mapped[int] = mapped_column(SmallInteger)
    live: Mapped[bool] = mapped_column(Boolean)


class ClaimPayer(Base):
    """A payer of a claim by its rank: 1 primary, 2 secondary, 3 tertiary and on.

    `answered_on` is the day of its last remit, `answer_id` the transaction that brought it. `taken_back_on`
    and `_id`: the answer its last reversal took back; `reversed_on`, `reversal_id`: that reversal.
    """

    __tablename__ = "claim_payer"
    claim_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    rank: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    filing: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(16))
    source: Mapped[int] = mapped_column(Key)
    answered_on: Mapped[date | None] = mapped_column(Date)
    answer_id: Mapped[int | None] = mapped_column(Key)
    taken_back_on: Mapped[date | None] = mapped_column(Date)
    taken_back_id: Mapped[int | None] = mapped_column(Key)
    reversed_on: Mapped[date | None] = mapped_column(Date)
    reversal_id: Mapped[int | None] = mapped_column(Key)


class ClaimControl(Base):
    """A CLM01 we gave a submission of a claim: known before the file that carries it comes in."""

    __tablename__ = "claim_control"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    entity_id: Mapped[int] = mapped_column(Key)
    control: Mapped[str] = mapped_column(String(40))
    claim_id: Mapped[int] = mapped_column(Key, index=True)
    __table_args__ = (UniqueConstraint("entity_id", "control"),)


class ClaimResent(Base):
    """A CLM that came again with nothing new in it: no version, but the claim went out once more."""

    __tablename__ = "claim_resent"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    claim_id: Mapped[int] = mapped_column(Key, index=True)
    entity_id: Mapped[int] = mapped_column(Key)
    transaction_id: Mapped[int] = mapped_column(Key, index=True)
    sent: Mapped[str] = mapped_column(String(12))


class Acknowledgement(Base):
    """What a TA1 or 999 says of an interchange, a group or a transaction of ours; never changed.

    Control numbers stand without leading zeros. `errors`: places and codes only, no values. `entity_id` is
    absent until the 837 it answers is here.
    """

    __tablename__ = "acknowledgement"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int | None] = mapped_column(Key)
    source_id: Mapped[int] = mapped_column(Key, index=True)
    level: Mapped[str] = mapped_column(String(12))
    interchange: Mapped[str] = mapped_column(String(20), index=True)
    group_control: Mapped[str] = mapped_column(String(20), index=True)
    set_control: Mapped[str] = mapped_column(String(20))
    partner: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(2))
    notes: Mapped[str] = mapped_column(String(60))
    day: Mapped[date] = mapped_column(Date)
    errors: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    about_id: Mapped[int | None] = mapped_column(Key, index=True)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class Transmission(Base):
    """What became of an 837 transaction of ours on its way, by the TA1 and 999 about it."""

    __tablename__ = "transmission"
    transaction_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    state: Mapped[str] = mapped_column(choice(State, 28))
    since: Mapped[date] = mapped_column(Date)
    acknowledgement_id: Mapped[int] = mapped_column(Key)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (one_of("state", State), Index("ix_transmission_entity", "entity_id", "state"))


class ClaimAnswer(Base):
    """What a 277CA or 277 says of one claim, as sent; `claim_id` is absent until a claim of ours is found.

    category, status, entity_code: the status that decides; label: its words in the list of that day;
    proposed: the next action the list names; `statuses` and `lines`: all of them, codes only.
    amount, paid: cents. origin: NM101 of who answers (PR a payer, AY a clearinghouse).
    """

    __tablename__ = "claim_answer"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int | None] = mapped_column(Key)
    source_id: Mapped[int] = mapped_column(Key, index=True)
    kind: Mapped[str] = mapped_column(String(8))
    origin: Mapped[str] = mapped_column(String(4))
    origin_name: Mapped[str] = mapped_column(String(80))
    control: Mapped[str] = mapped_column(String(40))
    payer_control: Mapped[str] = mapped_column(String(50))
    clearinghouse_control: Mapped[str] = mapped_column(String(50))
    provider: Mapped[str] = mapped_column(String(20))
    last: Mapped[str] = mapped_column(String(60))
    service_from: Mapped[date | None] = mapped_column(Date)
    amount: Mapped[Money | None] = mapped_column(Cents)
    category: Mapped[str] = mapped_column(String(4))
    status: Mapped[str] = mapped_column(String(8))
    entity_code: Mapped[str] = mapped_column(String(4))
    label: Mapped[str] = mapped_column(String(200))
    proposed: Mapped[str] = mapped_column(String(32))
    statuses: Mapped[list[Any]] = mapped_column(Json)
    lines: Mapped[list[Any]] = mapped_column(Json)
    move: Mapped[str] = mapped_column(String(24))
    day: Mapped[date] = mapped_column(Date)
    words: Mapped[str] = mapped_column(String(264))
    paid: Mapped[Money | None] = mapped_column(Cents)
    finalized: Mapped[date | None] = mapped_column(Date)
    remitted: Mapped[date | None] = mapped_column(Date)
    remit_trace: Mapped[str] = mapped_column(String(60))
    claim_id: Mapped[int | None] = mapped_column(Key, index=True)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        Index(
            "ix_claim_answer_waiting",
            "control",
            sqlite_where=text("claim_id IS NULL"),
            postgresql_where=text("claim_id IS NULL"),
        ),
    )


class ClaimEvent(Base):
    """A fact about where a claim stands, with the document that says so (R837-30); added, never changed."""

    __tablename__ = "claim_event"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    claim_id: Mapped[int] = mapped_column(Key, index=True)
    entity_id: Mapped[int] = mapped_column(Key)
    answer_id: Mapped[int] = mapped_column(Key, unique=True)
    source_id: Mapped[int] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(String(8))
    move: Mapped[str] = mapped_column(String(24))
    category: Mapped[str] = mapped_column(String(4))
    status: Mapped[str] = mapped_column(String(8))
    entity_code: Mapped[str] = mapped_column(String(4))
    origin: Mapped[str] = mapped_column(String(4))
    day: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class ClaimState(Base):
    """Where a claim stands that was answered or billed more than once; of the others the state is plain.

    since: the day of the fact that moved it last. The codes are those of that fact. `resubmitted_on`: a
    later version went out after a rejection.
    """

    __tablename__ = "claim_state"
    claim_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    state: Mapped[str] = mapped_column(choice(State, 28))
    since: Mapped[date | None] = mapped_column(Date)
    answer_id: Mapped[int | None] = mapped_column(Key)
    category: Mapped[str] = mapped_column(String(4))
    status: Mapped[str] = mapped_column(String(8))
    entity_code: Mapped[str] = mapped_column(String(4))
    resubmitted_on: Mapped[date | None] = mapped_column(Date)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (one_of("state", State), Index("ix_claim_state_entity", "entity_id", "state"))


class SilentClaim(Base):
    """A claim no remit has answered in the time its payer takes. expected_by: sent and `wait_days` later.

    basis: `lag` when the wait is measured of this payer, `default` when not. A suppressed one has a reason
    and an end.
    """

    __tablename__ = "silent_claim"
    claim_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    entity_id: Mapped[int] = mapped_column(Key)
    payer_id: Mapped[int | None] = mapped_column(Key)
    rank: Mapped[int] = mapped_column(SmallInteger)
    sent: Mapped[date] = mapped_column(Date)
    first_sent: Mapped[date] = mapped_column(Date)
    amount: Mapped[Money] = mapped_column(Cents)
    expected_by: Mapped[date] = mapped_column(Date)
    escalate_on: Mapped[date] = mapped_column(Date)
    basis: Mapped[str] = mapped_column(String(8))
    wait_days: Mapped[int] = mapped_column(Integer)
    track: Mapped[str] = mapped_column(choice(Track))
    track_on: Mapped[date | None] = mapped_column(Date)
    suppressed_until: Mapped[date | None] = mapped_column(Date)
    suppressed_reason: Mapped[str] = mapped_column(String(200))
    suppressed_by: Mapped[str] = mapped_column(String(80))
    open: Mapped[bool] = mapped_column(Boolean)
    outcome: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        one_of("track", Track),
        Index("ix_silent_claim_open", "entity_id", "open", "expected_by"),
    )


class PayerLag(Base):
    """How many days a payer takes from the claim to its remit, measured of our own claims each day."""

    __tablename__ = "payer_lag"
    payer_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    cases: Mapped[int] = mapped_column(Integer)
    middle_days: Mapped[int] = mapped_column(Integer)
    long_days: Mapped[int] = mapped_column(Integer)
    measured_on: Mapped[date] = mapped_column(Date)
