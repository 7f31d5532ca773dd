"""What was paid short in an imported world: each shortfall of its truth to the cent, and none beside it."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.contracts import service_import
from app.entities import queries as entities
from app.flows.exports import TABLES
from app.kernel.export import csv_lines
from app.kernel.work import Work, reading, work
from app.world import Truth, build
from tests import books
from tests.conftest import House
from tests.stories.test_world_truth import CLERK, take_in

CAUSES = {
    "underpaid_percent": {"npp"},
    "underpaid_old_fee": {"old_schedule"},
    "downcoded": {"code_changed"},
}


def load_fees(truth: Truth) -> None:
    """Load the world's schedules for every entity, and price anew what is there."""
    path = truth.folder / "fees" / "fees.csv"
    with path.open("rb") as content, work(CLERK) as w:
        file_id = service_import.keep(w, content, path.name)
        for one in entities.practices(w):
            done = service_import.load(w, one.id, file_id)
            assert not done.bad
    books.settle()


def exported(w: Work, name: str) -> Iterator[dict[str, str]]:
    columns, rows = TABLES[name](w, None)
    text = b"".join(csv_lines(columns, rows)).decode("utf-8-sig")
    return csv.DictReader(io.StringIO(text, newline=""))


SAME = ("entity", "claim_id", "payer_id", "line", "code", "expected_allowed", "actual_allowed", "variance")


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
        found = list(exported(w, "underpayments"))
        claims = {row["claim_id"]: row for row in exported(w, "claims")}
    wanted = list(truth.rows("underpayments"))
    assert Counter(tuple(row[name] for name in SAME) for row in found) == Counter(
        tuple(row[name] for name in SAME) for row in wanted
    )
    causes = {(row["claim_id"], row["line"]): row["cause"] for row in wanted}
    for row in found:
        if row["class"] == "underpaid" and (known := CAUSES.get(causes[row["claim_id"], row["line"]])):
            assert row["cause"] in known, row
    for row in found:
        assert claims[row["claim_id"]]["expected"], row
