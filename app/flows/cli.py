"""`import`, `export`, `verify`, `trace`: the books from the command line."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from app.access.cli import shell
from app.entities import queries as entities
from app.flows import exports, receive_file
from app.flows import trace as trace_flow
from app.flows import verify as verify_flow
from app.intake import queries_outcome as outcomes
from app.intake.rules import Offered
from app.kernel import migrate
from app.kernel.errors import Refused
from app.kernel.export import FORMATS, csv_lines, json_lines, write_xlsx
from app.kernel.output import Output
from app.kernel.settings import refuse_unsafe, settings
from app.kernel.work import reading
from app.worker import run_until_idle

POSTING_RANKS = 8
"""Jobs after these are second opinions; the worker does them when nobody waits."""


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--look-first", is_flag=True, help="Post nothing yet: somebody looks at it on the page Files.")
@click.pass_obj
def import_(out: Output, paths: tuple[Path, ...], *, look_first: bool) -> None:
    """Import files and folders: 837s are read before 835s; ends with a line for each file.

    An empty installation creates a billing entity for each billing tax id it meets, and says so.
    """
    _ready(create=True)
    files = list(_files(paths))
    if not files:
        raise Refused("There is no file in these folders.", code="nothing_to_import")
    with reading(shell()) as w:
        before = {one.id for one in entities.practices(w)}
    offered, refusals = _offer(out, files, create=not before, look_first=look_first)
    _run(out)
    with reading(shell()) as w:
        lines = [*refusals, *outcomes.outcomes(w, offered)]
        created = [one for one in entities.practices(w) if one.id not in before]
    _report(out, lines, [f"{one.name}{' (test)' if one.test else ''}" for one in created])
    sys.exit(1 if any(line["outcome"] == "refused" for line in lines) else 0)


def _ready(*, create: bool = False) -> None:
    """Go on only with safe settings and a database; `create` makes one where there is none."""
    chosen = settings()
    refuse_unsafe(chosen)
    if create:
        migrate.upgrade(chosen.database_url)
    elif not migrate.is_current(chosen.database_url):
        raise Refused("There is no database yet. Import a file, or run `db upgrade`.", code="no_database")


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(
                one for one in path.rglob("*") if one.is_file() and not one.name.startswith(".")
            )
        else:
            yield path


def _offer(
    out: Output, files: list[Path], *, create: bool, look_first: bool
) -> tuple[list[tuple[str, Offered]], list[dict[str, Any]]]:
    offered, refusals = [], []
    with _progress(out) as progress:
        task = progress.add_task("Receiving", total=len(files)) if progress else None
        for path in files:
            try:
                with path.open("rb") as content:
                    answer = receive_file.offer(
                        shell(), content, path.name, create_entities=create, look_first=look_first
                    )
                offered.append((str(path), answer))
            except Refused as refusal:
                refusals.append({"file": str(path), "outcome": "refused", "reason": refusal.message})
            if progress and task is not None:
                progress.advance(task)
    return offered, refusals


def _progress(out: Output) -> Any:
    return nullcontext() if out.json or not sys.stderr.isatty() else Progress()


def _run(out: Output) -> None:
    with _progress(out) as progress:
        if not progress:
            run_until_idle(up_to_rank=POSTING_RANKS)
            return
        task = progress.add_task("Posting", total=None)
        run_until_idle(
            lambda done, left: progress.update(task, completed=done, total=done + left),
            up_to_rank=POSTING_RANKS,
        )


def _report(out: Output, lines: list[dict[str, Any]], created: list[str]) -> None:
    if out.json:
        out.tell({"files": lines, "entities_created": created})
        return
    for name in created:
        click.echo(f"New billing entity: {name}")
    width = max((len(Path(line["file"]).name) for line in lines), default=0)
    for line in lines:
        click.echo(f"{Path(line['file']).name:<{width}}  {line['outcome']:<9} {line['reason']}".rstrip())
    counts: dict[str, int] = {}
    for line in lines:
        counts[line["outcome"]] = counts.get(line["outcome"], 0) + 1
    click.echo(
        f"\n{len(lines)} files: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    )


@click.command()
@click.argument("what", type=click.Choice(list(exports.TABLES)))
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The books as of the end of this day.")
@click.option("--format", "file_format", type=click.Choice(sorted(FORMATS)), default="csv", show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path), help="A file instead of the terminal (needed for xlsx)."
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def export(
    out: Output, what: str, as_of: Any, file_format: str, *, output: Path | None, as_json: bool
) -> None:
    """Write a list: claims, lines, denials, exceptions, entries or the trial balance."""
    day: date | None = as_of.date() if as_of else None
    chosen = "json" if as_json or (out.json and file_format == "csv") else file_format
    if chosen == "xlsx" and output is None and sys.stdout.isatty():
        raise Refused("An Excel file goes to a file: add --output NAME.xlsx.", code="output_missing")
    _ready()
    with reading(shell()) as w:
        columns, rows = exports.TABLES[what](w, day)
        w.audit("export", "R", "list", what, detail={"format": chosen})
        target = output.open("wb") if output else nullcontext(sys.stdout.buffer)
        with target as stream:
            if chosen == "xlsx":
                write_xlsx(stream, columns, rows, title=what, scratch=settings().data / "scratch")
            else:
                lines = csv_lines if chosen == "csv" else json_lines
                for line in lines(columns, rows):
                    stream.write(line)
    if output:
        click.echo(f"{what} written to {output.name}", err=True)


@click.command()
@click.option("--no-bytes", is_flag=True, help="Leave out re-reading the stored files.")
@click.option("--json", is_flag=True, hidden=True, expose_value=False)
@click.pass_obj
def verify(out: Output, no_bytes: bool) -> None:
    """Prove the books: ledger and audit chains, balances, and that the bytes at each place say the amount."""
    _ready()
    with reading(shell()) as w:
        w.may("ledger.verify")
        problems = list(islice(verify_flow.verify(w, with_bytes=not no_bytes), 1_000))
        counted = verify_flow.counts(w)
    if out.json:
        found = [{"place": one.place, "problem": one.words} for one in problems]
        out.tell({"whole": not problems, "problems": found, **counted})
    elif problems:
        for one in problems:
            click.echo(f"{one.place}: {one.words}")
        click.echo(f"\n{len(problems)} problems.", err=True)
    else:
        click.echo(
            f"The books are whole: {counted['entries']:,} entries in {counted['batches']:,} batches, "
            f"{counted['files']:,} files, debits equal credits."
        )
    sys.exit(1 if problems else 0)


@click.command()
@click.argument("name")
@click.option("--json", is_flag=True, hidden=True, expose_value=False)
@click.pass_obj
def trace(out: Output, name: str) -> None:
    """Every cent of a claim (CLM01) or posting batch down to the bytes of the file it was read from."""
    _ready()
    with reading(shell()) as w:
        steps = trace_flow.trace(w, name)
    if out.json:
        out.tell(steps)
        return
    for one in steps:
        accounts = f"debit {one['debit']} credit {one['credit']}"
        place = f"segment {one['segment']}, element {one['element']}, byte {one['byte']}"
        click.echo(f"{one['effective']}  {one['event']:<20} {one['amount']:>12}  {accounts}")
        click.echo(f"    {one['file']}, {place}: {one['raw']}")
