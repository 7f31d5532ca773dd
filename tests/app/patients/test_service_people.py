"""What people change about who answers: dated, with a reason, and old visits keep whom they had."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.kernel.errors import NotPermitted, Refused, Stale
from app.kernel.work import Actor, reading, work
from app.patients import queries_guarantors, queries_reach, service_people, service_reach
from app.patients.lifecycle import Channel, Deliverability, PointKind, Relation
from app.patients.rules_people import Home
from app.patients.service_people import NewGuarantor
from tests import books, era, people
from tests.conftest import House

DAY, MAY = date(2025, 12, 16), date(2026, 5, 1)
HOME = Home("9 ELM ST", "", "LINCOLN", "NE", "68508")
BORN = date(1980, 2, 2)
AUNT = NewGuarantor(last="Núñez", first="María", birth=BORN, relation=Relation.GUARDIAN, home=HOME)


@pytest.fixture
def entity(house: House) -> int:
    owner = books.practice()
    books.take(era.bill(era.billed("A1", "99214 300"), people.dependent("A2", "99213 150")))
    return owner.id


def public(table: Any, last: str, first: str) -> str:
    rows = books.rows(table, table.c.last == last, table.c.first == first)
    return str(rows[0].public_id)


def test_a_guardian_answers_from_a_day_on_and_the_past_stays(entity: int) -> None:
    tim = people.patient_key("DOE", "TIM")
    before = people.answers(entity, (1, tim, DAY))[1]
    with work(books.CLERK) as w:
        name = public(people.PATIENT, "DOE", "TIM")
        made = service_people.set_guarantor(w, name, AUNT, from_day=MAY, reason="Custody order")
        again = service_people.set_guarantor(w, name, AUNT, from_day=MAY, reason="Custody order")
    assert made == again, "the same person has one account"
    found = people.answers(entity, (1, tim, DAY), (2, tim, MAY), (3, tim, date(2033, 3, 10)))
    aunt = people.account(found[2])
    assert found[1] == before and aunt.public_id == made
    assert (aunt.last, aunt.first, aunt.confirmed, aunt.state) == ("Núñez", "María", True, "NE")
    assert people.account(found[3]).name == "DOE, TIM", "at eighteen for himself"
    for text in ("núñez", "NÚÑEZ, MAR", "Núñez"):
        with reading(books.CLERK) as w:
            assert [one.public_id for one in queries_guarantors.search(w, text)] == [made]


def test_one_visit_may_have_its_own_and_mail_kept_apart(entity: int) -> None:
    jane = people.patient_key("DOE", "JANE")
    key = people.answers(entity, (1, jane, DAY))[1]
    row = people.account(key)
    with work(books.CLERK) as w:
        apart = service_people.confidential(w, row.public_id, reason="Asked", home=HOME, version=row.version)
        service_people.set_visit_guarantor(w, entity, 77, jane, apart, reason="Own care")
    found = people.answers(entity, (1, jane, DAY), (77, jane, DAY))
    assert found[1] == key != found[77]
    other = people.account(found[77])
    assert other.confidential and other.name == row.name and other.number != row.number
    with reading(books.CLERK) as w:
        homes = queries_reach.addresses(w, [row.id, other.id])
    assert homes[row.id].street == "1 MAIN ST" and homes[other.id].street == "9 ELM ST"


def test_confirming_is_one_act_and_an_older_version_is_refused(entity: int) -> None:
    parent = people.account(people.answers(entity, (1, people.patient_key("DOE", "TIM"), DAY))[1])
    with work(books.CLERK) as w:
        service_people.confirm(w, parent.public_id, parent.version)
    assert people.account(parent.id).confirmed
    with pytest.raises(Stale), work(books.CLERK) as w:
        service_people.change(w, parent.public_id, parent.version, language="es")
    with pytest.raises(NotPermitted), work(Actor("guest", scope=frozenset({entity}))) as w:
        service_people.confirm(w, parent.public_id, parent.version + 1)


def test_an_old_address_ends_and_stays_and_a_bad_one_is_not_typed_good(entity: int) -> None:
    row = people.account(people.answers(entity, (1, people.patient_key("DOE", "JANE"), DAY))[1])
    with work(books.CLERK) as w:
        made = service_reach.add_address(w, row.public_id, HOME, version=row.version)
        service_reach.mark_mail(w, made, Deliverability.BAD, "K", on=MAY)
    with reading(books.CLERK) as w:
        history = queries_reach.address_history(w, row.id)
        assert [(one.street, one.effective_to is None, one.mail) for one in history] == [
            ("9 ELM ST", True, "bad"), ("1 MAIN ST", False, "good"),
        ]  # fmt: skip
    with pytest.raises(Refused, match="came back"), work(books.CLERK) as w:
        service_reach.add_address(w, row.public_id, HOME, version=row.version + 1)
    with pytest.raises(Refused, match="begin differently"), work(books.CLERK) as w:
        service_reach.add_address(w, row.public_id, Home("1 A", "", "X", "NY", "68508"), version=None)


def test_the_last_word_counts_and_a_no_holds_at_once(entity: int) -> None:
    row = people.account(people.answers(entity, (1, people.patient_key("DOE", "JANE"), DAY))[1])
    then = datetime(2026, 1, 1, tzinfo=UTC)
    with work(books.CLERK) as w:
        point = service_reach.add_point(w, row.public_id, PointKind.MOBILE, "(402) 555-0123")
        assert point == service_reach.add_point(w, row.public_id, PointKind.MOBILE, "402-555-0123")
        for at, granted in ((then, True), (then + timedelta(5), False), (then + timedelta(2), True)):
            service_reach.consent(w, row.public_id, Channel.SMS, granted, point_public=point,
                                  effective_at=at, proof="scan 12")  # fmt: skip
    with reading(books.CLERK) as w:
        [mine] = queries_reach.points(w, [row.id])[row.id]
        said = queries_reach.consents(w, [row.id])[row.id]
        assert queries_reach.zones(w, [row.id])[row.id] == ("America/Chicago",)
    assert (mine.value, mine.shown) == ("+14025550123", "(•••) •••-0123")
    assert said.allows("sms", mine.id) is False and said.allows("auto", mine.id) is None
    with pytest.raises(Refused, match="proof"), work(books.CLERK) as w:
        service_reach.consent(w, row.public_id, Channel.EMAIL, True)
    with work(books.CLERK) as w:
        service_reach.end_point(w, point, version=1)
    with reading(books.CLERK) as w:
        assert queries_reach.points(w, [row.id]) == {}
