"""A set of cases is worked with one verb, shown why some are left, and given back as a whole."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.contacts import queries as contacts
from app.denials import queries_set, service_acts, service_next, service_undo, service_writeoff
from app.denials.lifecycle import Decision, Move
from app.denials.models import Denial, DenialWriteoff
from app.denials.queries import case
from app.denials.rules_acts import Act, Wanted
from app.denials.service_next import Call
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, NotPermitted, Refused
from app.kernel.money import Money
from app.kernel.paging import Ask
from app.kernel.work import Actor, Work, reading, work
from app.worklist.models import WorklistItem
from tests import books, era
from tests.conftest import House
from tests.policy import visitors

_denial, _writeoff, _item = table_of(Denial), table_of(DenialWriteoff), table_of(WorklistItem)
WORK = frozenset({"denials.read", "denials.work", "clinical.read", "worklist.work"})
CASES = 6
ALL = Ask("rank", descending=True)


def person(login: str, *roles: str) -> Actor:
    """Somebody with an account, at every entity."""
    known = visitors.add(login, *roles)
    decides = "supervisor" in roles or "manager" in roles
    more = frozenset({"denials.approve", "denials.review_filing"}) if decides else frozenset()
    return Actor(login, person_id=known.person_id, permissions=WORK | more, scope=books.CLERK.scope,
                 roles=frozenset(roles))  # fmt: skip


@pytest.fixture
def desk(house: House) -> Iterator[House]:
    """Six claims refused for the same reason, and one for another; amounts tell them apart."""
    books.practice()
    controls = [f"A{number}" for number in range(CASES)]
    bills = [era.billed(one, f"99214 {200 + 10 * at}") for at, one in enumerate(controls)]
    answers = [
        era.claim(one, era.line("99214", str(200 + 10 * at), "0", f"CO*197*{200 + 10 * at}"), number=f"P{at}")
        for at, one in enumerate(controls)
    ]
    other = era.claim("B1", era.line("99213", "90", "0", "CO*50*90"), number="PB")
    today = era_day()
    books.take(era.bill(*bills, era.billed("B1", "99213 90")))
    books.take(era.era(*answers, other, trace="T1", day=today))
    yield house


def era_day() -> str:
    """A remit of today, so that its clocks run."""
    with reading(books.CLERK) as w:
        return w.today("America/New_York").strftime("%Y%m%d")


def rows(*conditions: Any) -> list[Any]:
    return books.rows(_denial, *conditions)


def same() -> list[Any]:
    return rows(_denial.c.carc == "197")


def every(w: Work) -> dict[str, int | None]:
    return dict.fromkeys(queries_set.publics(w, Ask("rank", filters={"carc": "197"}), 100))


def test_a_whole_set_is_put_aside_and_given_back(desk: House) -> None:
    dana = person("dana", "denial_specialist")
    with work(dana) as w:
        until = service_acts.today_of(w, same()[0].entity_id) + timedelta(7)
        wanted = Wanted(act=Act.SNOOZE, reason="project with the payer", until=until)
        outcome = service_acts.act(w, every(w), wanted)
    assert (outcome.done, outcome.skipped) == (CASES, ())
    assert {(row.state, row.snoozes, row.follow_up) for row in same()} == {("snoozed", 1, until)}
    before = same()[0]
    with work(dana) as w:
        service_acts.act_on_one(w, before.public_id, before.version, Wanted(act=Act.MOVE, move=Move.WAKE))
    with work(dana) as w:
        undone = service_undo.undo(w, outcome.bulk)
    assert undone.done == CASES - 1 and undone.stale == (before.public_id,)
    assert sorted({row.state for row in same()}) == ["new", "triaged"]
    with work(dana) as w, pytest.raises(NotAllowed, match="undone already"):
        service_undo.undo(w, outcome.bulk)
    with work(person("erin", "denial_specialist")) as w, pytest.raises(NotFound):
        service_undo.undo(w, outcome.bulk)


def test_what_an_act_does_not_fit_stays_with_its_reason(desk: House) -> None:
    dana = person("dana", "denial_specialist")
    first, *rest = same()
    with work(dana) as w:
        service_acts.act_on_one(w, first.public_id, first.version, Wanted(act=Act.MOVE, move=Move.TRIAGE))
        seen = {row.public_id: row.version for row in (first, *rest)}
        outcome = service_acts.act(w, seen, Wanted(act=Act.ASSIGN, owner_id=dana.person_id))
    assert outcome.done == CASES - 1
    (skipped,) = outcome.skipped
    assert skipped.public_id == first.public_id and "changed this" in skipped.reason
    with work(dana) as w:
        outcome = service_acts.act(w, every(w), Wanted(act=Act.MOVE, move=Move.CONCLUDE, reason="tidy"))
    assert outcome.done == 0 and {one.reason[:30] for one in outcome.skipped} == {
        "The payer's balance is still op"[:30]
    }


def test_a_case_is_put_aside_only_so_often_so_long_and_before_its_day(desk: House) -> None:
    dana = person("dana", "denial_specialist")
    row = same()[0]
    with work(dana) as w:
        today = service_acts.today_of(w, row.entity_id)
        late = Wanted(act=Act.SNOOZE, reason="later", until=today + timedelta(31))
        with pytest.raises(Refused, match="at most 30 days"):
            service_acts.act(w, {row.public_id: None}, late)
        for _ in range(3):
            soon = Wanted(act=Act.SNOOZE, reason="later", until=today + timedelta(2))
            assert service_acts.act(w, {row.public_id: None}, soon).done == 1
            service_acts.act(w, {row.public_id: None}, Wanted(act=Act.MOVE, move=Move.WAKE))
        outcome = service_acts.act(w, {row.public_id: None}, soon)
    assert "3 is the most" in outcome.skipped[0].reason


def test_only_who_works_denials_can_be_given_a_case(desk: House) -> None:
    dana, clerk = person("dana", "denial_specialist"), person("carl", "clerk")
    row = same()[0]
    with work(dana) as w:
        outcome = service_acts.act(w, {row.public_id: None}, Wanted(act=Act.ASSIGN, owner_id=dana.person_id))
        assert outcome.done == 1
    with work(dana) as w, pytest.raises(Refused, match="does not work denials"):
        service_acts.act(w, {row.public_id: None}, Wanted(act=Act.ASSIGN, owner_id=clerk.person_id))
    assert books.rows(_item, _item.c.subject_id == row.id)[0].owner_id == dana.person_id


def test_a_note_over_a_set_is_taken_back_with_it(desk: House) -> None:
    dana = person("dana", "denial_specialist")
    with work(dana) as w:
        outcome = service_acts.act(w, every(w), Wanted(act=Act.NOTE, text="One project, see the binder"))
    with work(dana) as w:
        said = contacts.about(w, "denial", same()[0].id)
        assert [one.text for one in said] == ["One project, see the binder"]
        assert service_undo.undo(w, outcome.bulk).done == CASES
        assert contacts.about(w, "denial", same()[0].id)[0].struck


def test_two_clerks_never_get_the_same_next_case(desk: House) -> None:
    dana, erin = person("dana", "denial_specialist"), person("erin", "denial_specialist")
    best = sorted(rows(), key=lambda row: (-row.rank, -row.id))
    with work(dana) as w:
        first = service_next.take_next(w, ALL)
    with work(erin) as w:
        second = service_next.take_next(w, ALL)
    assert [first, second] == [best[0].public_id, best[1].public_id]
    with work(dana) as w:
        third = service_next.take_next(w, ALL, leaving=first or "")
    assert third == best[2].public_id
    with work(erin) as w:
        assert service_next.take_next(w, ALL, leaving=second or "") == best[3].public_id
    seen = set()
    with work(dana) as w:
        at = third
        for _ in range(12):
            at = service_next.take_next(w, ALL, leaving=at or "")
            seen.add(at)
    assert best[3].public_id not in seen and first in seen


def test_a_case_is_wrapped_up_with_two_keys_and_the_next_one_comes(desk: House) -> None:
    dana = person("dana", "denial_specialist")
    with work(dana) as w:
        at = service_next.take_next(w, ALL) or ""
        version = case(w, at).row.version
        done = service_next.wrap(w, at, version=version, result="1", follow_up="3",
                                 said={"representative": "Kim", "reference": "R77"}, queue=ALL)  # fmt: skip
    row = rows(_denial.c.public_id == at)[0]
    assert (row.state, row.owner_id) == ("payer_promised", dana.person_id)
    assert done.next and done.next != at
    with work(dana) as w:
        (call,) = contacts.about(w, "denial", row.id)
        assert (call.representative, call.reference, call.promise) == ("Kim", "R77", "open")
        service_undo.undo(w, done.bulk)
    row = rows(_denial.c.public_id == at)[0]
    assert (row.state, row.owner_id) == ("new", None)


def test_a_promise_on_the_phone_puts_the_case_aside_until_its_day(desk: House) -> None:
    dana = person("dana", "denial_specialist")
    row = same()[0]
    with work(dana) as w:
        day = service_acts.today_of(w, row.entity_id) + timedelta(10)
        service_next.call(w, row.public_id, Call(outcome="payment_promised", promised_on=day,
                                                 promised_amount=Money(150_00)))  # fmt: skip
    row = same()[0]
    assert (row.state, row.follow_up) == ("payer_promised", day)


def test_a_write_off_takes_two_people_and_the_limit_of_the_second(desk: House) -> None:
    dana, sue = person("dana", "denial_specialist"), person("sue", "supervisor")
    row = same()[0]
    with work(dana) as w:
        asked = service_writeoff.request(w, row.public_id, version=row.version, reason="unavoidable",
                                         words="No authorization was ever asked for")  # fmt: skip
    with work(dana) as w, pytest.raises(NotPermitted):
        service_writeoff.decide(w, asked, Decision.APPROVE, version=1)
    assert books.accounts() == {1100: "1440.00", 4000: "-1440.00"}
    with work(sue) as w:
        service_writeoff.decide(
            w, asked, Decision.APPROVE, version=1, answer="Never authorized", reviewed=True
        )
    row = rows(_denial.c.id == row.id)[0]
    assert (row.state, row.outcome) == ("closed", "written_off")
    assert books.accounts() == {1100: "1240.00", 4000: "-1440.00", 4110: "200.00"}
    (entry,) = [one for one in books.entries() if one.event == "denial_writeoff"]
    assert (int(entry.debit), int(entry.credit), str(entry.amount)) == (4110, 1100, "200.00")
    assert books.problems() == []


def test_who_asks_never_decides_whatever_their_role(desk: House) -> None:
    sue = person("sue", "supervisor")
    row = same()[0]
    with work(sue) as w:
        asked = service_writeoff.request(
            w, row.public_id, version=row.version, reason="avoidable", words="ours"
        )
        with pytest.raises(NotAllowed, match="may not decide"):
            service_writeoff.decide(w, asked, Decision.APPROVE, version=1)


def test_no_needs_words_and_brings_the_case_back(desk: House) -> None:
    dana, sue = person("dana", "denial_specialist"), person("sue", "supervisor")
    row = same()[0]
    with work(dana) as w:
        asked = service_writeoff.request(
            w, row.public_id, version=row.version, reason="avoidable", words="ours"
        )
    with work(sue) as w, pytest.raises(Refused, match="Say why not"):
        service_writeoff.decide(w, asked, Decision.DECLINE, version=1)
    with work(sue) as w:
        service_writeoff.decide(w, asked, Decision.DECLINE, version=1, answer="Appeal it first")
    assert rows(_denial.c.id == row.id)[0].state == "triaged"
    assert [one.state for one in books.rows(_item, _item.c.queue == "approvals")] == ["done"]


def test_a_request_never_exceeds_what_is_denied_and_owed(desk: House) -> None:
    dana = person("dana", "denial_specialist")
    row = same()[0]
    for amount in (0, 200_01):
        with work(dana) as w, pytest.raises(Refused, match="At most 200"):
            service_writeoff.request(w, row.public_id, version=row.version, reason="avoidable", words="ours",
                                     amount=Money(amount))  # fmt: skip
