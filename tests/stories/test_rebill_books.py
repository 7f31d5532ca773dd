"""Corrected, voided, late and undone: whatever goes out again, the books hold each cent once."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.flows import resolve
from app.flows.confirm_voids import confirm_voids
from app.intake.models import IntakeTransaction
from app.kernel.db import table_of
from app.kernel.work import work
from app.rebill import service, service_edit
from app.rebill.lifecycle import Kind
from app.rebill.service_edit import Edit
from tests import batches, books, era
from tests.app.rebill import desk

_transaction = table_of(IntakeTransaction)
FIRST = (
    era.line("99214", "300", cas="CO*16*300", rarc="M127", control="L1"),
    era.line("93000", "100", cas="CO*45*40", control="L2"),
)
"""Refuses the first line, pays 60.00 for the second."""

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def bea() -> Iterator[Any]:
    with desk.in_january():
        practice = books.practice()
        batches.receiver(practice)
        books.take(era.bill(era.billed("A1", "99214 300", "93000 100")))
        books.take(era.era(era.claim("A1", *FIRST, number="ICN1"), trace="T1"))
        yield desk.biller(practice.id)


def sent(actor: Any, kind: Kind, *edits: Edit) -> str:
    """A submission of A1, corrected, signed where it must be, out of the house and in the books."""
    public = desk.opened(actor, "A1", kind)
    with work(actor) as w:
        version = service_edit.edit(w, public, 1, edits) if edits else 1
    if desk.row(public).coding_changed:
        with work(desk.biller(desk.entity_of(actor), "cora", 8)) as w:
            version = service.sign_coding(w, public, version)
    with work(actor) as w:
        service.finish(w, public, version)
    batches.release(books.rows(batches.RECEIVER)[0].public_id, public)
    books.settle()
    assert desk.row(public).state == "transmitted"
    return public


def clean() -> None:
    """The books verify: chains, bytes, and every balance against its entries, to the cent."""
    assert books.problems() == []


def back(number: str, trace: str, *lines: era.Line, control: str = "A1", anew: Any = None) -> bytes:
    gone = era.reversal(control, *lines, number=number)
    both = (gone, anew) if anew else (gone,)
    return era.era(*both, trace=trace, day="20260120", plb=f"FB:{trace}*{-60 if not anew else 0}")


@pytest.mark.parametrize(
    ("edit", "owed"),
    [
        (Edit("line_charge", 1, 0, "350"), "390.00"),
        (Edit("line_charge", 1, 0, "250"), "290.00"),
        (Edit("service_dates", 1, 0, "20251217"), "340.00"),
        (Edit("procedure", 1, 0, "99215"), "340.00"),
        (Edit("units", 1, 0, "2"), "340.00"),
    ],
)
def test_a_corrected_line_posts_its_difference_once(bea: Any, edit: Edit, owed: str) -> None:
    """What the payer paid (60.00) and took off (40.00) stays; only the difference of the charge posts."""
    assert books.balance("A1")[0] == "300.00"
    sent(bea, Kind.REPLACEMENT, edit)
    expected = {"390.00": "350.00", "290.00": "250.00", "340.00": "300.00"}[owed]
    assert books.balance("A1") == (expected, "0.00")
    clean()


def test_a_replacement_of_a_replacement_and_its_undoing_in_every_order(bea: Any) -> None:
    sent(bea, Kind.REPLACEMENT, Edit("line_charge", 1, 0, "350"))
    lines = (era.line("99214", "350", cas="CO*45*100", control="L1"), FIRST[1])
    anew = era.claim("A1R1", *lines, number="ICN2", original="ICN1")
    books.take(back("ICN1", "T2", *FIRST, anew=anew))
    assert books.balance("A1") == ("0.00", "0.00")
    clean()
    sent(bea, Kind.REPLACEMENT, Edit("line_charge", 1, 0, "320"))
    assert books.balance("A1") == ("-30.00", "0.00")
    clean()
    for trace, owed in (("T2", "320.00"), ("T1", "420.00")):
        undo(trace)
        assert books.balance("A1") == (owed, "0.00")
        clean()


def undo(trace: str) -> None:
    [row] = books.rows(_transaction, _transaction.c.trace == trace)
    with work(books.CLERK) as w:
        resolve.undo(w, row.public_id, reason="wrong file")


def test_a_void_takes_everything_off_once_confirmed_and_an_undone_one_brings_it_back(bea: Any) -> None:
    sent(bea, Kind.VOID)
    assert books.balance("A1") == ("300.00", "0.00"), "not before the payer takes its payment back"
    books.take(back("ICN1", "T2", *FIRST))
    with work(books.CLERK) as w:
        confirm_voids(w, desk.entity_of(bea))
    assert books.balance("A1") == ("0.00", "0.00")
    clean()
    undo("T2")
    assert books.balance("A1") == ("300.00", "0.00"), "the charges are back with the payment"
    clean()
    books.take(back("ICN1", "T3", *FIRST))
    with work(books.CLERK) as w:
        confirm_voids(w, desk.entity_of(bea))
    assert books.balance("A1") == ("0.00", "0.00"), "a second reversal takes them off once more"
    clean()
