"""An 835 that was undone answers nothing: what it answered waits again, and nothing made of it goes out."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.claims.models import ClaimVersion
from app.denials.models import Denial, DenialCorrection
from app.flows import resolve
from app.intake.models import IntakeTransaction
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.work import work
from app.rebill import service, service_batches, service_edit, service_sending, service_undone
from app.rebill.lifecycle import Kind, Move, State
from app.rebill.service_edit import Edit
from app.worklist.models import WorklistItem
from tests import batches, books, era
from tests.app.rebill import desk
from tests.batches import batch, rebill

_transaction, _item, _version = table_of(IntakeTransaction), table_of(WorklistItem), table_of(ClaimVersion)
_denial, _correction = table_of(Denial), table_of(DenialCorrection)
LINE = era.line("99213", "150", cas="CO*45*70", control="L1")

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def bea() -> Iterator[Any]:
    with desk.in_january():
        practice = books.practice()
        batches.receiver(practice)
        books.take(era.bill(era.billed("A1", "99213 150")))
        yield desk.biller(practice.id)


def undo(trace: str) -> str:
    [row] = books.rows(_transaction, _transaction.c.trace == trace)
    with work(books.CLERK) as w:
        resolve.undo(w, row.public_id, reason="wrong file")
    return str(row.public_id)


def replay(public: str) -> None:
    with work(books.CLERK) as w:
        resolve.replay(w, public, reason="right after all")
    books.settle()


def sent(actor: Any, *moves: Move) -> str:
    """A corrected claim of the denied one, on its way under A1R1."""
    public = desk.opened(actor, "A1")
    with work(actor) as w:
        version = service_edit.edit(w, public, 1, [Edit("authorization", 0, 0, "AUTH1")])
        service.finish(w, public, version)
    batches.release(books.rows(batches.RECEIVER)[0].public_id, public)
    books.settle()
    desk.moved(public, *moves)
    return public


def paid(control: str = "A1R1", trace: str = "PAID") -> bytes:
    with_number = era.claim(control, LINE, number="ICN2")
    return era.era(with_number, trace=trace, day="20260119")


def denied() -> bytes:
    line = era.line("99213", "150", cas="CO*16*150", rarc="M127", control="L1")
    return era.era(era.claim("A1", line, number="ICN1"), trace="DENIED")


@pytest.mark.parametrize(
    ("moves", "stood"),
    [
        ((), "transmitted"),
        ((Move.RECEIVE,), "received"),
        ((Move.RECEIVE, Move.ACCEPT), "accepted"),
        ((Move.ACCEPT, Move.REJECT), "rejected"),
    ],
)
def test_it_stands_as_before_the_answer_and_a_replay_answers_it(
    bea: Any, moves: tuple[Move, ...], stood: str
) -> None:
    books.take(denied())
    public = sent(bea, *moves)
    books.take(paid())
    assert desk.row(public).state == "answered"
    kept = undo("PAID")
    assert (desk.row(public).state, desk.row(public).open) == (stood, True)
    assert desk.row(public).closed_at is None
    waiting = [one.state for one in books.rows(_item, _item.c.queue == "rebill")][-1]
    assert waiting == ("open" if stood == "rejected" else "done")
    replay(kept)
    assert desk.row(public).state == "answered"
    assert [one.move for one in desk.history(public)].count("answer") == 2


def test_the_denial_waits_for_the_payer_again_and_keeps_its_appeal_back(bea: Any) -> None:
    books.take(denied())
    sent(bea, Move.ACCEPT)
    (case,) = books.rows(_denial)
    assert case.state == "rebilled"
    books.take(paid())
    (case,) = books.rows(_denial)
    (under,) = books.rows(_correction)
    assert case.state == "closed" and under.ended_at is not None
    undo("PAID")
    (case,) = books.rows(_denial)
    (under,) = books.rows(_correction)
    assert case.state == "rebilled" and under.ended_at is None
    open_ones = books.rows(_item, _item.c.subject == "denial", _item.c.state == "open")
    assert [one.subject_id for one in open_ones] == [case.id]


def test_a_newer_draft_goes_first_and_is_kept_by_the_guards(bea: Any) -> None:
    books.take(denied())
    first = sent(bea, Move.ACCEPT)
    books.take(paid())
    second = desk.opened(bea, "A1")
    undo("PAID")
    assert desk.row(first).state == "answered"
    with work(bea) as w:
        assert "old_reference" in [one.code for one in service.blocks_of(w, second)]
    with work(bea) as w:
        service.cancel(w, second, desk.row(second).version, "its answer was undone")
    with work(books.CLERK) as w:
        assert service_undone.left_over(w, desk.row(first).entity_id, desk.row(first).sent_on) == 1
    assert desk.row(first).state == "accepted"


def test_a_void_expects_its_money_again_and_the_charges_are_back(bea: Any) -> None:
    books.take(era.era(era.claim("A1", LINE, number="ICN1"), trace="FIRST"))
    public = desk.opened(bea, "A1", Kind.VOID)
    desk.moved(public, *desk.SENT, Move.ACCEPT)
    back = era.era(era.reversal("A1", LINE, number="ICN1"), trace="BACK", day="20260119", plb="FB:B*-80")
    books.take(back)
    assert desk.row(public).state == "answered"
    undo("BACK")
    assert desk.row(public).state == "accepted"
    (waiting,) = books.rows(_item, _item.c.kind == "takeback")
    assert (waiting.state, str(waiting.amount)) == ("open", "80.00")


def test_a_batch_is_stopped_right_before_it_leaves_when_an_answer_was_undone() -> None:
    receiver = batches.receiver(books.practice())
    [kept, goes] = batches.ready("A1", "A2")
    made = batches.release(receiver)
    with work(books.CLERK) as w:
        w.db.execute(batches.REBILL.update().where(batches.REBILL.c.public_id == kept).values(form="D"))
    with work(books.CLERK) as w:
        assert service_sending.begin(w, made) is None
    assert batch(made).state == "failed" and "Not sent" in batch(made).proof
    assert batches.items() == [("claims_blocked", "open")]
    books.settle()
    assert batches.sent_files() == {}
    with work(books.CLERK) as w:
        service_batches.cancel(w, made, "one of them may not go", batch(made).version)
    assert batches.states(kept, goes) == ["ready", "ready"]
    batches.release(receiver)
    assert batches.states(kept, goes) == ["ready", "batched"]
    assert State(rebill(kept).state) is State.READY


def test_a_file_to_fetch_is_not_handed_out_either() -> None:
    receiver = batches.receiver(books.practice(), how="download", place="")
    [kept] = batches.ready("A1")
    made = batches.release(receiver)
    with work(books.CLERK) as w:
        w.db.execute(batches.REBILL.update().where(batches.REBILL.c.public_id == kept).values(form="D"))
    with work(books.CLERK) as w, pytest.raises(NotAllowed) as refused:
        service_sending.take(w, made, 1)
    assert refused.value.code == "claims_blocked"
