"""What the world says is left for second payers, checked against its own files and figures."""

import re

import pytest

from app.world import Truth, build
from tests.app.world.clerk import cents

AMOUNT = re.compile(r"-?\d+\.\d\d")


@pytest.fixture(scope="module")
def left_to_us(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return build(tmp_path_factory.mktemp("left"), seed=7, claims=300, leaves_second=True)


def test_an_office_that_leaves_secondaries_to_us_sends_none(left_to_us: Truth) -> None:
    assert not [row["file"] for row in left_to_us.rows("files") if "-second" in row["file"]]
    states = {row["state"] for row in left_to_us.rows("secondaries")}
    assert states == {"expected", "crossed_over"}
    assert all(
        row["answered"] == "no" for row in left_to_us.rows("secondaries") if row["state"] == "expected"
    )


def test_an_office_that_bills_its_own_leaves_only_what_came_too_late(world: Truth) -> None:
    for row in world.rows("secondaries"):
        assert row["state"] != "expected" or row["answered"] == "no"
    assert any(row["state"] == "billed_by_office" for row in world.rows("secondaries"))


def test_each_balances_as_the_next_payer_will_check_it(left_to_us: Truth, world: Truth) -> None:
    for truth in (left_to_us, world):
        for row in truth.rows("secondaries"):
            lines = [text.split(": ", 1)[1] for text in row["lines"].split(" / ") if text]
            amounts = [[cents(one) for one in AMOUNT.findall(text)] for text in [*lines, row["adjustments"]]]
            paid = sum(found[0] for found in amounts[:-1]) - sum(amounts[-1])
            assert not lines or paid == cents(row["primary_paid"])
            adjusted = sum(sum(found[1:]) for found in amounts[:-1]) + sum(amounts[-1])
            assert cents(row["charge"]) == cents(row["primary_paid"]) + adjusted


def test_what_is_left_is_what_the_claims_still_owe(left_to_us: Truth) -> None:
    owed = {(row["entity"], row["claim_id"]): row for row in left_to_us.rows("claims")}
    for row in left_to_us.rows("secondaries"):
        if row["answered"] == "no":
            assert cents(owed[row["entity"], row["claim_id"]]["payer_balance"]) >= cents(row["remaining"])
