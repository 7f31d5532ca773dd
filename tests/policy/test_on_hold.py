"""Who is on hold is reached by nobody, whatever act, door and moment; and each no is on record (N9)."""

import random

import pytest

from app.contacts import rules_guards
from app.contacts.lifecycle import Act, HoldKind
from app.kernel.clock import now
from app.kernel.work import work
from app.placements import service as placements
from app.statements import service_guards as statement_guards
from app.statements import service_reproduce
from tests.app.contacts import people
from tests.policy import on_hold, on_hold_doors

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
DOSE = 500
KINDS = (HoldKind.MANAGER, HoldKind.CEASE)


@pytest.fixture(autouse=True)
def many_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECLAIM_API_PER_MINUTE", "100000")


def test_five_hundred_random_attempts_reach_nobody_on_hold(house: object) -> None:
    seed = now().toordinal()
    town = on_hold.town(random.Random(seed))
    with on_hold.counting() as written:
        through, due = on_hold.storm(town, DOSE)
    assert through == [], f"seed {seed}"
    assert written == [due, 0], f"seed {seed}"


def test_every_act_is_tried_through_more_than_one_door() -> None:
    assert set(on_hold_doors.ROWS) < set(on_hold.ATTEMPTS)
    for act in Act:
        assert len([one for one in on_hold.ATTEMPTS if one[0] is act]) > 1, act


@ONE_DATABASE
@pytest.mark.parametrize("act", list(Act))
def test_without_its_guard_an_act_gets_through(
    house: object, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pure function says yes for once: were it taken out, the storm would tell."""
    # An e-mail about a statement asks both.
    held, silent = rules_guards.held, {act, Act.STATEMENT} if act is Act.EMAIL else {act}
    monkeypatch.setattr(rules_guards, "held", lambda one, facts: [] if one in silent else held(one, facts))
    if act is Act.STATEMENT:
        monkeypatch.setattr(statement_guards, "may_statement", lambda _facts: [])
    if act is Act.LETTER:
        monkeypatch.setattr(statement_guards, "may_letter", lambda *_: [])
    if act is Act.PLACE:
        monkeypatch.setattr(placements, "may_place", lambda *_: [])
    town = on_hold.town(random.Random(1), KINDS)
    rows = [one for one in on_hold.ATTEMPTS if one[0] is act]
    closed = [door for one, door, try_it in rows if not try_it(town, one, town.held[KINDS[0]]).through]
    assert closed == []


@ONE_DATABASE
def test_an_itemised_bill_they_asked_for_goes_to_everybody(house: object) -> None:
    """It answers what they asked and asks for nothing: no hold stops it (RPAT-12)."""
    town = on_hold.town(random.Random(1), KINDS)
    for one in town.held.values():
        with work(people.ME) as w:
            assert service_reproduce.itemise(w, one.public)
