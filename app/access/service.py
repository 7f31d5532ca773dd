"""The verbs about people: who works here, with which roles; and what was answered, kept for retries."""

import base64
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from argon2 import PasswordHasher
from sqlalchemy import delete, insert, select, update

import app.audit.service  # noqa: F401 - whoever changes people has a writer of the trail
from app.access.models import (
    ApiToken,
    Credential,
    EndReason,
    Guess,
    Idempotency,
    OutsideIdentity,
    Passkey,
    Person,
    PersonKind,
    PersonState,
    RecoveryCode,
    RefreshToken,
    RoleGrant,
    Session,
    SpentProof,
)
from app.access.queries import ANSWER, EVERY_ENTITY, grants_of, person_by_login, public_id_of
from app.access.rules import ONE_TIME_LIFE, ROLES, check_together, clean_login, policy
from app.kernel.crypto import keyring
from app.kernel.db import bulk_insert, instant_text, table_of
from app.kernel.errors import NotAllowed, NotFound, Refused, Stale
from app.kernel.ids import public_id
from app.kernel.limits import IDEMPOTENCY_DAYS, NAME_CHARACTERS
from app.kernel.work import Work

_person, _credential, _grant = table_of(Person), table_of(Credential), table_of(RoleGrant)
_session, _token, _guess, _answer = (
    table_of(Session),
    table_of(ApiToken),
    table_of(Guess),
    table_of(Idempotency),
)

_refresh, _passkey, _recovery = table_of(RefreshToken), table_of(Passkey), table_of(RecoveryCode)
_outside, _spent = table_of(OutsideIdentity), table_of(SpentProof)
HASHER = PasswordHasher()
"""argon2id with the library's parameters (RFC 9106, low memory): about 150 ms, which is the point."""

HOME = "home"
"""What fingerprints of addresses are made for; the same for people here and for patients."""

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class NewPerson(NamedTuple):
    """An account just made, and the password that works once."""

    public_id: str
    login: str
    one_time_password: str


def add_person(
    w: Work,
    login: str,
    name: str,
    *,
    roles: Iterable[str] = (),
    entity_id: int = EVERY_ENTITY,
    kind: str = "human",
) -> NewPerson:
    """Add somebody with a one-time password, valid 72 hours; at first sign-in they choose their own.

    entity_id: where the roles hold; 0 means every entity, also those still to come.
    """
    w.may("people.write")
    login, name = clean_login(login), name.strip()
    if not name or len(name) > NAME_CHARACTERS:
        raise Refused("A person has a name.", code="name", field="name")
    if w.db.execute(select(_person.c.id).where(_person.c.login == login)).first():
        raise Refused(f"{login} has an account already.", code="login_taken", field="login")
    values = {
        "public_id": public_id(),
        "login": login,
        "name": name,
        "kind": PersonKind(kind),
        "added_at": w.now,
    }
    person_id = w.db.execute(insert(_person).values(**values).returning(_person.c.id)).scalar_one()
    once = one_time_password()
    w.db.execute(insert(_credential).values(person_id=person_id, **_fresh(w, once)))
    w.audit("person.added", "C", "person", values["public_id"], detail={"kind": kind})
    for role in roles:
        _refuse_alone(w, role)
        _give(w, person_id, role, entity_id)
    return NewPerson(str(values["public_id"]), login, once)


def _fresh(w: Work, once: str) -> dict[str, object]:
    return {
        "password": HASHER.hash(once),
        "set_at": w.now,
        "must_change": True,
        "good_until": w.now + ONE_TIME_LIFE,
    }


def one_time_password() -> str:
    """Sixteen letters and digits that cannot be misread, in groups of four: 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def grant(w: Work, login: str, role: str, *, entity_id: int = EVERY_ENTITY) -> None:
    """Give a role; refused for oneself and for pairs nobody may hold. Ends the person's sessions (A5)."""
    w.may("people.write")
    person_id, version, _ = person_by_login(w, login)
    _refuse_alone(w, role)
    _give(w, person_id, role, entity_id)
    _touch(w, person_id, version)
    end_sessions(w, person_id, EndReason.ROLES)


