"""What leaves the house is true: every export of an imported world against its truth, to the cent."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from app.kernel.work import Work, reading
from app.world import FIGURES, Truth, build
from tests.conftest import House
from tests.worlds import CLERK, denials_differ, exported, take_in


@pytest.mark.parametrize("seed", [None, 5], ids=["by name", "shuffled"])
def test_every_export_of_a_world_says_what_is_true(house: House, tmp_path: Path, seed: int | None) -> None:
    truth = build(tmp_path / "world", seed=7, claims=300)
    take_in(truth, seed)
    with reading(CLERK) as w:
        claims_agree(w, truth)
        assert not denials_differ(w, truth)
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
