"""Reading denials: filters, pages, totals, one case back to its byte; and the moves by hand."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from app.access import service as access
from app.access.queries import person_by_login
from app.audit import service as audit
from app.denials import queries, service
from app.denials.lifecycle import Move
from app.entities import service as entities
from app.kernel.errors import NotAllowed, NotFound, NotPermitted, Refused, Stale
from app.kernel.paging import Ask
from app.kernel.work import Actor, Work, system, work
from app.payers import service as payers
from app.payers.service import SeenPayer
from tests.app.denials.batches import a_batch, a_claim, a_line
from tests.app.denials.shelf import keep_claim, keep_remit

ME = system("tests")
DAY = date(2025, 12, 16)
assert audit


@pytest.fixture
def entity(house: object) -> int:
    with time_machine.travel(datetime(2026, 1, 20, 15, tzinfo=UTC), tick=False), work(ME) as w:
        entity = entities.add(w, "Practice One", ()).id
        (payer,) = payers.recognise(w, entity, [SeenPayer("EXAMPLE PLAN", (("trn03", "1512345678"),), "12")])
        claims = [
            a_claim(a_line("73721", "2000", cas="CO*197*2000", rarc="M62"), claim=1),
            a_claim(a_line("99214", "200", cas="CO*16*200", rarc="M76"), claim=2),
            a_claim(a_line("97110", "900", cas="CO*50*900"), claim=3),
            a_claim(a_line("99213", "150", cas="PR*204*150"), claim=4),
        ]
        for claim in claims:
            keep_claim(w, entity, claim.claim_id, "99214", day=DAY)
        batch = a_batch(claims, entity=entity, payer=payer)
        keep_remit(w, batch)
        service.open_from(w, batch)
    return entity


def controls(w: Work, sort: str = "rank", *, descending: bool = True, **filters: str) -> list[str]:
    return [row.control for row in queries.cases(w, Ask(sort, descending=descending, filters=filters)).rows]


def test_the_list_shows_the_most_pressing_first(entity: int) -> None:
    with work(ME) as w:
        assert controls(w) == ["PCN1", "PCN2", "PCN4", "PCN3"]
        assert controls(w, "at_stake") == ["PCN1", "PCN3", "PCN2", "PCN4"]
        row = queries.cases(w, Ask("rank", descending=True)).rows[0]
    assert (row.payer, row.category, row.carc, row.rarc, str(row.denied)) == (
        "EXAMPLE PLAN", "authorization", "197", "M62", "2000.00",
    )  # fmt: skip


def test_each_filter_narrows_the_list(entity: int) -> None:
    with work(ME) as w:
        assert controls(w, category="coding") == ["PCN2"]
        assert controls(w, carc="50") == ["PCN3"]
        assert controls(w, at_stake_from="300.00") == ["PCN1", "PCN3"]
        assert controls(w, due_by="2026-02-01") == []
        assert controls(w, claim="PCN4") == ["PCN4"]
        assert controls(w, owner="nobody", action="retro_auth") == ["PCN1"]
        assert controls(w, state="closed") == []
    with pytest.raises(Refused), work(ME) as w:
        controls(w, due_by="soon")


def test_pages_show_every_case_once(entity: int) -> None:
    with work(ME) as w:
        first = queries.cases(w, Ask("due", limit=3))
        second = queries.cases(w, Ask("due", limit=3, cursor=first.next))
    seen = [row.control for page in (first, second) for row in page.rows]
    assert sorted(seen) == ["PCN1", "PCN2", "PCN3", "PCN4"] and not second.next


def test_an_export_is_the_list_without_pages(entity: int) -> None:
    with work(ME) as w:
        assert len(queries.cases(w, Ask("due", limit=2).all()).rows) == 4


def test_totals_say_what_each_category_is_worth(entity: int) -> None:
    with work(ME) as w:
        found = queries.totals(w, Ask("rank"), date(2026, 1, 20))
    assert [(one.category, one.count, str(one.at_stake)) for one in found] == [
        ("authorization", 1, "900.00"),
        ("medical_necessity", 1, "405.00"),
        ("coding", 1, "90.00"),
        ("noncovered_benefit", 1, "67.50"),
    ]


def test_one_case_leads_back_to_its_byte_and_says_why_its_date_is_its_date(entity: int) -> None:
    with work(ME) as w:
        row = queries.cases(w, Ask("rank", descending=True)).rows[0]
        found = queries.case(w, row.public_id)
    (item,) = found.items
    assert (item.group, item.carc, str(item.cents), item.element) == (
        "CO",
        "197",
        "2000.00",
        3,
    ) and item.byte > 0
    assert found.deadline["rule"] == "commercial-1" and found.remit
    assert [event.move for event in found.events] == ["open"] and found.moves == [Move.TRIAGE]
    assert "auth_letter" in found.evidence and found.letter == "appeal_authorization"


def test_what_is_not_yours_is_not_there(entity: int) -> None:
    with work(ME) as w:
        row = queries.cases(w, Ask("rank")).rows[0]
    stranger = Actor("other", permissions=frozenset({"denials.work"}), scope=frozenset({entity + 1}))
    with work(stranger) as w:
        assert controls(w) == [] and queries.totals(w, Ask("rank"), DAY) == []
    for ask in (
        lambda w: queries.case(w, row.public_id),
        lambda w: service.assign(w, row.public_id, owner_id=None, version=1),
    ):
        with pytest.raises(NotFound), work(stranger) as w:
            ask(w)


def test_a_person_moves_a_case_along_the_table(entity: int) -> None:
    with work(ME) as w:
        row = queries.cases(w, Ask("rank", descending=True)).rows[0]
        version = service.advance(w, row.public_id, Move.TRIAGE, version=row.version)
        version = service.advance(
            w, row.public_id, Move.SNOOZE, version=version, reason="payer asked to wait"
        )
        found = queries.case(w, row.public_id)
    assert found.row.state == "snoozed" and found.row.follow_up is not None
    assert [event.move for event in found.events] == ["open", "triage", "snooze"]
    assert found.events[-1].reason == "payer asked to wait"


def test_moves_the_table_or_the_rules_forbid_are_refused(entity: int) -> None:
    with work(ME) as w:
        row = queries.cases(w, Ask("rank", descending=True)).rows[0]
    for move, error in (
        (Move.SEND, NotAllowed),
        (Move.APPROVE, Refused),
        (Move.PAY, Refused),
    ):
        with pytest.raises(error), work(ME) as w:
            service.advance(w, row.public_id, move, version=row.version)
    with pytest.raises(Stale), work(ME) as w:
        service.advance(w, row.public_id, Move.TRIAGE, version=row.version + 1)
    clerk = Actor("clerk", scope=frozenset({entity}))
    with pytest.raises(NotPermitted), work(clerk) as w:
        service.advance(w, row.public_id, Move.TRIAGE, version=row.version)


def test_a_case_and_its_work_have_one_owner(entity: int) -> None:
    with work(ME) as w:
        row = queries.cases(w, Ask("rank", descending=True)).rows[0]
        access.add_person(w, "dana", "Dana", roles=("denial_specialist",), entity_id=entity)
        dana = person_by_login(w, "dana")[0]
        service.assign(w, row.public_id, owner_id=dana, version=row.version)
    denial_specialist = Actor("specialist", person_id=dana, scope=frozenset({entity}))
    with work(denial_specialist) as w:
        assert controls(w, owner="me") == [row.control]


def test_the_cases_of_a_claim_are_found_from_the_claim(entity: int) -> None:
    with work(ME) as w:
        assert [row.carc for row in queries.on_claim(w, 3)] == ["50"]


def test_what_runs_out_in_the_next_weeks_is_known_today(entity: int) -> None:
    with work(ME) as w:
        assert queries.expiring(w, date(2026, 1, 20)) == []
        (appeals, rebills) = queries.expiring(w, date(2026, 6, 20))
        assert queries.expiring(w, date(2026, 7, 11)) == []
    assert (appeals.day, appeals.count, appeals.legal_due) == (date(2026, 6, 30), 3, date(2026, 7, 15))
    assert (rebills.day, rebills.count, str(rebills.at_stake)) == (date(2026, 7, 10), 1, "90.00")
