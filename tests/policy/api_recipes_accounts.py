"""Recipes of the account desk: what each operation needs, and what is sent."""

from tests.policy.api_recipes import RECIPES, to
from tests.policy.api_truth import World


@to("POST /calls/next")
def nobody_is_called_at_night(world: World) -> None:
    """The next account, or the moment when there is one."""
    world.ask("POST /calls/next", body={"leaving": "", "skip": ""})


@to("POST /accounts/{public_id}/notes")
def write_on_an_account(world: World) -> None:
    """Somebody rang and asked."""
    account = world.rows("GET /accounts", limit="1")[0]["id"]
    world.ask("POST /accounts/{public_id}/notes", account, body={"text": "asked for a copy"})
    world.ask("GET /accounts/{public_id}/notes", account)


RECIPES |= {"GET /accounts/{public_id}/notes": lambda world: None}
