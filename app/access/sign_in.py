"""Coming in and going out: passwords checked, guesses counted, sessions and tokens given and ended.

A guess is counted before it is looked at, so that a thousand at once are not a thousand guesses; only one
that was right takes its count back. The answer and its time do not tell whether the account exists: an
unknown login is checked against a hash nobody knows the password of.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, NoReturn

from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.exc import OperationalError

from app.access import service
from app.access.models import (
    ApiToken,
    Credential,
    EndReason,
    Factor,
    Guess,
    Passkey,
    Person,
    PersonKind,
    PersonState,
    RecoveryCode,
    RefreshToken,
    Session,
)
from app.access.queries import Identity, by_session, by_token, public_id_of, should_note
from app.access.rules import ADDRESS_MISSES, one_time_code, wait_after
from app.access.service import end_sessions, guess_subject
from app.access.service_passwords import check_new
from app.kernel.clock import now
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, engine, instant_text, reader, table_of
from app.kernel.errors import Refused
from app.kernel.limits import PASSWORD_CHARACTERS_MOST
from app.kernel.settings import settings
from app.kernel.work import ALL, Actor, Work, work

_person, _credential, _guess = table_of(Person), table_of(Credential), table_of(Guess)
_session, _token, _refresh = table_of(Session), table_of(ApiToken), table_of(RefreshToken)
_passkey, _recovery = table_of(Passkey), table_of(RecoveryCode)
RECOVERY = "credential.recovery"
"""What the fingerprints of recovery codes are made for."""


class NotSignedIn(Refused):
    """Wrong login, password or code, or too many guesses; which of them is not told."""

    status = 401

    def __init__(self) -> None:
        super().__init__("That login, password or code is not right.", code="not_signed_in")


class TooManyGuesses(Refused):
    """Too many misses for this login, whether anybody has it or not."""

    status = 429

    def __init__(self, seconds: int):
        super().__init__(
            "Too many attempts. Wait a while, or ask an administrator to unlock you.", code="slow_down"
        )
        self.retry_after = seconds


class Issued(NamedTuple):
    """A token for the browser or client, shown once, and when it ends at the latest.

    refresh: for programs, good for one new pair until `refresh_ends_at`.
    """

    token: str
    ends_at: datetime
    refresh: str = ""
    refresh_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a sign-in comes from and how it was proved."""

    address: str = ""
    agent: str = ""
    factor: Factor = Factor.NONE
    provider: str = ""


def longest() -> timedelta:
    """A session ends after this long in any case; so does what a refresh token keeps alive."""
    return timedelta(hours=settings().session_hours)


