"""The `reclaim` command: every capability's commands, and those that run the installation.

Exit codes: 0 done, 1 refused or broken, 2 wrong use. `--json` anywhere prints a JSON document, not words.
"""

import json
import os
import sys
from typing import Any

import click

from app import supervisor
from app.access.cli import user
from app.flows import demo as demo_flow
from app.flows.cli import export, import_, trace, verify
from app.flows.cli_contracts import contracts
from app.flows.cli_people import guarantors
from app.flows.demo import Welcome
from app.kernel import logs, migrate
from app.kernel.errors import Broken, Refused, Unavailable
from app.kernel.output import Output
from app.kernel.settings import refuse_unsafe, settings
from app.rebill.cli import rebill
from app.statements.cli import statements


class Group(click.Group):
    """The command group: a refusal is one sentence and exit code 1, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; turn what a rule refused into words."""
        try:
            return super().invoke(ctx)
        except (Refused, Unavailable, Broken) as problem:
            if ctx.obj is not None and ctx.obj.json:
                code = getattr(problem, "code", "unavailable")
                click.echo(json.dumps({"error": {"code": code, "message": str(problem)}}))
            else:
                click.echo(str(problem), err=True)
            ctx.exit(1)


@click.group(cls=Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of words.")
@click.pass_context
def main(ctx: click.Context, as_json: bool) -> None:
    """Reclaim: every cent from the payer's file to the ledger, and the work that follows."""
    ctx.obj = Output(as_json or "--json" in sys.argv[1:])
    if ctx.invoked_subcommand is None:
        ctx.invoke(serve)


@main.command()
@click.option("--json", is_flag=True, hidden=True, expose_value=False)
def serve() -> None:
    """Start web, worker and schedule; on an empty demo installation, fill it with the example world first."""
    chosen = settings()
    refuse_unsafe(chosen)
    first = chosen.mode == "demo" and not migrate.is_current(chosen.database_url)
    migrate.upgrade(chosen.database_url)
    if first:
        _welcome(demo_flow.prepare(months=True))
    logs.configure()
    sys.exit(supervisor.run(chosen))


def _welcome(welcome: Welcome) -> None:
    click.echo("\nThis is a demo of its own with invented patients. Sign in once with:\n")
    for login, password in welcome.people:
        click.echo(f"    {login:<18} {password}")
    click.echo(
        f"\n{welcome.files} files of the example world are being imported; watch them arrive on Files.\n"
    )


@main.command()
def worker() -> None:
    """Run only the worker (for installations that supervise processes themselves)."""
    _become("worker")


@main.command()
def beat() -> None:
    """Run only the schedule."""
    _become("beat")


def _become(member: str) -> None:
    refuse_unsafe(settings())
    command = supervisor.commands(settings())[member]
    os.execv(command[0], command)  # nosec B606 - our own interpreter, arguments of ours


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@click.pass_obj
def upgrade(out: Output) -> None:
    """Bring the database to the newest version; safe to run again."""
    refuse_unsafe(settings())
    migrate.upgrade(settings().database_url)
    out.say("The database is up to date.", state="current")


@main.command()
@click.option("--claims", default=300, show_default=True, help="How many claims the example world has.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same world.")
@click.pass_obj
def demo(out: Output, claims: int, seed: int) -> None:
    """Fill an empty installation with the example world and people for each role."""
    migrate.upgrade(settings().database_url)
    welcome = demo_flow.prepare(claims=claims, seed=seed, months=True)
    if out.json:
        out.tell({"people": dict(welcome.people), "files": welcome.files})
    else:
        _welcome(welcome)


for command in (user, import_, contracts, guarantors, rebill, statements, export, verify, trace):
    main.add_command(command)
