"""A run planned: `python -m tests.bench.dunning ACCOUNTS SERVER`, in the house the environment names.

So many accounts, one in ten whose turn has come, against the bare query of the same rows, in CPU seconds of
this process and of the database (SERVER: its process, 0 for none). Prints {"plan", "floor", "lines", ...}.
"""

import json
import sys
from datetime import timedelta
from typing import Any

from app import worker
from app.accounts.models import Standing
from app.audit import service as audit
from app.kernel.clock import now
from app.kernel.db import bulk_insert, in_chunks, instant_text, table_of
from app.kernel.work import Work, audit_with, work
from app.patients.models import Guarantor, GuarantorAddress
from app.statements import queries_eligible, service_runs
from app.statements.lifecycle import RunKind
from app.statements.models import Dunning
from app.statements.service_policies import ensure
from tests import books, statements
from tests.bench.measure import Clock, forget_peak, peak_mb
from tests.statements import CLERK

_standing, _guarantor, _dunning = table_of(Standing), table_of(Guarantor), table_of(Dunning)
_address = table_of(GuarantorAddress)
CENTS = ("due", "waiting", "held", "credit", "unapplied", "pending", "on_plan")
CHUNK = 5_000


def fill(w: Work, entity_id: int, accounts: int) -> None:
    """Accounts of every kind: most wait for their day or for insurance, one in ten is due for a statement."""
    at, day = instant_text(w.now), w.now.date()
    old, soon = (day - timedelta(40)).isoformat(), (day + timedelta(9)).isoformat()
    for keys in in_chunks(range(1, accounts + 1), CHUNK):
        kinds = [(key, key % 10) for key in keys]
        people = [(key, f"{key:020x}", entity_id, str(key), f"{key:032x}", "DOE", "JANE", "", "self", True,
                   False, "en", "IL", at, 1) for key in keys]  # fmt: skip
        bulk_insert(w.db, _guarantor, (
            "id", "public_id", "entity_id", "number", "natural", "last", "first", "middle", "relation",
            "confirmed", "confidential", "language", "state", "recorded_at", "version"), people)  # fmt: skip
        glances = [(key, entity_id, 0 if kind > 6 else 4_000 + key % 997, 900 if kind > 6 else 0,
                    *([0] * 5), 1, old, old, 0, "", 0, at) for key, kind in kinds]  # fmt: skip
        bulk_insert(w.db, _standing, (
            "account_id", "entity_id", *CENTS, "visits", "oldest_since", "latest_since", "blocks", "plan",
            "paid", "changed_at"), glances)  # fmt: skip
        stands = [(key, entity_id, "stmt_1", old, old, old, old if kind == 0 else soon, False, old, 4_000, 1)
                  for key, kind in kinds if kind <= 6]  # fmt: skip
        bulk_insert(w.db, _dunning, (
            "account_id", "entity_id", "stage", "since", "first_on", "episode_on", "next_on", "skip_one",
            "statement_on", "statement_due", "version"), stands)  # fmt: skip
        homes = [(key, f"{key:020x}", entity_id, key, b"x", f"{key:032x}", "IL", "person", old, "good", "",
                  "b", at, 1) for key in keys]  # fmt: skip
        bulk_insert(w.db, _address, (
            "id", "public_id", "entity_id", "guarantor_id", "sealed", "lookup", "state", "source",
            "effective_from", "mail", "mail_code", "author", "recorded_at", "version"), homes)  # fmt: skip


def floor(w: Work, entity_id: int) -> int:
    """The bare query: the same rows fetched in the same pages, and nothing decided."""
    plan = ensure(w, entity_id, w.now.date())
    pages = queries_eligible.chunks(w, entity_id, RunKind.STATEMENTS.value, plan)
    return sum(len(rows) for rows in pages)


def measure(accounts: int, server: int) -> dict[str, Any]:
    """CPU seconds of a plan and of its bare query, and the memory that was needed beyond the rest."""
    clinic = books.practice()
    statements.letterhead(clinic)
    with work(CLERK) as w:
        fill(w, clinic.id, accounts)
    with work(CLERK) as w:
        if not w.db.dialect.name.startswith("sqlite"):  # by itself it does so within a minute
            w.db.exec_driver_sql("ANALYZE")
    with work(CLERK) as w:
        floor(w, clinic.id)  # the pages of the database are warm for both
    with work(CLERK) as w, Clock(server) as bare:
        lines = floor(w, clinic.id)
    forget_peak()
    before = peak_mb()
    with Clock(server) as took, work(CLERK) as w:
        service_runs.plan_for(w, clinic.id, RunKind.STATEMENTS, day=now().date())
    return {
        "plan": took.cpu, "floor": bare.cpu, "lines": lines, "wall": took.wall, "own": took.client,
        "before": before, "peak": peak_mb(),
    }  # fmt: skip


if __name__ == "__main__":
    audit_with(audit.append)
    worker.table("HANDLERS")
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
