"""Money at the desk: on the books once, on the visits it pays, and back to the cent when it bounces."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.flows import patient_paid
from app.flows.trace import trace
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused
from app.kernel.work import reading, work
from app.ledger.models import LedgerBatch
from app.ledger.service import close_month
from app.payments import service
from app.payments.lifecycle import Mode, Reversal, Tender
from tests import books, era, paying
from tests.conftest import House
from tests.paying import CASHIER, claim_id

BATCH = table_of(LedgerBatch)


def test_a_check_pays_the_oldest_visits_and_the_books_agree(house: House) -> None:
    account = paying.owing()
    taken = paying.pay(account, "150.00", reference="1044")
    assert [(str(taken.applied), str(taken.unapplied))] == [("150.00", "0.00")]
    assert paying.due() == {"B": "15.50", "C": "34.50"}  # RPAT-21
    posted = [row for row in books.entries() if row.event == "patient_payment"]
    assert books.journal(posted) == books.transfers("1010 1110 120.00", "1010 1110 30.00")
    standing = paying.standing(account)
    assert (str(standing.due), str(standing.unapplied), str(standing.paid)) == ("50.00", "0.00", "150.00")
    with reading(CASHIER) as w:
        steps = [one for one in trace(w, "A") if one["event"] == "patient payment"]
    assert [one["amount"] for one in steps] == ["120.00"] and "*[150.00]*" in steps[0]["raw"]
    assert books.problems() == []


def test_proportional_and_card_clearing_aside_the_parts_are_the_golden_ones(house: House) -> None:
    account = paying.owing()
    paying.pay(account, "50.00", tender=Tender.CASH, mode=Mode.PROPORTIONAL)
    assert paying.due() == {"A": "89.99", "B": "34.13", "C": "25.88"}  # RPAT-22
    assert books.problems() == []


def test_what_is_too_much_waits_and_pays_the_next_visit_that_becomes_due(house: House) -> None:
    account = paying.owing(("A", "120.00", "20260105"))
    taken = paying.pay(account, "150.00")
    assert str(taken.unapplied) == "30.00" and paying.due() == {}
    assert books.accounts()[2010] == "-30.00"
    assert str(paying.standing(account).unapplied) == "30.00"
    paying.owing(("B", "45.50", "20260201"))
    with work(CASHIER) as w:
        assert patient_paid.apply_rest(w, paying.entity_id(), account) == [(claim_id("B"), 30_00)]
    assert paying.due() == {"B": "15.50"} and 2010 not in books.accounts()
    assert books.problems() == []


def test_nothing_is_applied_to_what_still_waits_for_a_payer(house: House) -> None:
    account = paying.owing(("A", "20.00", "20260105"))
    books.take(era.bill(era.billed("D", "99214 300", day="20260110")))
    taken = paying.pay(account, "50.00", named=[(claim_id("D"), None)])  # a copay, collected at the visit
    assert str(taken.unapplied) == "50.00" and paying.due() == {"A": "20.00"}  # RPAT-20
    books.take(era.era(era.claim("D", charge="300", paid="260", cas="PR*3*40"), trace="TD"))
    with work(CASHIER) as w:
        patient_paid.apply_rest(w, paying.entity_id(), account)
    assert paying.due() == {"A": "20.00"} and str(paying.payment(taken.public_id).unapplied) == "10.00"
    assert books.problems() == []


def test_the_same_key_is_the_same_payment_and_never_another(house: House) -> None:
    account = paying.owing()
    first = paying.pay(account, "100.00", key="till-7")
    again = paying.pay(account, "100.00", key="till-7")
    assert again.again and again.public_id == first.public_id
    with pytest.raises(Refused, match="another payment"):
        paying.pay(account, "100.01", key="till-7")
    with pytest.raises(Refused, match="another payment"):
        paying.pay(account, "100.00", key="till-7", tender=Tender.CASH)
    assert len(books.rows(paying.PAYMENT)) == 1 and paying.due()["A"] == "20.00"


def test_a_preview_says_what_a_payment_would_pay_and_moves_nothing(house: House) -> None:
    account = paying.owing()
    taking = service.Taking(
        entity_id=paying.entity_id(), account_id=account, tender=Tender.CASH, cents=150_00, key="x"
    )
    before = books.content()
    with reading(CASHIER) as w:
        planned = service.preview(w, taking)
    assert [(visit.control, str(part)) for visit, part in planned.parts] == [("A", "120.00"), ("B", "30.00")]
    assert str(planned.unapplied) == "0.00" and books.content() == before


def test_a_bounced_check_opens_exactly_what_it_paid(house: House) -> None:
    account = paying.owing()
    before = books.content()
    other = paying.pay(account, "10.00", tender=Tender.CASH)
    taken = paying.pay(account, "215.00")
    assert str(taken.unapplied) == "25.00" and paying.due() == {}
    done = paying.bounce(taken.public_id, code="R01")
    assert dict(done.parts) == {claim_id("A"): 110_00, claim_id("B"): 45_50, claim_id("C"): 34_50}
    assert paying.due() == {"A": "110.00", "B": "45.50", "C": "34.50"} and 2010 not in books.accounts()
    row = paying.payment(taken.public_id)
    assert (row.state, str(row.applied), str(row.unapplied)) == ("reversed", "0.00", "0.00")
    assert books.problems() == []
    paying.bounce(other.public_id, Reversal.ERROR, words="wrong account")
    assert books.content() == before


def test_what_was_applied_later_or_taken_off_comes_back_as_well(house: House) -> None:
    account = paying.owing()
    before = books.accounts()
    taken = paying.pay(account, "150.00", named=[(claim_id("C"), None)])
    with work(CASHIER) as w:
        patient_paid.apply(w, taken.public_id, mode=Mode.OLDEST_FIRST, version=1)
    with work(CASHIER) as w:
        off = patient_paid.take_off(
            w, taken.public_id, reason="meant for B", version=2, visits=[claim_id("A")]
        )
    assert off == [(claim_id("A"), 115_50)] and paying.due() == {"A": "120.00", "B": "45.50"}
    with work(CASHIER) as w:
        patient_paid.apply(w, taken.public_id, mode=None, designated=[(claim_id("B"), None)], version=3)
    assert paying.due() == {"A": "120.00"}
    assert str(paying.payment(taken.public_id).unapplied) == "70.00"
    assert books.problems() == []
    paying.bounce(taken.public_id)
    assert paying.due() == {"A": "120.00", "B": "45.50", "C": "34.50"}
    assert books.accounts() == before and books.problems() == []
    with pytest.raises(NotAllowed, match="not possible while reversed"):
        paying.bounce(taken.public_id)


def test_a_receipt_of_nobody_waits_until_somebody_knows_whose_it_is(house: House) -> None:
    account = paying.owing()
    taken = paying.pay(None, "60.00", reference="no name on it")
    assert str(taken.unapplied) == "60.00" and books.accounts()[2010] == "-60.00"
    with work(CASHIER) as w:
        patient_paid.identify(w, taken.public_id, account, version=1)
    assert paying.due()["A"] == "60.00" and 2010 not in books.accounts()
    with pytest.raises(NotFound), work(CASHIER) as w:
        patient_paid.identify(w, "0" * 20, account, version=1)
    assert books.problems() == []


def test_a_day_in_a_closed_month_moves_to_the_first_open_one(house: House) -> None:
    account = paying.owing(("A", "120.00", "20260105"))
    with work(CASHIER) as w:
        day = w.now.date() - timedelta(days=40)
        close_month(w, paying.entity_id(), w.now.date() - timedelta(days=10))
    taken = paying.pay(account, "20.00", received_on=day)
    (entry,) = [row for row in books.entries() if row.event == "patient_payment"]
    assert entry.original_date == day and entry.effective_date > day
    assert paying.payment(taken.public_id).received_on == day
    assert books.problems() == []


def test_card_numbers_are_refused_wherever_they_are_typed(house: House) -> None:
    account = paying.owing()
    number = "4111 1111 1111 1111"
    with pytest.raises(Refused, match="reads like a card number"):
        paying.pay(account, "10.00", reference=number)
    with pytest.raises(Refused, match="reads like a card number"):
        paying.pay(account, "10.00", key=number)
    with pytest.raises(Refused, match="by its token"):
        paying.pay(account, "10.00", tender=Tender.CARD)
    assert not books.rows(paying.PAYMENT)


def test_every_payment_is_one_batch_of_its_own(house: House) -> None:
    account = paying.owing()
    paying.pay(account, "10.00")
    paying.pay(account, "10.00")
    with books.looking() as line:
        kinds = line.execute(select(BATCH.c.source_key).where(BATCH.c.kind == "patient_payment")).scalars()
        assert len(set(kinds)) == 2
