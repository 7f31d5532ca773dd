"""Who is on hold is reached by nobody, whatever act, door and moment; and each no is on record (N9)."""

import random

import pytest

from app.contacts import rules_guards
from app.kernel.clock import now
from tests.policy import on_hold

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
DOSE = 500


@ONE_DATABASE
def test_five_hundred_random_attempts_reach_nobody_on_hold(
    house: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = now().toordinal()
    monkeypatch.setenv("RECLAIM_API_PER_MINUTE", "100000")
    town = on_hold.town(random.Random(seed))
    with on_hold.counting() as written:
        through, due = on_hold.storm(town, DOSE)
    assert through == [], f"seed {seed}"
    assert written == [due, 0], f"seed {seed}"


@ONE_DATABASE
def test_without_the_guard_of_holds_the_storm_gets_through(
    house: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules_guards, "held", lambda _act, _facts: [])
    town = on_hold.town(random.Random(1))
    through, _ = on_hold.storm(town, 40)
    assert through
