"""What holds an account back has a kind, a reason, an author and an end; ended ones stay to be read."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.contacts import queries_holds, service_holds
from app.contacts.lifecycle import HoldKind
from app.contacts.models import AccountEvent, AccountHold
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, NotPermitted, Refused, Stale
from app.kernel.work import Actor, system, work
from tests import books
from tests.app.contacts import people
from tests.conftest import House

ME = system("tests")
_hold, _event = table_of(AccountHold), table_of(AccountEvent)


def test_a_hold_stands_until_somebody_lifts_it_with_a_reason(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(ME) as w:
        today = w.today("America/New_York")
        public = service_holds.place(
            w, who, "attorney", reason="Letter of 11/20", detail={"attorney": "Kim Lee"}
        )
        (hold,) = queries_holds.open_holds(w, [who], today)[who]
        assert hold.kind is HoldKind.ATTORNEY and hold.ends is None and hold.legal
        with pytest.raises(NotAllowed, match="held already"):
            service_holds.place(w, who, "attorney", reason="again")
        with pytest.raises(Stale):
            service_holds.lift(w, public, why="Gone", version=2)
        service_holds.lift(w, public, why="The attorney withdrew", version=1)
        assert queries_holds.open_holds(w, [who], today) == {}
        told = queries_holds.told(w, public)
        with pytest.raises(NotAllowed):
            service_holds.lift(w, public, why="Again", version=2)
    assert told.detail["attorney"] == "Kim Lee" and told.lifted_why == "The attorney withdrew"
    assert b"Kim" not in bytes(books.rows(_hold)[0].detail_sealed)
    assert [(row.move, row.to_state) for row in books.rows(_event)] == [("place", "open"), ("lift", "lifted")]


def test_a_hold_with_an_end_no_longer_holds_on_that_day(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(ME) as w:
        today = w.today("America/New_York")
        service_holds.place(w, who, "manager", reason="Talks with the family", until=today + timedelta(3))
        held = [bool(queries_holds.open_holds(w, [who], today + timedelta(days))) for days in (0, 2, 3)]
        assert held == [True, True, False]
        assert service_holds.lift_due(w, entity, today + timedelta(2)) == []
        assert service_holds.lift_due(w, entity, today + timedelta(3)) == [who]
        assert service_holds.lift_due(w, entity, today + timedelta(3)) == []


def test_many_accounts_are_held_at_once_and_twice_is_once(house: House) -> None:
    entity = books.practice().id
    whom = [people.account(entity) for _ in range(3)]
    with work(ME) as w:
        said: dict[str, Any] = dict(entity_id=entity, reason="Nobody signed")
        assert service_holds.ensure(w, whom[:2], "no_guarantor", **said) == whom[:2]
        assert service_holds.ensure(w, whom, "no_guarantor", **said) == whom[2:]
        assert len(queries_holds.open_holds(w, whom, w.now.date())) == 3


def test_a_bankruptcy_holds_at_once_and_a_person_soon_finds_out_the_rest(house: House) -> None:
    entity = books.practice().id
    who, known = people.account(entity), people.account(entity)
    with work(ME) as w:
        for detail in ({"petition_on": "soon"}, {"petition_on": "2026-11-01", "chapter": "8"},
                       {"petition_on": "2026-11-01", "executor": "no field of it"}):  # fmt: skip
            with pytest.raises(Refused):
                service_holds.place(w, who, "bankruptcy", reason="Notice came", detail=detail)
        service_holds.place(w, who, "bankruptcy", reason="They said so on the phone")
        case = {"petition_on": "2026-11-01", "chapter": "7", "court": "N.D. Ohio", "case_number": "26-1"}
        service_holds.place(w, known, "bankruptcy", reason="Notice came", detail=case)
        today = w.today("America/New_York")
        held = queries_holds.open_holds(w, [who, known], today)
    looked = [(held[one][0].review_on or today) - today for one in (who, known)]
    assert looked == [timedelta(3), timedelta(60)]


def test_what_belongs_to_a_dispute_is_neither_placed_nor_lifted_by_hand(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(ME) as w:
        with pytest.raises(Refused, match="comes and goes with its own work"):
            service_holds.place(w, who, "dispute", reason="Says so")
        public = service_holds.place_for(w, who, HoldKind.DISPUTE, reason="Says so")
        with pytest.raises(NotAllowed, match="ends with its own work"):
            service_holds.lift(w, public, why="Enough", version=1)


def test_a_legal_hold_is_lifted_only_by_who_answers_for_the_law(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    clerk = Actor("clerk", permissions=frozenset({"accounts.work"}), scope=frozenset({entity}))
    with work(clerk) as w:
        public = service_holds.place(w, who, "cease", reason="Said so on the phone")
    with work(clerk) as w, pytest.raises(NotPermitted):
        service_holds.lift(w, public, why="They called again", version=1)
    reader = Actor("reader", permissions=frozenset({"accounts.read"}), scope=frozenset({entity}))
    with work(reader) as w, pytest.raises(NotPermitted):
        service_holds.place(w, who, "manager", reason="No")


def test_another_entitys_account_is_not_there(house: House) -> None:
    entity = books.practice().id
    other = books.practice("Elsewhere", "1093817465", "987654321").id
    who = people.account(other)
    mine = Actor("clerk", permissions=frozenset({"*"}), scope=frozenset({entity}))
    with work(ME) as w:
        public = service_holds.place(w, who, "manager", reason="Theirs")
    with work(mine) as w:
        with pytest.raises(NotFound):
            service_holds.place(w, who, "manager", reason="Mine")
        with pytest.raises(NotFound):
            service_holds.lift(w, public, why="Mine", version=1)
        assert queries_holds.open_holds(w, [who], date(2026, 11, 23)) == {}
