"""Opening from every side: rejections, silence, voids, many at once, two people in the same moment."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event

from app.kernel.db import engine
from app.kernel.errors import NotAllowed, NotFound, Refused
from app.kernel.work import Actor, work
from app.rebill import service, translate
from app.rebill.lifecycle import Cause, Kind, Move, State
from app.rebill.rules import New
from tests import answers, books, era
from tests.app.rebill import desk


@pytest.fixture
def bea(house: Any) -> Iterator[Actor]:
    with desk.in_january():
        practice = books.practice()
        books.take(era.bill(era.billed("A1", "99214 300"), era.billed("A2", "99213 150", member="MEM0002")))
        yield desk.biller(practice.id)


def paid(control: str = "A1", trace: str = "PAID", **named: Any) -> bytes:
    line = era.line("99214", "300", cas="CO*45*100 PR*2*40", control="L1")
    return era.era(era.claim(control, line, **named), trace=trace)


def test_a_rejected_claim_goes_out_as_a_new_one_within_the_first_limit(bea: Actor) -> None:
    books.take(answers.report("A1 A7:562:85"))
    with work(bea) as w:
        assert service.proposal(w, desk.public("A1")).kind is Kind.NEW
    made = desk.row(desk.opened(bea, "A1", Kind.NEW, cause=Cause.REJECTION))
    assert (made.frequency, made.original_reference) == ("1", "")
    assert (made.file_by, made.file_rule) == (date(2026, 6, 14), "commercial:initial_filing")
    assert "guard.duplicate" not in desk.codes(made.public_id) and made.errors == 0


def test_a_claim_still_on_its_way_is_not_billed_again_as_if_it_were_lost(bea: Actor) -> None:
    public = desk.opened(bea, "A2", Kind.NEW)
    assert {"guard.not_final", "guard.duplicate"} <= set(desk.codes(public))
    with work(bea) as w, pytest.raises(NotAllowed):
        service.finish(w, public, 1)


def test_a_silent_claim_goes_again_with_a_word_of_warning(bea: Actor) -> None:
    public = desk.opened(bea, "A2", Kind.NEW, cause=Cause.SILENCE)
    assert desk.row(public).errors == 0 and "guard.not_final" in desk.codes(public)
    with work(bea) as w:
        assert service.finish(w, public, 1) == 2
    assert desk.row(public).state == State.READY.value


def test_a_paid_claim_is_voided_as_it_was_sent_and_nothing_is_hoped_for(bea: Actor) -> None:
    books.take(paid())
    made = desk.row(desk.opened(bea, "A1", Kind.VOID))
    assert (made.frequency, str(made.expected), made.file_by) == ("8", "0.00", None)
    whole, base = translate.opened(made.claim_sealed), translate.opened(made.base_sealed, translate.BASE)
    assert translate.said(whole).content == translate.said(base).content
    assert made.errors == 0


def test_the_newest_answer_gives_the_number_a_replacement_names(bea: Actor) -> None:
    books.take(paid(number="ICN1", trace="T1"))
    line = era.line("99214", "300", cas="CO*45*100 PR*2*40", control="L1")
    back = era.reversal("A1", line, number="ICN1")
    again = era.claim("A1", era.line("99214", "300", cas="CO*45*120", control="L1"), number="ICN2")
    books.take(era.era(back, again, trace="T2", day="20260118"))
    assert desk.row(desk.opened(bea, "A1")).original_reference == "ICN2"


def test_a_claim_of_another_practice_is_not_there(bea: Actor) -> None:
    elsewhere = Actor(name="eve", permissions=bea.permissions, scope=frozenset({999}))
    with pytest.raises(NotFound):
        desk.opened(elsewhere, "A1", Kind.NEW)


def test_a_payer_never_billed_is_billed_first(bea: Actor) -> None:
    with pytest.raises((NotAllowed, Refused)) as refused:
        desk.opened(bea, "A1", Kind.NEW, rank=3)
    assert refused.value.code == "never_sent"


def test_many_are_opened_in_a_fixed_number_of_statements(bea: Actor) -> None:
    days = [f"202511{day:02d}" for day in range(1, 25)]
    books.take(era.bill(*(era.billed(f"B{day}", "99211 80", day=day) for day in days)))
    lines = {day: era.line("99211", "80", cas="CO*16*80", control="L1", day=day) for day in days}
    books.take(era.era(*(era.claim(f"B{day}", lines[day]) for day in days), trace="MANY"))
    keys = {row.control: row.id for row in books.rows(desk.CLAIM)}
    few = counted(bea, [keys[f"B{day}"] for day in days[:2]])
    many = counted(bea, [keys[f"B{day}"] for day in days[2:]])
    assert many <= few + 2, "the number of claims does not count"
    made = books.rows(desk.REBILL)
    assert len(made) == 24 and len({row.control for row in made}) == 24


def counted(actor: Actor, claim_ids: list[int]) -> int:
    said: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    news = [New(claim_id=one, kind=Kind.REPLACEMENT, cause=Cause.DENIAL) for one in claim_ids]
    event.listen(engine(), "before_cursor_execute", note)
    try:
        with work(actor) as w:
            entity_id = desk.entity_of(actor)
            opened = service.open_many(w, entity_id, news, date(2026, 1, 20))
            assert len(opened) == len(claim_ids)
            assert service.open_many(w, entity_id, news, date(2026, 1, 20)) == [], "twice is once"
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    return len(said)


def test_two_people_who_open_the_same_claim_at_once_open_one(bea: Actor) -> None:
    books.take(desk.denied())
    public, together = desk.public("A1"), Barrier(2)

    def attempt(name: str) -> str:
        actor = desk.biller(desk.entity_of(bea), name)
        together.wait()
        try:
            with work(actor) as w:
                return service.open_one(w, public, kind=Kind.REPLACEMENT)
        except NotAllowed as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(attempt, ("ann", "bob")), key=len)
    assert said[0] == "already_open" and len(said[1]) == 20
    assert len(books.rows(desk.REBILL)) == 1


def test_a_rejected_submission_has_one_successor_with_its_changes(bea: Actor) -> None:
    books.take(desk.denied())
    first = desk.opened(bea, "A1")
    desk.moved(first, Move.FINISH, Move.BATCH, Move.TRANSMIT, Move.REJECT)
    with work(bea) as w:
        second = service.resend(w, first)
    before, after = desk.row(first), desk.row(second)
    assert (before.state, before.open) == (State.SUPERSEDED.value, False)
    assert (after.kind, after.frequency, after.control, after.previous_id) == (
        Kind.REPLACEMENT.value, "7", "A1R2", before.id,
    )  # fmt: skip
    with work(bea) as w, pytest.raises(NotAllowed):
        service.resend(w, first)


def test_only_a_rejected_one_is_sent_again(bea: Actor) -> None:
    books.take(desk.denied())
    public = desk.opened(bea, "A1")
    with work(bea) as w, pytest.raises(NotAllowed):
        service.resend(w, public)


def test_two_claims_with_like_numbers_opened_at_once_get_two(bea: Actor) -> None:
    long = ["PATIENT-0000000000001", "PATIENT-0000000000002"]
    days = ["20251201", "20251202"]
    books.take(era.bill(*(era.billed(one, "99211 80", day=day) for one, day in zip(long, days, strict=True))))
    together, named = Barrier(2), {control: desk.public(control) for control in long}

    def attempt(control: str) -> str:
        together.wait()
        with work(bea) as w:
            return service.open_one(w, named[control], kind=Kind.NEW)

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(attempt, long))
    controls = sorted(desk.row(public).control for public in made)
    assert controls == ["PATIENT-0000000000R1", "PATIENT-0000000000R2"]
    for public in made:
        assert translate.opened(desk.row(public).claim_sealed).control == desk.row(public).control
