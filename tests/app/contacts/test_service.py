"""Notes and calls are kept sealed, never edited; promises are measured by payer."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.contacts import queries, service
from app.contacts.models import Contact, PayerPromise
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.work import Actor, reading, system, work
from app.payers import service as payers
from app.payers.service import SeenPayer
from tests import books
from tests.conftest import House

ME = system("tests")
_contact, _promise = table_of(Contact), table_of(PayerPromise)


def test_a_note_is_sealed_and_a_card_number_never_kept(house: House) -> None:
    entity = books.practice().id
    with work(ME) as w:
        service.note(w, entity, "denial", 7, "Patient said card 4111 1111 1111 1111", patient_id=9)
    (row,) = books.rows(_contact)
    assert b"Patient" not in bytes(row.said)
    with reading(ME) as w:
        (note,) = queries.about(w, "denial", 7)
    assert note.text == "Patient said card [card number removed]" and note.kind == "note"


def test_what_was_written_is_struck_and_stays(house: House) -> None:
    entity = books.practice().id
    with work(ME) as w:
        today = w.today("America/New_York")
        key = service.log_call(w, entity, None, "denial", 7, outcome="payment_promised",
                               representative="Kim", reference="R1", promised_on=today)  # fmt: skip
        assert service.strike(w, [key]) == 1
        assert service.strike(w, [key]) == 0
        (call,) = queries.about(w, "denial", 7)
        assert queries.promises_due(w, None, today + timedelta(400)) == []
    assert call.struck and call.promise == "withdrawn" and call.representative == "Kim"


def test_how_a_payer_keeps_its_word_is_counted(house: House) -> None:
    entity = books.practice().id
    with work(ME) as w:
        payer = payers.recognise(w, entity, [SeenPayer(name="AETNA", ids=(), filing="12")])[0]
        today = w.today("America/New_York")
        for subject in (1, 2, 3):
            service.log_call(w, entity, payer, "denial", subject, outcome="payment_promised",
                             promised_on=today, promised_amount=Money(100_00))  # fmt: skip
        (due, *_) = queries.promises_due(w, None, today)
        assert due.payer == "AETNA" and due.subject == "denial"
        came = {1: Money(100_00), 2: Money(40_00)}
        assert service.judge(w, entity, "denial", came, today) == 1
        assert service.judge(w, entity, "denial", came, today + timedelta(6)) == 2
        (rate,) = queries.keep_rates(w, payer)
    assert (rate.kept, rate.partial, rate.broken) == (1, 1, 1)
    assert rate.rate == Decimal("0.3333") and str(rate.received) == "140.00"


def test_nobody_writes_where_they_do_not_work_or_about_what_nobody_knows(house: House) -> None:
    entity = books.practice().id
    with work(Actor("stranger", scope=frozenset({entity + 1}))) as w, pytest.raises(NotFound):
        service.note(w, entity, "denial", 7, "hello")
    with work(ME) as w, pytest.raises(Refused):
        service.note(w, entity, "weather", 7, "hello")
    with work(ME) as w, pytest.raises(Refused):
        service.log_call(w, entity, None, "denial", 7, outcome="shouted")
