"""Coming in and going out: passwords checked, guesses counted, sessions and tokens given and ended.

A guess is counted before it is looked at, so that a thousand at once are not a thousand guesses; only one
that was right takes its count back. The answer and its time do not tell whether the account exists: an
unknown login is checked against a hash nobody knows the password of.
"""

import base64
import hashlib
import secrets
from datetime import datetime
from functools import cache
from typing import NamedTuple, NoReturn

from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import OperationalError

from app.access import service
from app.access.models import (
    ApiToken,
    Credential,
    EndReason,
    Guess,
    Person,
    PersonKind,
    PersonState,
    Session,
)
from app.access.queries import Identity, by_session, by_token, public_id_of, should_note
from app.access.rules import ADDRESS_MISSES, LONGEST, TOKEN_LIFE, check_password, one_time_code, wait_after
from app.access.service import end_sessions, guess_subject
from app.kernel.clock import now
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, engine, instant_text, reader, table_of
from app.kernel.errors import Refused
from app.kernel.limits import PASSWORD_CHARACTERS_MOST
from app.kernel.work import ALL, Actor, Work, work

_person, _credential, _guess = table_of(Person), table_of(Credential), table_of(Guess)
_session, _token = table_of(Session), table_of(ApiToken)


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
    """A token for the browser or client, shown once, and when it ends at the latest."""

    token: str
    ends_at: datetime


