"""Import a pair of files in a process of its own: `python -m tests.bench.importer 837 835 CLAIMS SERVER_PID`.

The settings in the environment name the database. Every job of the way is done but pyx12's opinion, which
nobody waits for. Prints {"cpu": seconds of client and server, "billed": .., "remit": .., "peak": MB, ...}.
"""

import json
import sys
from pathlib import Path

from sqlalchemy import func, select

from app import worker
from app.audit import service as audit
from app.denials.models import Denial
from app.entities import service as entities
from app.entities.rules import Identifier
from app.flows import receive_file
from app.intake.models import IntakeTransaction
from app.kernel import db
from app.kernel.work import audit_with, reading, system, work
from app.ledger.models import LedgerEntry
from app.rebill.models import Rebill
from tests.bench.files import NPI, TAX_ID
from tests.bench.measure import Clock, peak_mb

BEFORE_WHAT_FOLLOWS, BEFORE_THE_OPINION = 7, 8
"""Ranks of jobs: what posts; then claims to next payers, made of what is posted; then pyx12."""


def main() -> None:
    """Import both files and say what it took."""
    billed, remit, claims, server = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    audit_with(audit.append)
    actor = system("bench", door="cli")
    worker.table("HANDLERS")
    with work(actor) as w:
        entities.add(w, "Example Clinic", [Identifier("npi", NPI), Identifier("tax_id", TAX_ID)])
    answer: dict[str, float] = {"base": round(peak_mb(), 1)}
    total = wall = 0.0
    for name, path in (("billed", billed), ("remit", remit)):
        with Clock(server) as clock, path.open("rb") as content:
            receive_file.offer(actor, content, path.name)
            worker.run_until_idle(up_to_rank=BEFORE_WHAT_FOLLOWS)
        answer[name], answer[f"{name}_client"] = round(clock.cpu, 3), round(clock.client, 3)
        answer[f"{name}_peak"] = round(peak_mb(), 1)
        total, wall = total + clock.cpu, wall + clock.wall
    with Clock(server) as clock:
        worker.run_until_idle(up_to_rank=BEFORE_THE_OPINION)
    answer["next"] = round(clock.cpu, 3)
    answer |= {"cpu": round(total, 3), "wall": round(wall, 3), "peak": round(peak_mb(), 1)}
    print(json.dumps(answer | prove(claims)))


def prove(claims: int) -> dict[str, int]:
    """What stands in the books; ends the run when a claim was held or parked: the bench is wrong."""
    tables = (db.table_of(one) for one in (IntakeTransaction, Denial, LedgerEntry, Rebill))
    transaction, denial, entry, rebill = tables
    with reading(system("bench")) as w:
        settled = w.db.execute(
            select(transaction.c.state, transaction.c.claims, transaction.c.parked, transaction.c.reason)
        ).all()
        if any((row.state, row.claims, row.parked or 0) != ("posted", claims, 0) for row in settled):
            raise SystemExit(f"not everything posted: {settled}")
        if len(settled) != 2:
            raise SystemExit(f"two transactions were expected: {settled}")
        counts = {
            one.name: w.db.execute(select(func.count()).select_from(one)).scalar_one()
            for one in (denial, entry, rebill)
        }
    named = {"denials": "denial", "entries": "ledger_entry", "next_claims": "rebill"}
    return {name: counts[table] for name, table in named.items()}


if __name__ == "__main__":
    main()
