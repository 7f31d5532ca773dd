"""Trying to reach somebody: the guard before the act, the wrap-up after it, and who is speaking."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from app.contacts import queries_guards, queries_law, rules_attempts, service_guards, service_holds
from app.contacts.lifecycle import Act, Direction, Reach
from app.contacts.models import AccountEvent, Attempt
from app.contacts.rules import TEXT_CHARACTERS, cleaned
from app.contacts.rules_guards import COLLECT, PERSON
from app.contacts.service_events import Account, Happened, account, happened
from app.contacts.service_promises import Promising, promise_of
from app.entities import queries as entities
from app.kernel.crypto import keyring
from app.kernel.db import table_of
from app.kernel.errors import Broken, NotAllowed, NotFound, Refused
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.patients import queries_reach
from app.patients.models import Guarantor

_attempt, _event, _account = table_of(Attempt), table_of(AccountEvent), table_of(Guarantor)
SEALED, TICKET = "attempt.said", "attempt.ticket"
ACTS = {Reach.CALL: Act.CALL, Reach.SMS: Act.SMS, Reach.EMAIL: Act.EMAIL}
TICKET_HOURS = 12


@dataclass(frozen=True, slots=True)
class Ticket:
    """Leave to make one attempt. token: given back at the wrap-up; until: when the wrap-up is due."""

    token: str
    until: datetime


def begin(
    w: Work,
    account_id: int,
    reach: Reach,
    point: int | None = None,
    *,
    extra: Mapping[str, Any] | None = None,
) -> Ticket:
    """Ask the guard before anything rings; `Guarded` when it says no, and that is kept.

    From here on the attempt counts, whether or not anybody wraps it up (`drop` takes back one that never
    rang). extra: as for service_guards.ask; `consented` is the reason a limit of frequency is passed over,
    `because` (data/answers.csv) why holds are: to answer them, or to reach who stands in for them. Both are
    kept; programs pass no hold.
    """
    w.may("accounts.work")
    # Two people at the same account at once: the second counts the first one's call.
    held = select(_account.c.id).where(w.within(_account.c.entity_id), _account.c.id == account_id)
    if w.db.execute(held.with_for_update()).scalar() is None:
        raise NotFound("There is no such account.")
    about, said = account(w, account_id), dict(extra or {})
    if reach not in ACTS:
        raise Refused("Only a call, a text or an e-mail is begun.", code="unknown_reach", field="reach")
    if said.get("consented"):
        said["consented"] = cleaned(str(said["consented"]), 200, "consented")
    _because(w, about, said)
    service_guards.must(w, ACTS[reach], account_id, point=point, extra=said)
    key = w.numbers("attempt")
    reason = str(said.get("consented") or said.get("because", ""))
    happened(w, [_said(about, key, queries_guards.BEGUN, reach.value, reason)])
    if reason:
        which = "frequency" if said.get("consented") else "answer"
        w.audit(f"contacts.{which}_passed", "U", "guarantor", about.public_id, entity_id=about.entity_id,
                detail={"reach": reach.value, "because": str(said.get("because", ""))})  # fmt: skip
    told = {"key": key, "account": account_id, "reach": reach.value, "point": point, "extra": said,
            "at": w.now.isoformat()}  # fmt: skip
    token = base64.urlsafe_b64encode(keyring().seal(json.dumps(told), TICKET)).decode().rstrip("=")
    return Ticket(token, w.now + timedelta(hours=TICKET_HOURS))


def _because(w: Work, about: Account, said: dict[str, Any]) -> None:
    """Whoever answers them, or speaks with who stands in for them, is a person and says why, by a code."""
    purpose, to = str(said.get("purpose", COLLECT)), str(said.get("to", PERSON))
    if (purpose, to) == (COLLECT, PERSON):
        said.pop("because", None)
        return
    w.may("accounts.answer")
    today = w.today(entities.get(w, about.entity_id).time_zone)
    said["because"] = rules_attempts.because(str(said.get("because", "")), purpose, to, today)


def drop(w: Work, account_id: int, token: str) -> None:
    """Nothing rang: the attempt that was begun does not count."""
    w.may("accounts.work")
    about, told = account(w, account_id), _opened(token, account_id)
    if _known(w, told["key"]):
        raise NotAllowed("It is wrapped up already.", code="wrapped_up")
    happened(w, [_said(about, told["key"], queries_guards.DROPPED, told["reach"], "")])


def _said(about: Account, key: int, move: str, reach: str, reason: str) -> Happened:
    return Happened(about.entity_id, about.id, "attempt", key, move, after=reach, reason=reason)


def _opened(token: str, account_id: int) -> dict[str, Any]:
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        told: dict[str, Any] = json.loads(keyring().open(sealed, TICKET))
    except (Broken, ValueError, binascii.Error, IndexError):
        told = {}
    if told.get("account") != account_id:
        raise Refused("This is no ticket for this account.", code="bad_ticket", field="ticket")
    return told


def _known(w: Work, key: int) -> bool:
    mine = (w.within(_attempt.c.entity_id), _attempt.c.id == key)
    return w.db.execute(select(_attempt.c.id).where(*mine)).scalar() is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    """What became of an attempt: its public id, the day the account comes back, what it opened."""

    public_id: str
    next_on: date | None
    promise: str = ""
    hold: str = ""


def wrap_up(
    w: Work,
    account_id: int,
    reach: Reach,
    direction: Direction,
    *,
    result: str,
    ticket: str = "",
    point: int | None = None,
    why: str = "",
    note: str = "",
    right_party: bool = False,
    spoke: bool = False,
    next_on: date | None = None,
    promise: Promising | None = None,
) -> Wrapped:
    """Write down how an attempt ended; what its result implies is done with it (a hold, a promise).

    What goes out needs the ticket of `begin`, once; without one the guard is asked now. The result decides
    `spoke` and `right_party` where it implies them.
    """
    w.may("accounts.work")
    about = account(w, account_id)
    today = w.today(entities.get(w, about.entity_id).time_zone)
    ended = rules_attempts.result(result, reach, direction, today)
    told = _begun(w, account_id, (reach, direction), ticket=ticket, point=point)
    right = right_party if ended.right_party is None else ended.right_party
    talked = spoke if ended.spoke is None else ended.spoke
    words = cleaned(note, TEXT_CHARACTERS, "note")
    _check(ended, words, promise is not None, right)
    back, public = rules_attempts.next_on(ended, next_on, today), public_id()
    if promise is not None:
        back = None
    said = {"text": words} | {name: value for name, value in told.get("extra", {}).items() if value}
    w.db.execute(
        insert(_attempt).values(
            id=told["key"],
            public_id=public,
            entity_id=about.entity_id,
            account_id=account_id,
            reach=reach.value,
            direction=direction.value,
            contact_point_id=told.get("point"),
            at=told["at"],
            automatic=bool(told.get("extra", {}).get("automatic")),
            right_party=right,
            spoke=talked,
            result=ended.code,
            why=rules_attempts.why(why, today),
            said=keyring().seal(json.dumps(said), SEALED),
            next_on=back,
            document_id=None,
            author_id=w.actor.person_id,
            actor=w.actor.name[:80],
        )
    )  # fmt: skip
    w.audit("contacts.attempt", "C", "attempt", public, entity_id=about.entity_id,
            detail={"reach": reach.value, "result": ended.code})  # fmt: skip
    opened = promise_of(w, about, promise, attempt_id=told["key"]) if promise else ""
    return Wrapped(public_id=public, next_on=back, promise=opened, hold=_hold(w, account_id, ended))


def _check(ended: rules_attempts.Result, words: str, promised: bool, right: bool) -> None:
    if ended.asks == "note" and not words:
        raise Refused("Say what happened.", code="note_missing", field="note")
    if ended.asks == "promise" and not promised:
        raise Refused("Say how much, and by which day.", code="promise_missing", field="promised_on")
    if promised and not right:
        raise Refused("Only they themselves can promise.", code="not_verified", field="right_party")


def _begun(
    w: Work, account_id: int, way: tuple[Reach, Direction], *, ticket: str, point: int | None
) -> dict[str, Any]:
    reach, direction = way
    if ticket:
        told = _opened(ticket, account_id)
        if told["reach"] != reach.value or direction is not Direction.OUT:
            raise Refused("This ticket is for another attempt.", code="bad_ticket", field="ticket")
        if _known(w, told["key"]):
            raise NotAllowed("It is wrapped up already.", code="wrapped_up")
        return told | {"at": datetime.fromisoformat(told["at"]).astimezone(UTC)}
    if direction is Direction.OUT and reach in ACTS:
        service_guards.must(w, ACTS[reach], account_id, point=point)
    elif point is not None:
        lines = queries_reach.points(w, [account_id]).get(account_id, [])
        if all(one.id != point for one in lines):
            raise NotFound("There is no such number.", field="point")
    return {"key": w.numbers("attempt"), "point": point, "at": w.now}


def _hold(w: Work, account_id: int, ended: rules_attempts.Result) -> str:
    """The hold a result places: from this moment on, with what is missing asked later."""
    if ended.hold is None:
        return ""
    entity_id = account(w, account_id).entity_id
    reason = f"Said in an attempt: {ended.label.lower()}"
    service_holds.ensure(w, [account_id], ended.hold, entity_id=entity_id, reason=reason)
    return ended.hold.value


@dataclass(frozen=True, slots=True)
class Identified:
    """Is it they? left: how many more times may be tried today; nothing says which mark was wrong."""

    fits: bool
    left: int


def identify(w: Work, account_id: int, given: Mapping[str, str]) -> Identified:
    """Check who speaks by what they say: birth (ISO day), zip, phone (last four), name, number.

    It fits when as many marks fit as the house asks for (two) and none is wrong. Misses are counted by
    account and day; after three the account answers no more until tomorrow.
    """
    w.may("accounts.work")
    about = account(w, account_id)
    today = w.today(entities.get(w, about.entity_id).time_zone)
    law = queries_law.law(w, about.entity_id, today)
    most = law.number("right_party_misses")
    missed = _missed(w, account_id, w.now - timedelta(hours=24))
    if missed >= most:
        raise NotAllowed("Too many wrong answers today; ask them to come in or write.", code="locked")
    fits = rules_attempts.fitting(_person(w, account_id), given) >= law.number("right_party_marks")
    marks = sorted(name for name in rules_attempts.MARKS if given.get(name, "").strip())
    happened(w, [Happened(about.entity_id, account_id, "identify", account_id,
                          "fits" if fits else "misses", detail={"marks": marks})])  # fmt: skip
    w.audit("accounts.identify", "R", "guarantor", about.public_id, entity_id=about.entity_id,
            detail={"marks": marks}, outcome=0 if fits else 4)  # fmt: skip
    return Identified(fits, most - missed - (0 if fits else 1))


def _missed(w: Work, account_id: int, since: datetime) -> int:
    mine = (w.within(_event.c.entity_id), _event.c.account_id == account_id, _event.c.at >= since,
            _event.c.subject == "identify", _event.c.move == "misses")  # fmt: skip
    return int(w.db.execute(select(func.count()).select_from(_event).where(*mine)).scalar_one())


def _person(w: Work, account_id: int) -> rules_attempts.Person:
    names = ("last", "first", "birth", "number")
    mine = (w.within(_account.c.entity_id), _account.c.id == account_id)
    row = w.db.execute(select(*(_account.c[name] for name in names)).where(*mine)).one()
    home = queries_reach.addresses(w, [account_id]).get(account_id)
    lines = queries_reach.points(w, [account_id]).get(account_id, [])
    phones = tuple(one.value for one in lines if one.kind != "email")
    return rules_attempts.Person(row.last, row.first, row.birth, home.zip if home else "", phones, row.number)
