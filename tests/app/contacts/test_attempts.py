"""An attempt asks its guard before anything rings, counts from then on, and is wrapped up in few words."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.contacts import queries_holds, queries_story, service_attempts, service_holds, service_law
from app.contacts.lifecycle import Direction, HoldKind, Reach
from app.contacts.models import AccountEvent, Attempt, Refusal
from app.contacts.rules_attempts import Person, fitting, nonpayment, results
from app.contacts.service_promises import Promising
from app.kernel.db import table_of
from app.kernel.errors import Guarded, NotAllowed, NotPermitted, Refused
from app.kernel.money import Money
from app.kernel.work import Actor, Work, system, work
from tests import books
from tests.app.contacts import people
from tests.conftest import House

ME = system("tests")
_attempt, _event, _refusal = table_of(Attempt), table_of(AccountEvent), table_of(Refusal)
ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
JANE = Person("Doe", "Jane", date(1980, 2, 29), "44101-1234", ("+12165550142",), "A1")


def always_day(entity: int) -> None:
    """The house calls at every hour, so that a test may run at night."""
    with work(ME) as w:
        for code, value in (("contact_from", "00:00"), ("contact_until", "23:59")):
            service_law.change(w, entity, code=code, state="", value=value, source="tests",
                               days=(w.now.date(), None), reason="tests")  # fmt: skip


def desk() -> tuple[int, int, int]:
    """(entity, account, phone) of a person who may be called now."""
    entity = books.practice().id
    always_day(entity)
    who = people.account(entity)
    return entity, who, people.point(entity, who)


def call(w: Work, who: int, phone: int, result: str = "no_answer", **said: Any) -> service_attempts.Wrapped:
    """A call from dialling to its end."""
    ticket = service_attempts.begin(w, who, Reach.CALL, phone).token
    return service_attempts.wrap_up(w, who, Reach.CALL, Direction.OUT, result=result, ticket=ticket, **said)


def test_seven_calls_go_out_and_the_eighth_does_not(house: House) -> None:
    _, who, phone = desk()
    for _ in range(7):
        with work(ME) as w:
            call(w, who, phone)
    with pytest.raises(Guarded) as no, work(ME) as w:
        service_attempts.begin(w, who, Reach.CALL, phone)
    assert no.value.code == "calls_most"
    assert [row.rule for row in books.rows(_refusal)] == ["calls_most"]
    with work(ME) as w:
        told = queries_story.attempts(w, who)
    assert len(told) == 7 and {one.result for one in told} == {"no_answer"}


def test_a_call_that_was_begun_counts_until_it_is_dropped(house: House) -> None:
    _, who, phone = desk()
    tickets = []
    for _ in range(7):
        with work(ME) as w:
            tickets.append(service_attempts.begin(w, who, Reach.CALL, phone).token)
    with pytest.raises(Guarded), work(ME) as w:
        service_attempts.begin(w, who, Reach.CALL, phone)
    with work(ME) as w:
        service_attempts.drop(w, who, tickets[0])
    with work(ME) as w:
        service_attempts.begin(w, who, Reach.CALL, phone)


def test_a_talk_opens_seven_quiet_days_and_a_consent_with_its_reason_passes_them(house: House) -> None:
    _, who, phone = desk()
    with work(ME) as w:
        call(w, who, phone, "call_back", right_party=True, next_on=w.now.date() + timedelta(1))
    with pytest.raises(Guarded) as no, work(ME) as w:
        service_attempts.begin(w, who, Reach.CALL, phone)
    assert no.value.code == "calls_after_talk"
    with work(ME) as w:
        ticket = service_attempts.begin(w, who, Reach.CALL, phone, extra={"consented": "Asked for tomorrow"})
        service_attempts.wrap_up(w, who, Reach.CALL, Direction.OUT, result="no_answer", ticket=ticket.token)
        assert queries_story.attempts(w, who)[0].consented == "Asked for tomorrow"


@ONE_DATABASE
def test_a_ticket_is_for_one_account_and_one_wrap_up(house: House) -> None:
    entity, who, phone = desk()
    other = people.account(entity)
    with work(ME) as w:
        ticket = service_attempts.begin(w, who, Reach.CALL, phone).token
        said: dict[str, Any] = dict(result="busy", ticket=ticket)
        with pytest.raises(Refused, match="no ticket"):
            service_attempts.wrap_up(w, other, Reach.CALL, Direction.OUT, **said)
        service_attempts.wrap_up(w, who, Reach.CALL, Direction.OUT, **said)
        with pytest.raises(NotAllowed, match="wrapped up"):
            service_attempts.wrap_up(w, who, Reach.CALL, Direction.OUT, **said)
        with pytest.raises(NotAllowed, match="wrapped up"):
            service_attempts.drop(w, who, ticket)


@ONE_DATABASE
def test_what_was_said_is_sealed_and_the_diary_follows_from_the_result(house: House) -> None:
    _, who, phone = desk()
    with work(ME) as w:
        today = w.today("America/New_York")
        left = call(w, who, phone, "left_message", note="With her son, card 4111 1111 1111 1111")
        assert left.next_on == today + timedelta(3)
        (told,) = queries_story.attempts(w, who)
    assert told.note == "With her son, card [card number removed]"
    assert b"son" not in bytes(books.rows(_attempt)[0].said)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("result", "kind"),
    [("stop", HoldKind.CEASE), ("bankruptcy", HoldKind.BANKRUPTCY), ("deceased", HoldKind.DECEASED),
     ("attorney", HoldKind.ATTORNEY), ("assistance", HoldKind.ASSISTANCE)],
)  # fmt: skip
def test_what_they_say_on_the_phone_holds_from_that_moment(house: House, result: str, kind: HoldKind) -> None:
    _, who, phone = desk()
    with work(ME) as w:
        assert call(w, who, phone, result).hold == kind.value
        assert [one.kind for one in queries_holds.open_holds(w, [who], w.now.date())[who]] == [kind]
    with pytest.raises(Guarded) as no, work(ME) as w:
        service_attempts.begin(w, who, Reach.CALL, phone)
    assert no.value.code == f"hold.{kind.value}"


@ONE_DATABASE
def test_a_promise_on_the_phone_is_only_theirs_to_make(house: House) -> None:
    _, who, phone = desk()
    with work(ME) as w:
        today = w.today("America/New_York")
        ticket = service_attempts.begin(w, who, Reach.CALL, phone).token
        said: dict[str, Any] = dict(result="promise", ticket=ticket)
        with pytest.raises(Refused, match="how much"):
            service_attempts.wrap_up(w, who, Reach.CALL, Direction.OUT, **said)
        promising = Promising(amount=Money(50_00), promised_on=today + timedelta(7))
        done = service_attempts.wrap_up(w, who, Reach.CALL, Direction.OUT, promise=promising, **said)
        (promise,) = queries_story.promises(w, who)
    assert (promise.public_id, promise.state, promise.amount) == (done.promise, "open", Money(50_00))


@ONE_DATABASE
def test_who_calls_us_is_written_down_without_a_guard_but_a_talk_is_a_talk(house: House) -> None:
    _, who, phone = desk()
    with work(ME) as w:
        service_attempts.wrap_up(w, who, Reach.CALL, Direction.IN, result="answered", point=phone)
    with pytest.raises(Guarded) as no, work(ME) as w:
        service_attempts.wrap_up(w, who, Reach.CALL, Direction.OUT, result="no_answer", point=phone)
    assert no.value.code == "calls_after_talk"


@pytest.mark.parametrize(
    ("given", "marks"),
    [
        ({"birth": "1980-02-29", "zip": "44101"}, 2),
        ({"birth": "1980-02-29", "zip": "44102"}, -1),
        ({"name": "doe jane", "phone": "0142"}, 2),
        ({"name": "Jane Doe", "number": "a1"}, 1),
        ({"phone": "142"}, -1),
        ({"birth": "1980-02-29", "name": ""}, 1),
        ({}, 0),
    ],
)
def test_two_marks_must_fit_and_none_may_be_wrong(given: dict[str, str], marks: int) -> None:
    assert fitting(JANE, given) == marks


@ONE_DATABASE
def test_misses_are_counted_and_nothing_says_what_was_wrong(house: House) -> None:
    entity, who, _ = desk()
    people.home(entity, who)
    right = {"birth": "1980-02-29", "zip": "44101"}
    with work(ME) as w:
        assert service_attempts.identify(w, who, right).fits
        answers = [
            service_attempts.identify(w, who, right | {"zip": zip_code}) for zip_code in ("1", "2", "3")
        ]
    assert [(one.fits, one.left) for one in answers] == [(False, 2), (False, 1), (False, 0)]
    with work(ME) as w, pytest.raises(NotAllowed, match="Too many"):
        service_attempts.identify(w, who, right)
    with work(ME) as w:
        w.db.execute(select(_event.c.id))  # the misses are events, which nobody may change
        with pytest.raises(Exception, match=r"(?i)append|only|denied|permission|immutable|never"):
            w.db.execute(update(_event).values(move="fits"))


def test_every_result_and_reason_has_its_words_and_days() -> None:
    assert len({one.code for one in results()}) == len(results())
    assert all(one.label and one.reaches and one.effective_from for one in results())
    assert all(one.label and one.next_step for one in nonpayment())
    assert {one.code for one in results()} >= {"promise", "stop", "no_answer"}
    assert isinstance(results()[0].effective_from, date) and not isinstance(
        results()[0].effective_from, datetime
    )


def test_a_hold_is_passed_to_answer_them_for_a_reason_that_stays(house: House) -> None:
    entity, who, phone = desk()
    with work(ME) as w:
        service_holds.place_for(w, who, HoldKind.DISPUTE, reason="Tests")
    answer = {"purpose": "answer"}
    with pytest.raises(Refused, match="Choose why") as no, work(ME) as w:
        service_attempts.begin(w, who, Reach.CALL, phone, extra=answer)
    assert no.value.field == "because"
    with pytest.raises(Refused, match="Choose why"), work(ME) as w:
        service_attempts.begin(w, who, Reach.CALL, phone, extra=answer | {"because": "their_attorney"})
    with pytest.raises(Guarded), work(ME) as w:
        service_attempts.begin(w, who, Reach.CALL, phone, extra={"because": "asked_back"})
    program = Actor("bot", permissions=frozenset({"accounts.work"}), scope=frozenset({entity}), door="api")
    with pytest.raises(NotPermitted), work(program) as w:
        service_attempts.begin(w, who, Reach.CALL, phone, extra=answer | {"because": "asked_back"})
    with work(ME) as w:
        ticket = service_attempts.begin(w, who, Reach.CALL, phone, extra=answer | {"because": "asked_back"})
        service_attempts.wrap_up(w, who, Reach.CALL, Direction.OUT, result="no_answer", ticket=ticket.token)
    with work(ME) as w:
        [told] = queries_story.attempts(w, who)
    assert (told.because, told.consented) == ("asked_back", "")
