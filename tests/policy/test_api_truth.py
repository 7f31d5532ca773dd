"""The description of the API is true: nothing undescribed is answered, nothing crashes, and every operation
was reached with success (F5).
"""

import random
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from app.access.rules import ROLES
from app.kernel.clock import now
from app.kernel.settings import settings
from app.web.application import make_app
from tests.policy import api_recipes, town
from tests.policy.api_recipes import RECIPES
from tests.policy.api_truth import World
from tests.policy.visitors import NO_SUCH_ID

for _more in sorted(Path(__file__).parent.glob("api_recipes_*.py")):
    import_module(f"tests.policy.{_more.stem}")
ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
EXAMPLES = 2
"""Made-up requests of each kind for each operation and role; the nightly run makes more."""


def world_of(claims: int = 40) -> World:
    """The application over the example world, asked as often as anybody likes."""
    town.populate(claims=claims)
    return World(make_app())


@pytest.fixture
def world(house: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("RECLAIM_API_PER_MINUTE", "100000")
    monkeypatch.setenv("RECLAIM_HOOK_HOSTS", "localhost")
    monkeypatch.setenv("RECLAIM_SFTP_HOSTS", "127.0.0.1")
    settings.cache_clear()
    made = world_of()
    with api_recipes.small_states(made):
        yield made


def reach(world: World) -> None:
    """Run every recipe, and ask everything else that reads about the first thing its list shows."""
    for recipe in RECIPES.values():
        recipe(world)
    for name in world.operations:
        if name in world.reached or not name.startswith("GET "):
            continue
        parent = api_recipes.parent(name)
        if "{" not in name:
            world.ask(name)
        elif parent:
            world.ask(name, next(row[parent[1]] for row in world.rows(parent[0]) if row[parent[1]]))


def make_up(world: World, roles: list[str], *, count: int, dice: int) -> None:
    """Made-up requests of every operation as each of these roles; ways out come last."""
    for role in roles:
        for name in sorted(world.operations, key=lambda one: one.startswith("DELETE ")):
            world.examples(name, role, count=count, dice=dice)


@ONE_DATABASE
@pytest.mark.timeout(
    480
)  # every operation there is, in one town: 90 s alone, 180 s on a machine that is shared
def test_every_operation_is_reached_and_answers_as_described(world: World) -> None:
    reach(world)
    assert sorted(set(world.operations) - world.reached) == [], "a recipe or a parent is missing"
    day = now().toordinal()
    make_up(world, ["supervisor", random.Random(day).choice(ROLES)], count=EXAMPLES, dice=day)
    assert world.wrong == [], f"seed {day}\n" + "\n\n".join(world.wrong)


@ONE_DATABASE
def test_other_methods_are_refused_and_told_which_are_taken(house: Any) -> None:
    app, wrong = make_app(), []
    roads = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/"):
            continue
        built = rule.build(dict.fromkeys(rule.arguments, NO_SUCH_ID), append_unknown=False)
        assert built is not None
        taken = set(roads.allowed_methods(built[1]))
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - taken:
            answer = app.test_client().open(built[1], method=method)
            if answer.status_code != 405 or set(answer.allow) != taken:
                wrong.append((method, built[1], answer.status_code, set(answer.allow)))
    assert wrong == []
