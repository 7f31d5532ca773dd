"""Patients of an older release: where they live is read from the files that are still stored."""

import pytest
from sqlalchemy import update

from app.flows import fill_homes
from app.kernel.work import reading, work
from app.patients import queries_reach
from app.patients.rules_people import Lives
from app.patients.service_guarantors import persons
from tests import books, era, people
from tests.conftest import House


@pytest.fixture
def entity(house: House) -> int:
    """Two files by an older release: three patients, nobody's home kept; Jane already has an account."""
    owner = books.practice()
    books.take(
        era.bill(era.billed("A1", "99214 300"), people.dependent("A2", "99213 150")),
        era.bill(era.billed("B1", "99213 90", patient="ROE*RICHARD", street="5 OAK AVE*APT 7")),
    )
    with work(books.CLERK) as w:
        w.db.execute(update(people.PATIENT).values(home_sealed=None))
    return owner.id


def lives() -> dict[str, Lives | None]:
    keys = [row.id for row in books.rows(people.PATIENT)]
    with reading(books.CLERK) as w:
        return {f"{one.first} {one.last}": one.lives for one in persons(w, keys).values()}


def test_homes_are_read_from_the_stored_claims_and_accounts_get_them(entity: int) -> None:
    jane = people.answers(entity, (1, people.patient_key("DOE", "JANE"), None))[1]
    assert jane is not None
    with reading(books.CLERK) as w:
        assert queries_reach.addresses(w, [jane]) == {}
    fill_homes.due()
    books.settle()
    found = lives()
    roe, tim = found["RICHARD ROE"], found["TIM DOE"]
    assert roe is not None and roe.home.street2 == "APT 7"
    assert tim is not None and (tim.holder_first, tim.relationship) == ("JANE", "19")
    with reading(books.CLERK) as w:
        assert queries_reach.addresses(w, [jane])[jane].lines == ["1 MAIN ST", "OMAHA NE 68101"]
    assert people.account(jane).state == "NE"


def test_once_all_are_known_nothing_is_asked_again(entity: int) -> None:
    fill_homes.due()
    books.settle()
    fill_homes.due()
    assert books.settle() == 0


def test_a_claim_that_is_gone_says_nothing_and_stops_nobody(entity: int, house: House) -> None:
    for one in (house.folder / "files").rglob("*"):
        if one.is_file():
            one.unlink()
    fill_homes.due()
    for _ in range(12):
        books.hurry()
        books.settle()
    assert all(one is not None and one.home.street == "" for one in lives().values())
