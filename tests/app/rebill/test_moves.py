"""What happens to submissions on their way: the table, late facts, refused files, the queue."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.claims.models import ClaimControl
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.work import Actor, work
from app.rebill import service_moves, translate
from app.rebill.lifecycle import AT_WORK, OPEN, REBILL, Kind, Move, State
from app.rebill.service_moves import Moved
from tests import books, era
from tests.app.rebill import desk

DAY = date(2026, 1, 21)
_control = table_of(ClaimControl)


@pytest.fixture
def bea(house: Any) -> Iterator[Actor]:
    with desk.in_january():
        practice = books.practice()
        books.take(era.bill(era.billed("A1", "99214 300"), era.billed("A2", "99213 150", member="MEM0002")))
        books.take(desk.denied())
        yield desk.biller(practice.id)


@given(some.lists(some.sampled_from(list(Move)), max_size=30))
def test_whatever_happens_a_submission_only_goes_where_the_table_says(moves: list[Move]) -> None:
    state, sent, closed = State.DRAFT, False, False
    for move in moves:
        if (state, move) not in {(one, does) for one in State for does in REBILL.moves(one)}:
            with pytest.raises(NotAllowed):
                REBILL.next(state, move)
            continue
        after = REBILL.next(state, move)
        assert not closed or move is Move.TAKE_BACK, "nothing moves what is over, but an undone answer"
        sent |= move is Move.TRANSMIT
        if after in (State.RECEIVED, State.ACCEPTED, State.REJECTED, State.ANSWERED):
            assert sent, "nobody answers what was never sent"
        if after is State.CANCELLED:
            assert state in AT_WORK, "what is on its way is not called back"
        closed = after not in OPEN
        state = after


def test_every_state_but_the_ends_has_a_way_on() -> None:
    for state in State:
        assert bool(REBILL.moves(state)) == (state in OPEN or state is State.ANSWERED)
    assert REBILL.moves(State.ANSWERED) == [Move.TAKE_BACK], "only an undone posting takes an answer back"


def test_it_leaves_the_queue_when_it_is_batched_and_comes_back_rejected(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    assert desk.moved(public, Move.FINISH) is State.READY
    assert desk.items()[0][::2] == ("ready", "open")
    assert desk.moved(public, Move.BATCH) is State.BATCHED
    assert desk.items()[0][2] == "done"
    assert desk.moved(public, Move.TRANSMIT, Move.ACCEPT, Move.REJECT) is State.REJECTED
    assert desk.items()[0][::2] == ("rejected", "open")
    assert desk.row(public).sent_on == date(2026, 1, 20)


def test_a_late_message_is_written_down_and_moves_nothing(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    desk.moved(public, Move.FINISH, Move.BATCH, Move.TRANSMIT, Move.ACCEPT)
    version = desk.row(public).version
    assert desk.moved(public, Move.RECEIVE) is State.ACCEPTED
    last = desk.history(public)[-1]
    assert (last.move, last.from_state, last.to_state) == ("receive", "accepted", "accepted")
    assert desk.row(public).version == version


def test_a_person_who_comes_too_late_is_refused(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    with work(bea) as w, pytest.raises(NotAllowed):
        service_moves.move(w, [Moved(desk.row(public).id, Move.TRANSMIT, DAY)], strict=True)
    assert desk.row(public).state == "draft"


def test_a_refused_file_gives_the_same_claim_a_new_number(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    desk.moved(public, Move.FINISH, Move.BATCH, Move.TRANSMIT)
    before = desk.row(public)
    assert desk.moved(public, Move.REFUSE_FILE) is State.READY
    after = desk.row(public)
    assert (before.control, after.control) == ("A1R1", "A1R2")
    old, new = translate.opened(before.claim_sealed), translate.opened(after.claim_sealed)
    assert new.control == "A1R2" and new.claim[1:] == old.claim[1:]
    assert (after.batch_id, after.content) == (None, before.content)


def test_an_answer_ends_it(bea: Actor) -> None:
    public = desk.opened(bea, "A1")
    desk.moved(public, Move.FINISH, Move.BATCH, Move.TRANSMIT, Move.ANSWER)
    done = desk.row(public)
    assert (done.state, done.open) == ("answered", False) and done.closed_at is not None
    assert desk.moved(public, Move.REJECT) is State.ANSWERED


def test_numbers_other_systems_used_are_not_given_again(bea: Actor) -> None:
    books.take(era.bill(era.billed("A1R1", "99211 80", member="MEM0003")))
    assert desk.row(desk.opened(bea, "A1")).control == "A1R2"


def test_a_long_number_is_shortened_and_stays_unique(bea: Actor) -> None:
    long = ["PATIENT-0000000000001", "PATIENT-0000000000002"]
    days = ["20251201", "20251202"]
    books.take(era.bill(*(era.billed(one, "99211 80", day=day) for one, day in zip(long, days, strict=True))))
    given = [desk.row(desk.opened(bea, one, Kind.NEW)).control for one in long]
    assert given == ["PATIENT-0000000000R1", "PATIENT-0000000000R2"]


def test_a_void_on_its_way_expects_what_was_paid_to_be_taken_back(bea: Actor) -> None:
    line = era.line("99213", "150", cas="CO*45*70", control="L1")
    books.take(era.era(era.claim("A2", line, member="MEM0002"), trace="PAID"))
    public = desk.opened(bea, "A2", Kind.VOID)
    desk.moved(public, *desk.SENT, Move.ACCEPT)
    (waiting,) = books.rows(desk.ITEM, desk.ITEM.c.kind == "takeback")
    assert (waiting.state, waiting.reason, str(waiting.amount)) == ("open", "takeback_expected", "80.00")
    assert waiting.due == date(2026, 2, 10), "21 days, a term of the payer"
    desk.moved(public, Move.ANSWER)
    assert {one.state for one in books.rows(desk.ITEM, desk.ITEM.c.subject_id == waiting.subject_id)
            if one.queue == "rebill"} == {"done"}  # fmt: skip


def test_a_rejected_void_expects_nothing(bea: Actor) -> None:
    line = era.line("99213", "150", cas="CO*45*70", control="L1")
    books.take(era.era(era.claim("A2", line, member="MEM0002"), trace="PAID"))
    public = desk.opened(bea, "A2", Kind.VOID)
    desk.moved(public, *desk.SENT)
    desk.moved(public, Move.REJECT)
    found = {one.kind: one.state for one in books.rows(desk.ITEM, desk.ITEM.c.queue == "rebill")}
    assert found == {"rebill": "open", "takeback": "done"}
