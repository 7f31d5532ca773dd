"""Denials on both databases: what a posting writes, once; and an undo that leaves nothing behind."""

from datetime import date
from functools import partial

import pytest
from sqlalchemy import delete, event, func, select, update

from app.denials import service
from app.denials.models import Denial, DenialEvent, DenialItem
from app.kernel.db import engine, table_of
from app.kernel.work import work
from app.worklist.models import WorklistItem
from tests.app.denials.batches import a_batch, a_claim, a_line
from tests.app.denials.shelf import ME, forget_remit, keep_claim, keep_remit, post, the_case, the_work

_denial, _item, _event = table_of(Denial), table_of(DenialItem), table_of(DenialEvent)
_work = table_of(WorklistItem)
SERVED = date(2025, 12, 16)


def test_a_refused_claim_becomes_a_case_an_item_and_work_for_a_person(entity: int) -> None:
    claim = a_claim(a_line("73721", "200", "0", "CO*197*200", rarc="M62"))
    post(entity, claim)
    case, todo = the_case(), the_work()
    with work(ME) as w:
        item = w.db.execute(select(_item)).one()
    assert (case.category, case.denied, case.at_stake, case.state) == ("authorization", 20_000, 9_000, "new")
    assert case.deadline["rule"] == "commercial-1" and case.deadline["holidays"] == ["2026-07-03"]
    assert case.internal_due == date(2026, 6, 30)
    assert item.address == claim.lines[0].adjustments[0].address == todo.source
    assert (todo.queue, todo.subject_id, todo.amount, todo.due) == (
        "denials",
        case.id,
        9_000,
        case.internal_due,
    )
    assert todo.rank == case.rank


def test_a_case_that_brings_less_than_it_costs_waits_for_bulk_closing(entity: int) -> None:
    post(entity, a_claim(a_line(charge="20", cas="CO*50*20")))
    assert the_work().queue == "bulk_close_review"


def test_posting_the_same_batch_twice_opens_everything_once(entity: int) -> None:
    claims = [a_claim(a_line(cas="CO*197*200"), claim=one) for one in range(1, 6)]
    for _ in range(2):
        post(entity, *claims)
    with work(ME) as w:
        counts = [
            w.db.execute(select(func.count()).select_from(t)).scalar()
            for t in (_denial, _item, _work, _event)
        ]
    assert counts == [5, 5, 5, 5]


def test_a_later_payment_closes_the_case_and_its_work(entity: int) -> None:
    post(entity, a_claim(a_line(charge="200", cas="CO*197*200")))
    post(entity, a_claim(a_line(charge="200", paid="95")), remit=71)
    case, todo = the_case(), the_work()
    with work(ME) as w:
        moves = w.db.execute(select(_event.c.move).order_by(_event.c.id)).scalars().all()
    assert (case.state, case.outcome, case.recovered) == ("closed", "overturned_full", 9_500)
    assert (todo.state, todo.outcome) == ("done", "overturned_full")
    assert moves == ["open", "pay"]


def test_a_payment_imported_before_the_refusal_it_answers_closes_it_all_the_same(entity: int) -> None:
    post(entity, a_claim(a_line(charge="200", paid="95")), remit=71, on=date(2026, 2, 16), keep=True)
    post(entity, a_claim(a_line(charge="200", cas="CO*197*200")), remit=70, on=date(2026, 1, 16), keep=True)
    case = the_case()
    assert (case.state, case.outcome, case.recovered) == ("closed", "overturned_full", 9_500)
    with work(ME) as w:
        assert w.db.execute(select(func.count()).select_from(_work)).scalar() == 0


def test_an_older_payment_does_not_close_a_newer_refusal(entity: int) -> None:
    post(entity, a_claim(a_line(charge="200", paid="95")), remit=70, on=date(2026, 1, 2), keep=True)
    post(entity, a_claim(a_line(charge="200", cas="CO*197*200")), remit=71, keep=True)
    assert the_case().state == "new"


def test_a_refusal_after_an_earlier_takeback_is_a_case_after_payment(entity: int) -> None:
    paid = a_claim(a_line(charge="200", paid="95"))
    back = a_claim(a_line(charge="-200", paid="-95"), status="22", reverses=paid.remit_claim_id)
    post(entity, paid, remit=70, keep=True)
    post(entity, back, remit=71, keep=True)
    post(entity, a_claim(a_line(charge="200", cas="CO*27*200")), remit=72, keep=True)
    assert the_case().origin == "post_payment"


@pytest.mark.parametrize(("twin", "state"), [("paid", "closed"), ("pending", "closed"), ("refused", "new")])
def test_a_duplicate_is_closed_when_its_twin_is_paid_or_pending_and_worked_when_it_is_refused(
    entity: int, twin: str, state: str
) -> None:
    with work(ME) as w:
        keep_claim(w, entity, 400, "99214", day=SERVED)
        keep_claim(w, entity, 500, "99214", day=SERVED)
        if twin != "pending":
            line = a_line("99214", paid="95") if twin == "paid" else a_line("99214", cas="PR*1*200")
            keep_remit(w, a_batch([a_claim(line, claim=400)], entity=entity, remit=69))
    post(entity, a_claim(a_line("99214", cas="OA*18*200"), claim=500), keep=True)
    assert the_case().state == state


