"""Where somebody is signed in, with what they prove it, and what is asked of administrators."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.access.lifecycle import RequestState
from app.access.models import (
    AccessReview,
    ApiToken,
    Credential,
    Emergency,
    OutsideIdentity,
    Passkey,
    Person,
    RecoveryCode,
    RoleRequest,
    Session,
)
from app.access.queries import idle
from app.kernel.db import table_of
from app.kernel.work import Work

_session, _token, _person = table_of(Session), table_of(ApiToken), table_of(Person)
_passkey, _recovery, _outside = table_of(Passkey), table_of(RecoveryCode), table_of(OutsideIdentity)
_credential, _request, _review = table_of(Credential), table_of(RoleRequest), table_of(AccessReview)
_emergency = table_of(Emergency)


@dataclass(frozen=True)
class SessionRow:
    """A browser or program that is signed in now. handle: how `end_session` is told which."""

    handle: str
    kind: str
    started_at: datetime
    seen_at: datetime | None
    ends_at: datetime
    address: str
    agent: str
    factor: str
    here: bool


def sessions_of(w: Work, person_id: int) -> list[SessionRow]:
    """What is signed in as this person, newest first; one's own always, another's for administrators."""
    if person_id != w.actor.person_id:
        w.may("people.read")
    live = (_session.c.ended_at.is_(None), _session.c.ends_at > w.now, _session.c.seen_at > w.now - idle())
    rows = w.db.execute(select(_session).where(_session.c.person_id == person_id, *live))
    found = [
        SessionRow(row.token_hash[:20], "browser", row.started_at, row.seen_at, row.ends_at, row.address,
                   browser_of(row.agent), row.factor, row.token_hash[:16] == w.actor.session)
        for row in rows
    ]  # fmt: skip
    going = (_token.c.person_id == person_id, _token.c.ended_at.is_(None), _token.c.ends_at > w.now)
    found += [
        SessionRow(row.token_hash[:20], "token", row.started_at, None, row.ends_at, row.address,
                   row.rights or "every right", "", row.token_hash[:16] == w.actor.session)
        for row in w.db.execute(select(_token).where(*going))
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.started_at, reverse=True)


def browser_of(agent: str) -> str:
    """`Firefox on Windows` of a User-Agent; enough to know one's own machine again."""
    names = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"),
               ("Mac OS", "Mac"), ("Linux", "Linux"))  # fmt: skip
    name = next((word for mark, word in names if mark in agent), "a browser")
    system = next((word for mark, word in systems if mark in agent), "")
    return f"{name} on {system}" if system else name


@dataclass(frozen=True)
class PasskeyRow:
    """A passkey as its owner knows it."""

    public_id: str
    name: str
    synced: bool
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Factors:
    """What a person can prove themselves with."""

    authenticator: bool
    passkeys: tuple[PasskeyRow, ...]
    recovery_left: int
    linked: tuple[str, ...]
    password_set_at: datetime

    @property
    def any(self) -> bool:
        """Is there a second factor?"""
        return self.authenticator or bool(self.passkeys)


def factors_of(w: Work, person_id: int) -> Factors:
    """Password age, authenticator, passkeys, recovery codes left, linked providers."""
    if person_id != w.actor.person_id:
        w.may("people.read")
    row = w.db.execute(select(_credential).where(_credential.c.person_id == person_id)).one()
    keys = w.db.execute(select(_passkey).where(_passkey.c.person_id == person_id).order_by(_passkey.c.id))
    left = select(func.count()).where(_recovery.c.person_id == person_id, _recovery.c.used_at.is_(None))
    linked = (
        select(_outside.c.provider).where(_outside.c.person_id == person_id).order_by(_outside.c.provider)
    )
    return Factors(
        row.second is not None,
        tuple(PasskeyRow(one.public_id, one.name, one.synced, one.added_at, one.used_at) for one in keys),
        int(w.db.execute(left.select_from(_recovery)).scalar_one()),
        tuple(w.db.execute(linked).scalars()),
        row.set_at,
    )


