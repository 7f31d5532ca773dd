"""Recipes of the desk: denials, rejections, silent claims, underpayments, terms, codes, webhooks."""

from datetime import timedelta
from typing import Any

from tests import books
from tests.policy.api_recipes import DAY, RECIPES, TODAY, Recipe, key, to
from tests.policy.api_truth import World

SOON = (TODAY + timedelta(3)).isoformat()
MAY = "2026-05-01"


def case(world: World, control: str) -> Any:
    """A denial case by its claim."""
    return next(row for row in world.rows("GET /denials", limit="200") if row["control"] == control)


def on_case(name: str, control: str, *, versioned: bool = True, **body: Any) -> Recipe:
    """A request about a denial case."""

    def recipe(world: World) -> Any:
        one = case(world, control)
        version = {"version": one["version"]} if versioned else {}
        return world.ask(name, one["id"], body={**body, **version})

    return recipe


RECIPES |= {
    "POST /denials/{public_id}/assign": on_case("POST /denials/{public_id}/assign", "A1", owner="me"),
    "POST /denials/{public_id}/calls": on_case(
        "POST /denials/{public_id}/calls", "A1", versioned=False, outcome="no_answer", note="Line busy"
    ),
    "POST /denials/{public_id}/wrap": on_case(
        "POST /denials/{public_id}/wrap", "A2", result="5", follow_up="1", note="Nobody there"
    ),
    "POST /denials/set": lambda world: world.ask("POST /denials/set", body={"filters": {"state": "open"}}),
    "POST /denials/next": lambda world: world.ask("POST /denials/next", body={}),
    "POST /denials/search": lambda world: world.ask("POST /denials/search", body={"q": "doe"}),
}


@to("POST /denials/acts/{public_id}/undo")
def act_and_undo(world: World) -> None:
    """A note on a case, and the note taken back."""
    one = case(world, "A3")
    cases = [{"id": one["id"], "version": one["version"]}]
    done = world.ask("POST /denials/acts", body={"act": "triage", "cases": cases})
    world.ask("POST /denials/acts/{public_id}/undo", done["act"])


@to("POST /denials/writeoffs/{public_id}")
def write_off(world: World) -> None:
    """Asked by one, decided by another."""
    one = case(world, "A4")
    body = {"version": one["version"], "reason": "avoidable", "words": "Filed too late"}
    world.ask("POST /denials/{public_id}/writeoff", one["id"], role="denial_specialist", body=body)
    row = next(row for row in world.ask("GET /denials/writeoffs")["rows"] if row["denial"] == one["id"])
    said = {"decision": "approve", "version": row["version"], "answer": "Yes"}
    world.ask("POST /denials/writeoffs/{public_id}", row["id"], body=said)


@to("POST /denials/{public_id}/patient/back")
def ask_the_patient(world: World) -> None:
    """What was refused in group PR moves to who owes it next, and back."""
    one, path = case(world, "P1"), "POST /denials/{public_id}/patient"
    world.ask(path, one["id"], body={"version": one["version"], "reason": "Coverage had ended"})
    after = world.ask("GET /denials/{public_id}", one["id"])
    world.ask(f"{path}/back", one["id"], body={"version": after["case"]["version"], "reason": "It had not"})


RECIPES |= {
    "POST /denials/{public_id}/patient": lambda world: None,
    "POST /denials/acts": lambda world: None,
    "POST /denials/{public_id}/writeoff": lambda world: None,
}


# ---------------------------------------------------------------- answers and silence


@to("POST /claims/rejections/{public_id}/finish")
def work_a_rejection(world: World) -> None:
    """Taken, noted, called about, finished."""
    one, path = world.rows("GET /claims/rejections", state="open")[0], "POST /claims/rejections/{public_id}"
    world.ask("GET /claims/rejections/{public_id}", one["id"])
    taken = world.ask(f"{path}/assign", one["id"], body={"owner": "me", "version": one["version"]})
    world.ask(f"{path}/notes", one["id"], body={"text": "Looked at it"}, headers=key("note"))
    world.ask(f"{path}/calls", one["id"], body={"outcome": "no_answer"}, headers=key("call"))
    done = {"outcome": "sent_again", "version": taken["version"]}
    world.ask(f"{path}/finish", one["id"], body=done)


