"""Postings are undone in the order that leaves one answer standing."""

import pytest

from app.flows import resolve
from app.kernel.errors import NotAllowed
from app.kernel.work import work
from tests import books
from tests.conftest import House
from tests.era import bill, billed, claim, era, line, reversal


def undo(trace: str) -> None:
    public = next(row.public_id for row in books.transactions() if row.trace == trace)
    with work(books.CLERK) as w:
        resolve.undo(w, public, reason="wrong practice")


def test_a_reversal_is_undone_after_what_the_payer_paid_again(house: House) -> None:
    """The payer pays, takes it back, and pays again under the same claim number."""
    books.practice()
    paid = line("99214", "200", "120", "CO*45*80")
    books.take(bill(billed("A1", "99214 200")), era(claim("A1", paid), trace="T1"))
    books.take(era(reversal("A1", paid), trace="T2", plb="FB:T2*-120", paid="0"))
    books.take(era(claim("A1", line("99214", "200", "90", "CO*45*110")), trace="T3"))
    before = books.accounts()
    with pytest.raises(NotAllowed) as no:
        undo("T2")
    assert no.value.code == "undo_order" and "paid again" in str(no.value)
    assert books.accounts() == before
    undo("T3")
    undo("T2")
    assert books.accounts() == {1010: "120.00", 4000: "-200.00", 4100: "80.00"}
    assert books.problems() == []
