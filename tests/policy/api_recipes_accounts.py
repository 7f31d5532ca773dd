"""Recipes of the account desk: what each operation needs, and what is sent."""

from tests.policy.api_recipes import RECIPES

RECIPES.update(
    {"POST /calls/next": lambda world: world.ask("POST /calls/next", body={"leaving": "", "skip": ""})}
)
