"""Every rejection of the example world is in the queue, in any order of arrival, and nothing else is."""

import random
from collections import Counter
from pathlib import Path

import pytest

from app.claims import queries_rejections, service_daily
from app.entities import queries as entity_queries
from app.entities import service as entities
from app.entities.rules import Identifier
from app.flows import receive_file
from app.kernel.paging import Ask
from app.kernel.work import reading, work
from app.world import Truth, build
from tests import books
from tests.conftest import House

CLAIMS, SEED = 120, 4


def take_in(truth: Truth, seed: int | None) -> None:
    """The bills, reports and payments of a world, by name or shuffled; odd files are for other stories."""
    rows = [row for row in truth.rows("files") if row["outcome"] in ("posted", "acknowledged")]
    names = sorted(row["file"] for row in rows)
    if seed is not None:
        random.Random(seed).shuffle(names)
    with work(books.CLERK) as w:
        for one in truth.summary["entities"]:
            numbers = [Identifier("npi", one["npi"]), Identifier("tax_id", one["tax_id"])]
            entities.add(w, one["name"], numbers)
    for name in names:
        with (truth.folder / "files" / name).open("rb") as content:
            receive_file.offer(books.CLERK, content, name)
    books.settle()
    books.hurry()
    books.settle()


def look_after() -> None:
    """The daily look closes what was sent again as a whole."""
    with work(books.CLERK) as w:
        for one in entity_queries.practices(w):
            service_daily.every_day(w, one.id)


@pytest.mark.parametrize("seed", [None, 5], ids=["by name", "shuffled"])
def test_the_queue_holds_every_rejection_of_the_world_and_none_else(
    house: House, tmp_path: Path, seed: int | None
) -> None:
    truth = build(tmp_path / "world", seed=SEED, claims=CLAIMS, entities=2)
    told = list(truth.rows("rejections"))
    take_in(truth, seed)
    look_after()
    with reading(books.CLERK) as w:
        rows = queries_rejections.rejections(w, Ask("opened", limit=0)).rows
    found = Counter((one.claim, one.code, str(one.amount)) for one in rows if not one.kind.startswith("miss"))
    wanted = Counter((row["claim_id"], row["code"], row["amount"]) for row in told if row["state"] == "open")
    assert found == wanted
    assert len(wanted) >= 3 and {row["level"] for row in told} == {"claim", "line", "file"}
    assert any(row["state"] == "closed" for row in told if row["level"] == "claim")
