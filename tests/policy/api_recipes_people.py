"""Recipes of guarantors, how they are reached, and the mail that came back."""

from typing import Any

from app.entities import queries as entities
from app.kernel.work import reading
from app.patients.rules_people_file import COLUMNS
from tests import books
from tests.policy.api_recipes import DAY, PARENTS, RECIPES, to
from tests.policy.api_recipes_contacts import an_account
from tests.policy.api_truth import World

HOME = {"street": "9 Elm St", "city": "Lincoln", "state": "NE", "zip": "68508"}
MOVED = HOME | {"street": "11 Oak Ave"}
PERSON = {"last": "Roe", "first": "Ann", "birth": "1980-01-31", "relation": "guardian", "home": HOME}
ONE, MAIL = "/guarantors/{public_id}", "/returned-mail/{public_id}"
FILE = (",".join(COLUMNS) + "\nNOBODY,NOEL\n").encode()
PARENTS["/returned-mail/{public_id}"] = ("GET /returned-mail", "id")


@to(f"PUT {ONE}")
def know_somebody(world: World) -> None:
    """Found, corrected, moved, given a number that ends again, asked for a yes, confirmed, kept apart."""
    one, _ = an_account()
    head: Any = world.ask(f"GET {ONE}", one)["guarantor"]
    world.ask("POST /guarantors/search", body={"q": head["last"]})
    body: dict[str, Any] = {"language": "es", "version": head["version"]}
    head = world.ask(f"PUT {ONE}", one, body=body)["guarantor"]
    body = HOME | {"version": head["version"]}
    head = world.ask(f"POST {ONE}/addresses", one, body=body)["guarantor"]
    told = world.ask(f"POST {ONE}/points", one, body={"kind": "mobile", "value": "402 555 0199"})
    point = next(each for each in told["points"] if each["value"] == "+14025550199")
    body = {"channel": "sms", "granted": True, "point": point["id"], "proof": "Form 7"}
    world.ask(f"POST {ONE}/consents", one, body=body)
    world.ask("POST /guarantors/points/{public_id}/end", point["id"], body={"version": point["version"]})
    if not head["confirmed"]:
        head = world.ask(f"POST {ONE}/confirm", one, body={"version": head["version"]})["guarantor"]
    world.ask(f"POST {ONE}/confidential", one, body={"reason": "They asked", "version": head["version"]})


@to(f"POST {ONE}/confirm")
def confirm_somebody_proposed(world: World) -> None:
    """A guardian named for a patient and for one visit is a proposal until somebody says yes."""
    patient = world.rows("GET /patients", limit="1")[0]["id"]
    body = {"person": PERSON, "reason": "Court order", "from_day": DAY}
    made = world.ask("POST /patients/{public_id}/guarantor", patient, body=body)["account"]
    claim = world.rows("GET /claims", limit="1")[0]["id"]
    body = {"person": PERSON, "reason": "This visit only"}
    world.ask("POST /claims/{public_id}/guarantor", claim, body=body)
    head = world.ask(f"GET {ONE}", made)["guarantor"]
    world.made["guardian"], version = head, head["version"]
    world.ask(f"POST {ONE}/confirm", made, body={"version": version})


@to("POST /guarantors/file")
def send_a_file(world: World) -> None:
    """A file that would change nothing, only tried."""
    query = {"entity": world.made["entity"], "preview": "true"}
    kind = "application/octet-stream"
    done = world.ask("POST /guarantors/file", query=query, body=FILE, media_type=kind)
    assert (done["rows"], done["bad"]) == (1, 1)


@to("POST /returned-mail")
def take_in_what_came_back(world: World) -> None:
    """Looked for, found, not theirs, found again, looked at twice, and mailed again."""
    who = world.made["guardian"]
    with reading(books.CLERK) as w:
        entity = next(one.public_id for one in entities.practices(w) if one.name == who["entity"])
    body = {"number": who["number"], "code": "K", "entity": entity}
    piece = world.ask("POST /returned-mail", body=body)["id"]
    shown: Any = world.ask(f"GET {MAIL}", piece)
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("search", {"source": "phone"}), ("find", {"source": "payer", "home": MOVED}),
        ("reject", {"why": "Not theirs"}), ("find", {"source": "relative", "home": MOVED}),
        ("verify", {"zip": MOVED["zip"]}), ("resume", {"why": "Found"}),
    )  # fmt: skip
    for act, body in steps:
        shown = world.ask(f"POST {MAIL}/{act}", piece, body=body | {"version": shown["mail"]["version"]})


RECIPES |= {
    name: lambda world: None
    for name in (
        f"GET {ONE}", "POST /guarantors/search", "POST /guarantors/points/{public_id}/end",
        *(f"POST {ONE}/{act}" for act in ("addresses", "points", "consents", "confidential")),
        "POST /patients/{public_id}/guarantor", "POST /claims/{public_id}/guarantor", f"GET {MAIL}",
        *(f"POST {MAIL}/{act}" for act in ("search", "find", "reject", "verify", "resume")),
    )
}  # fmt: skip
