"""What leaves the house is true: every export of an imported world against its truth, to the cent."""

import csv
import io
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from app.entities import service as entities
from app.entities.rules import Identifier
from app.flows import receive_file
from app.flows.exports import TABLES
from app.kernel.export import csv_lines
from app.kernel.work import Work, reading, system, work
from app.world import FIGURES, Truth, build
from tests import books
from tests.conftest import House

CLERK = system("clerk", door="cli")


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


def take_in(truth: Truth, seed: int | None) -> None:
    """Import a world: at once by name, or a handful at a time in any order."""
    with work(CLERK) as w:
        for one in truth.summary["entities"]:
            numbers = [Identifier("npi", one["npi"]), Identifier("tax_id", one["tax_id"])]
            entities.add(w, one["name"], numbers)
    for number, name in enumerate(in_order(truth, seed)):
        with (truth.folder / "files" / name).open("rb") as content:
            receive_file.offer(CLERK, content, name)
        if seed is not None and number % 20 == 0:
            books.settle()
    books.settle()


def exported(w: Work, name: str) -> Iterator[dict[str, str]]:
    """The rows of an export, as whoever opens the CSV file reads them."""
    columns, rows = TABLES[name](w, None)
    text = b"".join(csv_lines(columns, rows)).decode("utf-8-sig")
    return csv.DictReader(io.StringIO(text, newline=""))


@pytest.mark.parametrize("seed", [None, 5], ids=["by name", "shuffled"])
def test_every_export_of_a_world_says_what_is_true(house: House, tmp_path: Path, seed: int | None) -> None:
    truth = build(tmp_path / "world", seed=7, claims=300)
    take_in(truth, seed)
    with reading(CLERK) as w:
        claims_agree(w, truth)
        denials_agree(w, truth)
        books_agree(w, truth)
        lines_add_up(w)


def claims_agree(w: Work, truth: Truth) -> None:
    """Every figure of every claim, its state, and the sum that explains its charge."""
    found = {(row["entity"], row["claim_id"]): row for row in exported(w, "claims")}
    wanted = {(row["entity"], row["claim_id"]): row for row in truth.rows("claims")}
    assert found.keys() == wanted.keys()
    for key, row in wanted.items():
        said = found[key]
        assert [said[name] for name in FIGURES] == [row[name] for name in FIGURES], key
        assert (said["status"], said["service_from"]) == (row["state"], row["service_from"]), key
        parts = ("payer_paid", "contractual", "patient_responsibility", "denied", "other_adjustments")
        if row["state"] != "unanswered" and row["state"] != "reversed":
            assert Decimal(said["charge"]) == sum(Decimal(said[name]) for name in parts), key


def denials_agree(w: Work, truth: Truth) -> None:
    """Claim, payer's number, reason, category, amount and last day of everything that was refused.

    The last day is that of the answer that stands: one taken back has the day of whatever came after it.
    """
    found = Counter(
        (row["claim_id"], row["payer_claim_id"], row["group"], row["carc"], row["category"], row["amount"],
         row["answer"] == "reversed", row["appeal_by"] if row["answer"] == "stands" else "")
        for row in exported(w, "denials")
    )  # fmt: skip
    assert found == Counter(
        (row["claim_id"], row["payer_control"], row["group"], row["carc"], row["category"], row["amount"],
         row["state"] == "reversed", row["appeal_by"] if row["state"] == "open" else "")
        for row in truth.rows("denials")
    )  # fmt: skip


def books_agree(w: Work, truth: Truth) -> None:
    """Every account of every entity; and the entries add up to the same balances."""
    found: dict[str, dict[str, str]] = {tax_id: {} for tax_id in truth.balances}
    for row in exported(w, "trial-balance"):
        if Decimal(row["balance"]):
            found[row["entity"]][row["account"]] = row["balance"]
    wanted = {
        tax_id: {account: f"{Decimal(amount):.2f}" for account, amount in rows.items() if Decimal(amount)}
        for tax_id, rows in truth.balances.items()
    }
    assert found == wanted
    net: dict[str, Counter[str]] = {tax_id: Counter() for tax_id in truth.balances}
    for row in exported(w, "entries"):
        net[row["entity"]][row["debit"]] += int(Decimal(row["amount"]) * 100)
        net[row["entity"]][row["credit"]] -= int(Decimal(row["amount"]) * 100)
    added = {
        tax_id: {
            account: f"{Decimal(amount) / 100:.2f}" for account, amount in sorted(rows.items()) if amount
        }
        for tax_id, rows in net.items()
    }
    assert added == {tax_id: dict(sorted(rows.items())) for tax_id, rows in wanted.items()}


def lines_add_up(w: Work) -> None:
    """Each posted line explains itself: charge less its adjustments is what was paid."""
    for row in exported(w, "lines"):
        if row["level"] == "line" and row["state"] == "posted":
            adjusted = sum(Decimal(row[group]) for group in ("co", "oa", "pi", "pr"))
            assert Decimal(row["charge"]) - adjusted == Decimal(row["paid"]), row
