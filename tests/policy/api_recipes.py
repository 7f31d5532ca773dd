"""What has to be there, and what has to be sent, for each operation of the API to succeed: a recipe an
operation, in the order they are run.

A read without a recipe is asked plainly, with ids its parent list shows (`PARENTS`). A new operation that
has neither a parent nor a recipe fails the test of truth.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.claims import service_daily
from app.intake import service_replies
from app.kernel.clock import now
from app.kernel.work import work
from app.worker import run_one
from tests import books, eobs, era
from tests.answers import report
from tests.app.hooks.test_webhooks import Receiver
from tests.app.remits.test_keyed import grid
from tests.policy.api_truth import World
from tests.policy.visitors import PASSWORD, add

Recipe = Callable[[World], Any]
RECIPES: dict[str, Recipe] = {}
PARENTS: dict[str, tuple[str, str]] = {
    "/hooks/{public_id}": ("GET /hooks", "id"),
    "/payers/{public_id}": ("GET /payers", "id"),
    "/patients/{public_id}": ("GET /patients", "id"),
    "/ledger/batches/{public_id}": ("GET /ledger/batches", "id"),
    "/files/{public_id}": ("GET /files", "file"),
    "/transactions/{public_id}": ("GET /files", "transaction"),
    "/claims/{public_id}": ("GET /claims", "id"),
    "/claims/rejections/{public_id}": ("GET /claims/rejections", "id"),
    "/claims/silent/{public_id}": ("GET /claims/silent", "id"),
    "/contracts/schedules/{public_id}": ("GET /contracts/schedules", "id"),
    "/contracts/terms/{public_id}": ("GET /contracts/terms", "id"),
    "/remits/{public_id}": ("GET /remits", "id"),
    "/remit-claims/{public_id}": ("GET /exceptions", "remit_claim"),
    "/keyed-batches/{public_id}": ("GET /keyed-batches", "id"),
    "/denials/{public_id}": ("GET /denials", "id"),
    "/denials/writeoffs/{public_id}": ("GET /denials/writeoffs", "id"),
    "/underpayments/{public_id}": ("GET /underpayments", "id"),
    "/deliveries/{public_id}": ("GET /deliveries", "id"),
    "/rebill/{public_id}": ("GET /rebill", "id"),
}
"""The longest of these a path begins with says whose list shows the id in its first braces."""


def who(control: str) -> dict[str, Any]:
    """A patient for each claim: the same work on the same day for the same one would be a duplicate."""
    return {"member": f"M{control}", "patient": f"DOE*{control}"}


BILLED = era.bill(
    *(era.billed(f"A{one}", "99214 300", "93000 100", **who(f"A{one}")) for one in range(1, 10))
)
SHARE = era.claim("P1", era.line("99214", "300", "0", "PR*96*300"), status="1", **who("P1"))
SISTER = era.bill(
    era.billed("B1", "90", second=era.Cover("SISTER PLAN", "SIS01"), **who("B1")),
    era.billed("P1", "99214 300", **who("P1")),
)
TODAY = now().date()
DAY = TODAY.isoformat()


def parent(name: str) -> tuple[str, str] | None:
    """The list, and its column, that shows ids for an operation; None when nobody said."""
    path = name.partition(" ")[2]
    fits = [one for one in PARENTS if path.startswith(one)]
    return PARENTS[max(fits, key=len)] if fits else None


def to(name: str) -> Callable[[Recipe], Recipe]:
    """Name the operation a recipe reaches."""

    def keep(recipe: Recipe) -> Recipe:
        RECIPES[name] = recipe
        return recipe

    return keep


def key(name: str) -> dict[str, str]:
    """A key that is used for one request only."""
    return {"Idempotency-Key": f"recipe {name}"}


@contextmanager
def small_states(world: World) -> Iterator[None]:
    """A clinic of its own beside the example world, with one of each thing that waits for somebody."""
    clinic = books.practice("Example Clinic")
    world.made |= {"clinic": clinic, "entity": clinic.public_id, "receiver": Receiver()}
    hook = {"entity": clinic.public_id, "url": world.made["receiver"].url, "kinds": ["*"]}
    world.made["hook"] = world.ask("POST /hooks", body=hook)["id"]
    offered, *_ = books.take(BILLED, late_bill(), SISTER)
    world.made["answered"] = offered.public_id
    books.take(*(parked(name) for name in ("link", "split", "nobody")))
    books.take(
        era.era(era.claim("A9", era.line("99214", "300", "15", "CO*45*8"), **who("A9")), trace="UNEVEN")
    )
    books.take(*(refused(f"A{number}") for number in (1, 2, 3, 4)))
    books.take(era.era(SHARE, trace="SHARE"))
    for name in ("release", "replay", "seen release", "seen replay"):
        books.offer(held(name), f"{name}.edi")
    for control in ("A5", "A6"):
        books.offer(paid(control), f"{control}.edi")
    books.take(report("S2 A7:562:85", day=(TODAY - timedelta(50)).strftime("%Y%m%d")))
    with work(books.CLERK) as w:
        service_daily.every_day(w, clinic.id)
        service_replies.make(w, offered.file_no)
    books.settle()
    stage_only(paid("A7"))
    try:
        yield
    finally:
        world.made["receiver"].server.shutdown()
        world.made["receiver"].server.server_close()


def late_bill() -> bytes:
    """Claims nobody answered for a long time."""
    made = TODAY - timedelta(60)
    day = made.strftime("%Y%m%d")
    claims = [era.billed(f"S{one}", "99213 100", **who(f"S{one}")) for one in range(1, 4)]
    content = era.bill(*claims, dress=replace(era.PLAIN, control=4711, day=day))
    return content.replace(b"20251220*0615", f"{day}*0615".encode())


def parked(name: str) -> bytes:
    """A payment for a claim nobody billed."""
    return era.era(era.claim(f"Z{name}", era.line("93000", "100")), trace=f"PARKED {name}")


def refused(control: str, group: str = "CO", carc: str = "197") -> bytes:
    """A claim refused."""
    lines = (
        era.line("99214", "300", "0", f"{group}*{carc}*300"),
        era.line("93000", "100", "0", f"{group}*{carc}*100"),
    )
    return era.era(era.claim(control, *lines, **who(control)), trace=f"REFUSED {control}")


def paid(control: str) -> bytes:
    """A claim paid."""
    lines = era.line("99214", "300", "220", "CO*45*80"), era.line("93000", "100", "100")
    return era.era(era.claim(control, *lines, **who(control)), trace=f"PAID {control}")


def held(name: str) -> bytes:
    """A payment whose sender counted its segments wrongly."""
    content = era.era(era.claim(f"H{name}", era.line("93000", "100")), trace=f"{name}")
    return re.sub(rb"SE\*\d+", b"SE*99", content)


def stage_only(content: bytes) -> None:
    """Offer a payment that is read and not yet posted."""
    books.offer(content, "staged.edi")
    while (job := books.next_job()) is not None:
        if next(row.kind for row in books.rows(books._job, books._job.c.id == job)) != "stage_file":
            break
        run_one(job)


def file_row(world: World, name: str) -> Any:
    """The transaction in the file with this name."""
    rows = world.rows("GET /files", kind="835", limit="200")
    return next(row for row in rows if row["name"] == f"{name}.edi")


def decide(name: str, file: str) -> Recipe:
    """A decision about a transaction."""

    def recipe(world: World) -> None:
        row = file_row(world, file)
        body = {"reason": "It is right as it is.", "version": row["version"]}
        world.ask(name, row["transaction"], body=body, headers=key(name))

    return recipe


def commit(doing: str, file: str) -> Recipe:
    """A decision that was looked at first."""

    def recipe(world: World) -> None:
        one = file_row(world, file)["transaction"]
        seen = world.ask("GET /transactions/{public_id}/preview", one, query={"doing": doing})
        body = {"plan": seen["seal"], "reason": "It is right as it is."}
        name = f"POST /transactions/{{public_id}}/commit/{doing}"
        world.ask(name, one, body=body, headers=key(name))

    return recipe


RECIPES |= {
    "GET /transactions/{public_id}/preview": commit("post", "staged"),
    "POST /transactions/{public_id}/commit/post": lambda world: None,
    "POST /transactions/{public_id}/commit/release": commit("release", "seen release"),
    "POST /transactions/{public_id}/commit/replay": commit("replay", "seen replay"),
    "POST /transactions/{public_id}/commit/undo": commit("undo", "A6"),
    "POST /transactions/{public_id}/release": decide("POST /transactions/{public_id}/release", "release"),
    "POST /transactions/{public_id}/replay": decide("POST /transactions/{public_id}/replay", "replay"),
    "POST /transactions/{public_id}/undo": decide("POST /transactions/{public_id}/undo", "A5"),
}


# ---------------------------------------------------------------- coming in, and going


@to("POST /token/refresh")
def tokens(world: World) -> None:
    """A pair of tokens, and the next pair."""
    add("comes-and-goes", "auditor")
    pair = world.ask("POST /token", body={"login": "comes-and-goes", "password": PASSWORD})
    world.ask("POST /token/refresh", body={"refresh": pair["refresh"]})


@to("DELETE /token")
def leave(world: World) -> None:
    """Somebody who leaves, by both doors out."""
    world.people["leaves"] = add("leaves", "auditor")
    other = next(one["id"] for one in world.ask("GET /me/sessions", role="leaves") if not one["here"])
    world.ask("DELETE /me/sessions/{session_id}", other, role="leaves")
    world.ask("DELETE /token", role="leaves")


RECIPES |= {"POST /token": lambda world: None, "DELETE /me/sessions/{session_id}": lambda world: None}


# ---------------------------------------------------------------- files and payments


@to("POST /files")
def send_a_file(world: World) -> None:
    """A file as a form, twice: the second time it changes nothing."""
    body = {"file": era.bill(era.billed("F1", "99213 100"))}
    world.ask("POST /files", body=body, media_type="multipart/form-data", status=201)
    world.ask("POST /files", body=body, media_type="multipart/form-data", status=200)
    books.settle()


@to("POST /intake/eob")
def send_an_eob(world: World) -> None:
    """An EOB as FHIR."""
    body = json.loads(eobs.written(eobs.golden("A8")))
    world.ask("POST /intake/eob", body=body, media_type="application/fhir+json")


@to("GET /files/{public_id}/acknowledgements/{reply_id}")
def our_answer(world: World) -> None:
    """Our own 999 about a file."""
    one = world.made["answered"]
    reply = world.ask("GET /files/{public_id}/acknowledgements", one)["rows"][0]["id"]
    world.ask("GET /files/{public_id}/acknowledgements/{reply_id}", one, reply)


def waiting(world: World, control: str) -> Any:
    """A parked claim, whole, by the control number its payer gave."""
    row = next(row for row in world.rows("GET /exceptions", limit="200") if row["control"] == control)
    return world.ask("GET /remit-claims/{public_id}", row["remit_claim"])


def claim_id(world: World, control: str) -> str:
    """A claim of ours."""
    return str(world.rows("GET /claims", control=control)[0]["id"])


def settle_claim(act: str, control: str, **body: Any) -> Recipe:
    """One way to settle a parked claim."""

    def recipe(world: World) -> None:
        name, one = f"POST /remit-claims/{{public_id}}/{act}", waiting(world, control)
        said = {what: of(world) if callable(of) else of for what, of in body.items()}
        world.ask(name, one["id"], body={**said, "version": one["version"]}, headers=key(name))

    return recipe


RECIPES |= {
    "POST /remit-claims/{public_id}/link": settle_claim(
        "link", "Zlink", claim=lambda world: claim_id(world, "A8")
    ),
    "POST /remit-claims/{public_id}/split": settle_claim("split", "Zsplit", parts=lambda world: [
        {"claim": claim_id(world, "A8"), "amount": "60.00"},
        {"claim": claim_id(world, "A9"), "amount": "40.00"},
    ]),
    "POST /remit-claims/{public_id}/accept": settle_claim("accept", "A9", reason="They say so"),
    "POST /remit-claims/{public_id}/not-ours": settle_claim("not-ours", "Znobody", reason="Not ours"),
}  # fmt: skip


@to("POST /keyed-batches/{public_id}/submit")
def key_a_batch(world: World) -> None:
    """A paper EOB typed in; above the limit it goes to a second person."""
    for control, amount in (("K1", "180.00"), ("K2", "90000.00")):
        body = grid(trace=control, amount=amount, control_claims="1", control_total=amount)
        body["claims"] = body["claims"][:1]
        body["claims"][0]["control"] = control
        line = {"charge": amount, "paid": amount, "cas": [], "allowed": ""}
        body["claims"][0]["lines"][0] |= line
        one = world.ask("POST /keyed-batches", role="clerk", body={"entity": world.made["entity"]})["id"]
        kept = world.ask("PUT /keyed-batches/{public_id}", one, role="clerk",
                         body={"version": 1, "body": body})  # fmt: skip
        name, batch = "POST /keyed-batches/{public_id}/submit", {"version": kept["version"]}
        decided = world.ask(name, one, role="clerk", body=batch, headers=key(control))
    assert decided["state"] == "waiting", decided
    batch = {"version": world.ask("GET /keyed-batches/{public_id}", one)["version"]}
    totals = {"trace": "K2", "amount": amount, "claims": "1", "paid": amount, "share": "0"}
    world.ask("POST /keyed-batches/{public_id}/second", one, body=batch | totals, headers=key("second"))
    books.settle()


RECIPES |= {
    name: lambda world: None
    for name in (
        "POST /keyed-batches", "PUT /keyed-batches/{public_id}", "POST /keyed-batches/{public_id}/second",
    )
}  # fmt: skip
