"""Recipes of receivers and batches: a server that loses an answer, and a file a person carries."""

import tempfile
from pathlib import Path
from typing import Any

from app.kernel.work import reading, system
from app.rebill import queries_receivers
from tests import batches, books, sftp
from tests.policy.api_recipes import PARENTS, RECIPES, TODAY, key, to
from tests.policy.api_truth import World

ONE, BATCH = "/rebill/receivers/{public_id}", "/rebill/batches/{public_id}"
PARENTS |= {ONE: ("GET /rebill/receivers", "id"), BATCH: ("GET /rebill/batches", "id")}


def waiting(world: World) -> dict[str, Any]:
    """What is ready for one receiver."""
    rows = world.ask("GET /rebill/ready")["rows"]
    return dict(next(row for row in rows if row["claims"] and row["receiver"]))


def released(world: World, receiver: str, name: str) -> Any:
    """A batch of one claim that is ready for this receiver."""
    rows = world.ask("GET /rebill/ready")["rows"]
    claim = next(row for row in rows if row["receiver"] == receiver)["sample"][0]["id"]
    body = {"receiver": receiver, "rebills": [claim]}
    return world.ask("POST /rebill/batches", body=body, headers=key(name))


@to("POST /rebill/batches")
def release_by_server(world: World) -> None:
    """A server named, its key compared, tried; a batch whose answer is lost, found missing, cancelled."""
    batches.ready("SEND1", "SEND2", "SEND3")
    entity = waiting(world)["entity"]
    with tempfile.TemporaryDirectory() as folder, sftp.server(Path(folder)) as at:
        facts = {**batches.FACTS, "how": "sftp", "host": at.host, "port": at.port, "username": at.login}
        facts |= {"place": "/in", "secret": at.password}
        made = world.ask("POST /rebill/receivers", body={**facts, "entity": entity})
        one = made["id"]
        shown = world.ask(f"POST {ONE}/key/look", one)
        key_body = {"host_key": shown["host_key"], "version": made["version"]}
        version = world.ask(f"PUT {ONE}/key", one, body=key_body)["version"]
        assert world.ask(f"POST {ONE}/try", one)["works"]
        version = world.ask(f"PUT {ONE}", one, body={**facts, "version": version})["version"]
        with reading(system("tests")) as w:
            payer = queries_receivers.payer_choices(w, queries_receivers.receiver(w, one).entity_id)[0][0]
        route = {"payer": payer, "day": TODAY.isoformat(), "version": version}
        version = world.ask(f"POST {ONE}/routes", one, body=route)["version"]
        at.behave(sftp.Manner.CUT_BEFORE_RENAME)
        lost = released(world, one, "lost")["id"]
        books.settle()
    known = {"arrived": False, "words": "Not on their list"}
    version = world.ask(f"GET {BATCH}", lost)["version"]
    done = world.ask(f"POST {BATCH}/settle", lost, body={**known, "version": version})
    done = world.ask(f"POST {BATCH}/retry", lost, body={"version": done["version"]})
    world.ask(f"POST {BATCH}/cancel", lost, body={"words": "By hand instead", "version": done["version"]})
    off = {"active": False, "version": world.ask(f"GET {ONE}", one)["version"]}
    world.ask(f"POST {ONE}/switch", one, body=off)
    release_by_hand(world, entity)


def release_by_hand(world: World, entity: str) -> None:
    """A receiver by download: its file is taken, fetched and uploaded."""
    facts = {**batches.FACTS, "how": "download", "place": "", "entity": entity}
    made = world.ask("POST /rebill/receivers", body=facts)["id"]
    batch = released(world, made, "by hand")
    taken = world.ask(f"POST {BATCH}/take", batch["id"], body={"version": batch["version"]})
    world.ask(f"GET {BATCH}/file", batch["id"])
    known = {"arrived": True, "words": "Receipt 4711", "version": taken["version"]}
    world.ask(f"POST {BATCH}/confirm", batch["id"], body=known)
    books.settle()


def _reached(world: World) -> None:
    """By the recipe of the release."""


RECIPES |= {f"POST {BATCH}/{verb}": _reached for verb in ("take", "confirm", "settle", "cancel", "retry")}
RECIPES |= {f"POST {ONE}/{verb}": _reached for verb in ("switch", "key/look", "try", "routes")}
RECIPES |= dict.fromkeys(("POST /rebill/receivers", f"PUT {ONE}", f"PUT {ONE}/key"), _reached)
