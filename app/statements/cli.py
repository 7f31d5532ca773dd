"""`statements`: plan a run, see what runs are there, release a signed one and make its documents here."""

from typing import Any

import click

from app.access.cli import shell
from app.entities import queries as entities
from app.kernel import migrate
from app.kernel.errors import Refused
from app.kernel.output import Output
from app.kernel.paging import Ask
from app.kernel.settings import refuse_unsafe, settings
from app.kernel.work import reading, work
from app.statements import queries, service_release, service_runs
from app.statements.lifecycle import RunKind
from app.worker import run_until_idle

RANKS = 8
LISTED = 50


@click.group("statements")
def statements() -> None:
    """Statements and letters: runs planned, looked at, released."""


_quiet = click.option("--json", is_flag=True, hidden=True, expose_value=False)
_kind = click.option("--letters", is_flag=True, help="Letters instead of statements.")


def _ready() -> None:
    refuse_unsafe(settings())
    if not migrate.is_current(settings().database_url):
        raise Refused("There is no database yet. Import a file, or run `db upgrade`.", code="no_database")


@statements.command("plan")
@click.argument("entity", required=False)
@_kind
@_quiet
@click.pass_obj
def plan(out: Output, entity: str | None, letters: bool) -> None:
    """Plan a run for ENTITY (its id), or for the only practice there is; nothing is sent."""
    _ready()
    kind = RunKind.LETTERS if letters else RunKind.STATEMENTS
    with work(shell()) as w:
        chosen = entity or _only(w)
        made = service_runs.plan(w, chosen, kind.value)
    _tell(out, made)


def _only(w: Any) -> str:
    known = entities.practices(w)
    if len(known) != 1:
        raise Refused("Name the practice by its id.", code="entity_missing", field="entity")
    return known[0].public_id


@statements.command("list")
@_quiet
@click.pass_obj
def list_(out: Output) -> None:
    """The newest runs, with what they send and where they stand."""
    _ready()
    with reading(shell()) as w:
        rows = [_run(row) for row in queries.runs(w, Ask("planned", True, limit=LISTED)).rows]
    if out.json:
        out.tell(rows)
        return
    for row in rows:
        click.echo(f"{row['run']}  {row['kind']:10} {row['day']}  {row['state']:9} {row['sending']:>7} of "
                   f"{row['looked']:>7}  {row['amount']:>14}")  # fmt: skip
    if not rows:
        click.echo("No run was planned yet.")


@statements.command("release")
@click.argument("run")
@_quiet
@click.pass_obj
def release(out: Output, run: str) -> None:
    """Release the signed RUN (its id) and make its documents here and now."""
    _ready()
    with work(shell()) as w:
        service_release.release(w, run, queries.run(w, run).version)
    run_until_idle(up_to_rank=RANKS)
    _tell(out, run)


def _tell(out: Output, public: str) -> None:
    with reading(shell()) as w:
        row = queries.run(w, public)
        told = _run(row) | {"reasons": [_sum(one) for one in queries.totals(w, row)]}
    if out.json:
        out.tell(told)
        return
    click.echo(
        f"{told['run']}  {told['kind']}  {told['state']}  {told['sending']} documents {told['amount']}"
    )
    for one in told["reasons"]:
        click.echo(f"  {one['accounts']:>8}  {one['outcome']:8} {one['reason']:20} {one['words']}")


def _run(row: queries.RunRow) -> dict[str, Any]:
    facts = ("kind", "state", "looked", "sending", "skipped", "dropped", "made", "plan_hash")
    day = {"run": row.public_id, "day": row.day.isoformat(), "amount": str(row.amount)}
    return day | {name: getattr(row, name) for name in facts}


def _sum(one: queries.Sum) -> dict[str, Any]:
    return {"outcome": one.outcome, "reason": one.reason, "words": one.words, "accounts": one.accounts,
            "amount": str(one.amount)}  # fmt: skip
