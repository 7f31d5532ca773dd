"""People, credentials, grants, sessions, tokens, guesses, and answers kept for those who ask twice."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.access.lifecycle import EmergencyState, RequestState
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
    ENDED = "ended"
    REUSED = "reused"


class Factor(StrEnum):
    """What a session was proved with besides a password; an outside provider may have asked for more."""

    NONE = ""
    CODE = "code"
    PASSKEY = "passkey"
    RECOVERY = "recovery"
    OUTSIDE = "outside"
    OUTSIDE_TWICE = "outside_twice"


class Person(Base):
    """One account per person; history keeps pointing here, so nobody is ever deleted.

    `home_lookup` is the fingerprint of where they live, never the address: looks at neighbours stand out.
    """

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
    home_lookup: Mapped[str | None] = mapped_column(String(32))
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
    factor: Mapped[str] = mapped_column(String(16), default="", server_default="")
    provider: Mapped[str] = mapped_column(String(40), default="", server_default="")
    agent: Mapped[str] = mapped_column(String(120), default="", server_default="")
    __table_args__ = (Index("ix_session_person", "person_id", "ended_at"),)


class ApiToken(Base):
    """A bearer token, an hour at most; like a session it is kept as a hash.

    `family` names the sign-in it stems from, through all refreshes; `rights` narrows it (blanks between; NULL
    means all the person has).
    """

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    end_reason: Mapped[str | None] = mapped_column(String(24))
    family: Mapped[str | None] = mapped_column(String(20))
    rights: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    __table_args__ = (Index("ix_api_token_person", "person_id", "ended_at"),)


class RefreshToken(Base):
    """Good for one new pair of tokens; used twice, somebody else has it, and its whole family ends."""

    __tablename__ = "refresh_token"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    family: Mapped[str] = mapped_column(String(20), index=True)
    rights: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    end_reason: Mapped[str | None] = mapped_column(String(24))
    __table_args__ = (Index("ix_refresh_token_person", "person_id", "ended_at"),)


class Passkey(Base):
    """A passkey somebody registered: its public key, and how often it signed (a copy of it lags behind)."""

    __tablename__ = "passkey"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    credential: Mapped[str] = mapped_column(String(700), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    signs: Mapped[int] = mapped_column(Key, default=0)
    synced: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryCode(Base):
    """A code for the day the phone is lost: kept as a keyed fingerprint, works once."""

    __tablename__ = "recovery_code"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    lookup: Mapped[str] = mapped_column(String(32), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class OutsideIdentity(Base):
    """Who somebody is at an outside identity provider: its subject, which never changes, not the e-mail."""

    __tablename__ = "outside_identity"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    provider: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("provider", "subject"), UniqueConstraint("person_id", "provider"))


class SpentProof(Base):
    """A challenge or answer of a sign-in that was used: it is worth nothing a second time."""

    __tablename__ = "spent_proof"
    proof: Mapped[str] = mapped_column(String(64), primary_key=True)
    spent_at: Mapped[datetime] = mapped_column(Instant, index=True)


class RoleRequest(Base):
    """A role that needs a second administrator: asked by one, given by another (RSEC section 6)."""

    __tablename__ = "role_request"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(40))
    place_id: Mapped[int] = mapped_column(Key, default=0)
    reason: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(choice(RequestState), default=RequestState.ASKED)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)
    __table_args__ = (one_of("state", RequestState), Index("ix_role_request_state", "state", "id"))


class AccessReview(Base):
    """A quarter's look at who may do what, signed: the rows as they were then, and their hash."""

    __tablename__ = "access_review"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    quarter: Mapped[str] = mapped_column(String(6))
    people: Mapped[int] = mapped_column(Integer)
    remark: Mapped[str] = mapped_column(String(300))
    content: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    signed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("quarter", "signed_by"),)


class Emergency(Base):
    """Emergency access to one billing entity, 60 minutes, with its reason; then a review (164.312(a))."""

    __tablename__ = "emergency"
    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    place_id: Mapped[int] = mapped_column(Key)
    reason: Mapped[str] = mapped_column(String(500))
    began_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(choice(EmergencyState), default=EmergencyState.UNREVIEWED)
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    remark: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column(Integer, default=1)
    __table_args__ = (
        one_of("state", EmergencyState),
        Index("ix_emergency_person", "person_id", "ends_at"),
        Index("ix_emergency_state", "state", "id"),
    )


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
