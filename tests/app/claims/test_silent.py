"""Claims nobody answers are found by the payer's own habit, worked, put aside, and gone when it speaks."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.claims import queries_silent, service_daily, service_silent
from app.claims.rules_silent import Habit, habit, wait
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.errors import Refused, Stale
from app.kernel.paging import Ask
from app.kernel.work import reading, work
from app.worklist.models import WorklistItem
from tests import answers, books
from tests.conftest import House
from tests.era import PLAIN, bill, billed, claim, era, line

_item = table_of(WorklistItem)
LONG = {"least": 20, "first": 14, "escalate": 45}


def a_bill(*controls: str, made: date, control: int = 4711) -> bytes:
    claims = [billed(one, "99213 100", member=f"M{one}", patient=f"DOE*{one}") for one in controls]
    day = made.strftime("%Y%m%d")
    content = bill(*claims, dress=replace(PLAIN, control=control, day=day))
    return content.replace(b"20251220*0615", f"{day}*0615".encode())


def paid(control: str, on: date) -> bytes:
    who = {"member": f"M{control}", "patient": f"DOE*{control}"}
    issued = on.strftime("%Y%m%d").encode()
    return era(claim(control, line("99213", "100", cas="CO*45*20"), **who), trace=f"T{control}").replace(
        b"20260116", issued
    )


def every_day() -> None:
    with work(books.CLERK) as w:
        service_daily.every_day(w, books.rows(books.ENTITY)[0].id)


def silent(**filters: str) -> list[queries_silent.SilentRow]:
    with reading(books.CLERK) as w:
        return list(queries_silent.silent(w, Ask("expected", limit=0, filters=filters)).rows)


def queue(name: str = "silent_claims") -> list[tuple[str, str]]:
    return [(row.state, row.kind) for row in books.rows(_item, _item.c.queue == name)]


def test_a_claim_without_a_remit_after_the_usual_days_is_silent(house: House) -> None:
    books.practice()
    today = now().date()
    books.take(
        a_bill("A1", made=today - timedelta(20)), a_bill("A2", made=today - timedelta(5), control=4712)
    )
    every_day()
    every_day()
    [one] = silent()
    assert (one.claim, one.days, one.basis, one.wait_days, one.track) == ("A1", 20, "default", 14, "waiting")
    assert queue() == [("open", "silent")]


def test_a_payers_own_habit_counts_when_enough_was_measured(house: House) -> None:
    books.practice()
    today = now().date()
    names = [f"P{number}" for number in range(20)]
    books.take(a_bill(*names, "S1", made=today - timedelta(12)))
    books.take(*[paid(name, today - timedelta(8)) for name in names])
    every_day()
    [one] = silent()
    assert (one.claim, one.basis, one.wait_days, one.cases) == ("S1", "lag", 4, 20)


def test_a_remit_ends_the_silence(house: House) -> None:
    books.practice()
    today = now().date()
    books.take(a_bill("A1", made=today - timedelta(20)))
    every_day()
    books.take(paid("A1", today))
    assert silent() == []
    assert queue() == [("done", "silent")]


def test_a_rejected_claim_is_not_silent(house: House) -> None:
    books.practice()
    sent = now().date() - timedelta(30)
    report = answers.report("A1 A7:562:85", day=f"{sent + timedelta(1):%Y%m%d}")
    books.take(a_bill("A1", made=sent), report)
    every_day()
    assert silent() == []


def test_a_277_tells_what_the_payer_says(house: House) -> None:
    books.practice()
    books.take(a_bill("A1", made=now().date() - timedelta(30)))
    every_day()
    books.take(answers.response("A1 P1:0", day=f"{now().date():%Y%m%d}"))
    [one] = silent()
    assert one.track == "answered"
    with reading(books.CLERK) as w:
        said = queries_silent.hint(w, one.claim_id)
    assert said is not None and said.codes == "P1:0"


def test_put_aside_with_a_reason_and_an_end_it_comes_back(house: House) -> None:
    books.practice()
    today = now().date()
    books.take(a_bill("A1", made=today - timedelta(30)))
    every_day()
    [one] = silent()
    until = today + timedelta(10)
    with pytest.raises(Refused), work(books.CLERK) as w:
        service_silent.suppress(w, one.public_id, until=until, reason=" ", version=one.version)
    with work(books.CLERK) as w:
        service_silent.suppress(w, one.public_id, until=until, reason="Payer is behind", version=one.version)
    with pytest.raises(Stale), work(books.CLERK) as w:
        service_silent.suppress(w, one.public_id, until=until, reason="Again", version=one.version)
    assert silent() == [] and len(silent(suppressed="yes")) == 1
    assert queue() == [("done", "silent")]
    with work(books.CLERK) as w:
        service_silent.sweep(w, one.entity_id, until + timedelta(1))
    assert len(silent()) == 1
    assert queue() == [("open", "silent")]


def test_a_call_is_written_down_and_tracked(house: House) -> None:
    books.practice()
    books.take(a_bill("A1", made=now().date() - timedelta(30)))
    every_day()
    [one] = silent()
    with work(books.CLERK) as w:
        service_silent.log_call(
            w, one.public_id, representative="Ms. Ray", outcome="no_answer", note="On hold"
        )
    assert silent()[0].track == "called"


def test_a_file_without_a_999_is_asked_after_once_the_receiver_ever_sent_one(house: House) -> None:
    books.practice()
    today = now().date()
    first, second = today - timedelta(30), today - timedelta(10)
    books.take(a_bill("A1", made=first, control=4711))
    every_day()
    assert queue("rejections") == []
    books.take(answers.taken(4711, "0001 A", day=f"{first:%Y%m%d}"), a_bill("B1", made=second, control=4712))
    every_day()
    assert queue("rejections") == [("open", "missing_999")]
    books.take(answers.taken(4712, "0001 A", day=f"{today:%Y%m%d}"))
    every_day()
    assert queue("rejections") == [("done", "missing_999")]


def test_a_file_without_a_277ca_is_asked_after_once_the_receiver_ever_sent_one(house: House) -> None:
    books.practice()
    today = now().date()
    first, second = today - timedelta(30), today - timedelta(10)
    books.take(a_bill("A1", made=first, control=4711), answers.taken(4711, "0001 A", day=f"{first:%Y%m%d}"))
    books.take(answers.report("A1 A2:20", day=f"{first:%Y%m%d}"))
    books.take(a_bill("B1", made=second, control=4712), answers.taken(4712, "0001 A", day=f"{second:%Y%m%d}"))
    every_day()
    assert queue("rejections") == [("open", "missing_277ca")]
    books.take(answers.report("B1 A2:20", day=f"{today:%Y%m%d}"))
    every_day()
    assert queue("rejections") == [("done", "missing_277ca")]


def test_the_wait_counts_from_acceptance_without_a_habit() -> None:
    sent, accepted = date(2026, 1, 5), date(2026, 1, 7)
    assert wait(sent, accepted, None, **LONG).expected_by == date(2026, 1, 21)
    assert wait(sent, accepted, Habit(19, 3, 5), **LONG).basis == "default"
    known = wait(sent, accepted, Habit(20, 3, 5), **LONG)
    assert (known.basis, known.expected_by, known.escalate_on) == (
        "lag",
        date(2026, 1, 10),
        date(2026, 2, 19),
    )


@given(st.dictionaries(st.integers(0, 400), st.integers(1, 50), min_size=1), st.integers(1, 100))
def test_the_long_wait_covers_its_share_and_no_day_less(days: Mapping[int, int], percent: int) -> None:
    found = habit(days, percent)
    within = sum(count for day, count in days.items() if day <= found.long_days)
    before = sum(count for day, count in days.items() if day < found.long_days)
    assert before * 100 < found.cases * percent <= within * 100
