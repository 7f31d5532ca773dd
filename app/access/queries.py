"""Reads of access: who stands behind a token, who works here, what was answered before."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from app.access.models import (
    ApiToken,
    Credential,
    Emergency,
    Factor,
    Idempotency,
    Passkey,
    Person,
    PersonState,
    RoleGrant,
    Session,
)
from app.access.rules import EMERGENCY, policy
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.settings import settings
from app.kernel.work import ALL, Actor, Scope, Work

_person, _credential, _grant = table_of(Person), table_of(Credential), table_of(RoleGrant)
_session, _token, _answer = table_of(Session), table_of(ApiToken), table_of(Idempotency)
_passkey, _emergency = table_of(Passkey), table_of(Emergency)
EVERY_ENTITY = 0
ANSWER = "idempotency.body"
"""What seals the kept answers: they may name a patient."""
SINGLE_SEEN_STEP = timedelta(seconds=60)
"""A session's last click is noted at most once a minute, so that reading pages seldom writes."""


@dataclass(frozen=True)
class Identity:
    """Who is asking: a person and the rights of this very session, entity by entity."""

    person_id: int
    public_id: str
    login: str
    name: str
    grants: frozenset[tuple[str, int]]
    must_change: bool
    second_factor: bool
    session_id: int
    session: str
    proved_at: datetime
    door: str
    factor: str = ""
    provider: str = ""
    agent: str = ""
    narrowed: frozenset[str] | None = None
    emergency_until: datetime | None = None

    @property
    def roles(self) -> frozenset[str]:
        """Every role held anywhere."""
        return frozenset(role for role, _ in self.grants)

    def rights_at(self, entity_id: int) -> frozenset[str]:
        """The permissions at one entity, those held everywhere included."""
        roles = {role for role, at in self.grants if at in (entity_id, EVERY_ENTITY)}
        held = policy().held_by(roles)
        if self.narrowed is not None:
            held &= self.narrowed
        return held if self.second_factor else held - policy().guarded

    def may(self, permission: str, entity_id: int | None = None) -> bool:
        """Is this permitted at an entity, or (None) at any entity at all? For showing buttons; doors ask
        `actor`.
        """
        if entity_id is not None:
            return permission in self.rights_at(entity_id)
        return any(permission in self.rights_at(at) for _, at in self.grants)

    def actor(self, permission: str, network: dict[str, str] | None = None) -> Actor:
        """The actor of one request: its scope is where this permission is held, its rights hold in all of
        that.

        A clerk at one entity and supervisor at another gets no supervisor's right where only a clerk (A2).
        """
        places = {at for _, at in self.grants if permission in self.rights_at(at)}
        scope: Scope = ALL if EVERY_ENTITY in places else frozenset(places)
        if permission in ("signed_in", "public"):
            places = {at for _, at in self.grants}
            scope = ALL if EVERY_ENTITY in places else frozenset(places)
        corners = {EVERY_ENTITY} if EVERY_ENTITY in places else places
        rights = frozenset.intersection(*(self.rights_at(at) for at in corners)) if corners else frozenset()
        return Actor(
            name=self.login,
            person_id=self.person_id,
            roles=self.roles,
            permissions=rights,
            scope=scope,
            door=self.door,
            session=self.session,
            purpose="ETREAT" if self.emergency_until else "HPAYMT",
            network=network or {},
        )


def by_session(db: Connection, token_hash: str, moment: datetime) -> Identity | None:
    """Who signed in with this token; None once the session ended, by whatever of the five ways (A5)."""
    live = and_(
        _session.c.token_hash == token_hash,
        _session.c.ended_at.is_(None),
        _session.c.ends_at > moment,
        _session.c.seen_at > moment - idle(),
    )
    columns = (_session.c.id, _session.c.proved_at, _session.c.factor, _session.c.provider,
               _session.c.agent)  # fmt: skip
    row = _asked(db, select(*columns).where(live), _session)
    return _identity(db, row, token_hash, "page", moment) if row else None


def idle() -> timedelta:
    """A session ends after this long without a click."""
    return timedelta(minutes=settings().session_idle_minutes)


def by_token(db: Connection, token_hash: str, moment: datetime) -> Identity | None:
    """Who holds this bearer token; None once it ended."""
    live = and_(_token.c.token_hash == token_hash, _token.c.ended_at.is_(None), _token.c.ends_at > moment)
    columns = (_token.c.id, _token.c.started_at.label("proved_at"), _token.c.rights)
    row = _asked(db, select(*columns).where(live), _token)
    return _identity(db, row, token_hash, "api", moment) if row else None


def _asked(db: Connection, query: Any, table: Any) -> Row[Any] | None:
    who = table.join(_person, _person.c.id == table.c.person_id)
    query = query.add_columns(
        _person.c.id.label("person_id"), _person.c.public_id, _person.c.login, _person.c.name,
        _credential.c.must_change, has_factor().label("second_factor"),
    ).select_from(who.join(_credential, _credential.c.person_id == _person.c.id))  # fmt: skip
    found: Row[Any] | None = db.execute(query.where(_person.c.state == PersonState.ACTIVE)).one_or_none()
    return found


