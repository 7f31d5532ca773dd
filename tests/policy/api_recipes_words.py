"""Recipes of what leaves the house: documents looked at before they go, print batches, e-mails, words."""

from sqlalchemy import insert

from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.ids import public_id
from app.kernel.work import system, work
from app.statements import service_editions, service_runs, translate_letters
from app.statements.models import StatementEmail
from tests import books, statements
from tests.policy.api_recipes import PARENTS, RECIPES, TODAY, to
from tests.policy.api_truth import World
from tests.statements import RUN, STATEMENT

PARENTS["/statements/{public_id}"] = ("GET /statements", "id")
PARENTS["/statements/print/{public_id}"] = ("GET /statements/print", "id")
PARENTS["/letters/editions/{public_id}"] = ("GET /letters/editions", "id")
OTHER = system("somebody else", door="cli")


@to("GET /statements/runs/{public_id}/preview/{account}")
def look_before_it_goes(world: World) -> None:
    """A run planned and given up, one of its documents looked at."""
    for row in books.rows(RUN, RUN.c.state.in_(service_runs.OPEN[:3])):
        with work(OTHER) as w:
            service_runs.cancel(w, row.public_id, row.version)
    with work(OTHER) as w:
        run = service_runs.plan(w, world.made["entity"], "statements")
    [first, *_] = [one for one in statements.items(run) if one.outcome == "send"]
    account = statements.public_of(first.account_id)
    world.ask("GET /statements/runs/{public_id}/preview/{account}", run, account)
    with work(OTHER) as w:
        service_runs.cancel(w, run, statements.run(run).version)


@to("GET /statements/print/{public_id}/{part}")
def hand_over(world: World) -> None:
    """The files of a print batch, and its vendor has it."""
    [batch, *_] = world.rows("GET /statements/print")
    for part in ("pdf", "json", "csv"):
        world.ask("GET /statements/print/{public_id}/{part}", batch["id"], part)
    body = {"to": "portal", "version": batch["version"]}
    world.ask("POST /statements/print/{public_id}/hand", batch["id"], body=body)


@to("POST /statements/emails/{public_id}/decide")
def decide_what_became_of_an_email(world: World) -> None:
    """One whose server went silent."""
    row, name = books.rows(STATEMENT)[0], public_id()
    values = dict(
        public_id=name, entity_id=row.entity_id, account_id=row.account_id, statement_id=row.id,
        contact_point_id=0, state="unknown", message_id="<a@b>", answer="", tries=1, queued_at=now(),
        sent_at=None, version=1,
    )  # fmt: skip
    with work(OTHER) as w:
        email = table_of(StatementEmail)
        w.db.execute(insert(email).values(id=w.numbers("statement_email"), **values))
    world.ask("GET /statements/emails")
    world.ask("POST /statements/emails/{public_id}/decide", name, body={"arrived": True, "version": 1})


@to("POST /letters/editions")
def write_words(world: World) -> None:
    """Words checked, drafted, changed, looked at, discarded; others approved."""
    text = translate_letters.shipped("receipt", "en")
    said = {"letter": "receipt", "language": "en", "words": text}
    world.ask("POST /letters/check", body=said)
    made = world.ask("POST /letters/editions", body=said | {"entity": world.made["entity"]})
    body = {"words": text + "\n", "version": made["version"]}
    done = world.ask("PUT /letters/editions/{public_id}", made["id"], body=body)
    world.ask("GET /letters/editions/{public_id}/preview", made["id"])
    world.ask("POST /letters/editions/{public_id}/retire", made["id"], body={"version": done["version"]})
    with work(OTHER) as w:
        words = translate_letters.shipped("receipt", "es")
        other = service_editions.draft(w, world.made["entity"], "receipt", "es", words)
    body = {"effective_from": TODAY.isoformat(), "version": 1}
    world.ask("POST /letters/editions/{public_id}/approve", other, body=body)


RECIPES |= {
    name: lambda world: None
    for name in (
        "POST /statements/print/{public_id}/hand", "POST /letters/check", "PUT /letters/editions/{public_id}",
        "GET /letters/editions/{public_id}/preview", "POST /letters/editions/{public_id}/approve",
        "POST /letters/editions/{public_id}/retire",
    )
}  # fmt: skip
