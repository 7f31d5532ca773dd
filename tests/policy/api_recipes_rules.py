"""Recipes of the rules a claim is checked by, and of sets of claims."""

from tests.policy.api_recipes import RECIPES, TODAY, to
from tests.policy.api_truth import World

RULE = {
    "code": "our-modifier", "does": "warn", "field": "modifier", "test": "not_in", "value": "GZ",
    "words": "Our payers refuse GZ.", "unblock": "Remove it.", "source": "Bulletin 7",
}  # fmt: skip


@to("POST /rebill/rules")
def write_a_rule(world: World) -> None:
    """A rule of ours: tried, written for today, ended."""
    world.ask("GET /rebill/rules")
    world.ask("POST /rebill/rules/what-if", body=RULE)
    days = {"effective_from": TODAY.isoformat(), "reason": "Bulletin 7"}
    world.ask("POST /rebill/rules", body=RULE | days)
    named = {"code": RULE["code"], **days}
    world.ask("POST /rebill/rules/end", body=named)


@to("POST /rebill/sets")
def open_a_set(world: World) -> None:
    """Two denials of one cause: looked at, opened, seen, taken back."""
    rows = world.rows("GET /denials", limit="200")
    ours = [row for row in rows if row["control"] in ("A2", "A3", "A4")]  # of one practice
    chosen = [row["id"] for row in ours if row["state"] in ("new", "triaged")]
    world.ask("POST /rebill/sets/preview", body={"denials": chosen, "field": "note", "value": "CORRECTED"})
    made = world.ask("POST /rebill/sets", body={"denials": chosen, "field": "note", "value": "CORRECTED"})
    world.ask("GET /rebill/sets/{public_id}", made["id"])
    world.ask("POST /rebill/sets/{public_id}/undo", made["id"], body={"reason": "tried"})


RECIPES |= {"POST /rebill/rules/what-if": lambda world: None, "POST /rebill/rules/end": lambda world: None}
RECIPES |= {"POST /rebill/sets/preview": lambda world: None}
RECIPES |= {f"{verb} /rebill/sets/{{public_id}}{rest}": lambda world: None
            for verb, rest in (("GET", ""), ("POST", "/undo"))}  # fmt: skip
