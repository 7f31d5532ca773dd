"""`rebill`: what is ready, release it, send it here and now; the receivers."""

from typing import Any

import click

from app.access.cli import shell
from app.entities import queries as entities
from app.kernel import migrate
from app.kernel.errors import Refused
from app.kernel.output import Output
from app.kernel.settings import refuse_unsafe, settings
from app.kernel.work import reading, work
from app.rebill import queries_batches, queries_receivers, service_batches, service_ready
from app.worker import run_until_idle

POSTING_RANKS = 8


@click.group("rebill")
def rebill() -> None:
    """Claims on their way out: what is ready, batches, receivers."""


_quiet = click.option("--json", is_flag=True, hidden=True, expose_value=False)


def _ready() -> None:
    refuse_unsafe(settings())
    if not migrate.is_current(settings().database_url):
        raise Refused("There is no database yet. Import a file, or run `db upgrade`.", code="no_database")


@rebill.command("list")
@_quiet
@click.pass_obj
def list_(out: Output) -> None:
    """What is ready for each receiver, and what stays behind."""
    _ready()
    with reading(shell()) as w:
        groups = [
            (one, group) for one in entities.practices(w) for group in service_ready.ready_for(w, one.id)
        ]
        rows = [_group(one.name, group) for one, group in groups]
    if out.json:
        out.tell(rows)
        return
    for row in rows:
        click.echo(
            f"{row['receiver'] or '-':20}  {row['name']:30}  {row['claims']:>6} claims {row['charge']:>14}"
            f"  {row['blocked']:>5} stay behind"
        )


def _group(practice: str, group: service_ready.Group) -> dict[str, Any]:
    named = group.receiver
    return {
        "receiver": named.public_id if named else "",
        "name": named.name if named else "no receiver takes these",
        "practice": practice,
        "claims": group.claims,
        "charge": str(group.charge),
        "blocked": len(group.blocked),
        "reasons": sorted({one.reasons[0].words for one in group.blocked}),
    }


@rebill.command("release")
@click.argument("receiver", required=False)
@_quiet
@click.pass_obj
def release(out: Output, receiver: str | None) -> None:
    """Release one file for a RECEIVER (its id), or for every receiver something is ready for."""
    _ready()
    made = []
    for one in [receiver] if receiver else _waiting():
        with work(shell()) as w:
            made.append(service_batches.release(w, one))
    if not made:
        raise Refused("Nothing is ready.", code="nothing_to_send")
    _tell(out, made)


def _waiting() -> list[str]:
    with reading(shell()) as w:
        groups = [group for one in entities.practices(w) for group in service_ready.ready_for(w, one.id)]
    return [one.receiver.public_id for one in groups if one.receiver and one.going]


@rebill.command("send")
@click.argument("batch", required=False)
@_quiet
@click.pass_obj
def send(out: Output, batch: str | None) -> None:
    """Hand over what is released, here and now, and say what became of it; BATCH: only tell of this one."""
    _ready()
    with reading(shell()) as w:
        w.may("rebill.release")
        waiting = [batch] if batch else queries_batches.released(w)
        for one in waiting:
            queries_batches.batch(w, one)
    run_until_idle(up_to_rank=POSTING_RANKS)
    _tell(out, waiting)


def _tell(out: Output, publics: list[str]) -> None:
    with reading(shell()) as w:
        rows = [queries_batches.batch(w, one) for one in publics]
    if out.json:
        out.tell([_batch(row) for row in rows])
        return
    for row in rows:
        name = f"{row.public_id}  {row.file_name}"
        click.echo(f"{name}  {row.claims} claims {row.charge}  {row.state}  {row.proof}".rstrip())
    if not rows:
        click.echo("Nothing waits to be sent.")


def _batch(row: queries_batches.BatchRow) -> dict[str, Any]:
    facts = ("receiver_name", "interchange", "claims", "state", "file_name", "sha256", "proof")
    return {"batch": row.public_id, "charge": str(row.charge)} | {name: getattr(row, name) for name in facts}


@rebill.command("receivers")
@_quiet
@click.pass_obj
def receivers(out: Output) -> None:
    """Every receiver: where it is, its next file number, what is missing."""
    _ready()
    with reading(shell()) as w:
        rows = queries_receivers.receivers(w)
    facts = (
        "public_id", "entity_name", "name", "how", "receiver", "is_default", "active", "next_interchange",
        "missing",
    )  # fmt: skip
    if out.json:
        out.tell([{name: getattr(row, name) for name in facts} for row in rows])
        return
    for row in rows:
        state = ("default" if row.is_default else "active") if row.active else "off"
        number = f"next {row.next_interchange:09d}"
        click.echo(f"{row.public_id}  {row.name:30} {row.how:9} {state:8} {number}  {row.missing}".rstrip())
