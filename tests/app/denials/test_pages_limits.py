"""The page and the API of limits, and of moving a reviewed share."""

from typing import Any

from flask.testing import FlaskClient

from app import create_app
from app.denials.models import Denial
from app.kernel.db import table_of
from tests import books, era
from tests.app.denials.test_service_patient import SHARE, refused
from tests.conftest import House
from tests.policy import visitors


def post(browser: FlaskClient, address: str, form: dict[str, str]) -> Any:
    token = visitors.form_token(browser, "/denials")
    return browser.post(address, data={**form, "csrf_token": token})


def test_limits_are_read_on_their_page_and_by_api(house: House) -> None:
    books.practice()
    sue = visitors.add("sue", "supervisor")
    browser = sue.browser(create_app())
    page = browser.get("/denials/limits").get_data(as_text=True)
    assert "Write-off a role may approve" in page and "50.00" in page and "Nobody changed" in page
    form = {"limit": "writeoff_cents.clerk", "amount": "75.00", "since": "t", "reason": "Small sums pile up"}
    # A limit is changed by who proved a second factor, as write-offs are approved.
    assert post(browser, "/denials/limits", form).status_code == 403
    answer = browser.get("/api/v1/denials/limits", headers=sue.bearer)
    assert {"name": "snooze_count", "role": "", "amount": 3, "shipped": 3, "ours": False} in (
        answer.get_json()["rows"]
    )


def test_the_provider_and_the_payer_narrow_the_list(house: House) -> None:
    row = refused(SHARE)
    browser = visitors.add("dana", "denial_specialist").browser(create_app())
    for query, found in ((f"provider={era.NPI}", True), ("provider=0000000000", False), ("payer=0", False)):
        page = browser.get(f"/denials?{query}")
        assert page.status_code == 200 and (row.public_id in page.get_data(as_text=True)) is found


def test_a_reviewed_share_is_moved_and_brought_back_on_its_page(house: House) -> None:
    row = refused(SHARE)
    browser = visitors.add("dana", "denial_specialist").browser(create_app())
    here = f"/denials/{row.public_id}"
    page = browser.get(here).get_data(as_text=True)
    assert "Move to the patient" in page and "in group PR goes to the patient" in page
    said = {"version": str(row.version), "reason": "", "basis": "payer"}
    assert post(browser, f"{here}/patient", said).status_code == 422
    assert post(browser, f"{here}/patient", {**said, "reason": "Plan read"}).status_code == 303
    page = browser.get(here).get_data(as_text=True)
    assert "asked of the patient now" in page and "Bring back" in page
    version = str(books.rows(table_of(Denial))[0].version)
    answer = post(browser, f"{here}/patient/back", {"version": version, "reason": "Plan covers it"})
    assert answer.status_code == 303 and books.balance("A1") == ("150.00", "0.00")
