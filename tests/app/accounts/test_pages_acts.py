"""What a clerk does on the account page, form by form: each changes the books, or says why it does not."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import CallPlace
from app.contacts.models import AccountHold, Attempt, Dispute, PatientPromise, Refusal
from app.flows import collection_day
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.work import work
from app.patients.lifecycle import PointKind
from app.patients.models import Consent
from app.patients.service_reach import add_point
from app.payments.rules_apply import Named
from app.statements.models import Statement
from app.web import application
from tests import books, paying
from tests.conftest import House
from tests.policy import visitors

sqlite_only = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
pytestmark = sqlite_only
HOLD, DISPUTE, PROMISE = table_of(AccountHold), table_of(Dispute), table_of(PatientPromise)
ATTEMPT, REFUSAL, CONSENT = table_of(Attempt), table_of(Refusal), table_of(Consent)
PLACE, STATEMENT = table_of(CallPlace), table_of(Statement)


class Desk:
    """A clerk before one account."""

    def __init__(self, app: Flask, key: int):
        self.key = key
        self.account = books.rows(paying.GUARANTOR, paying.GUARANTOR.c.id == key)[0]
        self.address = f"/accounts/{self.account.public_id}"
        self.clerk = visitors.add("carl", "supervisor", "clerk").browser(app)
        self.token = visitors.form_token(self.clerk, self.address)

    def post(self, act: str, **form: Any) -> Any:
        """Send a form of the page and follow it."""
        sent = {"csrf_token": self.token, **form}
        return self.clerk.post(f"{self.address}/{act}", data=sent, follow_redirects=True)

    def page(self) -> str:
        """What the page says."""
        return str(self.clerk.get(self.address).text)


@pytest.fixture
def desk(house: House) -> Iterator[Desk]:
    """An account that owes 200.00 for three visits and has a number."""
    del house
    key = paying.owing()
    found = Desk(application.make_app(), key)
    with work(paying.CASHIER) as w:
        add_point(w, found.account.public_id, PointKind.MOBILE, "4025550100")
    yield found


def test_what_holds_an_account_back_is_placed_refused_and_ended_with_reasons(desk: Desk) -> None:
    said = desk.post("hold", kind="attorney", reason="")
    assert said.status_code == 422 and "Nothing was changed" in said.text and books.rows(HOLD) == []
    assert "Letter of Mr Kim" in desk.post("hold", kind="attorney", reason="Letter of Mr Kim").text
    assert "Represented: speak with the attorney only" in desk.page()
    said = desk.post("dial")
    assert said.status_code == 409 and "the refusal is on record" in said.text
    assert [row.rule for row in books.rows(REFUSAL)] == ["hold.attorney"]
    [held] = books.rows(HOLD)
    said = desk.post(f"holds/{held.public_id}/lift", version=str(held.version), answer="He withdrew")
    assert "The hold is lifted." in said.text and "Nothing holds it." in said.text
    assert desk.post(f"holds/{held.public_id}/lift", version="1", answer="again").status_code == 409
    assert "The dispute is open" in desk.post("disputes", said="Insurance should pay").text
    [one] = books.rows(DISPUTE)
    assert "a step on" in desk.post(f"disputes/{one.public_id}/move", move="acknowledge", version="1").text
    assert desk.post(f"disputes/{one.public_id}/move", move="resolve", version="1").status_code == 409


def test_what_they_say_of_themselves_is_written_down_as_it_was_seen(desk: Desk) -> None:
    assert "Their word is on record." in desk.post("consent", channel="sms:no").text
    assert desk.post("consent", channel="sms:yes", proof="").status_code == 422
    assert [row.granted for row in books.rows(CONSENT)] == [False]
    assert desk.post("confirm", version="99").status_code == 409
    assert desk.post("confirm", version="x").status_code == 422
    made = desk.post("itemised", language="es")
    assert "The itemised bill is among the statements." in made.text
    [paper] = books.rows(STATEMENT)
    found = desk.clerk.post("/search", data={"csrf_token": desk.token, "q": paper.number.lower()})
    assert paper.number in found.text and desk.account.last in found.text


def test_a_promise_is_made_and_taken_back_and_the_page_says_why_it_is_called(desk: Desk) -> None:
    said = desk.post("promise", promised_amount="50", promised_on="")
    assert said.status_code == 422 and "Say by which day." in said.text
    assert "50.00 is promised by" in desk.post("promise", promised_amount="50", promised_on="t").text
    assert "1 promise for today or before" in desk.clerk.get("/day").text
    [one] = books.rows(PROMISE)
    assert desk.post(f"promises/{one.public_id}/withdraw", version="1", answer="").status_code == 422
    said = desk.post(f"promises/{one.public_id}/withdraw", version="1", answer="Wrong account")
    assert "counts for nothing" in said.text and books.rows(PROMISE)[0].state == "withdrawn"
    with work(paying.CASHIER) as w:
        collection_day.whole(w, paying.entity_id(), now().date())
    assert "Why this account:" in desk.page() and "never spoken with" in desk.page()
    sent = {"csrf_token": desk.token, "leaving": desk.account.public_id, "skip": "bored"}
    said = desk.clerk.post("/accounts/calls/next", data=sent, follow_redirects=True)
    assert "Say why it is passed over." in said.text and books.rows(PLACE)[0].skipped == 0
    assert desk.post("dial/drop").status_code == 422 and books.rows(ATTEMPT) == []


def test_money_comes_by_card_once_and_a_declined_one_takes_nothing(desk: Desk) -> None:
    new = {"tender": "card:new", "authorised": "this payment, said on the phone"}
    number = desk.post("pay", amount="5", token="4111 1111 1111 1111", key="k0", **new)
    assert number.status_code == 422 and books.rows(paying.PAYMENT) == []
    assert (
        "declined the card"
        in desk.post("pay", amount="5", token="tok_visa_0002_decline", key="k1", **new).text
    )
    said = desk.post("pay", amount="45.50", token="tok_visa_4242_approve", key="k2", **new)
    assert "45.50 applied" in said.text and "Visa 4242" in said.text and "tok_visa" not in said.text
    kept = said.text.split('value="card:')[1].split('"')[0]
    for _ in range(2):
        desk.post("pay", amount="10", tender=f"card:{kept}", key="k3")
    taken = [(str(row.amount), row.state) for row in books.rows(paying.PAYMENT)]
    assert taken == [("5.00", "declined"), ("45.50", "posted"), ("10.00", "posted")]


def test_money_that_was_left_over_is_put_on_visits_by_one_key(desk: Desk) -> None:
    named: Named = (paying.claim_id("A"), None)
    paying.pay(desk.key, "130.00", named=[named])
    assert "10.00 of their money is not applied yet" in desk.page()
    assert "a person looks at it, or it was meant for others" in desk.post("apply").text
