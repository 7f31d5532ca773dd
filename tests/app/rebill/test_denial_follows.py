"""A denial goes with the claim made for it: prepared, sent, back when it fails, closed when it pays."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from app.denials import service_acts, service_daily, service_writeoff
from app.denials.lifecycle import Move as Step
from app.denials.models import Denial, DenialEvent
from app.denials.rules_acts import Act, Wanted
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.work import Actor, system, work
from app.rebill import service
from app.rebill.lifecycle import Cause, Kind, Move, State
from tests import books, era
from tests.app.rebill import desk

_denial, _event = table_of(Denial), table_of(DenialEvent)
RIGHTS = desk.RIGHTS | {"denials.read", "denials.work", "denials.approve"}


@pytest.fixture
def bea(house: Any) -> Iterator[Actor]:
    with desk.in_january():
        practice = books.practice()
        books.take(era.bill(era.billed("A1", "99214 300", "99213 100")))
        first = era.line("99214", "300", cas="CO*16*300", rarc="M127", control="L1")
        second = era.line("99213", "100", cas="CO*197*100", control="L2")
        books.take(desk.denied(lines=(first, second)))
        yield Actor(name="bea", person_id=7, permissions=RIGHTS, scope=frozenset({practice.id}))


def cases() -> dict[str, Any]:
    """The cases of the house by their reason."""
    return {row.carc: row for row in books.rows(_denial)}


def stands() -> dict[str, str]:
    return {carc: row.state for carc, row in sorted(cases().items())}


def opened(actor: Actor, carc: str = "16", kind: Kind = Kind.REPLACEMENT) -> str:
    return desk.opened(actor, "A1", kind, cause=Cause.DENIAL, cause_id=cases()[carc].id)


def step(actor: Actor, carc: str, move: Step) -> None:
    case = cases()[carc]
    with work(actor) as w:
        service_acts.act_on_one(w, case.public_id, case.version, Wanted(act=Act.MOVE, move=move, reason="so"))


def sent(public: str) -> State:
    return desk.moved(public, Move.FINISH, Move.BATCH, Move.TRANSMIT)


def test_opening_a_claim_for_one_denial_prepares_all_the_payer_has_of_it(bea: Actor) -> None:
    opened(bea)
    assert stands() == {"16": "rebill_prep", "197": "rebill_prep"}
    moves = [one.move for one in books.rows(_event, _event.c.denial_id == cases()["16"].id)]
    assert moves[-2:] == ["triage", "prepare_rebill"]


def test_sending_it_makes_them_wait_for_the_payer_as_long_as_its_terms_say(bea: Actor) -> None:
    assert sent(opened(bea)) is State.TRANSMITTED
    assert stands() == {"16": "rebilled", "197": "rebilled"}
    assert {row.follow_up for row in cases().values()} == {date(2026, 2, 10)}


def test_cancelling_it_gives_them_back(bea: Actor) -> None:
    public = opened(bea)
    with work(bea) as w:
        service.cancel(w, public, desk.row(public).version, "the claim was right")
    assert stands() == {"16": "triaged", "197": "triaged"}
    step(bea, "16", Step.SNOOZE)
    opened(bea)
    assert stands() == {"16": "rebill_prep", "197": "rebill_prep"}


def test_a_rejection_brings_them_back_to_a_person_with_the_reason(bea: Actor) -> None:
    public = opened(bea)
    sent(public)
    assert desk.moved(public, Move.REJECT) is State.REJECTED
    assert stands() == {"16": "triaged", "197": "triaged"}
    last = books.rows(_event, _event.c.denial_id == cases()["16"].id)[-1]
    assert last.move == "return" and last.reason.startswith("corrected claim rejected on its way")


def test_the_successor_of_a_rejected_one_takes_them_along(bea: Actor) -> None:
    public = opened(bea)
    sent(public)
    desk.moved(public, Move.REJECT)
    with work(bea) as w:
        second = service.resend(w, public)
    assert stands() == {"16": "rebill_prep", "197": "rebill_prep"}
    sent(second)
    assert stands() == {"16": "rebilled", "197": "rebilled"}


def test_a_refused_file_leaves_them_prepared_for_the_next_one(bea: Actor) -> None:
    public = opened(bea)
    sent(public)
    assert desk.moved(public, Move.REFUSE_FILE) is State.READY
    assert stands() == {"16": "rebill_prep", "197": "rebill_prep"}
    desk.moved(public, Move.BATCH, Move.TRANSMIT)
    assert stands() == {"16": "rebilled", "197": "rebilled"}


def test_the_payment_that_follows_closes_them_with_what_came(bea: Actor) -> None:
    public = opened(bea)
    sent(public)
    first = era.line("99214", "300", paid="240", cas="CO*45*60", control="L1")
    second = era.line("99213", "100", paid="80", cas="CO*45*20", control="L2")
    books.take(desk.denied(lines=(first, second), trace="T2", day="20260118", number="PAYERA1B"))
    desk.moved(public, Move.ANSWER)
    assert {row.state for row in cases().values()} == {"closed"}
    assert {carc: str(row.recovered) for carc, row in cases().items()} == {"16": "240.00", "197": "80.00"}
    assert {row.outcome for row in cases().values()} == {"overturned_full"}


def test_denied_again_is_the_next_round_of_the_same_case(bea: Actor) -> None:
    public = opened(bea)
    sent(public)
    again = era.line("99214", "300", cas="CO*16*300", rarc="M127", control="L1")
    paid = era.line("99213", "100", paid="80", cas="CO*45*20", control="L2")
    books.take(desk.denied(lines=(again, paid), trace="T2", day="20260118", number="PAYERA1B"))
    desk.moved(public, Move.ANSWER)
    case = cases()["16"]
    assert (case.state, case.round, cases()["197"].state) == ("new", 2, "closed")
    step(bea, "16", Step.PREPARE_REBILL)
    assert stands()["16"] == "rebill_prep"


@pytest.mark.parametrize("far", [(), (Move.FINISH,), (Move.FINISH, Move.BATCH, Move.TRANSMIT)])
def test_no_appeal_starts_while_a_corrected_claim_is_under_way(bea: Actor, far: tuple[Move, ...]) -> None:
    step(bea, "197", Step.ASK)
    public = opened(bea)
    desk.moved(public, *far)
    step(bea, "197", Step.ANSWER)
    with pytest.raises(NotAllowed) as refused:
        step(bea, "197", Step.DRAFT_APPEAL)
    assert refused.value.code == "rebill_open"
    assert ("answer is due by 2026-02-10" if far[1:] else "cancel it first") in refused.value.message


def test_a_payer_that_stays_silent_holds_no_appeal_back(bea: Actor) -> None:
    step(bea, "197", Step.ASK)
    sent(opened(bea))
    with desk.in_february(20):
        step(bea, "197", Step.ANSWER)
        step(bea, "197", Step.DRAFT_APPEAL)
        with work(system("schedule")) as w:
            service_daily.come_back(w, cases()["16"].entity_id)
    assert stands() == {"16": "triaged", "197": "appeal_draft"}


def test_no_claim_is_opened_while_an_appeal_is(bea: Actor) -> None:
    step(bea, "197", Step.DRAFT_APPEAL)
    with pytest.raises(NotAllowed) as refused:
        opened(bea)
    assert refused.value.code == "open_appeal" and "return the case" in refused.value.message
    assert stands() == {"16": "new", "197": "appeal_draft"}


def test_nothing_is_written_off_while_its_claim_goes_out_again(bea: Actor) -> None:
    opened(bea)
    case = cases()["16"]
    with pytest.raises(NotAllowed) as refused, work(bea) as w:
        service_writeoff.request(w, case.public_id, version=case.version, reason="avoidable", words="no")
    assert refused.value.code == "rebill_open"


@pytest.mark.parametrize("move", [Step.RETURN, Step.REBILL])
def test_a_prepared_case_moves_with_its_claim_and_not_by_hand(bea: Actor, move: Step) -> None:
    opened(bea)
    with pytest.raises(NotAllowed) as refused:
        step(bea, "16", move)
    assert refused.value.code == "rebill_open"


def test_a_claim_corrected_elsewhere_is_still_noted_by_hand(bea: Actor) -> None:
    for move in (Step.PREPARE_REBILL, Step.REBILL):
        step(bea, "16", move)
    assert stands() == {"16": "rebilled", "197": "new"}
    opened(bea)
    assert stands() == {"16": "rebill_prep", "197": "rebill_prep"}


def test_a_claim_for_a_denial_that_waits_for_a_decision_is_refused(bea: Actor) -> None:
    case = cases()["16"]
    with work(bea) as w:
        service_writeoff.request(w, case.public_id, version=case.version, reason="avoidable", words="no")
    with pytest.raises(NotAllowed) as refused:
        opened(bea)
    assert refused.value.code == "denial_elsewhere" and "write-off" in refused.value.message
