"""What a patient owes is decided after whatever changes it, and decided anew it comes out the same."""

from datetime import date

from app.accounts import service
from app.accounts.models import Owed, Standing
from app.flows import resolve
from app.kernel.db import table_of
from app.kernel.work import work
from tests import books
from tests.conftest import House
from tests.era import bill, billed, claim, era, line

_owed, _standing = table_of(Owed), table_of(Standing)
COPAY = "CO*45*100 PR*3*40"


def owed() -> list[tuple[str, str, str]]:
    return [(str(row.amount), row.state, row.reason) for row in books.rows(_owed)]


def test_a_copay_left_by_the_only_payer_is_due(house: House) -> None:
    books.practice()
    books.take(bill(billed("A1", "300")), era(claim("A1", line("99214", "300", cas=COPAY))))
    assert owed() == [("40.00", "due", "")]
    (row,) = books.rows(_standing)
    assert (str(row.due), str(row.waiting), row.visits) == ("40.00", "0.00", 1)
    assert row.oldest_since == books.rows(_owed)[0].since


def test_before_the_payer_answers_nobody_is_asked(house: House) -> None:
    books.practice()
    books.take(bill(billed("A1", "300")))
    assert owed() == []


def test_an_open_denial_keeps_the_copay_waiting(house: House) -> None:
    books.practice()
    denied = claim("A1", line("99214", "300", cas=COPAY), line("99213", "80", cas="CO*16*80", rarc="M127"))
    books.take(bill(billed("A1", "99214 300", "99213 80")), era(denied))
    assert owed() == [("40.00", "waiting", "denial_open")]


def test_undo_takes_what_is_owed_back(house: House) -> None:
    books.practice()
    books.take(bill(billed("A1", "300")), era(claim("A1", line("99214", "300", cas=COPAY))))
    remit = next(row for row in books.transactions() if row.kind == "835")
    with work(books.CLERK) as w:
        resolve.undo(w, remit.public_id, reason="wrong practice")
    books.settle()
    assert owed() == [("0.00", "clear", "")]
    (row,) = books.rows(_standing)
    assert (int(row.due), row.visits, row.oldest_since) == (0, 0, None)


def test_deciding_again_writes_nothing(house: House) -> None:
    books.practice()
    books.take(bill(billed("A1", "300")), era(claim("A1", line("99214", "300", cas=COPAY))))
    before = books.rows(_owed), books.rows(_standing)
    with work(books.CLERK) as w:
        service.refresh_claims(w, before[0][0].entity_id, [row.claim_id for row in before[0]])
    assert (books.rows(_owed), books.rows(_standing)) == before


def test_a_protected_patient_is_never_asked(house: House) -> None:
    books.practice()
    protected = claim("A1", line("99214", "300", cas=COPAY, rarc="N781"))
    books.take(bill(billed("A1", "300")), era(protected))
    assert owed() == [("40.00", "waiting", "never_bill")]


def test_what_payments_tell_of_an_account_is_kept(house: House) -> None:
    books.practice()
    books.take(bill(billed("A1", "300")), era(claim("A1", line("99214", "300", cas=COPAY))))
    (row,) = books.rows(_standing)
    with work(books.CLERK) as w:
        service.note(w, row.entity_id, row.account_id, paid=1500, paid_on=date(2026, 2, 1), pending=500)
        service.refresh(w, row.entity_id, [row.account_id])
    (row,) = books.rows(_standing)
    assert (int(row.paid), row.paid_on, int(row.pending)) == (1500, date(2026, 2, 1), 500)
    assert row.blocks == 2048
