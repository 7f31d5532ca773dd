"""Recipes of claims on their way out."""

from tests.app.rebill.drafts import waiting
from tests.policy.api_recipes import RECIPES, to
from tests.policy.api_truth import World


@to("POST /rebill/{public_id}/assign")
def take_a_rebill(world: World) -> None:
    """A draft of a claim, taken by somebody."""
    case = next(row for row in world.rows("GET /denials", limit="200") if row["control"] == "A5")
    made = world.ask("POST /rebill", body={"about": "denial", "id": case["id"], "kind": "replacement"})
    world.made["rebill"] = made["id"]
    name = waiting("A9")
    world.ask("POST /rebill/{public_id}/assign", name, body={"owner": "me", "version": 1})
    chosen = [{"id": name, "version": 2}]
    world.ask("POST /rebill/acts", body={"act": "assign", "owner": "nobody", "rebills": chosen})


RECIPES |= {"POST /rebill/acts": lambda world: None}
