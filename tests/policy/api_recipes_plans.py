"""Recipes of payment plans: one drafted, signed, changed, ended; one set up again."""

from datetime import timedelta
from typing import Any

from app.gateways.cards_simulator import Simulator
from app.kernel.work import work
from app.payments import service_cards
from app.plans import service_daily
from app.plans.lifecycle import State
from tests import planning
from tests.policy.api_recipes import PARENTS, RECIPES, TODAY, to
from tests.policy.api_truth import World

ONE, ACCOUNT = "/plans/{public_id}", "/accounts/{public_id}/plans"
PARENTS |= {ONE: ("GET /plans", "id")}
FIRST = (TODAY + timedelta(days=10)).replace(day=min((TODAY + timedelta(days=10)).day, 28)).isoformat()
SIGNED = {"signed_on": TODAY.isoformat(), "witness": "Bea at the desk"}


def drafted(world: World, control: str) -> Any:
    """A plan to be signed over a visit of 300.00."""
    named = {"member": f"M{control}", "patient": f"ROE*{control}"}
    account = planning.account_public(planning.owing("300.00", control, **named))
    body = {"count": 6, "first_due": FIRST}
    assert world.ask(f"POST {ACCOUNT}/offers", account, body={"down": "30.00"})["balance"] == "300.00"
    return world.ask(f"POST {ACCOUNT}", account, body=body)


def kept_card(plan: str) -> str:
    """A card of whoever the plan is with."""
    token = "tok_visa_4242_approve"  # nosec B105 - the simulator's, opens nothing
    with work(planning.CLERK) as w:
        return service_cards.keep(
            w, planning.view(plan).account_id, token, Simulator().describe(token),
            authorised="Each instalment on its day", most=None, until=None,
        )  # fmt: skip


@to(f"POST {ACCOUNT}")
def plans(world: World) -> None:
    """Signed, changed, added to, printed, ended; then one in default and set up again."""
    plan = drafted(world, "PLAN1")
    one = plan["id"]
    world.ask(f"GET {ONE}/agreement", one)
    plan = world.ask(f"POST {ONE}/activate", one, body={**SIGNED, "version": plan["version"]})
    assert plan["state"] == "active"
    change = {"count": 5, "first_due": FIRST, **SIGNED, "version": plan["version"]}
    plan = world.ask(f"POST {ONE}/change", one, body=change)
    planning.owing("60.00", "PLAN2", day="20260110", member="MPLAN1", patient="ROE*PLAN1")
    more = {"count": 6, "first_due": FIRST, **SIGNED, "version": plan["version"]}
    plan = world.ask(f"POST {ONE}/visits", one, body=more)
    assert plan["total"] == "360.00"
    plan = world.ask(f"POST {ONE}/agreement", one, body={"version": plan["version"]})
    assert world.ask(f"GET {ONE}", one)["version"] == plan["version"]
    card = kept_card(one)
    plan = world.ask(f"POST {ONE}/autopay", one, body={**SIGNED, "card": card, "version": plan["version"]})
    assert plan["autopay"]
    check = {"version": plan["version"], "reason": "Pays by check"}
    plan = world.ask(f"POST {ONE}/autopay/stop", one, body=check)
    world.ask(f"POST {ONE}/cancel", one, body={"version": plan["version"], "reason": "A loan"})
    other = drafted(world, "PLAN3")
    world.ask(f"POST {ONE}/activate", other["id"], body={**SIGNED, "version": other["version"]})
    with work(planning.CLERK) as w:
        service_daily.judge(w, planning.view(other["id"]).entity_id, TODAY + timedelta(days=75))
    broken = planning.view(other["id"])
    assert broken.state is State.DEFAULTED
    again = {"count": 6, "first_due": FIRST, **SIGNED, "version": broken.version, "reason": "New job"}
    world.ask(f"POST {ONE}/re-establish", other["id"], body=again)


RECIPES |= {f"POST {ACCOUNT}/offers": lambda world: None}
