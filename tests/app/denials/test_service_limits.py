"""A limit of the desk is a dated row with a reason, changed by somebody it does not hold for."""

from datetime import timedelta
from typing import Any

import pytest

from app.denials import queries_limits, service_limits
from app.denials.rules_limits import limit
from app.kernel.errors import NotAllowed, NotPermitted, Refused
from app.kernel.work import Actor, reading, work
from tests import books
from tests.app.denials.test_service_acts import person
from tests.conftest import House


def change(who: Actor, entity: int, **named: object) -> int:
    with work(who) as w:
        said = {
            "name": "writeoff_cents",
            "role": "denial_specialist",
            "amount": 25_000,
            "reason": "Audit asked",
        }
        all_said: dict[str, Any] = {"since": w.now.date(), **said, **named}
        return service_limits.change(w, entity, **all_said)


def test_a_change_holds_from_its_day_and_the_row_before_is_kept(house: House) -> None:
    entity, sue = books.practice().id, person("sue", "supervisor")
    change(sue, entity)
    change(sue, entity, amount=30_000, reason="A typing mistake")
    with reading(books.CLERK) as w:
        today = w.now.date()
        own = queries_limits.own(w, entity)
        assert limit(own, "writeoff_cents", today, role="denial_specialist") == 30_000
        assert limit(own, "writeoff_cents", today - timedelta(1), role="denial_specialist") == 50_000
        newest, before = queries_limits.history(w, entity)
        assert (newest.amount, newest.author, newest.replaced_at) == (30_000, "sue", None)
        assert (before.amount, before.reason) == (25_000, "Audit asked") and before.replaced_at is not None
        (row,) = [one for one in queries_limits.in_force(w, entity, today) if one.role == "denial_specialist"]
        assert (row.amount, row.shipped, row.ours) == (30_000, 50_000, True)


def test_nobody_raises_the_limit_of_their_own_role(house: House) -> None:
    entity, sue, mia = books.practice().id, person("sue", "supervisor"), person("mia", "manager")
    with pytest.raises(NotAllowed, match="own role"):
        change(sue, entity, role="supervisor")
    change(mia, entity, role="supervisor")
    with pytest.raises(NotPermitted):
        change(person("dana", "denial_specialist"), entity, role="clerk")


def test_a_limit_needs_a_name_a_reason_and_a_day_that_has_not_passed(house: House) -> None:
    entity, sue = books.practice().id, person("sue", "supervisor")
    with reading(books.CLERK) as w:
        yesterday = w.now.date() - timedelta(1)
    for wrong in ({"name": "speed"}, {"amount": -1}, {"reason": " "}, {"since": yesterday}):
        with pytest.raises(Refused):
            change(sue, entity, **wrong)
