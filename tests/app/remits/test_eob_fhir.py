"""An EOB that came as FHIR is read like any other: page and PDF from the facts that were posted."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.kernel.db import table_of
from app.remits.models import RemitClaim
from app.web import application
from tests import books, era
from tests.conftest import House
from tests.eobs import golden, written
from tests.policy import visitors

_remit_claim = table_of(RemitClaim)


@pytest.fixture
def app(house: House) -> Iterator[Flask]:
    books.practice()
    books.take(era.bill(era.billed("PCN0001", "99214 150", "93000 100")), written(golden()))
    yield application.make_app()


def test_the_page_and_the_pdf_tell_what_was_posted(app: Flask) -> None:
    sue = visitors.add("sue", "supervisor").browser(app)
    [one] = books.rows(_remit_claim)
    page = sue.get(f"/remits/claims/{one.public_id}/eob")
    assert page.status_code == 200
    for words in ("PCN0001", "250.00", "80.00", "40.00", "197"):
        assert words in page.text, words
    assert "resourceType" not in page.text, "JSON is not shown as segments of an 835"
    made = sue.get(f"/remits/claims/{one.public_id}/eob.pdf")
    assert made.status_code == 200 and made.data.startswith(b"%PDF")
