"""People, credentials, grants, sessions, tokens, guesses, and answers kept for those who ask twice."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Instant, Key, choice, one_of


class PersonState(StrEnum):
    """May this person come in?"""

    ACTIVE = "active"
    DISABLED = "disabled"


class PersonKind(StrEnum):
    """A service speaks to the API only; a human signs in."""

    HUMAN = "human"
    SERVICE = "service"


class EndReason(StrEnum):
    """Why a session or token ended before its time."""

    SIGNED_OUT = "signed_out"
    PASSWORD = "password"
    ROLES = "roles"
    DISABLED = "disabled"
    IDLE = "idle"
    REPLACED = "replaced"


class Person(Base):
    """One account per person; history keeps pointing here, so nobody is ever deleted."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(choice(PersonKind), default=PersonKind.HUMAN)
    state: Mapped[str] = mapped_column(choice(PersonState), default=PersonState.ACTIVE)
    added_at: Mapped[datetime] = mapped_column(Instant)
    last_seen: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)
    __table_args__ = (one_of("kind", PersonKind), one_of("state", PersonState))


class Credential(Base):
    """How a person proves it: the argon2id hash of a password, and a sealed second factor when there is
    one.
    """

    __tablename__ = "credential"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    password: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(Instant)
    must_change: Mapped[bool] = mapped_column(default=True)
    good_until: Mapped[datetime | None] = mapped_column(Instant)
    second: Mapped[bytes | None] = mapped_column(LargeBinary)
    second_step: Mapped[int] = mapped_column(Key, default=0)


class RoleGrant(Base):
    """A role somebody holds, at one entity or (entity_id 0) at every one, until it is revoked."""

    __tablename__ = "role_grant"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int] = mapped_column(Key, default=0)
    granted_by: Mapped[str] = mapped_column(String(80))
    granted_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("person_id", "role", "entity_id"),)


class Session(Base):
    """A browser that signed in. Only the hash of its token is kept: whoever reads this table cannot come in
    with it.
    """

    __tablename__ = "session"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    proved_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    end_reason: Mapped[str | None] = mapped_column(String(24))
    address: Mapped[str] = mapped_column(String(45), default="")
    __table_args__ = (Index("ix_session_person", "person_id", "ended_at"),)


class ApiToken(Base):
    """A bearer token, an hour at most; like a session it is kept as a hash."""

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    end_reason: Mapped[str | None] = mapped_column(String(24))
    __table_args__ = (Index("ix_api_token_person", "person_id", "ended_at"),)


class Guess(Base):
    """Misses in a row for one login name (as a keyed fingerprint, whether it exists or not) or one network
    address.
    """

    __tablename__ = "guess"
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    misses: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(Instant)


class Idempotency(Base):
    """What was answered to a request that moves money, so that asking again moves nothing (C2)."""

    __tablename__ = "idempotency"
    actor: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(Instant, index=True)
