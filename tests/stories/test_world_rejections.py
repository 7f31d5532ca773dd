"""Every rejection of the example world is in the queue, and nothing else is."""

from pathlib import Path

from app.claims import queries_rejections
from app.entities import service as entities
from app.entities.rules import Identifier
from app.flows import receive_file
from app.kernel.paging import Ask
from app.kernel.work import reading, work
from app.world import build
from tests import books
from tests.conftest import House


def test_the_queue_holds_every_rejection_of_the_world_and_none_else(house: House, tmp_path: Path) -> None:
    truth = build(tmp_path / "world", seed=1, claims=60, entities=1)
    with work(books.CLERK) as w:
        for one in truth.summary["entities"]:
            numbers = [Identifier("npi", one["npi"]), Identifier("tax_id", one["tax_id"])]
            entities.add(w, one["name"], numbers)
    for row in sorted(truth.rows("files"), key=lambda each: each["file"]):
        with (truth.folder / "files" / row["file"]).open("rb") as content:
            receive_file.offer(books.CLERK, content, row["file"])
    books.settle()
    wanted = [row for row in truth.rows("exceptions") if row["code"] == "claim_rejected"]
    with reading(books.CLERK) as w:
        found = queries_rejections.rejections(w, Ask("opened", limit=0, filters={"state": "all"})).rows
    assert {(one.claim, str(one.amount)) for one in found} == {
        (row["claim_id"], row["amount"]) for row in wanted
    }
    assert wanted and len(found) == len(wanted)