def give_role(w: Work, person_id: int, role: str, entity_id: int) -> None:
    """Give a role two people agreed on; the person's sessions end."""
    w.may("people.write")
    _give(w, person_id, role, entity_id)
    end_sessions(w, person_id, EndReason.ROLES)


def _refuse_alone(w: Work, role: str) -> None:
    """Who moves money or gives rights is named by two administrators; the shell is how a house begins."""
    if w.actor.person_id is not None and policy().weighty(role):
        raise NotAllowed(
            f"The role {role.replace('_', ' ')} takes two administrators: ask, another one gives it.",
            code="two_people",
        )


def _give(w: Work, person_id: int, role: str, entity_id: int) -> None:
    if role not in ROLES:
        raise Refused(
            f"There is no role {role}. The roles are: {', '.join(ROLES)}.", code="role", field="role"
        )
    if person_id == w.actor.person_id:
        raise NotAllowed("Nobody gives rights to themselves; ask another administrator.", code="own_rights")
    check_together({role, *(held for held, _ in grants_of(w.db, person_id))})
    row = (person_id, role, entity_id, w.actor.name, instant_text(w.now))
    columns = ("person_id", "role", "entity_id", "granted_by", "granted_at")
    if not bulk_insert(w.db, _grant, columns, [row]):
        raise Refused("This role is held already.", code="role_held", field="role")
    detail = {"role": role}
    w.audit(
        "role.granted",
        "U",
        "person",
        public_id_of(w.db, person_id),
        entity_id=entity_id or None,
        detail=detail,
    )


def revoke(w: Work, login: str, role: str, *, entity_id: int = EVERY_ENTITY) -> None:
    """Take a role back; the person's sessions end at their next click."""
    w.may("people.write")
    person_id, version, _ = person_by_login(w, login)
    held = (_grant.c.person_id == person_id) & (_grant.c.role == role) & (_grant.c.entity_id == entity_id)
    if w.db.execute(delete(_grant).where(held)).rowcount != 1:
        raise Refused("This role is not held.", code="role_not_held", field="role")
    w.audit(
        "role.revoked",
        "U",
        "person",
        public_id_of(w.db, person_id),
        entity_id=entity_id or None,
        detail={"role": role},
    )
    _touch(w, person_id, version)
    end_sessions(w, person_id, EndReason.ROLES)


def disable(w: Work, login: str) -> None:
    """Close an account: sessions and tokens are dead at the next request, the history stays."""
    _set_state(w, login, PersonState.DISABLED)


def enable(w: Work, login: str) -> None:
    """Open a closed account again."""
    _set_state(w, login, PersonState.ACTIVE)


def _set_state(w: Work, login: str, state: PersonState) -> None:
    w.may("people.write")
    person_id, version, at = person_by_login(w, login)
    if at == state:
        raise NotAllowed(f"The account is {state} already.", code="same_state")
    if person_id == w.actor.person_id:
        raise NotAllowed("Nobody closes their own account.", code="own_account")
    _touch(w, person_id, version, state=state)
    w.audit(f"person.{state}", "U", "person", public_id_of(w.db, person_id))
    end_sessions(w, person_id, EndReason.DISABLED)


def reset_password(w: Work, login: str) -> str:
    """Make a new one-time password, drop every factor, passkey and outside identity, forget the misses.

    Returns the password, once.
    """
    w.may("people.write")
    person_id, version, _ = person_by_login(w, login)
    once = one_time_password()
    w.db.execute(
        update(_credential).where(_credential.c.person_id == person_id).values(second=None, **_fresh(w, once))
    )
    for table in (_passkey, _recovery, _outside):
        w.db.execute(delete(table).where(table.c.person_id == person_id))
    _touch(w, person_id, version)
    unlock(w, login)
    w.audit("password.reset", "U", "person", public_id_of(w.db, person_id))
    end_sessions(w, person_id, EndReason.PASSWORD)
    return once


def unlock(w: Work, login: str) -> None:
    """Forget the missed guesses of a login."""
    w.may("people.write")
    w.db.execute(delete(_guess).where(_guess.c.subject == guess_subject(login)))
    w.audit("person.unlocked", "U", "person", public_id_of(w.db, person_by_login(w, login)[0]))


