"""What each visit's patient owes, and each account at a glance; both derived."""

from datetime import date, datetime

from sqlalchemy import Date, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.lifecycle import OwedState
from app.kernel.db import Base, Cents, Instant, Key, choice, one_of
from app.kernel.money import Money


class Owed(Base):
    """The patient's side of one visit. amount: its 1110 balance in cents, below zero is a credit.

    since: the first day it was due without a break; the day a statement counts from. reason: `Waits`, or the
    kind of the hold. account_id: absent while nobody is known to answer for it.
    """

    __tablename__ = "owed"
    claim_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int | None] = mapped_column(Key)
    patient_id: Mapped[int] = mapped_column(Key)
    amount: Mapped[Money] = mapped_column(Cents)
    state: Mapped[str] = mapped_column(choice(OwedState, 8))
    reason: Mapped[str] = mapped_column(String(24))
    since: Mapped[date | None] = mapped_column(Date)
    service_from: Mapped[date | None] = mapped_column(Date)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        one_of("state", OwedState),
        Index("ix_owed_account", "account_id", "state"),
        Index("ix_owed_list", "entity_id", "state", "since"),
    )


class Standing(Base):
    """An account at a glance, one row each. Cents: due (may be billed now), waiting (not yet), held, credit
    (what visits are below zero, as a positive number), unapplied (money of theirs without a visit), fees are
    in due. blocks: `Blocks`. plan, promise_until, paid_on, paid: the last known of each.
    """

    __tablename__ = "standing"
    account_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    due: Mapped[Money] = mapped_column(Cents)
    waiting: Mapped[Money] = mapped_column(Cents)
    held: Mapped[Money] = mapped_column(Cents)
    credit: Mapped[Money] = mapped_column(Cents)
    unapplied: Mapped[Money] = mapped_column(Cents)
    pending: Mapped[Money] = mapped_column(Cents)
    on_plan: Mapped[Money] = mapped_column(Cents)
    visits: Mapped[int] = mapped_column(Integer)
    oldest_since: Mapped[date | None] = mapped_column(Date)
    latest_since: Mapped[date | None] = mapped_column(Date)
    blocks: Mapped[int] = mapped_column(Integer)
    plan: Mapped[str] = mapped_column(String(16))
    promise_until: Mapped[date | None] = mapped_column(Date)
    paid_on: Mapped[date | None] = mapped_column(Date)
    paid: Mapped[Money] = mapped_column(Cents)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        Index("ix_standing_account", "entity_id", "account_id"),
        Index("ix_standing_due", "entity_id", "due", "account_id"),
        Index("ix_standing_oldest", "entity_id", "oldest_since", "account_id"),
    )


class CallPlace(Base):
    """An account's place in the call list; derived, ranked anew each morning and after what happens to it.

    score: larger is called sooner; reasons: codes of why, joined by blanks. zones: IANA zones its telephone
    and address may lie in, joined by commas; empty: none known. not_before: what the guards said last.
    held_by, held_until: who has it on the screen, so that nobody else is handed it.
    """

    __tablename__ = "call_place"
    account_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entity_id: Mapped[int] = mapped_column(Key)
    score: Mapped[int] = mapped_column(Integer)
    reasons: Mapped[str] = mapped_column(String(120))
    due: Mapped[Money] = mapped_column(Cents)
    zones: Mapped[str] = mapped_column(String(200))
    not_before: Mapped[datetime | None] = mapped_column(Instant)
    held_by: Mapped[int | None] = mapped_column(Key)
    held_until: Mapped[datetime | None] = mapped_column(Instant)
    skipped: Mapped[int] = mapped_column(Integer)
    ranked_on: Mapped[date] = mapped_column(Date)
    __table_args__ = (
        Index("ix_call_place_next", "entity_id", "zones", "score", "account_id"),
        Index("ix_call_place_list", "entity_id", "score", "account_id"),
        Index("ix_call_place_held", "held_by"),
    )
