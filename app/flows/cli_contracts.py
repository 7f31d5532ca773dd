"""`contracts import`: fee schedules from files, a line for each file."""

import sys
from pathlib import Path
from typing import Any

import click

from app.access.cli import shell
from app.contracts import service_import
from app.contracts.service_import import Outcome
from app.denials.queries_figures import tax_ids
from app.entities import queries as entities
from app.entities.rules import Practice
from app.kernel import migrate
from app.kernel.errors import Refused
from app.kernel.output import Output
from app.kernel.settings import refuse_unsafe, settings
from app.kernel.work import Work, reading, work
from app.worker import run_until_idle

PRICING_RANKS = 8
SHOWN = 10


@click.group()
def contracts() -> None:
    """Fee schedules and what they allow."""


@contracts.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--strict", is_flag=True, help="Load nothing of a file in which a row cannot be loaded.")
@click.option("--preview", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--entity", help="Only for the billing entity of this tax id or name.")
@click.option("--json", is_flag=True, hidden=True, expose_value=False)
@click.pass_obj
def import_(out: Output, paths: tuple[Path, ...], *, strict: bool, preview: bool, entity: str | None) -> None:
    """Import fee schedules (CSV or .xlsx); what was paid under other prices is looked at again.

    Columns in any order: payer_id, code_type (HC, NU, AD, DRG), code, modifier, setting, allowed,
    effective_from, effective_to (the last day); max_units and the indicators multiple, bilateral, assistant,
    co_surgeon may stand beside them. Without any billing entity yet the file waits for the first ones.
    """
    refuse_unsafe(settings())
    migrate.upgrade(settings().database_url)
    lines = [line for path in paths for line in _take(path, strict=strict, preview=preview, entity=entity)]
    run_until_idle(up_to_rank=PRICING_RANKS)
    if out.json:
        out.tell({"files": lines})
    else:
        _print(lines)
    sys.exit(1 if any(line["outcome"] == "refused" for line in lines) else 0)


def _take(path: Path, *, strict: bool, preview: bool, entity: str | None) -> list[dict[str, Any]]:
    try:
        with reading(shell()) as w:
            chosen = _chosen(w, entity)
        with path.open("rb") as content, work(shell()) as w:
            file_id = service_import.keep(w, content, path.name)
            if not chosen:
                service_import.check(w, file_id)
        if not chosen:
            said = "There is no billing entity yet: it is loaded into each one that comes."
            return [{"file": str(path), "outcome": "waiting", "reason": said}]
        found = []
        for one in chosen:
            with work(shell()) as w:
                if preview:
                    done = service_import.preview(w, one.id, file_id)
                else:
                    done = service_import.load(w, one.id, file_id, strict=strict)
            found.append(_line(path, one, done, len(chosen), preview=preview))
        return found
    except Refused as problem:
        return [{"file": str(path), "outcome": "refused", "reason": problem.message}]


def _chosen(w: Work, entity: str | None) -> list[Practice]:
    everyone = entities.practices(w)
    if entity is None:
        return everyone
    numbers = tax_ids(w)
    named = [one for one in everyone if entity in (numbers.get(one.id), one.name, one.public_id)]
    if not named:
        raise Refused("There is no billing entity of this tax id or name.", code="unknown_entity")
    return named


def _line(path: Path, one: Practice, done: Outcome, among: int, *, preview: bool) -> dict[str, Any]:
    outcome = "previewed" if preview else "ignored" if done.already else "loaded"
    counts = {name: getattr(done, name) for name in ("rows", "added", "changed", "same", "bad")}
    words = f"{done.added:,} new, {done.changed:,} changed, {done.same:,} known, {done.bad:,} bad"
    if done.already:
        words = "This file was loaded before."
    return {
        "file": str(path),
        "entity": one.name if among > 1 else "",
        "outcome": outcome,
        "reason": words,
        **counts,
        "payers": sorted(done.payers.values()),
        "findings": [finding.plain() for finding in done.findings],
    }


def _print(lines: list[dict[str, Any]]) -> None:
    width = max((len(Path(line["file"]).name) for line in lines), default=0)
    said: set[str] = set()
    for line in lines:
        where = f"{line['entity']}: " if line.get("entity") else ""
        click.echo(f"{Path(line['file']).name:<{width}}  {line['outcome']:<9} {where}{line['reason']}")
        if line["file"] in said:
            continue
        said.add(line["file"])
        for one in line.get("findings", [])[:SHOWN]:
            place = f"row {one['row']}, {one['column']}" if one["row"] else one["column"]
            click.echo(f"    {place}: {one['text']}")
        more = len(line.get("findings", [])) - SHOWN
        if more > 0:
            click.echo(f"    and {more} more; --json lists them")
