"""The example world as a first installation: its entities, people for each role, files offered for import."""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from app.access import service as access
from app.access.rules import ROLES
from app.contracts import service_import as fees
from app.entities import queries as entities
from app.entities import service as entity_service
from app.entities.rules import Identifier
from app.flows import demo_accounts, demo_partner, receive_file
from app.kernel.clock import now, today
from app.kernel.errors import NotAllowed
from app.kernel.settings import settings
from app.kernel.work import Actor, reading, system, work
from app.world import build, small


@dataclass(frozen=True)
class Welcome:
    """Who may sign in with which one-time password, and how many files were offered."""

    people: tuple[tuple[str, str], ...]
    files: int


def prepare(*, claims: int = 300, seed: int = 7, months: bool = False) -> Welcome:
    """Fill an empty installation; `NotAllowed` when it has a billing entity already.

    months: let its patients have months of statements and payments behind them, once its files are posted.
    """
    actor = system("demo", door="cli")
    with reading(actor) as w:
        if entities.practices(w):
            raise NotAllowed("This installation has billing entities already; the demo needs an empty one.")
    scratch = Path(settings().data) / "scratch"
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(dir=scratch) as place:
        folder = Path(place) / "world"
        day = today(entity_service.DEFAULT_ZONE)
        # What is left for second payers is left to us: it is there to be billed on the first day.
        truth = (
            small(folder, today=day, seed=seed, leaves_second=True)
            if claims == 300
            else build(folder, seed=seed, claims=claims, leaves_second=True)
        )
        practices = []
        with work(actor) as w:
            for one in truth.summary["entities"]:
                numbers = [Identifier("npi", one["npi"]), Identifier("tax_id", one["tax_id"])]
                practices.append((entity_service.add(w, one["name"].title(), numbers), one["tax_id"]))
        _load_fees(actor, folder)
        remits = (path.read_bytes() for path in sorted((folder / "files").glob("*835*")))
        first_year = date.fromisoformat(truth.summary["start"]).year
        demo_partner.open_shop(practices, remits, seed=seed, first_year=first_year)
        people = tuple(_add(role) for role in ROLES if role not in ("integration", "shell"))
        offered = 0
        for path in sorted((folder / "files").iterdir()):
            with path.open("rb") as content:
                receive_file.offer(actor, content, path.name)
            offered += 1
        if months:
            demo_accounts.promise(folder / "people" / "guarantors.csv")
        _keep_aside(folder)
    return Welcome(people, offered)


def _load_fees(actor: Actor, folder: Path) -> None:
    """What payers allow, before the first remit comes."""
    path = folder / "fees" / "fees.csv"
    with path.open("rb") as content, work(actor) as w:
        file_id = fees.keep(w, content, path.name)
        for one in entities.practices(w):
            fees.load(w, one.id, file_id)


def _add(role: str) -> tuple[str, str]:
    with work(system("demo", door="cli")) as w:
        made = access.add_person(w, role.replace("_", "-"), role.replace("_", " ").capitalize(), roles=[role])
    return made.login, made.one_time_password


def _keep_aside(folder: Path) -> None:
    """The world's bank statements, fee schedules and truth, for whoever wants to compare."""
    target = Path(settings().data) / f"world-{now().strftime('%Y%m%d%H%M%S')}"
    shutil.copytree(folder, target)