def hash_token(token: str) -> str:
    """What we keep of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@cache
def hash_of_nobody() -> str:
    """What a password is checked against when there is no account: as dear as a real one, and nobody knows
    it.
    """
    return service.HASHER.hash(secrets.token_hex(16))


def sign_in(login: str, password: str, *, code: str = "", address: str = "") -> Issued:
    """Start a browser session; `NotSignedIn` or `TooManyGuesses` otherwise.

    code: the six digits of the second factor, when the person has one.
    """
    person = _prove(login, password, code, address, kind=PersonKind.HUMAN)
    with work(_as(person, "page", address)) as w:
        return _open_session(w, person.id, address)


def _open_session(w: Work, person_id: int, address: str) -> Issued:
    issued = Issued(secrets.token_urlsafe(32), w.now + LONGEST)
    kept = hash_token(issued.token)
    row = {"token_hash": kept, "person_id": person_id, "address": address[:45]}
    moments = {"started_at": w.now, "seen_at": w.now, "proved_at": w.now, "ends_at": issued.ends_at}
    w.db.execute(insert(_session).values(**row, **moments))
    w.db.execute(update(_person).where(_person.c.id == person_id).values(last_seen=w.now))
    w.audit("sign_in", "E", "person", public_id_of(w.db, person_id), detail={"session": kept[:16]})
    return issued


def issue_token(login: str, password: str, *, code: str = "", address: str = "") -> Issued:
    """A bearer token for the API, an hour at most; people whose password is still the first one get none."""
    person = _prove(login, password, code, address, kind=None)
    if person.must_change and person.kind == PersonKind.HUMAN:
        raise Refused("Choose your own password first: sign in with a browser.", code="password_must_change")
    with work(_as(person, "api", address)) as w:
        return _open_token(w, person.id)


def _open_token(w: Work, person_id: int) -> Issued:
    issued = Issued(secrets.token_urlsafe(32), w.now + TOKEN_LIFE)
    kept = hash_token(issued.token)
    row = {"token_hash": kept, "person_id": person_id, "started_at": w.now, "ends_at": issued.ends_at}
    w.db.execute(insert(_token).values(row))
    w.audit("token.issued", "E", "person", public_id_of(w.db, person_id), detail={"session": kept[:16]})
    return issued


def _prove(login: str, password: str, code: str, address: str, *, kind: PersonKind | None) -> Row:
    login = login.strip().lower()[:200]
    subject = guess_subject(login)
    _count_guess(subject, address)
    person = _find(login)
    right = _matches(
        person.password if person else hash_of_nobody(), password[: PASSWORD_CHARACTERS_MOST + 1]
    )
    if not person or not right or not _may_enter(person, kind) or not _second(person, code):
        _miss(person, "page" if kind else "api", address)
    with engine().begin() as db:
        db.execute(update(_guess).where(_guess.c.subject == subject).values(misses=0))
    return person


def _find(login: str) -> Row | None:
    with reader().begin() as db:
        query = select(_person, _credential).join(_credential, _credential.c.person_id == _person.c.id)
        return db.execute(query.where(_person.c.login == login)).one_or_none()


def _matches(stored: str, password: str) -> bool:
    try:
        return service.HASHER.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def _may_enter(person: Row, kind: PersonKind | None) -> bool:
    expired = person.must_change and person.good_until is not None and person.good_until < now()
    return person.state == PersonState.ACTIVE and not expired and kind in (None, person.kind)


def _second(person: Row, code: str) -> bool:
    """Is the second factor given, when the person has one? Each code works once."""
    if person.second is None:
        return True
    step = matching_step(keyring().open(person.second, "credential.second"), code)
    if step is None:
        return False
    with engine().begin() as db:
        newer = (_credential.c.person_id == person.id) & (_credential.c.second_step < step)
        return db.execute(update(_credential).where(newer).values(second_step=step)).rowcount == 1


def matching_step(secret: str, code: str) -> int | None:
    """The 30-second step whose code this is, one step early or late allowed; None when it is no code."""
    given, step = "".join(code.split()), int(now().timestamp()) // 30
    key = base64.b32decode(secret)
    for near in (step, step - 1, step + 1):
        if secrets.compare_digest(one_time_code(key, near).encode(), given.encode()):
            return near
    return None


def _count_guess(subject: str, address: str) -> None:
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


def _miss(person: Row | None, door: str, address: str) -> NoReturn:
    actor = Actor(name="stranger", door=door, network={"address": address})
    with work(actor) as w:
        w.audit("sign_in", "E", "person", person.public_id if person else "unknown", outcome=4)
    raise NotSignedIn()


def _as(person: Row, door: str, address: str) -> Actor:
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
    _count_guess(guess_subject(identity.login), address)
    person = _find(identity.login)
    if not person or not _matches(person.password, old[: PASSWORD_CHARACTERS_MOST + 1]):
        raise Refused("The present password is not right.", code="password_wrong", field="old")
    if old == new:
        raise Refused("Choose a password you have not now.", code="password_same", field="new")
    check_password(new, login=identity.login, second_factor=identity.second_factor)
    hashed = service.HASHER.hash(new)
    with work(identity.actor("signed_in", {"address": address})) as w:
        mine = _credential.c.person_id == identity.person_id
        fresh = {"password": hashed, "set_at": w.now, "must_change": False, "good_until": None}
        w.db.execute(update(_credential).where(mine).values(**fresh))
        w.db.execute(update(_guess).where(_guess.c.subject == guess_subject(identity.login)).values(misses=0))
        w.audit("password.changed", "U", "person", identity.public_id)
        end_sessions(w, identity.person_id, EndReason.PASSWORD)
        return _open_session(w, identity.person_id, address)


def new_second_factor() -> str:
    """A fresh secret for an authenticator, base32; not kept until `add_second_factor`."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def add_second_factor(identity: Identity, secret: str, code: str, *, address: str = "") -> Issued:
    """Keep the secret once its first code was right; sessions that did not prove it end, this one is
    renewed.
    """
    step = matching_step(secret, code)
    if step is None:
        raise Refused(
            "That code is not right. Check the clock of your phone.", code="code_wrong", field="code"
        )
    with work(identity.actor("signed_in", {"address": address})) as w:
        mine = _credential.c.person_id == identity.person_id
        sealed = keyring().seal(secret, "credential.second")
        w.db.execute(update(_credential).where(mine).values(second=sealed, second_step=step))
        w.audit("second_factor.added", "U", "person", identity.public_id)
        end_sessions(w, identity.person_id, EndReason.REPLACED)
        return _open_session(w, identity.person_id, address)


def shell_actor(name: str, permissions: frozenset[str]) -> Actor:
    """Whoever runs a command on the machine: named in the audit, with the rights the table gives the
    shell.
    """
    return Actor(name=f"shell:{name}"[:80], roles=frozenset({"shell"}), permissions=permissions,
                 scope=ALL, door="cli")  # fmt: skip
