"""A claim held back: why, by whom, until when; what keeps it and what lets it go."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Refused, Stale
from app.kernel.work import Actor, system, work
from app.rebill import service, service_holds
from app.rebill.models import RebillHold
from tests import books, era
from tests.app.rebill import desk

_hold = table_of(RebillHold)


@pytest.fixture
def bea(house: Any) -> Iterator[Actor]:
    with desk.in_january():
        practice = books.practice()
        books.take(era.bill(era.billed("A1", "99214 300")), desk.denied())
        yield desk.biller(practice.id)


def held(actor: Actor, public: str, until: date = date(2026, 1, 25), reason: str = "records") -> int:
    with work(actor) as w:
        version = desk.row(public).version
        return service_holds.hold(w, public, version, reason=reason, until=until)


def test_a_held_claim_says_why_and_until_when_and_does_not_go(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    version = held(bea, public)
    blocked = next(one for one in desk.row(public).problems if one["code"] == "guard.hold")
    assert blocked["words"] == "On hold for records until Jan 25, 2026 by bea."
    assert "Lift the hold, or wait until Jan 25, 2026" in blocked["unblock"]
    with work(bea) as w, pytest.raises(NotAllowed):
        service.finish(w, public, version)


def test_a_hold_ends_by_itself_on_its_day_and_the_history_says_so(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    held(bea, public)
    with desk.in_january(24), work(system("schedule")) as w:
        assert service_holds.lift_due(w, desk.row(public).entity_id) == 0
    with desk.in_january(25), work(system("schedule")) as w:
        assert service_holds.lift_due(w, desk.row(public).entity_id) == 1
    assert "guard.hold" not in desk.codes(public) and desk.row(public).on_hold is False
    (one,) = books.rows(_hold)
    assert (one.ended_by, one.ended_why) == ("schedule", "Its day came")
    assert [event.move for event in desk.history(public)] == ["open", "hold", "lift"]


def test_the_second_of_two_holds_still_keeps_it(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    held(bea, public)
    held(bea, public, date(2026, 2, 10), "coding")
    with desk.in_january(26), work(system("schedule")) as w:
        assert service_holds.lift_due(w, desk.row(public).entity_id) == 0
    assert desk.row(public).on_hold is True


def test_a_person_lifts_it_with_a_reason_and_nobody_twice(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    version = held(bea, public)
    with work(bea) as w:
        version = service_holds.lift(w, public, version, why="records came")
    with work(bea) as w, pytest.raises(NotAllowed):
        service_holds.lift(w, public, version, why="again")
    assert books.rows(_hold)[0].ended_why == "records came"


def test_a_hold_has_a_known_reason_an_end_and_a_fresh_look(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    for reason, until in (("moon", date(2026, 1, 25)), ("records", date(2026, 1, 20)),
                          ("records", date(2027, 1, 1)), ("other", date(2026, 1, 25))):  # fmt: skip
        with work(bea) as w, pytest.raises(Refused):
            service_holds.hold(w, public, 1, reason=reason, until=until)
    held(bea, public)
    with work(bea) as w, pytest.raises(Stale):
        service_holds.hold(w, public, 1, reason="records", until=date(2026, 1, 25))
