"""The screen Placements: candidates with their lights, one scrub, the file for Excel."""

from datetime import date

from sqlalchemy import insert

from app.accounts.models import Owed
from app.flows import account_items
from app.kernel.db import table_of
from app.kernel.paging import Ask
from app.kernel.work import reading, work
from app.placements import queries
from app.statements.models import CollectionLetter, Dunning
from app.web.application import make_app
from app.worklist.models import WorklistItem
from tests import books
from tests.conftest import House
from tests.era import bill, billed, claim, era, line
from tests.policy.visitors import add

_owed, _dunning, _letter = table_of(Owed), table_of(Dunning), table_of(CollectionLetter)
_item = table_of(WorklistItem)
FIRST, NOTICE = date(2026, 3, 2), date(2026, 6, 1)


def candidate() -> tuple[int, int]:
    """(entity, account) of somebody in pre-collection since the golden days, letters sent."""
    books.practice()
    books.take(bill(billed("A1", "300")), era(claim("A1", line("99214", "300", cas="CO*45*100 PR*3*40"))))
    (visit,) = books.rows(_owed)
    stands = dict(account_id=visit.account_id, entity_id=visit.entity_id, stage="pre_collection",
                  since=NOTICE, first_on=FIRST, notice_on=NOTICE, skip_one=False, statement_due=0,
                  version=1)  # fmt: skip
    letter = dict(entity_id=visit.entity_id, account_id=visit.account_id, stage="pre_collection", amount=4000,
                  language="en", way="mail", reason="level", facts_sealed=b"x", facts_hash="x", template="x",
                  file_no=1, sha256="x", pages=1, state="issued", released_by="x")  # fmt: skip
    with work(books.CLERK) as w:
        w.db.execute(insert(_dunning).values(**stands))
        for number, name in enumerate(("final_notice", "pre_collection"), start=1):
            names = dict(id=number, public_id=f"{number:020d}", letter=name, number=f"L{number}")
            w.db.execute(insert(_letter).values(**letter, **names, day=NOTICE, recorded_at=w.now))
    return visit.entity_id, visit.account_id


def test_the_golden_account_is_ready_on_the_first_of_july_and_not_before(house: House) -> None:
    entity_id, account_id = candidate()
    with reading(books.CLERK) as w:
        assert queries.ready(w, entity_id, date(2026, 6, 30)) == []
        assert queries.ready(w, entity_id, date(2026, 7, 1)) == [(account_id, 4000)]
    with work(books.CLERK) as w:
        account_items.every_day(w, entity_id, date(2026, 7, 1))
    found = books.rows(_item, _item.c.queue == account_items.QUEUE)
    assert [row.kind for row in found] == ["agency_ready"]


def test_the_list_one_scrub_and_its_file(house: House) -> None:
    candidate()
    client = add("desk", "supervisor").browser(make_app())
    page = client.get("/placements/")
    assert page.status_code == 200, page.status
    assert "DOE, JANE" in page.text
    with reading(books.CLERK) as w:
        (row,) = queries.candidates(w, Ask("due")).rows
    one = client.get(f"/placements/{row.public_id}")
    assert one.status_code == 200
    assert "Days since first statement" in one.text
    file = client.get("/placements/?format=csv&show=ready")
    assert file.status_code == 200
    assert file.text.splitlines()[0].startswith("\ufeffBilling entity,Guarantor")
