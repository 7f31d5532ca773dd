"""Every way the world goes wrong really happens, and leaves the trace it should."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from app.world import Truth, small
from app.world.faults import LONG, fits
from app.world.tables import faults, payers
from tests.app.world.clerk import cents
from tests.app.world.conftest import TODAY


def test_every_kind_of_fault_happens(world: Truth) -> None:
    assert {fault.kind for fault in faults()} == set(world.summary["faults"])


@pytest.mark.parametrize("days", range(0, 365, 61))
def test_the_demo_shows_every_fault_on_any_day_and_nothing_of_tomorrow(tmp_path: Path, days: int) -> None:
    today = TODAY + timedelta(days=days)
    truth = small(tmp_path, today=today, seed=days + 1)
    assert {fault.kind for fault in faults()} == set(truth.summary["faults"])
    for table in ("files", "transactions", "deposits"):
        assert all(row["day"] < today.isoformat() for row in truth.rows(table))


def test_file_faults_are_in_the_list_of_files(world: Truth) -> None:
    said = {row["fault"] for row in world.rows("files")}
    assert {fault.kind for fault in faults() if fault.level != "claim"} <= said


def test_claim_faults_are_in_the_list_of_claims(world: Truth) -> None:
    said = {row["fault"] for row in world.rows("claims")}
    assert {fault.kind for fault in faults() if fault.level == "claim"} <= said


def test_every_payer_and_both_kinds_of_claim_take_part(world: Truth) -> None:
    paid_by = {row["payer_id"] for row in world.rows("transactions")}
    assert paid_by == {payer.payer_id for payer in payers().values()}
    assert {row["kind"] for row in world.rows("claims")} == {"P", "I"}


def test_denials_come_in_many_categories_and_in_every_group(world: Truth) -> None:
    rows = list(world.rows("denials"))
    assert {"CO", "PR", "OA"} <= {row["group"] for row in rows}
    assert len({row["category"] for row in rows}) >= 8


def test_a_code_that_needs_a_remark_has_one(world: Truth) -> None:
    for row in world.rows("denials"):
        if row["carc"] in ("16", "96", "226", "227", "252", "A1"):
            assert row["rarc"]


def test_a_balance_carried_forward_is_taken_back_once(world: Truth) -> None:
    carried: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for row in world.rows("provider_adjustments"):
        if row["code"] == "FB":
            (carried if cents(row["amount"]) < 0 else taken)[row["reference"]] += cents(row["amount"])
    assert carried
    assert all(carried[reference] == -amount for reference, amount in taken.items())


def test_a_deferred_takeback_is_collected_in_a_later_remit(world: Truth) -> None:
    days = {(row["file"], row["control"]): row["day"] for row in world.rows("transactions")}
    deferred = {
        row["reference"]: (row["amount"], days[row["file"], row["control"]])
        for row in world.rows("provider_adjustments")
        if row["code"] == "WO" and cents(row["amount"]) < 0
    }
    collected = 0
    for row in world.rows("provider_adjustments"):
        if row["code"] == "WO" and cents(row["amount"]) > 0 and row["reference"] in deferred:
            amount, day = deferred[row["reference"]]
            assert cents(amount) == -cents(row["amount"])
            assert day < days[row["file"], row["control"]]
            collected += 1
    assert collected


def test_underpayments_are_what_the_schedule_allows_less_what_was_allowed(world: Truth) -> None:
    causes = set()
    for row in world.rows("underpayments"):
        assert cents(row["expected_allowed"]) - cents(row["actual_allowed"]) == cents(row["variance"]) > 0
        causes.add(row["cause"])
    assert {"underpaid_percent", "underpaid_old_fee", "downcoded"} <= causes


def test_some_claims_are_answered_by_a_second_payer(world: Truth) -> None:
    both = [row for row in world.rows("claims") if row["secondary_payer_id"] and row["adjudications"] == "2"]
    assert both
    names = [row["file"] for row in world.rows("files")]
    assert any("-second" in name for name in names)


def test_a_kind_forced_more_than_once_is_a_kind() -> None:
    assert set(LONG) <= {fault.kind for fault in faults() if fault.level == "claim"}
    assert callable(fits)
