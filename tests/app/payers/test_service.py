"""Who pays: one payer under many numbers, whatever order its files come in."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations

import pytest
from sqlalchemy import func, select

from app.audit import service as audit
from app.entities import service as entities
from app.kernel.db import table_of
from app.kernel.errors import NotFound, NotPermitted, Refused
from app.kernel.work import Actor, system, work
from app.payers import service
from app.payers.models import Payer, PayerAlias, PayerIdentifier, PayerTerm
from app.payers.service import SeenPayer

ME = system("tests")
DAY = date(2026, 1, 16)
assert audit

CLAIM = SeenPayer("EXAMPLE HEALTH PLAN", (("nm109", "87726"),), "12")
REMIT = SeenPayer("Example Health Plan Inc", (("trn03", "1512345678"), ("n104", "87726")))
NAMED = SeenPayer("EXAMPLE HEALTH PLAN", (("trn03", "1512345678"),))
OTHER = SeenPayer("OTHER PLAN", (("trn03", "1999999999"),))


@pytest.fixture
def entity(house: object) -> int:
    with work(ME) as w:
        return entities.add(w, "Practice One", ()).id


def meet(entity: int, *seen: SeenPayer) -> list[int]:
    with work(ME) as w:
        return service.recognise(w, entity, seen)


@pytest.mark.parametrize(
    "order", list(permutations((CLAIM, REMIT, NAMED))), ids=[f"order{n}" for n in range(6)]
)
def test_claim_and_remit_of_one_payer_meet_in_any_order(entity: int, order: Sequence[SeenPayer]) -> None:
    ids = [meet(entity, one)[0] for one in order]
    assert len(set(ids)) == 1


def test_a_batch_creates_each_new_payer_once(entity: int) -> None:
    first, second, third, fourth = meet(entity, CLAIM, OTHER, REMIT, CLAIM)
    assert first == third == fourth != second
    with work(ME) as w:
        assert w.db.execute(select(func.count()).select_from(table_of(Payer))).scalar() == 2


def test_meeting_again_writes_nothing(entity: int) -> None:
    meet(entity, CLAIM, REMIT)
    counted = select(func.count()).select_from(table_of(PayerIdentifier))
    with work(ME) as w:
        before = w.db.execute(counted).scalar()
    meet(entity, CLAIM, REMIT)
    with work(ME) as w:
        assert w.db.execute(counted).scalar() == before


def test_the_trace_number_decides_before_the_plan_number(entity: int) -> None:
    by_trace, by_plan = meet(
        entity, SeenPayer("A", (("trn03", "1111111111"),)), SeenPayer("B", (("nm109", "555"),))
    )
    assert meet(entity, SeenPayer("C", (("n104", "555"), ("trn03", "1111111111")))) == [by_trace]
    assert by_plan != by_trace


def test_namesakes_with_other_numbers_are_two_payers(entity: int) -> None:
    first = SeenPayer("BLUE CROSS", (("trn03", "1111111111"),))
    second = SeenPayer("BLUE CROSS", (("trn03", "1222222222"),))
    assert len(set(meet(entity, first, second))) == 2


def test_the_kind_of_payer_comes_from_the_filing_indicator_and_unknown_is_filled_later(entity: int) -> None:
    (payer,) = meet(entity, SeenPayer("PLAN", (("nm109", "1"),)))
    meet(entity, SeenPayer("PLAN", (("nm109", "1"),), "MB"))
    meet(entity, SeenPayer("PLAN", (("nm109", "1"),), "12"))
    with work(ME) as w:
        kind = w.db.execute(select(table_of(Payer).c["class"]).where(table_of(Payer).c.id == payer)).scalar()
    assert kind == "medicare", "what was told first stays until a person changes it"


def test_one_entitys_payers_are_not_anothers(entity: int) -> None:
    with work(ME) as w:
        other = entities.add(w, "Practice Two", ()).id
    assert meet(entity, CLAIM) != meet(other, CLAIM)


def test_a_claim_match_links_two_records_of_one_payer(entity: int) -> None:
    claim, remit = SeenPayer("EHP", (("nm109", "87726"),)), SeenPayer("EXAMPLE", (("trn03", "1512345678"),))
    a, b = meet(entity, claim, remit)
    with work(ME) as w:
        assert service.learn(w, entity, [(a, b), (a, b)]) == 1
        assert service.learn(w, entity, [(b, a)]) == 0
    assert meet(entity, claim, remit) == [min(a, b)] * 2


def test_two_companies_are_never_linked(entity: int) -> None:
    a, b = meet(entity, REMIT, OTHER)
    with work(ME) as w:
        assert service.learn(w, entity, [(a, b)]) == 0
        assert w.db.execute(select(func.count()).select_from(table_of(PayerAlias))).scalar() == 0


def test_links_of_links_lead_to_one_record(entity: int) -> None:
    a, b, c = meet(
        entity,
        SeenPayer("A", (("nm109", "1"),)),
        SeenPayer("B", (("nm109", "2"),)),
        SeenPayer("C", (("trn03", "1512345678"),)),
    )
    with work(ME) as w:
        service.learn(w, entity, [(b, c)])
        service.learn(w, entity, [(a, b)])
    assert (
        len(set(meet(entity, SeenPayer("A", (("nm109", "1"),)), SeenPayer("C", (("trn03", "1512345678"),)))))
        == 1
    )


def test_a_payer_without_name_and_number_is_still_somebody(entity: int) -> None:
    first = meet(entity, SeenPayer("", ()))
    assert first == meet(entity, SeenPayer("", (("n104", "000"),)))


def test_the_claims_filing_indicator_chooses_the_terms(entity: int) -> None:
    (payer,) = meet(entity, CLAIM)
    with work(ME) as w:
        found = service.terms_of(w, entity, [(payer, "16"), (payer, ""), (None, "")], DAY)
    assert found[payer, "16"].payer_class == "medicare_advantage"
    assert found[payer, ""].payer_class == "commercial"
    assert found[None, ""].payer_class == "unknown"


def test_a_clinics_own_terms_win_and_the_payers_win_over_the_class(entity: int) -> None:
    (payer,) = meet(entity, CLAIM)
    with work(ME) as w:
        service.change_terms(
            w,
            entity,
            payer_class="commercial",
            terms={"corrected_filing_days": 120},
            effective_from=date(2026, 1, 1),
        )
        service.change_terms(
            w, entity, payer_id=payer, terms={"corrected_filing_days": 95}, effective_from=date(2026, 1, 1)
        )
        assert service.terms(w, payer, DAY, entity_id=entity).corrected_filing_days == 95
        assert service.terms(w, None, DAY, entity_id=entity, filing="12").corrected_filing_days == 120
        assert service.terms(w, payer, date(2025, 12, 31), entity_id=entity).corrected_filing_days == 180


def test_changing_terms_again_closes_the_row_and_keeps_it(entity: int) -> None:
    with work(ME) as w:
        for days in (120, 110):
            service.change_terms(w, entity, terms={"corrected_filing_days": days}, effective_from=DAY)
    with work(ME) as w:
        assert service.terms(w, None, DAY, entity_id=entity).corrected_filing_days == 110
        rows = w.db.execute(select(table_of(PayerTerm)).order_by(table_of(PayerTerm).c.id)).all()
    assert [row.replaced_at is None for row in rows] == [False, True]


@pytest.mark.parametrize(
    "terms", [{}, {"colour": "red"}, {"allowed_ratio": "much"}, {"level": [{"days": 3}]}]
)
def test_terms_nobody_could_read_are_refused(entity: int, terms: dict[str, object]) -> None:
    with pytest.raises(Refused), work(ME) as w:
        service.change_terms(w, entity, terms=terms, effective_from=DAY)


def test_terms_take_the_right_and_the_scope(entity: int) -> None:
    clerk = Actor("clerk", permissions=frozenset(), scope=frozenset({entity}))
    with pytest.raises(NotPermitted), work(clerk) as w:
        service.change_terms(w, entity, terms={"plan": "erisa"}, effective_from=DAY)
    stranger = Actor("other", permissions=frozenset({"payers.write"}), scope=frozenset({entity + 1}))
    with pytest.raises(NotFound), work(stranger) as w:
        service.change_terms(w, entity, terms={"plan": "erisa"}, effective_from=DAY)
