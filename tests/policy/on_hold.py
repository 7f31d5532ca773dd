"""Random attempts to reach people who are on hold, through every door; what gets through is counted.

A capability adds its acts to ATTEMPTS: (act, door, try_it). `try_it` does the whole of it, as its door would,
and says what came of it: whether something got through, and how many refusals it left on record.
"""

import random
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.contacts import service_attempts, service_guards, service_holds, service_law
from app.contacts.lifecycle import Act, HoldKind, Reach
from app.contacts.models import Attempt, Refusal
from app.contacts.rules_holds import shipped
from app.contacts.service_attempts import ACTS
from app.flows import card_payment
from app.gateways.cards_simulator import Simulator
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.errors import Guarded
from app.kernel.work import reading, system, work
from app.payments import service_cards
from app.payments.lifecycle import Mode, Tender
from app.payments.service import Taking
from app.statements import service_email, service_make
from app.statements.models import StatementEmail
from app.web.application import API_PREFIX, make_app
from tests import statements
from tests.app.contacts import people
from tests.policy import visitors
from tests.policy.visitors import Visitor

_attempt, _refusal, _email = table_of(Attempt), table_of(Refusal), table_of(StatementEmail)
REACHES = {act: reach for reach, act in ACTS.items()}


class Somebody(NamedTuple):
    """A guarantor on hold: keys and public ids of the account, of a line of each act, of a card, and of the
    e-mail that waits for them.
    """

    id: int
    public: str
    lines: dict[Act, tuple[int, str]]
    card: str
    email: str


class Came(NamedTuple):
    """What came of an attempt; kept: refusals it left on record."""

    through: bool
    kept: int = 1


@dataclass
class Town:
    """People on hold, one for each kind there is, and who tries to reach them. Everything else about them
    says yes: they owe, said yes to every way, their statement went out and its e-mail waits.
    """

    app: Flask
    clerk: Visitor
    page: FlaskClient
    form_token: str
    dice: random.Random
    entity: int
    entity_public: str
    held: dict[HoldKind, Somebody] = field(default_factory=dict)
    count: int = 0

    def of(self, account_id: int) -> HoldKind:
        """The hold of an account."""
        return next(kind for kind, one in self.held.items() if one.id == account_id)


def town(dice: random.Random, kinds: Sequence[HoldKind] = tuple(HoldKind)) -> Town:
    """Somebody on hold for each kind."""
    names = [f"H{number}" for number in range(len(kinds))]
    clinic = statements.owing(*names)
    keys = dict(zip(kinds, [statements.accounts_of(one) for one in names], strict=True))
    lines = {key: _lines(clinic.id, key) for key in keys.values()}
    cards = _ready(clinic.id, list(keys.values()))
    public = statements.planned(clinic)
    statements.released(public)
    with work(people.ME) as w:
        service_make.make(w, public)
        service_email.queue(w, statements.run(public).id)
        waiting = w.db.execute(select(_email.c.account_id, _email.c.public_id)).all()
        for kind, key in keys.items():
            service_holds.place_for(w, key, kind, reason="Tests")
    emails = {row.account_id: row.public_id for row in waiting}
    app, clerk = make_app(), visitors.add("the-clerk", "clerk")
    page = clerk.browser(app)
    token = visitors.form_token(page, "/password")
    made = Town(app, clerk, page, token, dice, clinic.id, clinic.public_id)
    for kind, key in keys.items():
        about = Somebody(key, statements.public_of(key), lines[key], cards[key], emails[key])
        made.held[kind] = about
    return made


def _lines(entity: int, key: int) -> dict[Act, tuple[int, str]]:
    """A phone, a mobile and an address, with a yes to each."""
    found = {}
    for act, what in ((Act.CALL, "phone"), (Act.SMS, "mobile"), (Act.EMAIL, "email")):
        value = f"{key}@example.org" if what == "email" else f"+1216{key % 10_000_000:07d}{what[0]}"
        point = people.point(entity, key, what, value)
        found[act] = (point, people.named(point))
        if what != "phone":
            people.consent(entity, key, act.value, True, point_id=point)
        if what == "email":
            people.consent(entity, key, "statement", True, point_id=point)
    return found


def _ready(entity: int, keys: Sequence[int]) -> dict[int, str]:
    """The house calls at every hour, links statements, charges returned checks; everybody has a card."""
    said = (("contact_from", "00:00"), ("contact_until", "23:59"), ("link_url", "https://pay.clinic.example"),
            ("nsf_fee_allowed", "yes"), ("nsf_waive_first", "no"))  # fmt: skip
    with work(people.ME) as w:
        for code, value in said:
            service_law.change(w, entity, code=code, state="", value=value, source="tests",
                               days=(w.now.date(), None), reason="tests")  # fmt: skip
        w.db.execute(update(statements.GUARANTOR).values(confirmed=True, relation="self"))
        token = "tok_visa_4242_approve"  # pragma: allowlist secret - of the simulator
        card = Simulator().describe(token)
        return {
            key: service_cards.keep(w, key, token, card, authorised="Any day", most=None, until=None)
            for key in keys
        }