@to("POST /claims/silent/{public_id}/suppress")
def work_a_silent_claim(world: World) -> None:
    """Taken, noted, called about, tracked, put aside."""
    one, path = world.rows("GET /claims/silent")[0], "POST /claims/silent/{public_id}"
    world.ask(f"{path}/assign", one["id"], body={"owner": "me"})
    world.ask(f"{path}/notes", one["id"], body={"text": "Looked at it"}, headers=key("silent note"))
    world.ask(f"{path}/calls", one["id"], body={"outcome": "no_answer"}, headers=key("silent call"))
    one = next(row for row in world.rows("GET /claims/silent") if row["id"] == one["id"])
    tracked = world.ask(f"{path}/track", one["id"], body={"status": "called", "version": one["version"]})
    aside = {"until": SOON, "reason": "They look for it", "version": tracked["version"]}
    world.ask(f"{path}/suppress", one["id"], body=aside)


RECIPES |= {
    f"POST /claims/{what}": lambda world: None
    for what in (
        "rejections/{public_id}/assign", "rejections/{public_id}/notes", "rejections/{public_id}/calls",
        "silent/{public_id}/assign", "silent/{public_id}/notes", "silent/{public_id}/calls",
        "silent/{public_id}/track",
    )
}  # fmt: skip


# ---------------------------------------------------------------- contracts and underpayments


@to("POST /underpayments/projects")
def work_an_underpayment(world: World) -> None:
    """Taken, found to be right, put into a project."""
    rows = world.rows("GET /underpayments", state="detected", limit="200")
    one = next(row for row in rows if (row["limit_on"] or DAY) >= DAY)
    path = "POST /underpayments/{public_id}"
    taken = world.ask(f"{path}/assign", one["id"], body={"owner": "me", "version": one["version"]})
    moved = world.ask(f"{path}/move", one["id"], body={"move": "validate", "version": taken["version"]})
    cases = [{"id": one["id"], "version": moved["version"]}]
    world.ask("POST /underpayments/projects", body={"name": "Spring", "cases": cases})


@to("POST /contracts/terms/{public_id}/end")
def agree_and_end(world: World) -> None:
    """Terms of one payer, and their end."""
    body = {"entity": world.made["entity"], "payer": "EXAMPLE", "terms": {"line_tolerance": "1.00"},
            "effective_from": MAY}  # fmt: skip
    one = world.ask("POST /contracts/terms", body=body)["id"]
    world.ask("POST /contracts/terms/{public_id}/end", one, body={"on": DAY})
    books.settle()


@to("POST /contracts/schedules")
def load_fees(world: World) -> None:
    """A file of fees, looked at and loaded."""
    head = "payer_id,code_type,code,modifier,setting,allowed,effective_from,effective_to"
    content = f"{head}\nEXAMPLE,HC,99214,,nonfacility,220.00,2026-01-01,2026-12-31\n".encode()
    for preview in ("true", "false"):
        query = {"entity": world.made["entity"], "preview": preview}
        world.ask("POST /contracts/schedules", query=query, body=content,
                  media_type="application/octet-stream")  # fmt: skip
    books.settle()


RECIPES |= {
    "POST /underpayments/{public_id}/assign": lambda world: None,
    "POST /underpayments/{public_id}/move": lambda world: None,
    "POST /contracts/terms": lambda world: None,
}


# ---------------------------------------------------------------- payers, codes, playbook


@to("POST /payers/{public_id}/terms")
def change_terms(world: World) -> None:
    """Days to appeal: tried, and written."""
    one = world.rows("GET /payers")[0]["id"]
    body = {"term": "initial_filing_days", "value": "90", "effective_from": DAY}
    world.ask("POST /payers/{public_id}/terms/effect", one, body=body)
    world.ask("POST /payers/{public_id}/terms", one, body={**body, "reason": "Their new manual"})


@to("POST /payers/{public_id}/records")
def one_payer(world: World) -> None:
    """Two records found to be one payer, and parted again."""
    rows = {row["name"]: row["id"] for row in world.rows("GET /payers", limit="200")}
    body = {"other": rows["SISTER PLAN"]}
    world.ask("POST /payers/{public_id}/records", rows["EXAMPLE HEALTH PLAN"], body=body)
    world.ask("DELETE /payers/{public_id}/alias", rows["SISTER PLAN"])


@to("POST /codes/{list_name}/{code}")
def read_a_code_differently(world: World) -> None:
    """A code whose category is ours from today on."""
    body = {"entity": world.made["entity"], "attributes": {"category": "coding"}, "effective_from": DAY,
            "reason": "As we read it"}  # fmt: skip
    world.ask("POST /codes/{list_name}/{code}", "carc", "16", body=body)


