"""A seeded world taken into a house, and its truth compared with what leaves the house again.

Differences are found by sets of rows: memory grows with what differs, not with the size of the world.
"""

import csv
import io
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.contracts import service_import
from app.entities import queries as entity_queries
from app.entities import service as entities
from app.entities.rules import Identifier
from app.flows import receive_file
from app.flows.exports import TABLES
from app.kernel.export import csv_lines
from app.kernel.work import Work, system, work
from app.world import Truth
from tests import books

CLERK = system("clerk", door="cli")
UNDERPAID = (
    "entity", "claim_id", "payer_id", "line", "code", "expected_allowed", "actual_allowed", "variance",
)  # fmt: skip
"""What an underpaid line and its truth have in common, to the cent."""

Row = Mapping[str, str]


def in_order(truth: Truth, seed: int | None) -> list[str]:
    """The files by name, or shuffled so that only what names an `after` still comes behind it."""
    rows = list(truth.rows("files"))
    names = sorted(row["file"] for row in rows)
    if seed is None:
        return names
    random.Random(seed).shuffle(names)
    place = {name: number for number, name in enumerate(names)}
    for row in rows:
        before, own = row["after"], row["file"]
        if before and place[before] > place[own]:
            names[place[before]], names[place[own]] = own, before
            place[before], place[own] = place[own], place[before]
    return names


def take_in(truth: Truth, seed: int | None, *, at_once: int | None = None) -> None:
    """Import a world: at once by name, or a handful at a time in any order.

    at_once: how many files wait together at most; None for all of them, or 20 when shuffled.
    """
    with work(CLERK) as w:
        for one in truth.summary["entities"]:
            numbers = [Identifier("npi", one["npi"]), Identifier("tax_id", one["tax_id"])]
            entities.add(w, one["name"], numbers)
    some = at_once or (20 if seed is not None else None)
    for number, name in enumerate(in_order(truth, seed)):
        with (truth.folder / "files" / name).open("rb") as content:
            receive_file.offer(CLERK, content, name)
        if some is not None and number % some == 0:
            books.settle()
    books.settle()


def load_fees(truth: Truth) -> None:
    """Load the world's schedules for every entity, and price anew what is there."""
    path = truth.folder / "fees" / "fees.csv"
    with path.open("rb") as content, work(CLERK) as w:
        file_id = service_import.keep(w, content, path.name)
        for one in entity_queries.practices(w):
            done = service_import.load(w, one.id, file_id)
            assert not done.bad
    books.settle()


def exported(w: Work, name: str) -> Iterator[dict[str, str]]:
    """The rows of an export, as whoever opens the CSV file reads them, a chunk at a time."""
    columns, rows = TABLES[name](w, None)
    lines = (line for part in csv_lines(columns, rows) for line in _lines(part))
    return csv.DictReader(lines)


def _lines(part: bytes) -> Iterator[str]:
    yield from io.StringIO(part.decode("utf-8-sig"), newline="")


def differences(found: Iterable[Any], wanted: Iterable[Any]) -> Counter[Any]:
    """What is there too often (+) or too seldom (-); empty when both say the same."""
    more: Counter[Any] = Counter()
    for sign, rows in ((-1, wanted), (1, found)):
        for row in rows:
            more[row] += sign
            if not more[row]:
                del more[row]
    return more


def denials_differ(w: Work, truth: Truth) -> Counter[Any]:
    """Claim, payer's number, reason, category, amount and last day of everything that was refused.

    The last day is that of the answer that stands: one taken back has the day of whatever came after it.
    """
    found = (
        (row["claim_id"], row["payer_claim_id"], row["group"], row["carc"], row["category"], row["amount"],
         row["answer"] == "reversed", row["appeal_by"] if row["answer"] == "stands" else "")
        for row in exported(w, "denials")
    )  # fmt: skip
    wanted = (
        (row["claim_id"], row["payer_control"], row["group"], row["carc"], row["category"], row["amount"],
         row["state"] == "reversed", row["appeal_by"] if row["state"] == "open" else "")
        for row in truth.rows("denials")
    )  # fmt: skip
    return differences(found, wanted)


def underpayments_differ(w: Work, truth: Truth) -> Counter[Any]:
    """Every line allowed less than agreed: whose, which, and the three amounts."""

    def said(rows: Iterable[Row]) -> Iterator[tuple[str, ...]]:
        return (tuple(row[name] for name in UNDERPAID) for row in rows)

    return differences(said(exported(w, "underpayments")), said(truth.rows("underpayments")))
