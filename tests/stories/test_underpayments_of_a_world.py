"""What was paid short in an imported world: each shortfall of its truth to the cent, and none beside it."""

from pathlib import Path

import pytest

from app.kernel.work import reading
from app.world import build
from tests.conftest import House
from tests.worlds import CLERK, exported, load_fees, take_in, underpayments_differ

CAUSES = {
    "underpaid_percent": {"npp"},
    "underpaid_old_fee": {"old_schedule"},
    "downcoded": {"code_changed"},
}


@pytest.mark.parametrize(
    ("fees_first", "seed"), [(True, None), (False, 5)], ids=["fees first", "files first, shuffled"]
)
def test_every_shortfall_of_a_world_is_found_and_none_beside_it(
    house: House, tmp_path: Path, fees_first: bool, seed: int | None
) -> None:
    truth = build(tmp_path / "world", seed=7, claims=300)
    if fees_first:
        load_fees(truth)
    take_in(truth, seed)
    load_fees(truth)
    with reading(CLERK) as w:
        assert not underpayments_differ(w, truth)
        found = list(exported(w, "underpayments"))
        claims = {row["claim_id"]: row for row in exported(w, "claims")}
    wanted = list(truth.rows("underpayments"))
    causes = {(row["claim_id"], row["line"]): row["cause"] for row in wanted}
    for row in found:
        if row["class"] == "underpaid" and (known := CAUSES.get(causes[row["claim_id"], row["line"]])):
            assert row["cause"] in known, row
    for row in found:
        assert claims[row["claim_id"]]["expected"], row