def has_factor() -> Any:
    """The condition that a person has a second factor of ours: an authenticator or a passkey."""
    keys = select(_passkey.c.id).where(_passkey.c.person_id == _person.c.id).exists()
    return or_(_credential.c.second.is_not(None), keys)


def _identity(db: Connection, row: Row[Any], token_hash: str, door: str, moment: datetime) -> Identity:
    given = row._mapping
    factor, rights = given.get("factor", ""), given.get("rights")
    until = emergencies_of(db, row.person_id, moment)
    grants = grants_of(db, row.person_id) | {(EMERGENCY, place) for place in until}
    # A provider that asked for one proof only does not stand for two, whatever this person has with us.
    second = factor == Factor.OUTSIDE_TWICE or (row.second_factor and factor != Factor.OUTSIDE)
    return Identity(
        person_id=row.person_id,
        public_id=row.public_id,
        login=row.login,
        name=row.name,
        grants=grants,
        must_change=row.must_change and not given.get("provider"),
        second_factor=second,
        session_id=row.id,
        session=token_hash[:16],
        proved_at=row.proved_at,
        door=door,
        factor=factor,
        provider=given.get("provider", ""),
        agent=given.get("agent", ""),
        narrowed=None if rights is None else frozenset(rights.split()),
        emergency_until=max(until.values(), default=None),
    )


def emergencies_of(db: Connection, person_id: int, moment: datetime) -> dict[int, datetime]:
    """Entity → when the emergency access to it ends, for those that run at this moment."""
    running = (_emergency.c.person_id == person_id) & (_emergency.c.ends_at > moment)
    rows = db.execute(select(_emergency.c.place_id, _emergency.c.ends_at).where(running))
    return {row.place_id: row.ends_at for row in rows}


def grants_of(db: Connection, person_id: int) -> frozenset[tuple[str, int]]:
    """The (role, entity) pairs somebody holds; entity 0 means every entity."""
    query = select(_grant.c.role, _grant.c.entity_id).where(_grant.c.person_id == person_id)
    return frozenset((role, entity) for role, entity in db.execute(query))


def should_note(db: Connection, session_id: int, moment: datetime) -> bool:
    """Is the noted last click of a session old enough to write a new one?"""
    seen = db.execute(select(_session.c.seen_at).where(_session.c.id == session_id)).scalar()
    return seen is not None and moment - seen > SINGLE_SEEN_STEP


@dataclass(frozen=True)
class PersonRow:
    """A line of the list of people, also the quarterly access review."""

    public_id: str
    login: str
    name: str
    kind: str
    state: str
    roles: str
    grants: frozenset[tuple[str, int]]
    second_factor: bool
    last_seen: datetime | None
    version: int


def people(w: Work) -> list[PersonRow]:
    """Everybody with an account, their roles and when they last came in."""
    w.may("people.read")
    return [_person_row(w, row) for row in w.db.execute(_people().order_by(_person.c.login)).all()]


def person(w: Work, public_id: str) -> PersonRow:
    """One account; `NotFound` when there is none."""
    w.may("people.read")
    row = w.db.execute(_people().where(_person.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such person.")
    return _person_row(w, row)


def _people() -> Select[Any]:
    return select(_person, has_factor().label("second_factor")).join(
        _credential, _credential.c.person_id == _person.c.id
    )


def _person_row(w: Work, row: Row[Any]) -> PersonRow:
    grants = grants_of(w.db, row.id)
    return PersonRow(
        public_id=row.public_id,
        login=row.login,
        name=row.name,
        kind=row.kind,
        state=row.state,
        roles=_roles_text(grants),
        grants=grants,
        second_factor=row.second_factor,
        last_seen=row.last_seen,
        version=row.version,
    )


def _roles_text(grants: frozenset[tuple[str, int]]) -> str:
    return ", ".join(f"{role}@{at}" if at else role for role, at in sorted(grants))


def public_id_of(db: Connection, person_id: int) -> str:
    """How a person is named outside, also in the audit trail."""
    return str(db.execute(select(_person.c.public_id).where(_person.c.id == person_id)).scalar_one())


def person_by_login(w: Work, login: str) -> tuple[int, int, str]:
    """(id, version, state) of an account; `NotFound` when there is none."""
    found = select(_person.c.id, _person.c.version, _person.c.state).where(
        _person.c.login == login.strip().lower()
    )
    row = w.db.execute(found).one_or_none()
    if row is None:
        raise NotFound("Nobody has that login.")
    return row.id, row.version, row.state


@dataclass(frozen=True)
class Answer:
    """What a retried request was answered the first time."""

    request_hash: str
    status: int
    body: str


def answered(w: Work, key: str) -> Answer | None:
    """The answer kept for this actor's key, if any."""
    query = select(_answer.c.request_hash, _answer.c.status, _answer.c.body)
    row = w.db.execute(query.where(_answer.c.actor == w.actor.name, _answer.c.key == key)).one_or_none()
    if row is None:
        return None
    return Answer(row.request_hash, row.status, keyring().open(base64.b64decode(row.body), ANSWER))
