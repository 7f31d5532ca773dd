"""What comes back for claims we sent: each document moves what it speaks of, once, in any order."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from app.claims.models import ClaimState, ClaimVersion
from app.flows import rebill_answers
from app.kernel.clock import now
from app.kernel.db import engine, table_of
from app.kernel.work import work
from app.rebill import service, service_sending
from app.rebill.lifecycle import Kind
from app.rebill.models import RebillEvent
from app.worklist.models import WorklistItem
from edi.x837 import writer
from tests import batches, books
from tests.answers import opened, report, response, taken
from tests.batches import batch, rebill
from tests.era import claim, era, line, reversal

EVENT, ITEM = table_of(RebillEvent), table_of(WorklistItem)
VERSION, STATE = table_of(ClaimVersion), table_of(ClaimState)


def day(days: int = 0) -> str:
    """So many days from today, as files write it."""
    return f"{now() + timedelta(days=days):%Y%m%d}"


@pytest.fixture
def receiver(house: Any) -> Iterator[str]:
    del house
    yield batches.receiver(books.practice())


def sent(receiver: str, *controls: str) -> tuple[list[str], str]:
    """Claims sent in one file; the submissions and the batch."""
    ready = batches.ready(*controls)
    made = batches.release(receiver)
    books.settle()
    return ready, made


def states(publics: Sequence[str]) -> list[str]:
    return [rebill(one).state for one in publics]


def marks(public: str) -> tuple[str, str, int, int]:
    row = batch(public)
    return row.ta1, row.syntax, row.accepted, row.rejected


def moves(public: str) -> list[tuple[str, str]]:
    own = books.rows(EVENT, EVENT.c.rebill_id == rebill(public).id)
    return [(row.move, row.to_state) for row in own]


def paid(control: str, **said: Any) -> bytes:
    lines = (line("99214", "300", cas="CO*45*100"), line("93000", "100"))
    return era(claim(control, *lines, patient="DOE*A1"), trace=f"T{control}", day=day(5), **said)


def test_a_claim_goes_from_the_clearinghouse_to_its_payment(receiver: str) -> None:
    [one], made = sent(receiver, "A1")
    books.take(opened(1, "A", sent=day()[2:], day=day(1)), taken(1, "0001 A", day=day(1)))
    assert (states([one]), marks(made)) == (["transmitted"], ("A", "A", 0, 0))
    assert ("syntax_accepted", "transmitted") in moves(one)
    books.take(report("A1R1 A1:19:PR", day=day(1)))
    assert (states([one]), marks(made)) == (["received"], ("A", "A", 1, 0))
    books.take(report("A1R1 A2:20:PR", day=day(2), origin="PR"))
    assert states([one]) == ["accepted"]
    books.take(paid("A1R1"))
    assert states([one]) == ["answered"]
    assert [row.state for row in books.rows(STATE)] == ["remitted"]
    assert books.balance("A1") == ("0.00", "0.00")
    assert rebill(one).version_id == next(row.id for row in books.rows(VERSION) if row.control == "A1R1")


def test_a_late_receipt_moves_nothing_back(receiver: str) -> None:
    [one], _ = sent(receiver, "A1")
    books.take(report("A1R1 A2:20:PR", day=day(2)), report("A1R1 A1:19:PR", day=day(1)))
    assert states([one]) == ["accepted"]
    assert moves(one)[-1] == ("receive", "accepted"), "it is written down"


def test_a_rejection_of_the_payer_wins_over_the_clearinghouse(receiver: str) -> None:
    [one], made = sent(receiver, "A1")
    books.take(report("A1R1 A2:20:PR", day=day(1)))
    books.take(report("A1R1 A7:562:85", day=day(2), origin="PR"))
    assert (states([one]), marks(made)) == (["rejected"], ("", "", 0, 1))
    [told] = [row for row in books.rows(EVENT) if row.move == "reject"]
    assert told.detail == {"kind": "277CA", "category": "A7", "status": "562", "entity_code": "85"}
    assert told.source_id is not None


def test_a_rejection_is_work_in_both_queues_and_goes_out_anew(receiver: str) -> None:
    [one], _ = sent(receiver, "A1")
    books.take(report("A1R1 A7:562:85", day=day(1)))
    waiting = {row.queue: row.reason for row in books.rows(ITEM, ITEM.c.state == "open")}
    assert waiting == {"rejections": "A7:562:85", "rebill": "rejected"}
    with work(books.CLERK) as w:
        again = service.resend(w, one)
    assert states([one, again]) == ["superseded", "draft"]
    assert (rebill(again).control, rebill(again).kind, rebill(again).previous_id) == (
        "A1R2", "new", rebill(one).id,
    )  # fmt: skip


def test_a_refused_line_of_an_accepted_claim_stands_beside_it(receiver: str) -> None:
    [one], made = sent(receiver, "A1")
    lines = ("SVC*HC:93000*100", f"STC*A7:453*{day()}*U*100", "REF*FJ*L2")
    books.take(report("A1R1 A2:20:PR", day=day(1), lines=lines))
    assert (states([one]), marks(made)[2:]) == (["accepted"], (1, 0))
    [told] = [row for row in books.rows(EVENT) if row.move == "accept"]
    assert told.detail["lines"] == 1
    assert [row.state for row in books.rows(STATE)] == ["accepted_with_line_rejects"]


def test_a_file_nobody_could_open_goes_out_again_under_new_numbers(receiver: str) -> None:
    ready, made = sent(receiver, "A1", "A2")
    books.take(opened(1, "R", "006", sent=day()[2:], day=day(1)))
    assert states(ready) == ["ready", "ready"]
    assert [rebill(one).control for one in ready] == ["A1R2", "A2R2"]
    assert marks(made) == ("R", "", 0, 2)
    again = batches.release(receiver)
    books.settle()
    assert (states(ready), batch(again).interchange) == (["transmitted", "transmitted"], 2)
    books.take(report("A1R2 A2:20:PR", "A2R2 A2:20:PR", day=day(3)))
    assert (states(ready), marks(again)[2:]) == (["accepted", "accepted"], (2, 0))
    assert books.balance("A1") == ("400.00", "0.00"), "charged once, however often it went out"


def test_only_the_claims_of_a_refused_set_come_back(receiver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "CLAIMS", 1)
    ready, made = sent(receiver, "A1", "A2", "A3")
    books.take(taken(1, "0001 A", "0002 R 5", "0003 A", day=day(1), group="P"))
    assert states(ready) == ["transmitted", "ready", "transmitted"]
    assert marks(made) == ("", "P", 0, 1)
    books.take(report("A1R1 A2:20:PR", "A3R1 A2:20:PR", day=day(2)))
    assert marks(made) == ("", "P", 2, 1), "submitted = accepted + rejected"


def test_a_whole_refused_group_is_each_of_its_sets(receiver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "CLAIMS", 1)
    ready, made = sent(receiver, "A1", "A2")
    books.take(taken(1, day=day(1), group="R"))
    assert (states(ready), marks(made)) == (["ready", "ready"], ("", "R", 0, 2))


FILES = (
    lambda: opened(1, "A", sent=day()[2:], day=day(1)),
    lambda: taken(1, "0001 E", day=day(1)),
    lambda: report("A1R1 A1:19:PR", day=day(1)),
    lambda: report("A1R1 A2:20:PR", "A2R1 A3:187", day=day(2), origin="PR"),
)


def test_any_order_of_answers_ends_the_same(house: Any, tmp_path: Path) -> None:
    del house
    for number, order in enumerate(list(permutations(FILES))[::5]):
        with books.elsewhere(tmp_path / str(number)):
            ready, made = sent(batches.receiver(books.practice()), "A1", "A2")
            for one in (*order, order[0]):
                books.take(one())
            assert states(ready) == ["accepted", "rejected"]
            assert marks(made) == ("A", "E", 1, 1)


def test_hearing_twice_is_hearing_once(receiver: str) -> None:
    [one], _ = sent(receiver, "A1")
    books.take(taken(1, "0001 A", day=day(1)), report("A1R1 A2:20:PR", day=day(1)))
    before = moves(one)
    for row in books.transactions():
        with work(books.CLERK) as w:
            if row.kind in ("999", "277CA"):
                rebill_answers.after_answer(w, row.id, row.kind)
            else:
                rebill_answers.after_claims(w, row.id)
    assert moves(one) == before


def in_doubt(receiver: str) -> tuple[str, str]:
    """A batch of which nobody knows whether it arrived; its submission."""
    [one] = batches.ready("A1")
    made = batches.release(receiver)
    with work(books.CLERK) as w:
        service_sending.begin(w, made)
    with work(books.CLERK) as w:
        service_sending.give_up(w, made, "The line broke.")
    assert (batch(made).state, states([one])) == ("unknown", ["batched"])
    return one, made


@pytest.mark.parametrize(
    ("proof", "after"),
    [
        (lambda: opened(1, "A", sent=day()[2:], day=day(1)), "transmitted"),
        (lambda: taken(1, "0001 A", day=day(1)), "transmitted"),
        (lambda: report("A1R1 A2:20:PR", day=day(1)), "accepted"),
        (lambda: paid("A1R1"), "answered"),
        (lambda: taken(1, "0001 R 5", day=day(1)), "ready"),
    ],
    ids=["TA1", "999", "277CA", "835", "999 R"],
)
def test_an_answer_proves_that_a_batch_arrived(receiver: str, proof: Any, after: str) -> None:
    one, made = in_doubt(receiver)
    books.take(proof())
    row = batch(made)
    assert (row.state, states([one])) == ("sent", [after])
    assert "speaks of it" in row.proof
    assert not [item for item in books.rows(ITEM, ITEM.c.state == "open") if item.queue == "rebill_batches"]


def test_an_answer_to_another_file_of_that_number_proves_nothing(receiver: str) -> None:
    _, made = in_doubt(receiver)
    stranger = taken(1, "0001 A", day=day(1)).replace(b"ZZ*CLEARING ", b"ZZ*ELSEWHER ")
    books.take(stranger)
    assert batch(made).state == "unknown"


def test_a_void_is_answered_by_the_payers_reversal(receiver: str) -> None:
    books.take(books_of("A1"))
    lines = (line("99214", "300", cas="CO*45*100"), line("93000", "100"))
    books.take(era(claim("A1", *lines, patient="DOE*A1"), trace="T1", day=day(-5)))
    [owner] = [row for row in books.rows(batches.CLAIM) if row.control == "A1"]
    with work(books.CLERK) as w:
        one = service.open_one(w, owner.public_id, kind=Kind.VOID, reason="wrong patient")
    with work(books.CLERK) as w:
        service.finish(w, one, rebill(one).version)
    batches.release(receiver)
    books.settle()
    assert states([one]) == ["transmitted"]
    back = reversal("A1R1", *lines, patient="DOE*A1", number="PAYERA1")
    books.take(era(back, trace="T2", day=day(9), plb="FB:1*-300", paid="0"))
    assert states([one]) == ["answered"]
    assert books.balance("A1") == ("0.00", "0.00")
    assert "void" in [row.state for row in books.rows(VERSION)]


def books_of(control: str) -> bytes:
    """A claim of two lines, billed three weeks ago."""
    return batches.bill(
        batches.billed(control, "99214 300", "93000 100", patient=f"DOE*{control}", member=f"M{control}",
                       day=day(-20))
    )  # fmt: skip


def test_a_refused_void_waits_for_no_reversal(receiver: str) -> None:
    books.take(books_of("A1"))
    lines = (line("99214", "300", cas="CO*45*100"), line("93000", "100"))
    books.take(era(claim("A1", *lines, patient="DOE*A1"), trace="T1", day=day(-5)))
    [owner] = [row for row in books.rows(batches.CLAIM) if row.control == "A1"]
    with work(books.CLERK) as w:
        one = service.open_one(w, owner.public_id, kind=Kind.VOID, reason="wrong patient")
    with work(books.CLERK) as w:
        service.finish(w, one, rebill(one).version)
    batches.release(receiver)
    books.settle()
    books.take(report("A1R1 A7:562:85", day=day(1)))
    books.take(
        era(reversal("A1", *lines, patient="DOE*A1"), trace="T2", day=day(9), plb="FB:1*-300", paid="0")
    )
    books.settle()
    assert books.balance("A1") == ("400.00", "0.00"), "the charges stand: the void was never taken"


def test_a_claim_not_found_is_sent_anew_unless_somebody_took_it(receiver: str) -> None:
    ready, _ = sent(receiver, "A1", "A2")
    books.take(report("A1R1 A2:20:PR", day=day(1)))
    books.take(response("A1R1 D0:35", "A2R1 D0:35", day=day(15)))
    assert states(ready) == ["accepted", "rejected"]


def test_pended_and_asked_claims_are_with_the_payer(receiver: str) -> None:
    ready, _ = sent(receiver, "A1", "A2")
    books.take(response("A1R1 P1:20", "A2R1 R4:294", day=day(15)))
    assert states(ready) == ["accepted", "accepted"]


def test_the_number_of_a_refused_file_means_nothing_any_more(receiver: str) -> None:
    [one], _ = sent(receiver, "A1")
    books.take(opened(1, "R", "006", sent=day()[2:], day=day(1)))
    books.take(report("A1R1 A7:562:85", day=day(2)))
    assert states([one]) == ["ready"]


def test_sixty_claims_are_heard_in_as_many_statements_as_three(receiver: str) -> None:
    counts = []
    for start, many in ((0, 3), (100, 60)):
        names = [f"C{start + number}" for number in range(many)]
        sent(receiver, *names)
        number = len(batches.books.rows(batches.BATCH))
        books.offer(taken(number, "0001 A", day=day(1)))
        books.offer(report(*(f"{one}R1 A2:20:PR" for one in names), day=day(1)))
        counts.append(answers_counted())
        assert {row.state for row in books.rows(batches.REBILL)} <= {"accepted"}
    assert counts[1] <= counts[0] + 12, counts


def answers_counted() -> int:
    kept: list[str] = []

    def count(_c: Any, _k: Any, text: str, *_: Any) -> None:
        kept.append(text)

    event.listen(engine(), "before_cursor_execute", count)
    books.settle()
    event.remove(engine(), "before_cursor_execute", count)
    return len(kept)
