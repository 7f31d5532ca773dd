"""Opening a submission: what it is made of, its number, limit and dollars; what people do with it."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.kernel.errors import NotAllowed, Refused
from app.kernel.work import Actor, work
from app.rebill import service, translate
from app.rebill.lifecycle import Kind, State
from tests import books, era
from tests.app.rebill import desk


@pytest.fixture
def bea(house: Any) -> Iterator[Actor]:
    with desk.in_january():
        practice = books.practice()
        books.take(era.bill(era.billed("A1", "99214 300"), era.billed("A2", "99213 150", member="MEM0002")))
        books.take(desk.denied())
        yield desk.biller(practice.id)


def test_a_denied_claim_is_opened_as_a_replacement_of_the_payers_newest_number(bea: Actor) -> None:
    made = desk.row(desk.opened(bea, "A1"))
    assert (made.state, made.kind, made.frequency, made.control) == ("draft", "replacement", "7", "A1R1")
    assert (made.original_reference, str(made.charge)) == ("PAYERA1", "300.00")
    whole = translate.opened(made.claim_sealed)
    assert (whole.control, whole.frequency) == ("A1R1", "7")
    assert any(one.shown() == "REF*F8*PAYERA1" for one in whole.rows)


def test_its_limit_says_by_which_rule_and_from_which_day(bea: Actor) -> None:
    made = desk.row(desk.opened(bea, "A1"))
    assert (made.file_by.isoformat(), made.file_rule) == ("2026-07-15", "commercial:corrected_filing")
    assert (made.file_clock["event"], made.file_clock["start"]) == ("remit_date", "2026-01-16")


def test_it_waits_in_the_queue_with_what_is_at_stake(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    ((reason, amount, state),) = desk.items()
    assert (reason, state) == ("draft", "open") and amount == str(desk.row(public).expected) != "0.00"


def test_one_claim_has_one_open_submission_to_a_payer(bea: Actor) -> None:
    desk.opened(bea, "A1")
    with pytest.raises(NotAllowed) as refused:
        desk.opened(bea, "A1")
    assert refused.value.code == "already_open"


def test_a_claim_nobody_decided_is_not_replaced(bea: Actor) -> None:
    with pytest.raises(NotAllowed) as refused:
        desk.opened(bea, "A2")
    assert refused.value.code == "never_adjudicated" and "R837-11" in refused.value.message


def test_a_cancelled_one_leaves_the_queue_and_makes_room_for_another_number(bea: Actor) -> None:
    first = desk.opened(bea, "A1")
    with work(bea) as w:
        service.cancel(w, first, 1, "opened by mistake")
    assert desk.row(first).open is False and desk.items()[0][2] == "done"
    assert desk.row(desk.opened(bea, "A1")).control == "A1R2"


def test_the_state_of_a_claim_says_what_to_send(bea: Actor) -> None:
    with work(bea) as w:
        decided = service.proposal(w, desk.public("A1"))
        silent = service.proposal(w, desk.public("A2"))
    assert (decided.kind, decided.reference) == (Kind.REPLACEMENT, "PAYERA1")
    assert silent.kind is Kind.NEW and "status" in silent.why


def test_a_secondary_claim_is_opened_from_the_payment_before_it(bea: Actor) -> None:
    with pytest.raises(Refused):
        desk.opened(bea, "A1", Kind.SECONDARY)


def test_what_is_wrong_is_said_before_it_is_finished(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    assert "guard.duplicate" in desk.codes(public)
    with work(bea) as w, pytest.raises(NotAllowed) as refused:
        service.finish(w, public, 1)
    assert refused.value.code == "guard.duplicate"
    assert desk.row(public).state == State.DRAFT.value