def hash_token(token: str) -> str:
    """What we keep of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@cache
def hash_of_nobody() -> str:
    """What a password is checked against when there is no account: as dear as a real one, and nobody knows
    it.
    """
    return service.HASHER.hash(secrets.token_hex(16))


def sign_in(
    login: str,
    password: str,
    *,
    code: str = "",
    passkey_of: int | None = None,
    address: str = "",
    agent: str = "",
) -> Issued:
    """Start a browser session; `NotSignedIn` or `TooManyGuesses` otherwise.

    code: of the authenticator, or a recovery code; passkey_of: the person whose passkey was just proved. One
    of them is needed when the person has a second factor.
    """
    person, factor = prove(login, password, Second(code, passkey_of), address, kind=PersonKind.HUMAN)
    return enter(person, Visit(address, agent, factor))


def enter(person: Row, visit: Visit) -> Issued:
    """Open the session of somebody who was proved."""
    with work(as_person(person, "page", visit.address)) as w:
        return open_session(w, person.id, visit)


def open_session(w: Work, person_id: int, visit: Visit) -> Issued:
    """A session, in this transaction; the browser gets its token, we keep the hash."""
    issued = Issued(secrets.token_urlsafe(32), w.now + longest())
    kept = hash_token(issued.token)
    row = {
        "token_hash": kept, "person_id": person_id, "address": visit.address[:45], "agent": visit.agent[:120],
        "factor": visit.factor, "provider": visit.provider,
    }  # fmt: skip
    moments = {"started_at": w.now, "seen_at": w.now, "proved_at": w.now, "ends_at": issued.ends_at}
    w.db.execute(insert(_session).values(**row, **moments))
    w.db.execute(update(_person).where(_person.c.id == person_id).values(last_seen=w.now))
    told = {"session": kept[:16], "factor": visit.factor.value or "none"}
    told |= {"provider": visit.provider} if visit.provider else {}
    w.audit("sign_in", "E", "person", public_id_of(w.db, person_id), detail=told)
    return issued


class Second(NamedTuple):
    """What came with the password."""

    code: str = ""
    passkey_of: int | None = None


def prove(
    login: str, password: str, second: Second, address: str, *, kind: PersonKind | None
) -> tuple[Row, Factor]:
    """Who this is, by password and what is asked besides; counts the guess before it looks at it.

    kind: HUMAN for pages, None for the API, which services may use too.
    """
    login = login.strip().lower()[:200]
    subject = guess_subject(login)
    count_guess(subject, address)
    person = _find(login)
    right = _matches(
        person.password if person else hash_of_nobody(), password[: PASSWORD_CHARACTERS_MOST + 1]
    )
    factor = factor_of(person, second) if person and right and may_enter(person, kind) else None
    if person is None or factor is None:
        miss(person, "page" if kind else "api", address)
    forgive(subject, address)
    return person, factor


def forgive(subject: str, address: str) -> None:
    """A guess was right: the misses of its subject are taken back, and this one of the address."""
    near = keyring().blind(address, "guess.address")
    with engine().begin() as db:
        db.execute(update(_guess).where(_guess.c.subject == subject).values(misses=0))
        some = (_guess.c.subject == near) & (_guess.c.misses > 0)
        db.execute(update(_guess).where(some).values(misses=_guess.c.misses - 1))


def _find(login: str) -> Row | None:
    with reader().begin() as db:
        return db.execute(_known().where(_person.c.login == login)).one_or_none()


def by_person(person_id: int) -> Row | None:
    """The person and credential of a key, as the proofs of this module read them."""
    with reader().begin() as db:
        return db.execute(_known().where(_person.c.id == person_id)).one_or_none()


def _known() -> Select[Any]:
    keys = select(_passkey.c.id).where(_passkey.c.person_id == _person.c.id).exists().label("passkeys")
    return select(_person, _credential, keys).join(_credential, _credential.c.person_id == _person.c.id)


def _matches(stored: str, password: str) -> bool:
    try:
        return service.HASHER.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def may_enter(person: Row, kind: PersonKind | None) -> bool:
    """Is the account open, of this kind (None: any), and its one-time password not too old?"""
    expired = person.must_change and person.good_until is not None and person.good_until < now()
    return person.state == PersonState.ACTIVE and not expired and kind in (None, person.kind)


def factor_of(person: Row, given: Second) -> Factor | None:
    """Which second factor was given; NONE when the person has none, None when one is missing or wrong."""
    if person.second is None and not person.passkeys:
        return Factor.NONE
    if given.passkey_of == person.id:
        return Factor.PASSKEY
    if person.second is not None and _code_is_right(person, given.code):
        return Factor.CODE
    return Factor.RECOVERY if _spend_recovery(person.id, given.code) else None


def _code_is_right(person: Row, code: str) -> bool:
    """Is this a code of the authenticator of now, not used before?"""
    step = matching_step(keyring().open(person.second, "credential.second"), code)
    if step is None:
        return False
    with engine().begin() as db:
        newer = (_credential.c.person_id == person.id) & (_credential.c.second_step < step)
        return db.execute(update(_credential).where(newer).values(second_step=step)).rowcount == 1


def _spend_recovery(person_id: int, code: str) -> bool:
    """Is this one of the person's recovery codes, not used before? It is now."""
    with engine().begin() as db:
        mine = (_recovery.c.person_id == person_id) & _recovery.c.used_at.is_(None)
        this = mine & (_recovery.c.lookup == keyring().blind(code[:40], RECOVERY))
        return db.execute(update(_recovery).where(this).values(used_at=now())).rowcount == 1


def matching_step(secret: str, code: str) -> int | None:
    """The 30-second step whose code this is, one step early or late allowed; None when it is no code."""
    given, step = "".join(code.split()), int(now().timestamp()) // 30
    key = base64.b32decode(secret)
    for near in (step, step - 1, step + 1):
        if secrets.compare_digest(one_time_code(key, near).encode(), given.encode()):
            return near
    return None