def moment(dice: random.Random) -> datetime:
    """Any moment while the hold stands."""
    return now() + timedelta(minutes=dice.randrange(14 * 24 * 60))


Attempted = Callable[[Town, Act, Somebody], Came]


def inside(door: str) -> Attempted:
    """The verb as a job or a command calls it, at any moment."""

    def try_it(town: Town, act: Act, who: Somebody) -> Came:
        point = who.lines[act][0] if act in who.lines else None
        try:
            with work(system(f"tests-{door}", door=door)) as w:
                w.now = moment(town.dice)
                if act in REACHES:
                    service_attempts.begin(w, who.id, Reach(REACHES[act]), point)
                else:
                    service_guards.must(w, act, who.id, at=w.now)
        except Guarded:
            return Came(False)
        return Came(True, 0)

    return try_it


def by_api(town: Town, act: Act, who: Somebody) -> Came:
    """What a program asks for: begun, or written down as done."""
    path = f"{API_PREFIX}/accounts/{who.public}/attempts"
    reach, point = REACHES[act].value, who.lines[act][1]
    body: dict[str, Any] = {"reach": reach, "point": point}
    if town.dice.random() < 0.5:
        path += "/begin"
    else:
        body |= {"result": "no_answer" if act is Act.CALL else "sent"}
    return _asked(town, path, body)


def _asked(town: Town, path: str, body: dict[str, Any]) -> Came:
    answer = town.app.test_client().post(path, json=body, headers=town.clerk.bearer)
    if answer.status_code not in (201, 409):
        raise AssertionError(f"{path}: {answer.status_code} {answer.text[:300]}")
    if answer.status_code == 409 and '"hold.' not in answer.text:
        raise AssertionError(f"{path}: refused for another reason: {answer.text[:300]}")
    return Came(answer.status_code == 201, 0 if answer.status_code == 201 else 1)


def by_page(town: Town, _act: Act, who: Somebody) -> Came:
    """Somebody presses Dial."""
    form = {"csrf_token": town.form_token, "point": who.lines[Act.CALL][1]}
    answer = town.page.post(f"/accounts/{who.public}/dial", data=form)
    if answer.status_code not in (303, 409):
        raise AssertionError(f"dial: {answer.status_code} {answer.text[:300]}")
    return Came(answer.status_code == 303, 0 if answer.status_code == 303 else 1)


def charged_by_api(town: Town, _act: Act, who: Somebody) -> Came:
    """A kept card is charged."""
    town.count += 1
    body = {"account": who.public, "tender": "card", "amount": "1.00", "key": f"t{town.count}"}
    return _asked(town, f"{API_PREFIX}/payments", body | {"card": who.card})


def charged_by_job(town: Town, _act: Act, who: Somebody) -> Came:
    """The same as the round of instalments does it."""
    town.count += 1
    given = Taking(entity_id=town.entity, account_id=who.id, tender=Tender.CARD, cents=100,
                   key=f"t{town.count}", mode=Mode.PLAN)  # fmt: skip
    try:
        card_payment.charge(system("schedule"), given, who.card)
    except Guarded:
        return Came(False)
    return Came(True, 0)


ATTEMPTS: list[tuple[Act, str, Attempted]] = [
    *((act, door, inside(door)) for act in Act for door in ("job", "cli")),
    *((act, "api", by_api) for act in REACHES),
    (Act.CALL, "page", by_page),
    (Act.CHARGE, "api", charged_by_api),
    (Act.CHARGE, "job", charged_by_job),
]
"""One row an act and door."""


def storm(town: Town, count: int, only: Act | None = None) -> tuple[list[str], int]:
    """Try so often; returns (what got through, how many refusals should be on record)."""
    through, due = [], 0
    for _ in range(count):
        kind = town.dice.choice([one for one in town.held if only is None or only in shipped()[one].stops])
        rows = [one for one in ATTEMPTS if one[0] in shipped()[kind].stops and only in (None, one[0])]
        act, door, try_it = town.dice.choice(rows)
        came = try_it(town, act, town.held[kind])
        due += came.kept
        if came.through:
            through.append(f"{act.value} by {door} on {kind.value}")
    return through, due


@contextmanager
def counting() -> Any:
    """(refusals, attempts) written in the block, as a list filled at its end."""
    before, found = _counts(), list[int]()
    yield found
    found.extend(after - one for after, one in zip(_counts(), before, strict=True))


def _counts() -> tuple[int, ...]:
    with reading(people.ME) as w:
        return tuple(
            int(w.db.execute(select(func.count()).select_from(table)).scalar_one())
            for table in (_refusal, _attempt)
        )
