"""A disputed bill is held from the first moment and answered on time; its resolution lets the cycle go on."""

from datetime import date, timedelta

import pytest

from app.contacts import queries_holds, queries_story, rules_disputes, service_disputes
from app.contacts.lifecycle import DISPUTE, DisputeMove, DisputeState
from app.contacts.models import AccountEvent, Dispute
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Refused, Stale
from app.kernel.money import Money
from app.kernel.work import Work, system, work
from app.payers.rules import add_business_days
from tests import books
from tests.app.contacts import people
from tests.conftest import House

ME = system("tests")
_dispute, _event = table_of(Dispute), table_of(AccountEvent)
ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


def held(w: Work, who: int) -> list[bool]:
    """Is the account held, and is it about one visit?"""
    found = queries_holds.open_holds(w, [who], w.now.date())
    return [one.claim_id is not None for one in found.get(who, [])]


def test_a_dispute_holds_until_it_is_resolved(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(ME) as w:
        public = service_disputes.open_dispute(w, who, said="Never had that X-ray", amount=Money(120_00))
        assert held(w, who) == [False]
        for move, why in (("acknowledge", ""), ("investigate", ""), ("await", ""), ("answer", ""),
                          ("propose", "Adjust the X-ray")):  # fmt: skip
            version = queries_story.dispute(w, public).version
            service_disputes.move(w, public, move, version=version, why=why)
            assert held(w, who) == [False]
        version = queries_story.dispute(w, public).version
        with pytest.raises(Refused, match="how it ended"):
            service_disputes.move(w, public, "resolve", version=version, why="Agreed")
        service_disputes.move(w, public, "resolve", version=version, why="Agreed", outcome="adjusted")
        assert held(w, who) == []
        with pytest.raises(Stale):
            service_disputes.move(w, public, "confirm", version=version)
        service_disputes.move(w, public, "escalate", version=version + 1, why="They called again")
        assert held(w, who) == [False]
    (row,) = books.rows(_dispute)
    assert b"X-ray" not in bytes(row.said) and row.outcome == "adjusted"
    moves = [one.move for one in books.rows(_event) if one.subject == "dispute"]
    assert moves == [
        "open",
        "acknowledge",
        "investigate",
        "await",
        "answer",
        "propose",
        "resolve",
        "escalate",
    ]


def test_a_disputed_visit_leaves_the_rest_of_the_account_alone(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(ME) as w:
        service_disputes.open_dispute(w, who, said="Not my visit", claim_id=77)
        assert held(w, who) == [True]
        with pytest.raises(NotAllowed):
            service_disputes.open_dispute(w, who, said="Again", claim_id=77)
        service_disputes.open_dispute(w, who, said="Another", claim_id=78)
        assert set(queries_holds.held_claims(w, [77, 78, 79], w.now.date())) == {77, 78}


@ONE_DATABASE
def test_its_days_are_business_days_to_acknowledge_and_thirty_to_resolve(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(ME) as w:
        today = w.today("America/New_York")
        service_disputes.open_dispute(w, who, said="Too much")
        (told,) = queries_story.disputes(w, who)
    assert told.acknowledge_by == add_business_days(today, 5) and told.resolve_by == today + timedelta(30)
    assert told.said == "Too much"


@pytest.mark.parametrize(
    ("state", "day", "late"),
    [("opened", 8, ""), ("opened", 9, "acknowledge"), ("investigating", 30, ""), ("proposed", 32, "resolve"),
     ("resolved", 60, ""), ("confirmed", 60, "")],
)  # fmt: skip
def test_what_is_overdue(state: str, day: int, late: str) -> None:
    start = date(2026, 6, 1)
    days = start + timedelta(7), start + timedelta(30)
    assert rules_disputes.late(state, *days, start + timedelta(day - 1)) == late


@pytest.mark.parametrize("state", list(DisputeState))
@pytest.mark.parametrize("move", list(DisputeMove))
def test_every_pair_of_state_and_move_is_allowed_or_refused(state: DisputeState, move: DisputeMove) -> None:
    if move in DISPUTE.moves(state):
        assert DISPUTE.next(state, move) in DISPUTE.states()
    else:
        with pytest.raises(NotAllowed):
            DISPUTE.next(state, move)
