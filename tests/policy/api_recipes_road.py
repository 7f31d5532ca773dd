"""Recipes of the road of a claim and its proofs of timely filing."""

from tests.policy.api_recipes import RECIPES, to
from tests.policy.api_truth import World


@to("GET /rebill/proofs/{public_id}/pdf")
def prove_a_filing(world: World) -> None:
    """Somebody decided it, so somebody had it."""
    case = next(row for row in world.rows("GET /denials", limit="200"))
    claim = next(row for row in world.rows("GET /claims", control=case["control"]))["id"]
    world.ask("GET /claims/{public_id}/road", claim)
    found = world.ask("POST /claims/{public_id}/proofs", claim)["rows"]
    listed = world.ask("GET /claims/{public_id}/proofs", claim)["rows"]
    assert found == listed
    world.ask("GET /rebill/proofs/{public_id}/pdf", found[0]["id"])


RECIPES |= {"POST /claims/{public_id}/proofs": lambda world: None}
