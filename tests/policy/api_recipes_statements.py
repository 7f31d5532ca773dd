"""Recipes of statements: a policy written and approved, a run planned, audited, signed and released."""

from typing import Any

from app.accounts.models import Standing
from app.kernel.db import table_of
from app.kernel.work import system, work
from app.statements import queries_policies, service_policies, service_runs
from app.statements.rules_scan import scan_line
from tests import books, era, statements
from tests.policy.api_recipes import PARENTS, RECIPES, TODAY, key, to, who
from tests.policy.api_truth import World

PARENTS["/statements/runs/{public_id}"] = ("GET /statements/runs", "id")
PARENTS["/statements/policies/{public_id}"] = ("GET /statements/policies", "id")
OTHER = system("somebody else", door="cli")
_standing = table_of(Standing)


def copays(*names: str) -> None:
    """Visits whose patients owe a copay each: two to send to, when one of them is taken out."""
    bills = [era.billed(name, "300", **who(name)) for name in names]
    owed = [era.claim(name, era.line("99214", "300", cas="CO*45*100 PR*3*40"), **who(name)) for name in names]
    books.take(era.bill(*bills), era.era(*owed, trace="COPAYS"))


def _planned(world: World, kind: str = "statements") -> Any:
    statements.letterhead(books.rows(books.ENTITY, books.ENTITY.c.public_id == world.made["entity"])[0])
    with work(OTHER) as w:
        return service_runs.plan(w, world.made["entity"], kind)


@to("POST /statements/runs")
def go_the_whole_way(world: World) -> None:
    """Planned, looked at, marked, one dropped, reopened, signed, released; and one given up."""
    statements.letterhead(world.made["clinic"])
    copays("ST1", "ST2")
    made = world.ask("POST /statements/runs", body={"entity": world.made["entity"], "kind": "statements"},
                     headers=key("run"))  # fmt: skip
    world.ask("POST /statements/runs/{public_id}/cancel", made["id"], body={"version": made["version"]})
    run = _planned(world)
    asked = {"outcome": "send"}
    items = world.ask("GET /statements/runs/{public_id}/items", run, query=asked)["rows"]
    begun = world.ask("POST /statements/runs/{public_id}/audit", run, body={"version": 1})
    for item in items:
        body = {"account": item["account"], "fine": True, "remark": "", "version": begun["version"]}
        begun = world.ask("POST /statements/runs/{public_id}/marks", run, body=body)
    body = {"accounts": [items[0]["account"]], "remark": "They called", "version": begun["version"]}
    begun = world.ask("POST /statements/runs/{public_id}/drop", run, body=body)
    again = world.ask("POST /statements/runs/{public_id}/reopen", run, body={"version": begun["version"]})
    begun = world.ask("POST /statements/runs/{public_id}/audit", run, body={"version": again["version"]})
    shown = world.ask("GET /statements/runs/{public_id}", run)
    body = {"plan_hash": shown["plan_hash"], "version": begun["version"]}
    signed = world.ask("POST /statements/runs/{public_id}/sign", run, body=body)
    sent = world.ask("POST /statements/runs/{public_id}/release", run, body={"version": signed["version"]})
    world.ask("POST /statements/runs/{public_id}/take-up", run, body={"version": sent["version"]})
    books.settle()


@to("POST /statements")
def ask_for_an_itemised_bill(world: World) -> None:
    """One account's, its row and its bytes; why it gets no bill today; its slip."""
    row = books.rows(_standing, _standing.c.visits > 0)[0]
    account = statements.public_of(row.account_id)
    made = world.ask("POST /statements", body={"account": account}, headers=key("itemised"))
    world.ask("GET /statements/{public_id}", made["id"])
    world.ask("GET /statements/{public_id}/file", made["id"])
    world.ask("GET /statements/why/{public_id}", account)
    world.ask("POST /statements/slips", body={"line": scan_line("100042", "S00000001", 4_000)})


@to("POST /statements/policies")
def write_a_policy(world: World) -> None:
    """The next version of the standard policy: changed, tried, approved by somebody else; one discarded."""
    [live, *_] = world.rows("GET /statements/policies")
    fields = ("name", "minimum", "cycle_days", "due_days", "households", "levels")
    body = {name: live[name] for name in fields}
    whole = body | {"entity": world.made["entity"]}
    made = world.ask("POST /statements/policies", body=whole)
    done = world.ask("PUT /statements/policies/{public_id}", made["id"], body=body | {"version": 1})
    world.ask("POST /statements/policies/{public_id}/what-if", made["id"], body={"kind": "statements"})
    gone = {"version": done["version"]}
    world.ask("POST /statements/policies/{public_id}/retire", made["id"], body=gone)
    with work(OTHER) as w:
        row = queries_policies.policy(w, live["id"])
        draft = service_policies.draft(w, world.made["entity"], row.plan, row.steps)
    body = {"effective_from": TODAY.isoformat(), "version": 1}
    world.ask("POST /statements/policies/{public_id}/approve", draft, body=body)


RECIPES |= {
    name: lambda world: None
    for name in (
        "GET /statements/{public_id}", "GET /statements/{public_id}/file", "GET /statements/why/{public_id}",
        "POST /statements/slips", "PUT /statements/policies/{public_id}",
        *(f"POST /statements/policies/{{public_id}}/{verb}" for verb in ("what-if", "retire", "approve")),
        *(f"POST /statements/runs/{{public_id}}/{verb}"
          for verb in ("audit", "marks", "drop", "sign", "reopen", "release", "take-up", "cancel")),
    )
}  # fmt: skip
