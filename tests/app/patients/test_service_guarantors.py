"""Who answers for a visit: an adult for themselves, a parent for a child, nobody for being insured."""

from datetime import date

import pytest

from app.kernel.db import table_of
from app.kernel.work import reading
from app.patients import queries_guarantors, queries_reach
from app.patients.models import PatientGuarantor
from tests import books, era, people
from tests.conftest import House

OF = table_of(PatientGuarantor)
DAY = date(2025, 12, 16)


@pytest.fixture
def entity(house: House) -> int:
    """Jane (adult), her son Tim, Ann whose own policy it is though she is ten, Bob insured by a spouse."""
    owner = books.practice()
    books.take(
        era.bill(
            era.billed("A1", "99214 300"),
            people.dependent("A2", "99213 150"),
            people.dependent("A3", "99213 90", patient="DOE*SUE", birth="20170101"),
            era.billed("A4", "99213 90", patient="OWN*ANN", member="MEM0004", birth="20151001"),
            people.dependent("A5", "99213 90", patient="ROE*BOB", birth="19800101", relationship="01"),
            people.dependent("A6", "99213 90", patient="WARD*KIM", birth="20160101", relationship="G8"),
        )
    )
    return owner.id


def test_an_adult_answers_for_themselves_at_the_address_of_the_claim(entity: int) -> None:
    jane = people.patient_key("DOE", "JANE")
    key = people.answers(entity, (1, jane, DAY))[1]
    found = people.account(key)
    assert (found.name, found.relation, found.confirmed, found.state) == ("DOE, JANE", "self", True, "NE")
    assert found.number == "A0000018"
    with reading(books.CLERK) as w:
        home = queries_reach.addresses(w, [found.id])[found.id]
    assert home.lines == ["1 MAIN ST", "OMAHA NE 68101"] and home.source == "claim"


def test_a_childs_parent_is_proposed_and_not_confirmed(entity: int) -> None:
    tim, sue = people.patient_key("DOE", "TIM"), people.patient_key("DOE", "SUE")
    found = people.answers(entity, (1, tim, DAY), (2, sue, DAY))
    assert found[1] == found[2], "two children of one policy have one account"
    parent = people.account(found[1])
    assert (parent.name, parent.relation, parent.confirmed) == ("DOE, JANE", "parent", False)


def test_nobody_answers_for_a_minor_because_of_insurance(entity: int) -> None:
    ann, kim = people.patient_key("OWN"), people.patient_key("WARD")
    assert people.answers(entity, (1, ann, DAY), (2, kim, DAY)) == {1: None, 2: None}


def test_a_spouse_who_holds_the_policy_does_not_answer_for_an_adult(entity: int) -> None:
    bob = people.account(people.answers(entity, (1, people.patient_key("ROE"), DAY))[1])
    assert (bob.name, bob.relation) == ("ROE, BOB", "self")


def test_at_eighteen_new_services_are_ones_own_and_old_ones_stay(entity: int) -> None:
    tim = people.patient_key("DOE", "TIM")
    eve, day = date(2033, 3, 9), date(2033, 3, 10)
    found = people.answers(entity, (1, tim, DAY), (2, tim, eve), (3, tim, day))
    assert found[1] == found[2] != found[3]
    assert people.account(found[3]).name == "DOE, TIM"
    again = people.answers(entity, (3, tim, day), (1, tim, DAY))
    assert again == {1: found[1], 3: found[3]} and len(books.rows(OF)) == 2


def test_asking_in_any_order_and_twice_gives_the_same(entity: int) -> None:
    asked = [(n, people.patient_key(*name), day) for n, (name, day) in enumerate([
        (("DOE", "JANE"), DAY), (("DOE", "TIM"), DAY), (("DOE", "TIM"), date(2034, 1, 1)),
        (("OWN",), DAY), (("ROE",), None),
    ])]  # fmt: skip
    first = people.answers(entity, *asked)
    assert people.answers(entity, *reversed(asked)) == first
    for one in asked:
        assert people.answers(entity, one) == {one[0]: first[one[0]]}


def test_an_account_is_found_by_its_number_a_name_or_a_birth_date(entity: int) -> None:
    people.answers(entity, (1, people.patient_key("DOE", "JANE"), DAY))
    for text in ("a0000018", "A-000 0018", "0000018", "doe", "Doe, Ja", "1970-01-01"):
        with reading(books.CLERK) as w:
            assert [one.name for one in queries_guarantors.search(w, text)] == ["DOE, JANE"], text
    with reading(books.CLERK) as w:
        assert queries_guarantors.search(w, "A0000019") == [], "a wrong check digit is no account"
