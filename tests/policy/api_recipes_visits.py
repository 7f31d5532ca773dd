"""Recipes of accounts, their visits and the scrub before an agency."""

from tests.policy.api_recipes import PARENTS, to
from tests.policy.api_truth import World

PARENTS.update(
    {
        "/accounts/{public_id}": ("GET /accounts", "id"),
        "/placements/{public_id}": ("GET /accounts", "id"),
    }
)


@to("GET /accounts/{public_id}/visits/{claim_id}/services")
def services_of_a_visit(world: World) -> None:
    """The first visit of the first account: its services in plain words."""
    account = world.rows("GET /accounts")[0]["id"]
    visits = world.ask("GET /accounts/{public_id}/visits", account)["rows"]
    path = "GET /accounts/{public_id}/visits/{claim_id}/services"
    found = world.ask(path, account, visits[0]["id"], query={"language": "es"})
    assert found["rows"]
