"""A held transaction waits on the queue for a person, and leaves it when one has decided."""

from app.flows import resolve
from app.intake.models import IntakeTransaction
from app.kernel.db import table_of
from app.kernel.work import system, work
from app.worklist.models import WorklistItem
from tests import books
from tests.books import settle, take
from tests.conftest import House
from tests.era import bill, billed, claim, era

_transaction, _item = table_of(IntakeTransaction), table_of(WorklistItem)
FAULTY = era(claim("A1", charge="100", paid="100"), paid="99.99")


def waiting() -> list[str]:
    return [
        row.reason for row in books.rows(_item, _item.c.kind == "held_transaction", _item.c.state == "open")
    ]


def test_what_a_supervisor_released_no_longer_waits_on_the_queue(house: House) -> None:
    books.practice()
    take(bill(billed("A1", "100")), FAULTY)
    [held] = books.rows(_transaction, _transaction.c.state == "held")
    assert waiting() == [held.reason]
    with work(system("tests")) as w:
        resolve.release(w, held.public_id, reason="The payer told us: a cent is missing in its total.")
    settle()
    assert waiting() == []
    assert books.states() == ["posted"]
