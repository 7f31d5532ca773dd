"""A promise follows the money: kept when it comes, taken back when it bounces."""

from datetime import timedelta

import pytest

from app.contacts import queries_story, service_promises
from app.contacts.service_promises import Promising
from app.flows import patient_paid
from app.kernel.money import Money
from app.kernel.work import system, work
from app.payments import queries
from tests import books
from tests.app.contacts import people

ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@ONE_DATABASE
def test_whoever_pays_what_they_promised_kept_it_and_who_bounced_did_not(
    house: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity = books.practice().id
    who = people.account(entity)
    with work(system("tests")) as w:
        today = w.today("America/New_York")
        said = Promising(amount=Money(50_00), promised_on=today + timedelta(3))
        service_promises.promise(w, who, said)
        states = []
        for bounced in (False, True):
            came = {who: [(today, 50_00, bounced)]}
            monkeypatch.setattr(queries, "received", lambda _w, _ids, _since, came=came: came)
            patient_paid.follow(w, entity, [who])
            states.append(queries_story.promises(w, who)[0].state)
    assert states == ["kept", "nsf"]
