"""Recipes of claims on their way out."""

from datetime import timedelta

from sqlalchemy import update

from app.kernel.db import table_of
from app.kernel.work import work
from app.rebill.models import Rebill
from tests import books
from tests.app.rebill.drafts import waiting
from tests.policy.api_recipes import RECIPES, TODAY, to
from tests.policy.api_truth import World

_rebill = table_of(Rebill)


@to("POST /rebill/{public_id}/assign")
def take_a_rebill(world: World) -> None:
    """A draft of a claim, taken by somebody."""
    case = next(row for row in world.rows("GET /denials", limit="200") if row["control"] == "A1")
    made = world.ask("POST /rebill", body={"about": "denial", "id": case["id"], "kind": "replacement"})
    world.made["rebill"] = made["id"]
    name = waiting("A9")
    world.ask("POST /rebill/{public_id}/assign", name, body={"owner": "me", "version": 1})
    chosen = [{"id": name, "version": 2}]
    world.ask("POST /rebill/acts", body={"act": "assign", "owner": "nobody", "rebills": chosen})


@to("PUT /rebill/{public_id}/fields")
def correct_a_claim(world: World) -> None:
    """Tried, kept, noted, held, let go, sent to the next batch or refused with what is wrong, given up."""
    path = "/rebill/{public_id}"
    world.ask("GET /rebill/fields")
    one = world.made["rebill"]
    late = {"field": "delay_reason", "value": "11"}
    edits = [{"field": "authorization", "value": "AUTH7788"}, late]
    world.ask(f"POST {path}/preview", one, body={"edits": edits})
    version = world.ask(f"GET {path}/fields", one)["version"]
    version = world.ask(f"PUT {path}/fields", one, body={"version": version, "edits": edits})["version"]
    world.ask(f"POST {path}/notes", one, body={"text": "Authorization came by phone"})
    held = {"version": version, "reason": "records", "until": (TODAY + timedelta(9)).isoformat()}
    version = world.ask(f"POST {path}/hold", one, body=held)["version"]
    version = world.ask(f"POST {path}/lift", one, body={"version": version, "why": "it came"})["version"]
    version = world.ask(f"POST {path}/finish", one, body={"version": version})["version"]
    version = world.ask(f"POST {path}/reopen", one, body={"version": version})["version"]
    codes = {"version": version, "edits": [{"field": "procedure", "line": 1, "value": "99213"}]}
    version = world.ask(f"PUT {path}/fields", one, role="denial_specialist", body=codes)["version"]
    version = world.ask(f"POST {path}/sign", one, body={"version": version})["version"]
    world.ask(f"POST {path}/cancel", one, body={"version": version, "reason": "Billed twice"})
    claim = world.rows("GET /claims", control="A8")[0]["id"]
    lost = world.ask("POST /rebill", body={"about": "claim", "id": claim, "kind": "new"})["id"]
    with work(books.CLERK) as w:  # as its 277CA would have left it
        w.db.execute(update(_rebill).where(_rebill.c.public_id == lost).values(state="rejected"))
    world.ask(f"POST {path}/resend", lost)


RECIPES |= {
    f"POST /rebill/{{public_id}}/{verb}": lambda world: None
    for verb in ("preview", "notes", "hold", "lift", "finish", "reopen", "sign", "cancel", "resend")
}
RECIPES |= {"GET /rebill/fields": lambda world: None}
RECIPES |= {"POST /rebill/acts": lambda world: None}
