"""Tokens for programs: an hour at most, refreshed by a token that works once."""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update

from app.access import sign_in
from app.access.models import ApiToken, EndReason, Person, PersonKind, PersonState, RefreshToken
from app.access.queries import public_id_of
from app.access.rules import TOKEN_LIFE
from app.access.sign_in import Issued
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.ids import public_id
from app.kernel.work import Actor, Work, work

_person, _token, _refresh = table_of(Person), table_of(ApiToken), table_of(RefreshToken)


def issue_token(login: str, password: str, *, code: str = "", rights: str = "", address: str = "") -> Issued:
    """A bearer token for the API, an hour at most, and a refresh token for the next one.

    rights: names of rights, blanks between, to have these only; empty: all this person has. People whose
    password is still the first one get none.
    """
    person, _ = sign_in.prove(login, password, sign_in.Second(code), address, kind=None)
    if person.must_change and person.kind == PersonKind.HUMAN:
        raise Refused("Choose your own password first: sign in with a browser.", code="password_must_change")
    with work(sign_in.as_person(person, "api", address)) as w:
        return open_tokens(w, person.id, family(w, rights=rights, address=address))


class Family(NamedTuple):
    """Tokens that stem from one sign-in: their name, rights, latest end and where they went."""

    name: str
    rights: str | None
    ends_at: datetime
    address: str


def family(w: Work, *, rights: str = "", address: str = "") -> Family:
    """The family of a sign-in of this moment."""
    wanted = " ".join(sorted(set(rights.split()))) or None
    return Family(public_id(), wanted, w.now + sign_in.longest(), address)


def open_tokens(w: Work, person_id: int, family: Family) -> Issued:
    """A bearer token and the refresh token for the one after it."""
    ends_at = min(w.now + TOKEN_LIFE, family.ends_at)
    issued = Issued(secrets.token_urlsafe(32), ends_at, secrets.token_urlsafe(32), family.ends_at)
    kept = sign_in.hash_token(issued.token)
    both = {"person_id": person_id, "family": family.name, "rights": family.rights, "started_at": w.now}
    w.db.execute(insert(_token).values(both | {
        "token_hash": kept, "ends_at": ends_at, "address": family.address[:45],
    }))  # fmt: skip
    w.db.execute(insert(_refresh).values(both | {
        "token_hash": sign_in.hash_token(issued.refresh), "ends_at": family.ends_at,
    }))  # fmt: skip
    w.audit("token.issued", "E", "person", public_id_of(w.db, person_id), detail={"session": kept[:16]})
    return issued


def refresh_token(refresh: str, *, address: str = "") -> Issued:
    """A new pair for a refresh token; used a second time, all of its family ends: somebody copied it (A5)."""
    subject = keyring().blind(refresh[:100], "guess.refresh")
    sign_in.count_guess(subject, address)
    with work(Actor(name="stranger", door="api", network={"address": address})) as w:
        issued, known = _refreshed(w, refresh, address)
    if issued is not None:
        sign_in.forgive(subject, address)
        return issued
    if not known:
        sign_in.miss(None, "api", address)
    raise sign_in.NotSignedIn()


def _refreshed(w: Work, refresh: str, address: str) -> tuple[Issued | None, bool]:
    """The new pair, or None; and whether somebody showed a token that was good once."""
    who = _refresh.join(_person, _person.c.id == _refresh.c.person_id)
    query = select(_refresh, _person.c.login, _person.c.public_id, _person.c.state).select_from(who)
    row = w.db.execute(query.where(_refresh.c.token_hash == sign_in.hash_token(refresh))).one_or_none()
    if row is None or row.ended_at or row.ends_at <= w.now or row.state != PersonState.ACTIVE:
        return None, False
    free = (_refresh.c.id == row.id) & _refresh.c.used_at.is_(None)
    if w.db.execute(update(_refresh).where(free).values(used_at=w.now)).rowcount != 1:
        _end_family(w, row.family, EndReason.REUSED, (_token, _refresh))
        w.audit("token.reused", "E", "person", row.public_id, outcome=8)
        return None, True
    _end_family(w, row.family, EndReason.REPLACED, (_token,))
    w.actor = replace(w.actor, name=row.login, person_id=row.person_id)
    return open_tokens(w, row.person_id, Family(row.family, row.rights, row.ends_at, address)), True


def _end_family(w: Work, family: str, reason: EndReason, tables: tuple[Any, ...]) -> None:
    for table in tables:
        live = (table.c.family == family) & table.c.ended_at.is_(None)
        w.db.execute(update(table).where(live).values(ended_at=w.now, end_reason=reason))
