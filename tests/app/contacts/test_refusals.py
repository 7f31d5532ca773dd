"""What a guard refused is kept although the act is rolled back, through whichever door it came."""

from datetime import UTC, datetime, timedelta

import pytest

from app.audit.models import AuditEvent
from app.contacts import service_guards, service_holds
from app.contacts.lifecycle import Act
from app.contacts.models import AccountHold, Refusal
from app.contacts.rules_guards import No
from app.kernel.db import table_of
from app.kernel.errors import Guarded, NotFound
from app.kernel.work import Actor, reading, rehearsing, system, work
from tests import books
from tests.app.contacts import people
from tests.conftest import House

ME = system("tests")
_refusal, _hold, _audit = table_of(Refusal), table_of(AccountHold), table_of(AuditEvent)


@pytest.mark.parametrize("door", ["page", "api", "job", "cli"])
def test_a_refusal_stays_when_everything_else_is_rolled_back(house: House, door: str) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(ME) as w:
        service_holds.place(w, who, "cease", reason="Letter")
    actor = Actor("clerk", permissions=frozenset({"accounts.work"}), scope=frozenset({entity}), door=door)
    with pytest.raises(Guarded) as no, work(actor) as w:
        service_holds.place(w, who, "manager", reason="Gone with the rest")
        service_guards.must(w, Act.CALL, who)
    assert (no.value.status, no.value.code) == (409, "hold.cease")
    (row,) = books.rows(_refusal)
    assert (row.act, row.rule, row.door, row.actor) == ("call", "hold.cease", door, "clerk")
    assert [one.kind for one in books.rows(_hold)] == ["cease"]
    assert "guards.refused" in [one.type for one in books.rows(_audit)]


def test_a_refusal_is_kept_once_however_many_blocks_it_passes(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(ME) as w:
        service_holds.place(w, who, "cease", reason="Letter")
    with pytest.raises(Guarded) as no, reading(ME) as w:
        service_guards.must(w, Act.LETTER, who)
    with pytest.raises(Guarded), work(ME):
        raise no.value
    assert len(books.rows(_refusal)) == 1


def test_a_rehearsal_leaves_not_even_a_refusal(house: House) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(ME) as w:
        service_holds.place(w, who, "cease", reason="Letter")
    with pytest.raises(Guarded), rehearsing(ME) as w:
        service_guards.must(w, Act.LETTER, who)
    assert books.rows(_refusal) == []


def test_a_run_writes_its_refusals_and_goes_on(house: House) -> None:
    entity = books.practice().id
    whom = [people.account(entity) for _ in range(3)]
    until = datetime(2026, 12, 1, tzinfo=UTC)
    nos = {whom[0]: [No("hold.qmb", "QMB.", until, "x"), No("minor", "Minor.", None, "x")], whom[1]: []}
    with work(ME) as w:
        assert service_guards.refused(w, Act.STATEMENT, nos) == 1
    (row,) = books.rows(_refusal)
    assert (row.account_id, row.rule, row.detail) == (whom[0], "hold.qmb", {"also": ["minor"]})
    assert row.until == until


def test_facts_of_many_accounts_are_gathered_by_account(house: House) -> None:
    entity = books.practice().id
    noon = datetime(2026, 6, 8, 17, tzinfo=UTC)
    free, held, child, west, mute = (
        people.account(entity),
        people.account(entity),
        people.account(entity, birth=datetime(2020, 1, 1, tzinfo=UTC).date(), relation="other"),
        people.account(entity, state="CA"),
        people.account(entity, language="vi"),
    )
    phones = {one: people.point(entity, one, "mobile", f"+1216555{one:04d}")
              for one in (free, held, child, west, mute)}  # fmt: skip
    people.home(entity, west, state="CA", code="90001")
    with work(ME) as w:
        service_holds.place(w, held, "bankruptcy", reason="Notice")
    people.consent(entity, free, "sms", True, point_id=phones[free])
    with reading(ME) as w:
        early = service_guards.ask(w, Act.CALL, list(phones), at=noon - timedelta(hours=3))
        calls = service_guards.ask(w, Act.CALL, list(phones), at=noon)
        texts = service_guards.ask(w, Act.SMS, list(phones), at=noon, points=phones)
        bills = service_guards.ask(w, Act.STATEMENT, list(phones))
        wrong = service_guards.ask(w, Act.SMS, [free], at=noon, points={free: phones[held]})

    def rules(found: dict[int, list[No]]) -> list[list[str]]:
        return [[one.rule for one in found[key]] for key in (free, held, child, west, mute)]

    assert rules(calls) == [[], ["hold.bankruptcy"], ["minor"], [], ["language"]]
    assert rules(early)[3] == ["contact_hours"]
    assert rules(texts)[0] == [] and rules(texts)[3] == ["consent.sms"]
    assert rules(bills) == [[], ["hold.bankruptcy"], [], [], []]
    assert [one.rule for one in wrong[free]] == ["no_number"]


def test_another_entitys_account_is_not_there_to_be_asked_about(house: House) -> None:
    entity = books.practice().id
    other = books.practice("Elsewhere", "1093817465", "987654321").id
    who = people.account(other)
    mine = Actor("clerk", permissions=frozenset({"*"}), scope=frozenset({entity}))
    with work(mine) as w:
        assert service_guards.ask(w, Act.CALL, [who]) == {}
        with pytest.raises(NotFound):
            service_guards.must(w, Act.CALL, who)