def person_key(w: Work, public_id: str) -> int | None:
    """The internal key of a person; None when there is none."""
    return w.db.execute(select(_person.c.id).where(_person.c.public_id == public_id)).scalar()


@dataclass(frozen=True)
class RequestRow:
    """A wish for a role as an administrator reads it."""

    public_id: str
    login: str
    name: str
    role: str
    place_id: int
    reason: str
    state: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    mine: bool
    version: int


def role_requests(w: Work, *, state: str = RequestState.ASKED, limit: int = 200) -> list[RequestRow]:
    """Wishes for roles, newest first."""
    w.may("people.request")
    return [_request_row(w, row) for row in w.db.execute(_requests(state).limit(limit))]


def _requests(state: str) -> Select[Any]:
    asker, decider = _person.alias("asker"), _person.alias("decider")
    who = _request.join(_person, _person.c.id == _request.c.person_id)
    who = who.outerjoin(asker, asker.c.id == _request.c.asked_by)
    who = who.outerjoin(decider, decider.c.id == _request.c.decided_by)
    query = select(
        _request,
        _person.c.login,
        _person.c.name,
        asker.c.name.label("asker"),
        decider.c.name.label("decider"),
    ).select_from(who)
    return query.where(_request.c.state == state).order_by(_request.c.id.desc())


def _request_row(w: Work, row: Any) -> RequestRow:
    return RequestRow(
        row.public_id, row.login, row.name, row.role, row.place_id, row.reason, row.state,
        row.asker or "the shell",
        row.asked_at, row.decider or "", row.decided_at, row.asked_by == w.actor.person_id, row.version,
    )  # fmt: skip


@dataclass(frozen=True)
class ReviewRow:
    """A quarter's signed review."""

    public_id: str
    quarter: str
    people: int
    remark: str
    content: str
    content_hash: str
    signed_by: str
    signed_at: datetime


def reviews(w: Work) -> list[ReviewRow]:
    """Signed access reviews, newest first."""
    w.may("people.read")
    query = select(_review, _person.c.name.label("signer")).join(_person, _person.c.id == _review.c.signed_by)
    return [
        ReviewRow(row.public_id, row.quarter, row.people, row.remark, row.content, row.content_hash,
                  row.signer, row.signed_at)
        for row in w.db.execute(query.order_by(_review.c.id.desc()))
    ]  # fmt: skip


@dataclass(frozen=True)
class EmergencyRow:
    """An emergency access, running or over. id and place_id are for joining and stay inside."""

    id: int
    public_id: str
    person_id: int
    login: str
    name: str
    place_id: int
    reason: str
    began_at: datetime
    ends_at: datetime
    state: str
    reviewed_by: str
    reviewed_at: datetime | None
    remark: str
    version: int


def emergencies(w: Work, ids: list[int] | None = None) -> list[EmergencyRow]:
    """Emergency accesses to the reader's entities, newest first; with ids only those."""
    judge = _person.alias("judge")
    who = _emergency.join(_person, _person.c.id == _emergency.c.person_id)
    who = who.outerjoin(judge, judge.c.id == _emergency.c.reviewed_by)
    query = select(_emergency, _person.c.login, _person.c.name, judge.c.name.label("judge")).select_from(who)
    query = query.where(w.within(_emergency.c.place_id)).order_by(_emergency.c.id.desc()).limit(500)
    if ids is not None:
        query = query.where(_emergency.c.id.in_(ids))
    return [
        EmergencyRow(row.id, row.public_id, row.person_id, row.login, row.name, row.place_id, row.reason,
                     row.began_at, row.ends_at, row.state, row.judge or "", row.reviewed_at, row.remark,
                     row.version)
        for row in w.db.execute(query)
    ]  # fmt: skip