def count_guess(subject: str, address: str) -> None:
    """Count a guess before looking at it; refuse when the last one is too short ago."""
    near = keyring().blind(address, "guess.address")
    with engine().begin() as db:
        moment = now()
        for key, wait in ((subject, None), (near, ADDRESS_MISSES)):
            bulk_insert(db, _guess, ("subject", "misses", "last_at"), [(key, 0, instant_text(moment))])
            mine = select(_guess.c.misses, _guess.c.last_at).where(_guess.c.subject == key)
            misses, last_at = db.execute(mine.with_for_update()).one()
            if wait is None:
                free_at = last_at + wait_after(misses)
            else:
                quiet = (moment - last_at).total_seconds() > 3600
                misses, free_at = (
                    (0, last_at) if quiet else (misses, last_at + wait_after(max(0, misses - wait)))
                )
            if free_at > moment:
                raise TooManyGuesses(max(1, int(min((free_at - moment).total_seconds(), 86_400))))
            db.execute(
                update(_guess).where(_guess.c.subject == key).values(misses=misses + 1, last_at=moment)
            )


def miss(person: Row | None, door: str, address: str) -> NoReturn:
    """Note a miss and say no, the same for all of them."""
    actor = Actor(name="stranger", door=door, network={"address": address})
    with work(actor) as w:
        w.audit("sign_in", "E", "person", person.public_id if person else "unknown", outcome=4)
    raise NotSignedIn()


def as_person(person: Row, door: str, address: str) -> Actor:
    """Whoever was just proved, before there is a session."""
    return Actor(name=person.login, person_id=person.id, door=door, network={"address": address})


def identify(token: str, *, door: str, extend: bool = True) -> Identity | None:
    """Who stands behind a cookie (door "page") or bearer token (door "api"); None when nobody does any more.

    extend: False for requests nobody made by hand (polling), which must not keep a session alive.
    """
    moment = now()
    with reader().begin() as db:
        found = (by_session if door == "page" else by_token)(db, hash_token(token), moment)
        note = found is not None and door == "page" and extend and should_note(db, found.session_id, moment)
    if found and note:
        _note_seen(found.session_id, moment)
    return found


def _note_seen(session_id: int, moment: datetime) -> None:
    try:
        with engine().begin() as db:
            still = (_session.c.id == session_id) & (_session.c.seen_at < moment)
            db.execute(update(_session).where(still).values(seen_at=moment))
    except OperationalError:
        return  # the database is busy: the click before counts, which only ends a session sooner


def sign_out(identity: Identity) -> None:
    """End this session or token on the server, not only in the browser."""
    table = _session if identity.door == "page" else _token
    with work(identity.actor("signed_in")) as w:
        mine = (table.c.id == identity.session_id) & table.c.ended_at.is_(None)
        w.db.execute(update(table).where(mine).values(ended_at=w.now, end_reason=EndReason.SIGNED_OUT))
        w.audit("sign_out", "E", "person", identity.public_id)


def change_password(identity: Identity, old: str, new: str, *, address: str = "") -> Issued:
    """Choose a new password; every session and token ends, and this browser gets a new session."""
    count_guess(guess_subject(identity.login), address)
    person = _find(identity.login)
    if not person or not _matches(person.password, old[: PASSWORD_CHARACTERS_MOST + 1]):
        raise Refused("The present password is not right.", code="password_wrong", field="old")
    if old == new:
        raise Refused("Choose a password you have not now.", code="password_same", field="new")
    check_new(new, login=identity.login, second_factor=bool(person.second or person.passkeys))
    hashed = service.HASHER.hash(new)
    with work(identity.actor("signed_in", {"address": address})) as w:
        mine = _credential.c.person_id == identity.person_id
        fresh = {"password": hashed, "set_at": w.now, "must_change": False, "good_until": None}
        w.db.execute(update(_credential).where(mine).values(**fresh))
        w.db.execute(update(_guess).where(_guess.c.subject == guess_subject(identity.login)).values(misses=0))
        w.audit("password.changed", "U", "person", identity.public_id)
        end_sessions(w, identity.person_id, EndReason.PASSWORD)
        return open_session(w, identity.person_id, visit_of(identity, address))


def visit_of(identity: Identity, address: str) -> Visit:
    """The visit a new session of the same browser goes on with."""
    return Visit(address, identity.agent, Factor(identity.factor), identity.provider)


def shell_actor(name: str, permissions: frozenset[str]) -> Actor:
    """Whoever runs a command on the machine: named in the audit, with the rights the table gives the
    shell.
    """
    return Actor(name=f"shell:{name}"[:80], roles=frozenset({"shell"}), permissions=permissions,
                 scope=ALL, door="cli")  # fmt: skip
