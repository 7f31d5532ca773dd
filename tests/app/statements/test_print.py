"""What a run sends by mail becomes one PDF with a manifest, once, and goes to the vendor once."""

import csv
import io
import json
from hashlib import sha256

import pikepdf
import pytest

from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Stale
from app.kernel.work import work
from app.statements import service_print
from app.statements.models import PrintBatch
from tests import books, statements
from tests.conftest import House
from tests.statements import BOSS, STATEMENT

BATCH = table_of(PrintBatch)


def test_a_run_becomes_one_pdf_that_counts_up_and_is_handed_over_once(house: House) -> None:
    public = statements.sent(statements.owing("A1", "A2", "A3"))
    [batch] = books.rows(BATCH)
    made = books.rows(STATEMENT)
    assert (batch.documents, str(batch.amount), batch.state) == (3, "120.00", "made")
    assert batch.run_id == statements.run(public).id
    assert {one.batch_id for one in made} == {batch.id}
    with work(BOSS) as w:
        pdf = service_print.content(w, batch.public_id, "pdf")
        said = json.loads(service_print.content(w, batch.public_id, "json"))
        rows = list(csv.reader(io.StringIO(service_print.content(w, batch.public_id, "csv").decode())))
    assert said["totals"] == {
        "documents": 3, "pages": batch.pages, "amount": "120.00", "pdf_sha256": sha256(pdf).hexdigest(),
    }  # fmt: skip
    assert {one["sha256"] for one in said["documents"]} == {one.sha256 for one in made}
    assert len(pikepdf.Pdf.open(io.BytesIO(pdf)).pages) == batch.pages == sum(one.pages for one in made)
    assert len(rows) == 5
    with work(BOSS) as w:
        assert service_print.make(w, batch.run_id) == batch.public_id  # twice is once
        service_print.hand_over(w, batch.public_id, 1)
    with pytest.raises(Stale), work(BOSS) as w:
        service_print.hand_over(w, batch.public_id, 1)
    with pytest.raises(NotAllowed, match="already"), work(BOSS) as w:
        service_print.hand_over(w, batch.public_id, 2)
    assert {one.state for one in books.rows(STATEMENT)} == {"handed"}
    [batch] = books.rows(BATCH)
    assert (batch.state, batch.handed_by) == ("handed", BOSS.name)
