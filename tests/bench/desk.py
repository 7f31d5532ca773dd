"""The desk over a million open cases on PostgreSQL: `python -m tests.bench.desk CLAIMS OPEN`.

Imports an example world of CLAIMS claims into the installation the environment names, copies what is open
until there are OPEN open cases, and measures reads against the bare query (the same rows by the driver alone:
no rights, no audit) and pages as the server answers them. Wall milliseconds, medians; p95 of pages. Prints
one JSON object.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select

from app import create_app, worker
from app.audit import service as audit
from app.claims.models import Claim, ClaimPayer, ClaimVersion
from app.denials import queries as denials
from app.denials.models import Denial, DenialItem
from app.entities import queries as entities
from app.flows import demo
from app.kernel.db import Base, table_of
from app.kernel.paging import Ask
from app.kernel.settings import settings
from app.kernel.work import Actor, audit_with, reading, system
from app.ledger.models import ClaimBalance
from app.patients.models import Patient
from app.reports import queries as reports
from app.reports import queries_ageing
from app.worklist import queries_day
from app.worklist.models import WorklistItem
from tests.bench.crowd import multiply
from tests.bench.measure import told
from tests.policy import visitors

TIMES, PAGES = 9, 40
COPIED = (Patient, Claim, ClaimVersion, ClaimPayer, ClaimBalance, Denial, DenialItem, WorklistItem)
LATE = ("variance", "underpayment", "claim_state", "silent_claim")
"""Tables of capabilities with work of their own, copied where they have a claim."""
BARE = {
    "denials, first page": (
        "SELECT d.*, c.control, p.name FROM denial d LEFT JOIN claim c ON c.id = d.claim_id "
        "LEFT JOIN payer p ON p.id = d.payer_id WHERE d.entity_id = %(entity)s AND d.state <> 'closed' "
        "ORDER BY d.rank DESC, d.id DESC LIMIT 51"
    ),
    "denials of a category, first page": (
        "SELECT d.*, c.control, p.name FROM denial d LEFT JOIN claim c ON c.id = d.claim_id "
        "LEFT JOIN payer p ON p.id = d.payer_id WHERE d.entity_id = %(entity)s AND d.state <> 'closed' "
        "AND d.category = 'authorization' ORDER BY d.rank DESC, d.id DESC LIMIT 51"
    ),
    "denials, totals by category": (
        "SELECT category, count(*), sum(denied), sum(at_stake), sum(recovered) FROM denial "
        "WHERE entity_id = %(entity)s AND state <> 'closed' GROUP BY category"
    ),
    "queues of the day": (
        "SELECT queue, count(*), sum(amount), min(opened_at) FROM worklist_item "
        "WHERE entity_id = %(entity)s AND state = 'open' GROUP BY queue"
    ),
    "ageing": (
        "SELECT p.class, CASE WHEN coalesce(c.service_to, c.service_from) >= current_date - 30 THEN 0 "
        "WHEN coalesce(c.service_to, c.service_from) >= current_date - 60 THEN 30 "
        "WHEN coalesce(c.service_to, c.service_from) >= current_date - 90 THEN 60 "
        "WHEN coalesce(c.service_to, c.service_from) >= current_date - 120 THEN 90 ELSE 120 END AS age, "
        "count(*), sum(b.payer), sum(b.patient) FROM claim_balance b JOIN claim c ON c.id = b.claim_id "
        "LEFT JOIN claim_payer v ON v.claim_id = c.id AND v.rank = 1 LEFT JOIN payer p ON p.id = v.payer_id "
        "WHERE b.entity_id = %(entity)s AND (b.payer <> 0 OR b.patient <> 0) GROUP BY p.class, age"
    ),
}
LISTS = (
    "/", "/denials", "/denials?category=authorization", "/denials?sort=internal_due", "/claims",
    "/exceptions", "/remits/", "/files/", "/underpayments", "/rejections", "/silent-claims", "/patients/",
    "/dashboards",
)  # fmt: skip


def main() -> None:
    """Build, measure, print."""
    claims, wanted = int(sys.argv[1]), int(sys.argv[2])
    audit_with(audit.append)
    worker.table("HANDLERS")
    told(f"  a world of {claims:,} claims")
    demo.prepare(claims=claims)
    worker.run_until_idle(up_to_rank=8)
    counts = crowd(wanted)
    answer: dict[str, Any] = {"rows": counts}
    with reading(system("bench")) as w:
        entity = max(entities.practices(w), key=lambda one: _size(w, one.id)).id
    answer["reads"] = {name: compared(name, ours, entity) for name, ours in OURS.items()}
    answer["pages"] = pages()
    print(json.dumps(answer))


def crowd(wanted: int) -> dict[str, int]:
    """Copy what is open until there are so many open cases; returns the rows of each table."""
    url = settings().database_url.replace("postgresql://", "postgresql+psycopg://")
    owner = create_engine(url, connect_args={"user": os.environ.get("BENCH_OWNER", "admin")})
    tables = [table_of(one) for one in COPIED]
    known = {table.name for table in tables}
    for name in LATE:
        table = Base.metadata.tables.get(name)
        if table is not None and "claim_id" in table.c and name not in known:
            tables.append(table)
    denial = table_of(Denial)
    with owner.begin() as db:
        chosen = select(denial.c.claim_id, denial.c.patient_id).where(denial.c.state != "closed").subquery()
        there = int(db.execute(select(denial.c.id).where(denial.c.state != "closed")).rowcount)
        times = max(1, wanted // max(there, 1))
        told(f"  {there:,} open cases, {times:,} times")
        counts = multiply(db, tables, times, chosen=chosen)
    owner.dispose()
    return counts


def _size(w: Any, entity_id: int) -> int:
    balance = table_of(ClaimBalance)
    return int(w.db.execute(select(balance.c.claim_id).where(balance.c.entity_id == entity_id)).rowcount)


def _asking(entity: int) -> Actor:
    return Actor("bench", permissions=frozenset({"*"}), scope=frozenset({entity}))


def _cases(entity: int, **filters: str) -> None:
    with reading(_asking(entity)) as w:
        denials.cases(w, Ask("rank", descending=True, filters=filters))


def _totals(entity: int) -> None:
    with reading(_asking(entity)) as w:
        denials.totals(w, Ask("rank"), w.today("UTC"))


def _queues(entity: int) -> None:
    with reading(_asking(entity)) as w:
        queries_day.queues(w, w.today("UTC"))


def _ageing(entity: int) -> None:
    with reading(_asking(entity)) as w:
        queries_ageing.ageing(w, reports.view_of(w, {}))


OURS: dict[str, Callable[[int], None]] = {
    "denials, first page": _cases,
    "denials of a category, first page": lambda entity: _cases(entity, category="authorization"),
    "denials, totals by category": _totals,
    "queues of the day": _queues,
    "ageing": _ageing,
}


def compared(name: str, ours: Callable[[int], None], entity: int) -> dict[str, float]:
    """Medians of our read and the bare query, in turn, in milliseconds."""
    own, bare = [], []
    with psycopg.connect(settings().database_url, user=os.environ.get("BENCH_OWNER", "admin")) as line:
        for _ in range(TIMES):
            own.append(_milliseconds(lambda: ours(entity)))
            bare.append(
                _milliseconds(lambda: line.execute(BARE[name].encode(), {"entity": entity}).fetchall())
            )
    found = {"ours": round(median(own), 2), "bare": round(median(bare), 2)}
    told(f"  {name}: {found}")
    return found


def _milliseconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1000


def pages() -> dict[str, dict[str, float]]:
    """Server time of each list and of the records its first rows lead to: median, p95 and worst."""
    reader = visitors.add("bench", "supervisor", "denial_specialist").browser(create_app())
    found = {}
    for address in LISTS:
        if reader.get(address, follow_redirects=True).status_code == 200:
            found[address] = _spread(reader, [address] * PAGES)
            records = _records(reader, address)
            if records:
                found[f"records of {address}"] = _spread(reader, records * max(1, PAGES // len(records)))
    return found


def _records(reader: FlaskClient, address: str) -> list[str]:
    page = reader.get(address, follow_redirects=True).get_data(as_text=True)
    hrefs = (part.partition('"')[0] for part in page.split('class="open" href="')[1:11])
    return [href for href in hrefs if href.startswith("/") and "?" not in href]


def _spread(reader: FlaskClient, addresses: Iterable[str]) -> dict[str, float]:
    took = sorted(_milliseconds(partial(reader.get, one, follow_redirects=True)) for one in addresses)
    found = {
        "median": median(took),
        "p95": took[min(len(took) - 1, len(took) * 95 // 100)],
        "worst": took[-1],
    }
    return {name: round(value, 1) for name, value in found.items()}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        os.environ.setdefault("RECLAIM_DATA", str(Path(place)))
        main()
