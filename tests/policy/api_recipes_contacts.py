"""Recipes of holds, attempts, promises, disputes and rules of law."""

from datetime import timedelta
from typing import Any

from app.entities import queries as entities
from app.kernel.work import reading
from app.patients import queries_guarantors
from tests import books
from tests.app.contacts import people
from tests.policy.api_recipes import RECIPES, TODAY, to
from tests.policy.api_truth import World

PATH = "/accounts/{public_id}"


def an_account() -> tuple[str, str]:
    """(account, phone): public ids of somebody who may be called now."""
    with reading(books.CLERK) as w:
        entity = entities.practices(w)[0].id
    key = people.account(entity)
    people.point(entity, key)
    with reading(books.CLERK) as w:
        return queries_guarantors.by_ids(w, [key])[key].public_id, people.point_named(w, key)


@to("POST /rules/collection")
def change_a_rule(world: World) -> None:
    """The house calls at every hour, so that what follows may run at night; another rule ends again."""
    said = {"reason": "Tests", "since": TODAY.isoformat(), "source": "tests"}
    for code, value in (("contact_from", "00:00"), ("contact_until", "23:59")):
        world.ask("POST /rules/collection", body=said | {"code": code, "value": value})
    fewer = said | {"code": "calls_most", "value": "5", "state": "OH"}
    made = world.ask("POST /rules/collection", body=fewer)
    body = {"on": TODAY.isoformat(), "reason": "Only a trial"}
    world.ask("POST /rules/collection/{public_id}/end", made["id"], body=body)


@to(f"POST {PATH}/holds")
def hold_an_account(world: World) -> None:
    """Held, lifted, and asked what stands against a call."""
    one, _ = an_account()
    body: dict[str, Any] = {"kind": "attorney", "reason": "Letter", "detail": {"attorney": "Kim Lee"}}
    made = world.ask(f"POST {PATH}/holds", one, body=body)
    world.ask(f"GET {PATH}/holds", one)
    assert world.ask(f"GET {PATH}/guards", one)["rows"][0]["rule"] == "hold.attorney"
    begun = {"reach": "call"}
    world.ask(f"POST {PATH}/attempts/begin", one, status=409, body=begun)
    assert world.rows("GET /refusals")[0]["rule"] == "hold.attorney"
    world.ask("POST /holds/{public_id}/lift", made["id"], body={"version": 1, "why": "They withdrew"})


@to(f"POST {PATH}/attempts")
def call_somebody(world: World) -> None:
    """Identified, begun, dropped, begun again and wrapped up with a promise, which is withdrawn."""
    one, phone = an_account()
    world.ask("GET /attempts/codes")
    world.ask(f"POST {PATH}/identify", one, body={"birth": people.BORN.isoformat(), "name": "Jane Doe"})
    begun = {"reach": "call", "point": phone}
    ticket = world.ask(f"POST {PATH}/attempts/begin", one, body=begun)["ticket"]
    world.ask(f"POST {PATH}/attempts/drop", one, body={"ticket": ticket})
    ticket = world.ask(f"POST {PATH}/attempts/begin", one, body=begun)["ticket"]
    promise = {"amount": "25.00", "promised_on": (TODAY + timedelta(5)).isoformat()}
    body = {"reach": "call", "result": "promise", "ticket": ticket, "promise": promise}
    made = world.ask(f"POST {PATH}/attempts", one, body=body)["promise"]
    world.ask(f"GET {PATH}/attempts", one)
    world.ask(f"GET {PATH}/promises", one)
    world.ask("POST /promises/{public_id}/withdraw", made, body={"version": 1, "why": "Wrong account"})
    world.ask(f"POST {PATH}/promises", one, body=promise)


@to(f"POST {PATH}/disputes")
def dispute_a_bill(world: World) -> None:
    """Opened and taken a step on."""
    one, _ = an_account()
    made = world.ask(f"POST {PATH}/disputes", one, body={"said": "Never had it", "amount": "10.00"})
    world.ask(f"GET {PATH}/disputes", one)
    world.ask("POST /disputes/{public_id}/move", made["id"], body={"move": "acknowledge", "version": 1})


RECIPES |= {
    name: lambda world: None
    for name in (
        "POST /rules/collection/{public_id}/end", "POST /holds/{public_id}/lift", f"POST {PATH}/identify",
        f"POST {PATH}/attempts/begin", f"POST {PATH}/attempts/drop", "POST /promises/{public_id}/withdraw",
        "POST /disputes/{public_id}/move", f"GET {PATH}/holds", f"GET {PATH}/guards", f"GET {PATH}/attempts",
        f"GET {PATH}/promises", f"GET {PATH}/disputes", "POST /accounts/{public_id}/promises",
    )
}  # fmt: skip
