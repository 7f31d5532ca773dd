"""A held transaction waits on the queue for a person, and leaves it when one has decided."""

import pytest

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


def release(w_reason: str = "The payer told us: a cent is missing in its total.") -> str:
    [held] = books.rows(_transaction, _transaction.c.state == "held")
    with work(system("tests")) as w:
        resolve.release(w, held.public_id, reason=w_reason)
    settle()
    return str(held.public_id)


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


@pytest.mark.parametrize(
    ("paid", "moved"),
    [
        ("99.99", {1010: "99.99", 1100: "0.00", 2040: "0.01", 4000: "-100.00"}),
        ("130.50", {1010: "130.50", 2000: "-30.50", 4000: "-100.00"}),
        ("0", {2040: "100.00", 4000: "-100.00"}),
    ],
)
def test_a_released_payment_that_does_not_add_up_moves_what_the_bank_has(
    house: House, paid: str, moved: dict[int, str]
) -> None:
    del house
    books.practice()
    take(bill(billed("A1", "100")), era(claim("A1", charge="100", paid="100"), paid=paid))
    public = release()
    assert books.accounts() == {account: amount for account, amount in moved.items() if amount != "0.00"}
    assert books.problems() == [], "clearing moves by BPR02, and the bytes are still what the entries say"
    [item] = books.rows(_item, _item.c.kind == "payment_difference")
    assert (item.state, item.queue, item.reason) == ("open", "plb", "remit.difference")
    with work(system("tests")) as w:
        resolve.undo(w, public, reason="wrong after all")
    assert books.accounts() == {1100: "100.00", 4000: "-100.00"}
    assert books.rows(_item, _item.c.kind == "payment_difference")[0].state == "done"
    with work(system("tests")) as w:
        resolve.replay(w, public, reason="right after all")
    settle()
    if books.states() == ["held"]:
        release()
    assert books.states() == ["posted"]
    assert books.rows(_item, _item.c.kind == "payment_difference")[0].state == "open"
    assert books.problems() == []
