"""Opening a submission: what it is made of, its number, limit and dollars; what people do with it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from app.claims.models import ClaimVersion
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotPermitted, Refused
from app.kernel.work import Actor, work
from app.payers import service as payers
from app.rebill import service, service_edit, service_limits, translate
from app.rebill.lifecycle import Kind, Move, State
from app.rebill.service_edit import Edit
from app.rebill.service_whole import whole_of
from tests import books, era
from tests.app.rebill import desk

VERSION = table_of(ClaimVersion)


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


def test_opening_correcting_and_finishing_move_no_money(bea: Actor) -> None:
    before = (books.accounts(), len(books.entries()))
    public = desk.opened(bea, "A1")
    with work(bea) as w:
        version = service_edit.edit(w, public, 1, [Edit("authorization", 0, 0, "AUTH1")])
    with work(bea) as w:
        service.finish(w, public, version)
    desk.moved(public, Move.BATCH, Move.UNBATCH)
    assert (books.accounts(), len(books.entries())) == before and books.problems() == []


def test_the_last_day_follows_the_terms_and_the_history_says_so(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    payer = desk.row(public).payer_id
    with work(books.CLERK) as w:
        entity_id = desk.entity_of(bea)
        assert service_limits.recompute(w, entity_id) == 0
        payers.change_terms(w, entity_id, payer_id=payer, terms={"corrected_filing_days": 60},
                            effective_from=date(2026, 1, 1), reason="new contract")  # fmt: skip
        payers.change_terms(w, entity_id, payer_id=payer, terms={"corrected_filing_days": 30},
                            effective_from=date(2026, 1, 19), reason="for later remits")  # fmt: skip
        assert service_limits.recompute(w, entity_id) == 1
    assert desk.row(public).file_by == date(2026, 3, 17)
    last = desk.history(public)[-1]
    assert (last.move, last.detail) == ("limit", {"was": "2026-07-15", "now": "2026-03-17"})
    assert books.rows(desk.ITEM, desk.ITEM.c.queue == "rebill")[0].due == date(2026, 3, 17)


def test_whose_right_it_is_not_opens_nothing(bea: Actor) -> None:
    reader = Actor(name="rita", permissions=frozenset({"rebill.read"}), scope=bea.scope)
    with pytest.raises(NotPermitted):
        desk.opened(reader, "A1")


def test_a_claim_of_a_file_taken_off_the_books_is_not_sent_again(bea: Actor) -> None:
    version = books.rows(desk.CLAIM, desk.CLAIM.c.control == "A2")[0].current_version_id
    with work(books.CLERK) as w:
        w.db.execute(update(VERSION).where(VERSION.c.id == version).values(state="undone"))
    with work(bea) as w, pytest.raises(Refused) as refused:
        whole_of(w, [version])
    assert refused.value.code == "file_undone"


def test_claims_of_one_file_are_read_in_one_walk(bea: Actor) -> None:
    ids = [row.current_version_id for row in books.rows(desk.CLAIM)]
    with work(bea) as w:
        found = whole_of(w, [*ids, 12345])
    assert sorted(one.control for one in found.values()) == ["A1", "A2"] and set(found) == set(ids)
