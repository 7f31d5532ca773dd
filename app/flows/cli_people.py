"""`guarantors import`: files of guarantors, with what is wrong by row and column."""

import sys
from pathlib import Path

import click

from app.access.cli import shell
from app.entities import queries as entities
from app.flows.import_people import import_people
from app.kernel import migrate
from app.kernel.errors import Refused
from app.kernel.output import Output
from app.kernel.settings import refuse_unsafe, settings
from app.kernel.work import work

SHOWN = 20


@click.group()
def guarantors() -> None:
    """Who answers for patients, and how they are reached."""


@guarantors.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--preview", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--entity", default="", help="Public id or name of the billing entity, when there are several.")
@click.option("--json", is_flag=True, hidden=True, expose_value=False)
@click.pass_obj
def import_(out: Output, path: Path, *, preview: bool, entity: str) -> None:
    """Take in a file of guarantors (CSV or .xlsx).

    Columns in any order: patient_last, patient_first, patient_birth, last, first, relation; and
    middle, birth, street, street2, city, state, zip, phone, mobile, email, language (en, es), consent_call,
    consent_auto, consent_sms, consent_email, consent_statement (yes, no), consent_date, consent_proof. Good
    rows are taken, bad ones named.
    """
    refuse_unsafe(settings())
    migrate.upgrade(settings().database_url)
    with path.open("rb") as content, work(shell()) as w:
        chosen = [one for one in entities.practices(w) if entity in ("", one.public_id, one.name)]
        if len(chosen) != 1:
            raise Refused("Name the billing entity with --entity.", code="entity_missing")
        done = import_people(w, chosen[0].id, content, preview=preview)
    counts = {name: getattr(done, name) for name in ("rows", "changed", "same", "bad")}
    if out.json:
        out.tell({"file": path.name, **counts, "findings": [one._asdict() for one in done.findings]})
    else:
        told = f"{done.changed:,} changed, {done.same:,} known, {done.bad:,} bad"
        click.echo(f"{path.name}  {'previewed' if preview else 'taken in'}: {told}")
        for one in done.findings[:SHOWN]:
            click.echo(f"    row {one.row}, {one.column}: {one.text}")
    sys.exit(1 if done.bad else 0)
