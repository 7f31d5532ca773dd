"""What a code means, on a day, for an entity; and how a user changes that without losing what was."""

from datetime import date, timedelta

import pytest

from app.audit import service as audit
from app.codes import service
from app.codes.rules import CodeBook
from app.entities import service as entities
from app.kernel.errors import NotFound, NotPermitted, Refused
from app.kernel.work import Actor, system, work

ME = system("tests")
DAY = date(2026, 1, 16)
assert audit


@pytest.fixture
def entity(house: object) -> int:
    with work(ME) as w:
        return entities.add(w, "Practice One", ()).id


def book(entity: int, on: date = DAY) -> CodeBook:
    with work(ME) as w:
        return service.book(w, entity, on)


def test_the_shipped_lists_are_read_on_any_day(entity: int) -> None:
    found = book(entity)
    assert (found.carc("197").category, found.carc("197").is_denial) == ("authorization", "full")
    assert found.carc("45").ledger_effect == "4100 if CO or OA" and not found.carc("45").opens_denial
    assert found.rarc("MA130").appeal_effect == "no_rights"
    assert found.rarc("MA01").is_alert
    assert (found.plb("WO").account, found.plb("WO").auto_post) == ("2040", "match")
    assert found.claim_status("category", "A7").rejected == "yes"


def test_a_reason_that_is_contractual_or_the_patients_opens_no_case_whatever_is_denial_says(
    entity: int,
) -> None:
    found = book(entity)
    for code in ("89", "134", "106", "P5", "P19", "229", "262"):
        assert found.carc(code).is_denial != "not" and not found.carc(code).opens_denial


def test_a_retired_code_reads_as_its_successor_and_keeps_its_name(entity: int) -> None:
    carc = book(entity).carc("62")
    assert (carc.code, carc.reads_as, carc.category, carc.known) == ("62", "197", "authorization", True)


def test_an_unknown_code_is_unmapped_and_never_lost(entity: int) -> None:
    found = book(entity)
    carc, plb = found.carc("ZZ9"), found.plb("Q1")
    assert (carc.code, carc.category, carc.ledger_effect, carc.opens_denial) == (
        "ZZ9",
        "unmapped",
        "none",
        True,
    )
    assert (plb.account, plb.auto_post, plb.work_item) == ("2070", "review", "review_plb")
    assert not found.rarc("N9999").known and found.claim_status("status", "9999").next_action == "recheck"


def test_a_change_holds_from_its_day_on_and_for_its_entity_only(entity: int) -> None:
    with work(ME) as w:
        other = entities.add(w, "Practice Two", ()).id
        service.change(
            w, entity, "carc", "96", attributes={"next_action": "payer_inquiry"}, effective_from=DAY
        )
    assert book(entity).carc("96").next_action == "payer_inquiry"
    assert book(entity).carc("96").category == "noncovered_benefit", "what was not named stays as shipped"
    assert book(entity, DAY - timedelta(1)).carc("96").next_action == "appeal"
    assert book(other).carc("96").next_action == "appeal"


def test_an_entitys_own_row_wins_over_one_for_all(entity: int) -> None:
    with work(ME) as w:
        service.change(w, entity, "plb", "CS", attributes={"auto_post": "match"}, effective_from=DAY)
        service.change(w, None, "plb", "CS", attributes={"auto_post": "yes"}, effective_from=DAY)
    assert book(entity).plb("CS").auto_post == "match"


def test_a_new_code_can_be_mapped_by_hand(entity: int) -> None:
    with work(ME) as w:
        attributes = {"category": "authorization", "is_denial": "full", "next_action": "retro_auth"}
        service.change(w, entity, "carc", "306", attributes=attributes, effective_from=DAY)
    assert (book(entity).carc("306").category, book(entity).carc("306").known) == ("authorization", True)


def test_what_was_known_yesterday_can_still_be_asked(entity: int) -> None:
    with work(ME) as w:
        service.change(w, entity, "carc", "96", attributes={"next_action": "wait"}, effective_from=DAY)
        first = w.now
    with work(ME) as w:
        service.change(w, entity, "carc", "96", attributes={"next_action": "appeal"}, effective_from=DAY)
        assert service.book(w, entity, DAY).carc("96").next_action == "appeal"
        assert service.book(w, entity, DAY, known_at=first).carc("96").next_action == "wait"
        rows = service.history(w, entity, "carc", "96")
    assert [row.replaced_at is None for row in rows] == [False, True]


def test_a_change_shows_in_the_version_of_the_book(entity: int) -> None:
    before = book(entity)
    assert book(entity) is before, "the same rows are read once"
    with work(ME) as w:
        service.change(w, entity, "rarc", "N1", attributes={"next_action": "appeal"}, effective_from=DAY)
    assert book(entity).version != before.version


@pytest.mark.parametrize(
    ("list_name", "attributes"),
    [
        ("colours", {"category": "coding"}),
        ("carc", {}),
        ("carc", {"colour": "red"}),
        ("carc", {"code": "97"}),
        ("carc", {"category": "made_up"}),
    ],
)
def test_a_change_that_leads_nowhere_is_refused(
    entity: int, list_name: str, attributes: dict[str, str]
) -> None:
    with pytest.raises(Refused), work(ME) as w:
        service.change(w, entity, list_name, "96", attributes=attributes, effective_from=DAY)


def test_a_range_must_have_a_day_in_it(entity: int) -> None:
    with pytest.raises(Refused), work(ME) as w:
        service.change(
            w, entity, "carc", "96", attributes={"next_action": "wait"}, effective_from=DAY, effective_to=DAY
        )


def test_changing_codes_takes_the_right_and_the_scope(entity: int) -> None:
    clerk = Actor("clerk", scope=frozenset({entity}))
    with pytest.raises(NotPermitted), work(clerk) as w:
        service.change(w, entity, "carc", "96", attributes={"next_action": "wait"}, effective_from=DAY)
    supervisor = Actor("supervisor", permissions=frozenset({"codes.write"}), scope=frozenset({entity}))
    with pytest.raises(NotFound), work(supervisor) as w:
        service.change(w, entity + 1, "carc", "96", attributes={"next_action": "wait"}, effective_from=DAY)
    with pytest.raises(Refused), work(supervisor) as w:
        service.change(w, None, "carc", "96", attributes={"next_action": "wait"}, effective_from=DAY)
