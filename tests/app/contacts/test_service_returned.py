"""Mail that came back stops more of it, starts a search, and goes on at the right address."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.contacts import queries_holds, queries_returned, service_returned
from app.contacts.lifecycle import HoldKind
from app.contacts.models import AccountHold, ReturnedMail
from app.contacts.rules_returned import Action, codes, on_day
from app.flows import returned_mail
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, NotFound, Refused
from app.kernel.work import reading, work
from app.patients import queries_reach
from app.patients.rules_people import Home
from app.worklist.models import WorklistItem
from tests import books, era, people
from tests.conftest import House

MAIL, ITEM, HOLD = table_of(ReturnedMail), table_of(WorklistItem), table_of(AccountHold)
NEW = Home("9 ELM ST", "", "LINCOLN", "NE", "68508")


@pytest.fixture
def account(house: House) -> int:
    """Jane's account, with the address of her claim."""
    owner = books.practice()
    books.take(era.bill(era.billed("A1", "99214 300")))
    found = people.answers(owner.id, (1, people.patient_key("DOE"), None))[1]
    assert found is not None
    return found


def take(account: int, code: str, **more: object) -> service_returned.Piece:
    with work(books.CLERK) as w:
        number = people.account(account).number
        return returned_mail.take_in(w, number, code, **more)  # type: ignore[arg-type]  # what a test names


def kinds(account: int) -> list[str]:
    with reading(books.CLERK) as w:
        today = w.today("America/New_York")
        return [one.kind.value for one in queries_holds.open_holds(w, [account], today).get(account, [])]


def mail_state(account: int) -> str:
    with reading(books.CLERK) as w:
        return queries_reach.addresses(w, [account])[account].mail


def version(public: str) -> int:
    return int(books.rows(MAIL, MAIL.c.public_id == public)[0].version)


def step(public: str, verb: str, *args: object, **more: object) -> str:
    with work(books.CLERK) as w:
        return str(getattr(returned_mail, verb)(w, public, *args, version=version(public), **more))


def test_every_letter_of_the_post_office_has_one_row_a_day() -> None:
    day = now().date()
    assert len(on_day(day)) == len(codes())
    assert {one.code for one in codes() if one.action is Action.KEEP} == {"R", "U"}
    assert on_day(day)["P"].action is Action.DECEASED and on_day(day)["W"].action is Action.HOLD
    for code in "KGQANSIBDV":
        assert on_day(day)[code].action is Action.BAD, code


def test_a_bad_address_stops_mail_and_makes_an_item(account: int) -> None:
    done = take(account, "k")
    assert (done.state, mail_state(account), kinds(account)) == ("stopped", "bad", ["returned_mail"])
    [item] = books.rows(ITEM, ITEM.c.queue == "accounts")
    assert (item.kind, item.subject) == ("bad_address", "returned_mail")
    again = take(account, "N")
    assert again.again and again.public_id == done.public_id and len(books.rows(MAIL)) == 1


def test_a_search_finds_looks_again_and_mail_goes_on(account: int) -> None:
    piece = take(account, "A").public_id
    assert step(piece, "search", "post_office", note="") == "searching"
    with pytest.raises(Refused, match="already"):
        step(piece, "search", "post_office", note="")
    with pytest.raises(Refused, match="very address"):
        step(piece, "find", Home("1 Main St", "", "Omaha", "NE", "68101"), "phone")
    assert step(piece, "find", NEW, "phone") == "candidate"
    assert step(piece, "reject", why="Their brother") == "searching"
    assert step(piece, "find", NEW, "relative") == "candidate"
    with pytest.raises(Refused, match="ZIP"):
        step(piece, "verify", zip_again="68501")
    assert step(piece, "verify", zip_again="68508") == "verified"
    assert step(piece, "resume", why="") == "resumed"
    assert kinds(account) == [] and mail_state(account) == "good"
    with reading(books.CLERK) as w:
        assert queries_reach.addresses(w, [account])[account].street == "9 ELM ST"
        row = queries_returned.one(w, piece)
        assert [one.move for one in queries_returned.steps(w, row.id)][:2] == ["resume", "verify"]
    assert [row.state for row in books.rows(ITEM, ITEM.c.queue == "accounts")] == ["done"]


def test_three_sources_without_an_address_end_the_search(account: int) -> None:
    piece = take(account, "N").public_id
    states = [step(piece, "search", source, note="") for source in ("phone", "payer", "skip_trace")]
    assert states == ["searching", "searching", "exhausted"]
    with pytest.raises(NotAllowed):
        step(piece, "search", "records", note="")
    assert kinds(account) == ["returned_mail"], "nothing is mailed to nowhere"
    assert step(piece, "find", NEW, "records") == "candidate", "an address that turns up later still helps"


def test_whoever_is_away_gets_mail_again_when_they_are_back(account: int) -> None:
    piece = take(account, "W").public_id
    assert (mail_state(account), kinds(account)) == ("held", ["mail_paused"])
    [hold] = books.rows(HOLD)
    assert hold.ends == hold.starts + timedelta(30)
    assert books.rows(ITEM, ITEM.c.queue == "accounts") == []
    with work(books.CLERK) as w:
        w.db.execute(update(HOLD).values(open=False))
        returned_mail.back_again(w, hold.entity_id, hold.ends)
    assert mail_state(account) == "good" and books.rows(MAIL)[0].state == "resumed"
    assert books.rows(MAIL)[0].public_id == piece


def test_a_death_is_reviewed_and_a_refused_letter_was_delivered(account: int) -> None:
    assert take(account, "R").state == take(account, "U").state == "resumed"
    assert mail_state(account) == "good" and kinds(account) == []
    done = take(account, "P")
    assert kinds(account) == [HoldKind.DECEASED.value] and done.state == "stopped"
    assert [row.kind for row in books.rows(ITEM, ITEM.c.queue == "accounts")] == ["deceased_review"]


def test_an_address_the_post_office_supplies_is_used_at_once(account: int) -> None:
    with pytest.raises(Refused, match="new address"):
        take(account, "")
    take(account, "S")
    assert take(account, "", home=NEW).state == "resumed"
    assert mail_state(account) == "good" and kinds(account) == []
    assert {row.state for row in books.rows(MAIL)} == {"resumed"}


def test_a_number_nobody_has_and_a_reason_there_is_none_of(account: int) -> None:
    with pytest.raises(NotFound), work(books.CLERK) as w:
        returned_mail.take_in(w, "A9999999", "K")
    with pytest.raises(Refused, match="no such reason"):
        take(account, "Z")
