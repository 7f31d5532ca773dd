"""Who is on the call list follows what happens: a hold takes off, a payment moves at once."""

import pytest

from app.accounts import service_calls
from app.accounts.models import CallPlace
from app.contacts import service_disputes, service_holds
from app.contacts.lifecycle import DisputeMove, HoldKind
from app.flows import account_acts
from app.kernel.db import table_of
from app.kernel.work import work
from tests import books, paying, statements
from tests.conftest import House
from tests.statements import CLERK

PLACE = table_of(CallPlace)


def places() -> dict[int, int]:
    """Cents due by account on the call list."""
    return {row.account_id: int(row.due) for row in books.rows(PLACE)}


def rank_all(entity: int) -> None:
    with work(CLERK) as w:
        service_calls.rank_all(w, entity)


@pytest.mark.parametrize("kind", [HoldKind.ASSISTANCE, HoldKind.ESTIMATE_DISPUTE, HoldKind.MANAGER])
def test_who_is_held_back_as_a_whole_is_not_on_the_call_list(house: House, kind: HoldKind) -> None:
    clinic = statements.owing("A1", "A2")
    held, other = (statements.accounts_of(name) for name in ("A1", "A2"))
    rank_all(clinic.id)
    assert set(places()) == {held, other}
    with work(CLERK) as w:
        service_holds.place_for(w, held, kind, reason="They asked")
        account_acts.stand(w, clinic.id, [held])
    assert set(places()) == {other}


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_dispute_of_everything_takes_off_and_active_duty_does_not(house: House) -> None:
    clinic = statements.owing("A1", "A2")
    disputed, serving = (statements.accounts_of(name) for name in ("A1", "A2"))
    with work(CLERK) as w:
        public = service_disputes.open_dispute(w, disputed, said="Insurance should pay all of it.")
        service_disputes.move(w, public, DisputeMove.ACKNOWLEDGE, version=1)
        service_holds.place_for(w, serving, HoldKind.MILITARY, reason="Deployed")
        account_acts.stand(w, clinic.id, [disputed, serving])
    rank_all(clinic.id)
    assert set(places()) == {serving}


def test_who_pays_moves_on_the_call_list_at_once_and_back_when_it_bounces(house: House) -> None:
    account = paying.owing()
    rank_all(paying.entity_id())
    assert places() == {account: 200_00}
    paying.pay(account, "50.00")
    assert places() == {account: 150_00}
    rest = paying.pay(account, "150.00")
    assert places() == {}
    paying.bounce(rest.public_id)
    assert account in places()