@to("POST /playbook")
def change_the_playbook(world: World) -> None:
    """A row tried, and written."""
    row = {"carc": "197", "category": "authorization", "entity": world.made["entity"]}
    world.ask("POST /playbook/what-if", body=row)
    world.ask("POST /playbook", body={**row, "effective_from": DAY, "reason": "As we read it"})


RECIPES |= {
    "POST /payers/{public_id}/terms/effect": lambda world: None,
    "DELETE /payers/{public_id}/alias": lambda world: None,
    "POST /playbook/what-if": lambda world: None,
    "GET /codes/{list_name}/{code}": lambda world: world.ask("GET /codes/{list_name}/{code}", "carc", "16"),
    "GET /reports/{name}": lambda world: world.ask("GET /reports/{name}", "ageing"),
    "GET /reports/{name}/rows": lambda world: world.ask("GET /reports/{name}/rows", "ageing"),
    "POST /patients/search": lambda world: world.ask("POST /patients/search", body={"q": "doe"}),
}


# ---------------------------------------------------------------- people and other programs


@to("POST /day/hand-over")
def hand_over(world: World) -> None:
    """Work from one person to another."""
    ends = {name: world.ask("GET /me", role=role)["id"] for name, role in
            (("from", "supervisor"), ("to", "denial_specialist"))}  # fmt: skip
    world.ask("POST /day/hand-over", body={"queue": "denials", "most": 1, **ends})


@to("POST /deliveries/{public_id}/replays")
def hear_again(world: World) -> None:
    """A message that was delivered, delivered again."""
    books.settle()
    one = world.rows("GET /deliveries", state="delivered")[0]
    world.ask("POST /deliveries/{public_id}/replays", one["id"])


@to("PUT /hooks/{public_id}")
def pause(world: World) -> None:
    """A receiver that is not told for a while."""
    one = world.ask("GET /hooks/{public_id}", world.made["hook"])
    body = {"url": one["url"], "kinds": ["*"], "active": False, "version": one["version"]}
    world.ask("PUT /hooks/{public_id}", one["id"], body=body)


RECIPES |= {"POST /hooks": lambda world: None}


# ---------------------------------------------------------------- what the second wave brought


@to("POST /payers/{public_id}/class")
def another_class(world: World) -> None:
    """What kind of payer it is: tried, and written."""
    one = next(row for row in world.rows("GET /payers", limit="200") if row["name"] == "SISTER PLAN")["id"]
    world.ask("POST /payers/{public_id}/class/effect", one, body={"class": "medicaid"})
    seen = world.ask("GET /payers/{public_id}", one)
    body = {"class": "medicaid", "reason": "Read their contract", "version": seen["version"]}
    world.ask("POST /payers/{public_id}/class", one, body=body)


@to("POST /playbook/end")
def end_a_row(world: World) -> None:
    """A row of ours that is withdrawn."""
    rows = world.ask("GET /playbook", query={"entity": world.made["entity"]})["rows"]
    row = next(row for row in rows if row["effective_from"] == DAY)
    match = {name: row["row"][name] for name in ("payer", "group", "carc", "rarc") if row["row"].get(name)}
    body = {"entity": world.made["entity"], "match": match, "effective_from": DAY, "reason": "Not needed"}
    world.ask("POST /playbook/end", body=body)


@to("POST /underpayments/acts/{public_id}/undo")
def act_on_underpayments(world: World) -> None:
    """One act over several and its undoing; a note and a call about one."""
    one = world.rows("GET /underpayments", state="detected")[0]
    cases = [{"id": one["id"], "version": one["version"]}]
    done = world.ask("POST /underpayments/acts", body={"act": "validate", "cases": cases})
    world.ask("POST /underpayments/acts/{public_id}/undo", done["act"])
    world.ask("POST /underpayments/{public_id}/notes", one["id"], body={"text": "Looked at it"})
    world.ask("POST /underpayments/{public_id}/calls", one["id"], body={"outcome": "no_answer"})


@to("POST /denials/limits")
def change_a_limit(world: World) -> None:
    """A limit of another role, from today on."""
    body = {"entity": world.made["entity"], "name": "writeoff_cents", "role": "clerk", "amount": 2_500,
            "since": DAY, "reason": "Less for newcomers"}  # fmt: skip
    world.ask("POST /denials/limits", body=body)


RECIPES |= {
    name: lambda world: None
    for name in (
        "POST /payers/{public_id}/class/effect",
        "POST /underpayments/acts",
        "POST /underpayments/{public_id}/notes",
        "POST /underpayments/{public_id}/calls",
    )
}