def guess_subject(login: str) -> str:
    """How misses are counted for a login, whether anybody has it or not."""
    return keyring().blind(login[:200], "guess.login")


def _touch(w: Work, person_id: int, version: int, **values: object) -> None:
    """Move a person on by one version; `Stale` when somebody else did in between (C6)."""
    held = (_person.c.id == person_id) & (_person.c.version == version)
    if w.db.execute(update(_person).where(held).values(version=version + 1, **values)).rowcount != 1:
        raise Stale()


def end_sessions(w: Work, person_id: int, reason: EndReason) -> int:
    """End every session and token of a person; returns how many there were."""
    ended = 0
    for table in (_session, _token):
        live = (table.c.person_id == person_id) & table.c.ended_at.is_(None)
        ended += w.db.execute(update(table).where(live).values(ended_at=w.now, end_reason=reason)).rowcount
    spent = (_refresh.c.person_id == person_id) & _refresh.c.ended_at.is_(None)
    w.db.execute(update(_refresh).where(spent).values(ended_at=w.now, end_reason=reason))
    if ended:
        w.audit(
            "sessions.ended",
            "U",
            "person",
            public_id_of(w.db, person_id),
            detail={"reason": reason.value, "count": ended},
        )
    return ended


def keep_answer(w: Work, key: str, request_hash: str, *, status: int, body: str) -> bool:
    """Keep what a request was answered, in the transaction of its effect; False when another request was
    first.
    """
    sealed = base64.b64encode(keyring().seal(body, ANSWER)).decode("ascii")
    row = (w.actor.name, key, request_hash, status, sealed, instant_text(w.now))
    columns = ("actor", "key", "request_hash", "status", "body", "created")
    return bool(bulk_insert(w.db, _answer, columns, [row]))


def end_session(w: Work, person_id: int, handle: str) -> None:
    """End one session or token of a person, named as `queries_sessions` names it; `NotFound` otherwise."""
    if person_id != w.actor.person_id:
        w.may("people.write")
    for table in (_session, _token):
        live = select(table.c.id, table.c.token_hash).where(
            table.c.person_id == person_id, table.c.ended_at.is_(None)
        )
        for row in w.db.execute(live):
            if row.token_hash[:20] == handle:
                ended = {"ended_at": w.now, "end_reason": EndReason.ENDED}
                w.db.execute(update(table).where(table.c.id == row.id).values(ended))
                _end_refresh(w, table, row.id)
                about = public_id_of(w.db, person_id)
                w.audit("session.ended", "U", "person", about, detail={"session": handle[:16]})
                return
    raise NotFound("This session has ended already.")


def _end_refresh(w: Work, table: Any, key: int) -> None:
    """A token that is ended is not refreshed either."""
    if table is not _token:
        return
    family = select(_token.c.family).where(_token.c.id == key).scalar_subquery()
    live = (_refresh.c.family == family) & _refresh.c.ended_at.is_(None)
    w.db.execute(update(_refresh).where(live).values(ended_at=w.now, end_reason=EndReason.ENDED))


def set_home(w: Work, login: str, words: str) -> None:
    """Keep the fingerprint of where somebody lives, so that looks at neighbours stand out; "" forgets it.

    words: street and ZIP code in the form addresses of patients are compared in.
    """
    w.may("people.write")
    person_id, version, _ = person_by_login(w, login)
    lookup = keyring().blind(words, HOME) if words else None
    _touch(w, person_id, version, home_lookup=lookup)
    w.audit("person.home", "U", "person", public_id_of(w.db, person_id), detail={"set": bool(words)})


def tidy(w: Work) -> int:
    """Forget answers after 30 days, used proofs after a day; a daily job. Returns how many answers went."""
    from_day = w.now.timestamp() - IDEMPOTENCY_DAYS * 86_400
    old = _answer.c.created < w.now.fromtimestamp(from_day, w.now.tzinfo)
    w.db.execute(delete(_spent).where(_spent.c.spent_at < w.now - timedelta(days=1)))
    return w.db.execute(delete(_answer).where(old)).rowcount
