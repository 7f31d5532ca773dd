"""Random attempts to reach people who are on hold, through every door; what gets through is counted.

A capability adds its acts to ATTEMPTS: (act, door, try_it). `try_it` does the whole of it, as its door would,
and returns True when something got through.
"""

import random
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import func, select

from app.contacts import service_attempts, service_guards, service_holds
from app.contacts.lifecycle import Act, HoldKind, Reach
from app.contacts.models import Attempt, Refusal
from app.contacts.rules_holds import shipped
from app.contacts.service_attempts import ACTS
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.errors import Guarded
from app.kernel.work import reading, system, work
from app.web.application import API_PREFIX, make_app
from tests import books
from tests.app.contacts import people
from tests.policy import visitors
from tests.policy.visitors import Visitor

_attempt, _refusal = table_of(Attempt), table_of(Refusal)
REACHES = {act: reach for reach, act in ACTS.items()}


@dataclass
class Town:
    """People on hold, one for each kind that stops calls, texts and e-mails, and who tries to reach them."""

    app: Flask
    clerk: Visitor
    dice: random.Random
    held: dict[HoldKind, "Somebody"] = field(default_factory=dict)


class Somebody(NamedTuple):
    """A guarantor on hold: the keys and public ids of the account and of a line of each act."""

    id: int
    public: str
    lines: dict[Act, tuple[int, str]]


def town(dice: random.Random) -> Town:
    """Somebody on hold for each kind there is; everything else about them says yes."""
    entity = books.practice().id
    made = Town(make_app(), visitors.add("the-clerk", "clerk"), dice)
    for kind in HoldKind:
        key = people.account(entity)
        lines = {}
        for act, what in ((Act.CALL, "phone"), (Act.SMS, "mobile"), (Act.EMAIL, "email")):
            value = f"{key}@example.org" if what == "email" else f"+1216{key % 10_000_000:07d}"
            point = people.point(entity, key, what, f"{value}{'' if what == 'email' else what[0]}")
            lines[act] = (point, people.named(point))
            if what != "phone":
                people.consent(entity, key, act.value, True, point_id=point)
        with work(people.ME) as w:
            service_holds.place_for(w, key, kind, reason="Tests")
        made.held[kind] = Somebody(key, people.public(key), lines)
    return made


def _moment(dice: random.Random) -> datetime:
    """Any moment while the hold stands."""
    return now() + timedelta(minutes=dice.randrange(14 * 24 * 60))


def inside(door: str) -> Callable[[Town, Act, Somebody], bool]:
    """The verb as a job or a command calls it, at any moment."""

    def try_it(town: Town, act: Act, who: Somebody) -> bool:
        point = who.lines[act][0] if act in who.lines else None
        try:
            with work(system(f"tests-{door}", door=door)) as w:
                w.now = _moment(town.dice)
                if act in REACHES:
                    service_attempts.begin(w, who.id, Reach(REACHES[act]), point)
                else:
                    service_guards.must(w, act, who.id, at=w.now)
        except Guarded:
            return False
        return True

    return try_it


def by_api(town: Town, act: Act, who: Somebody) -> bool:
    """What a program asks for: begun, or written down as done."""
    browser = town.app.test_client()
    path = f"{API_PREFIX}/accounts/{who.public}/attempts"
    reach, point = REACHES[act].value, who.lines[act][1]
    body: dict[str, Any] = {"reach": reach, "point": point}
    if town.dice.random() < 0.5:
        path += "/begin"
    else:
        body |= {"result": "no_answer" if act is Act.CALL else "sent"}
    answer = browser.post(path, json=body, headers=town.clerk.bearer)
    if answer.status_code not in (201, 409):
        raise AssertionError(f"{path}: {answer.status_code} {answer.text[:300]}")
    return answer.status_code == 201


ATTEMPTS: list[tuple[Act, str, Callable[[Town, Act, Somebody], bool]]] = [
    *((act, door, inside(door)) for act in Act for door in ("job", "cli")),
    *((act, "api", by_api) for act in REACHES),
]
"""One row an act and door."""


def storm(town: Town, count: int) -> tuple[list[str], int]:
    """Try so often; returns (what got through, how many attempts should have been refused)."""
    through, due = [], 0
    for _ in range(count):
        kind = town.dice.choice(list(town.held))
        act, door, try_it = town.dice.choice([one for one in ATTEMPTS if one[0] in shipped()[kind].stops])
        due += 1
        if try_it(town, act, town.held[kind]):
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
