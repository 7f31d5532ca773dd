"""Small balances: only old enough and small enough, never Medicare's share, decided by a second person."""

from datetime import date, timedelta

import pytest

from app.flows import patient_paid
from app.kernel.errors import NotAllowed, NotPermitted, Stale
from app.kernel.work import Actor, work
from app.payments import service_small
from app.payments.rules_small import SmallFacts, why_not
from tests import books, paying
from tests.conftest import House
from tests.paying import CASHIER, SMALL

DAY = date(2026, 6, 1)
SENT = DAY - timedelta(60)
INSURED = ("commercial",)


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (SmallFacts(4_99, INSURED, SENT, held=False), ""),
        (SmallFacts(5_00, INSURED, SENT, held=False), "amount"),
        (SmallFacts(-4_99, INSURED, SENT, held=False), "amount"),
        (SmallFacts(4_99, ("medicare",), SENT, held=False), "medicare_cost_share"),
        (SmallFacts(4_99, INSURED, SENT + timedelta(1), held=False), "too_early"),
        (SmallFacts(4_99, INSURED, None, held=False), "too_early"),
        (SmallFacts(4_99, ("medicare", "commercial"), SENT, held=False), "medicare_cost_share"),
        (SmallFacts(4_99, INSURED, SENT, held=False, since=SENT), ""),
        (SmallFacts(4_99, INSURED, SENT, held=False, since=SENT + timedelta(1)), "too_early"),
        (SmallFacts(4_99, INSURED, SENT, held=True), "held"),
    ],
)
def test_a_small_balance_is_given_up_only_where_every_row_allows_it(facts: SmallFacts, word: str) -> None:
    assert why_not(facts, most=4_99, days=60, medicare=False, today=DAY) == word


def _person(number: int) -> Actor:
    return Actor(f"person{number}", number, permissions=frozenset({"*"}), scope=CASHIER.scope)


def test_a_second_person_writes_off_what_another_proposed_and_can_bring_it_back(house: House) -> None:
    account = paying.owing(("A", "4.99", "20260105"), ("B", "5.00", "20260106"))
    entity, sent = paying.entity_id(), {account: date(2026, 1, 20)}
    with work(_person(1)) as w:
        assert (
            service_small.preview(w, entity, sent).count == 0
        )  # due since today: no statement told them yet
    paying.due_long_ago(account)
    with work(_person(1)) as w:
        planned = service_small.preview(w, entity, sent)
        assert (planned.count, str(planned.total), planned.sample[0].control) == (1, "4.99", "A")
        with pytest.raises(Stale):
            service_small.propose(w, entity, sent, count=1, cents=5_00)
        assert service_small.propose(w, entity, sent, count=1, cents=4_99) == 1
        assert service_small.preview(w, entity, sent).count == 0
    (row,) = books.rows(SMALL)
    with pytest.raises(NotPermitted, match="Somebody else"), work(_person(1)) as w:
        service_small.decide(w, [(row.public_id, 1)], approve=True)
    with work(_person(2)) as w:
        patient_paid.follow(w, entity, service_small.decide(w, [(row.public_id, 1)], approve=True))
    assert paying.due() == {"B": "5.00"} and books.accounts()[4130] == "4.99"
    assert str(paying.standing(account).due) == "5.00" and books.problems() == []
    with work(_person(2)) as w:
        service_small.take_back(w, row.public_id, reason="they paid after all", version=2)
    assert paying.due() == {"A": "4.99", "B": "5.00"} and 4130 not in books.accounts()
    assert books.problems() == []
    paying.due_long_ago(account)
    with work(_person(1)) as w:
        assert service_small.preview(w, entity, sent).count == 0  # what a person brought back stays


def test_a_balance_that_changed_since_is_not_written_off(house: House) -> None:
    account = paying.owing(("A", "4.99", "20260105"))
    entity, sent = paying.entity_id(), {account: date(2026, 1, 20)}
    paying.due_long_ago(account)
    with work(_person(1)) as w:
        service_small.propose(w, entity, sent, count=1, cents=4_99)
    paying.pay(account, "1.00")
    (row,) = books.rows(SMALL)
    with pytest.raises(NotAllowed, match="changed"), work(_person(2)) as w:
        service_small.decide(w, [(row.public_id, 1)], approve=True)
    with work(_person(2)) as w:
        service_small.decide(w, [(row.public_id, 1)], approve=False)
    assert paying.due() == {"A": "3.99"}