def test_a_second_round_opens_the_work_again_with_the_new_date(entity: int) -> None:
    post(entity, a_claim(a_line(cas="CO*16*200", key=1, rarc="M76")))
    post(entity, a_claim(a_line(cas="CO*16*200", key=2, rarc="M76")), remit=71, on=date(2026, 3, 2))
    case, todo = the_case(), the_work()
    assert (case.round, case.remit_id, case.denied_on) == (2, 71, date(2026, 3, 2))
    assert todo.due == case.internal_due and todo.detail["round"] == 2


def test_rounds_imported_in_the_wrong_order_end_as_in_the_right_one(entity: int) -> None:
    early, late = (a_claim(a_line(cas="CO*16*200", key=key, rarc="M76")) for key in (1, 2))
    post(entity, late, remit=71, on=date(2026, 3, 2))
    post(entity, early, remit=70, on=date(2026, 1, 16))
    case = the_case()
    assert (case.round, case.denied_on, case.denied) == (2, date(2026, 3, 2), 20_000)
    with work(ME) as w:
        rounds = {row[0]: row[1] for row in w.db.execute(select(_item.c.remit_claim_id, _item.c.round))}
    assert rounds == {early.remit_claim_id: 1, late.remit_claim_id: 2}


def test_a_refusal_while_an_appeal_is_out_opens_the_next_level(entity: int) -> None:
    post(entity, a_claim(a_line(cas="CO*50*200"), filing="MB"))
    with work(ME) as w:
        w.db.execute(update(_denial).values(state="appeal_sent"))
    post(entity, a_claim(a_line(cas="CO*50*200"), filing="MB"), remit=71, on=date(2026, 7, 10))
    case = the_case()
    assert (case.round, case.level, case.legal_due) == (2, 2, date(2027, 1, 11))


def test_undoing_a_posting_withdraws_its_cases_and_keeps_them(entity: int) -> None:
    claim = a_claim(a_line(cas="CO*197*200"))
    post(entity, claim)
    with work(ME) as w:
        assert service.withdraw(w, [claim.remit_claim_id]) == 1
        assert service.withdraw(w, [claim.remit_claim_id]) == 0, "undone is undone"
    assert (the_case().state, the_case().outcome, the_work().state) == ("closed", "posting_undone", "done")
    post(entity, claim, remit=72)
    case = the_case()
    assert (case.state, case.outcome, case.round, case.remit_id, the_work().state) == (
        "new",
        None,
        1,
        72,
        "open",
    )


@pytest.mark.parametrize("payment_first", [False, True])
def test_undoing_a_payment_opens_the_case_it_had_closed(entity: int, payment_first: bool) -> None:
    refusal, payment = (
        a_claim(a_line(charge="200", cas="CO*197*200")),
        a_claim(a_line(charge="200", paid="95")),
    )
    with work(ME) as w:
        probe = a_batch([a_claim(a_line(charge="200", cas="CO*197*200"), claim=7)], entity=entity, remit=60)
        service.open_from(w, probe)
        before = w.db.execute(select(_denial)).one()
        w.db.execute(delete(_work))
        w.db.execute(delete(_denial))
    told = [(refusal, 70, date(2026, 1, 16)), (payment, 71, date(2026, 2, 16))]
    for claim, remit, day in reversed(told) if payment_first else told:
        post(entity, claim, remit=remit, on=day, keep=True)
    assert the_case().outcome == "overturned_full"
    with work(ME) as w:
        forget_remit(w, 71)
        assert service.withdraw(w, [payment.remit_claim_id]) == 1
    after = the_case()
    assert (after.state, after.outcome, after.recovered, after.closed_at) == ("new", None, 0, None)
    assert after.internal_due == before.internal_due and the_work().state == "open"


def test_undoing_a_second_round_brings_back_the_first_with_its_dates(entity: int) -> None:
    post(entity, a_claim(a_line(cas="CO*16*200", key=1, rarc="M76")))
    before = the_case()
    again = a_claim(a_line(cas="CO*16*250", charge="250", key=2, rarc="M76"))
    post(entity, again, remit=71, on=date(2026, 3, 2))
    with work(ME) as w:
        service.withdraw(w, [again.remit_claim_id])
    after = the_case()
    same = (
        "state",
        "round",
        "denied",
        "at_stake",
        "internal_due",
        "deadline",
        "denied_on",
        "latest_remit_claim_id",
    )
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    post(entity, again, remit=73, on=date(2026, 3, 2))
    assert (the_case().round, the_case().denied) == (2, 25_000)


def test_one_entitys_undo_does_not_touch_anothers_cases(entity: int) -> None:
    claim = a_claim(a_line(cas="CO*197*200"))
    post(entity, claim)
    from_elsewhere = ME.__class__("other", scope=frozenset({entity + 1}))
    with work(from_elsewhere) as w:
        assert service.withdraw(w, [claim.remit_claim_id]) == 0
    assert the_case().state == "new"


def note(seen: list[str], *arguments: object) -> None:
    seen.append(str(arguments[2]))


def test_two_thousand_claims_take_as_many_statements_as_twenty(entity: int) -> None:
    taken = []
    for size, first in ((20, 1), (20, 1_000), (2_000, 10_000)):
        batch = a_batch(
            [a_claim(a_line(cas="CO*197*200"), claim=first + n) for n in range(size)], entity=entity
        )
        seen: list[str] = []
        listener = partial(note, seen)
        event.listen(engine(), "before_cursor_execute", listener)
        with work(ME) as w:
            service.open_from(w, batch)
        event.remove(engine(), "before_cursor_execute", listener)
        taken.append(len(seen))
    assert taken[2] == taken[1] <= 13
