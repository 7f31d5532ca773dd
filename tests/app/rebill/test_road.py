"""The road of a claim: every station with its day and document, every billing with its money."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.kernel.clock import now
from app.kernel.work import reading, work
from app.rebill import queries_road, service
from app.rebill.lifecycle import Kind
from app.rebill.queries_road import Road
from app.web import application
from tests import batches, books
from tests.answers import opened, report, response, taken
from tests.batches import rebill
from tests.era import bill, billed, claim, era, line
from tests.policy import visitors


def day(days: int = 0) -> str:
    return f"{now() + timedelta(days=days):%Y%m%d}"


@pytest.fixture
def receiver(house: Any) -> Iterator[str]:
    del house
    yield batches.receiver(books.practice())


def public(control: str = "A1") -> str:
    return next(str(row.public_id) for row in books.rows(batches.CLAIM) if row.control == control)


def road(control: str = "A1") -> Road:
    with reading(books.CLERK) as w:
        return queries_road.road(w, public(control))


def stations(found: Road) -> list[str]:
    return [one.state for one in found.steps if one.moved]


def test_from_the_charge_over_a_rejection_to_the_payment(receiver: str) -> None:
    [one] = batches.ready("A1")
    assert [*stations(road())][-1] == "ready"
    batches.release(receiver)
    books.settle()
    books.take(taken(1, "0001 A", day=day(1)), report("A1R1 A1:19:PR", day=day(1)))
    books.take(report("A1R1 A2:20:PR", day=day(2), origin="PR"), response("A1R1 P1:20", day=day(15)))
    paid = (line("99214", "300", cas="CO*45*100 PR*2*20"), line("93000", "100"))
    books.take(era(claim("A1R1", *paid, patient="DOE*A1"), trace="T1", day=day(20)))
    found = road()
    assert stations(found) == [
        "charged", "billed", "rejected", "rebilled", "syntax_accepted", "received", "accepted", "pending",
        "paid",
    ]  # fmt: skip
    assert [
        (one.control, one.kind, str(one.billed), str(one.paid), str(one.share)) for one in found.billings
    ] == [
        ("A1", "original, primary", "400.00", "0.00", "0.00"),
        ("A1R1", "new claim, primary", "400.00", "280.00", "20.00"),
    ]
    assert (str(found.payer_open), str(found.patient_open)) == ("0.00", "20.00")
    assert found.billings[1].batch and found.billings[1].file_name.endswith(".837")
    assert all(step.file for step in found.steps if step.kind), "each says which document says so"
    assert rebill(one).state == "answered"


def test_a_denied_and_replaced_claim_shows_the_money_of_each_time(receiver: str) -> None:
    books.take(bill(billed("A1", "99214 300", "93000 100", patient="DOE*A1", member="MA1", day=day(-20))))
    denied = (line("99214", "300", cas="CO*16*300"), line("93000", "100", cas="CO*16*100"))
    books.take(era(claim("A1", *denied, status="4", patient="DOE*A1"), trace="T1", day=day(-3)))
    assert road().state == "denied"
    with work(books.CLERK) as w:
        one = service.open_one(w, public(), kind=Kind.REPLACEMENT, reason="authorization")
    draft = road()
    assert draft.state == "draft" and "replacement" in draft.steps[-1].words
    with work(books.CLERK) as w:
        service.finish(w, one, rebill(one).version)
    batches.release(receiver)
    books.settle()
    assert road().state == "rebilled"
    paid = (line("99214", "300", cas="CO*45*100"), line("93000", "100"))
    books.take(era(claim("A1R1", *paid, patient="DOE*A1", number="P2"), trace="T2", day=day(20)))
    found = road()
    assert [(one.kind, str(one.paid)) for one in found.billings] == [
        ("original, primary", "0.00"), ("replacement, primary", "300.00"),
    ]  # fmt: skip
    assert stations(found)[-2:] == ["paid", "closed"]


def test_a_late_message_is_shown_and_counts_nothing(receiver: str) -> None:
    batches.ready("A1")
    batches.release(receiver)
    books.settle()
    books.take(report("A1R1 A2:20:PR", day=day(2)), report("A1R1 A1:19:PR", day=day(3)))
    late = [one for one in road().steps if not one.moved]
    assert [one.kind for one in late] == ["277CA"]


def test_a_refused_file_is_a_station(receiver: str) -> None:
    batches.ready("A1")
    batches.release(receiver)
    books.settle()
    books.take(opened(1, "R", "006", sent=day()[2:], day=day(1)))
    assert [*stations(road())][-2:] == [
        "interchange_rejected",
        "ready",
    ] or "interchange_rejected" in stations(road())


def test_pages_and_programs_show_it(receiver: str) -> None:
    [one] = batches.ready("A1")
    batches.release(receiver)
    books.settle()
    books.take(report("A1R1 A7:562:85", day=day(1)))
    app: Flask = application.make_app()
    carl = visitors.add("carl", "clerk")
    browser = carl.browser(app)
    for address in (f"/claims/{public()}", f"/rebill/{one}"):
        page = browser.get(address).text
        assert '<ol class="road">' in page and "A1R1" in page and "A7:562:85" in page, address
    listed = browser.get("/claims/rejections").text
    rejection = next(part[:20] for part in listed.split("/claims/rejections/")[1:] if part[:20].isalnum())
    assert '<ol class="road">' in browser.get(f"/claims/rejections/{rejection}").text
    told = app.test_client().get(f"/api/v1/claims/{public()}/road", headers=carl.bearer).get_json()
    assert told["state"] == "rejected" and told["billings"][1]["control"] == "A1R1"
    assert told["steps"][0] == told["steps"][0] | {"state": "charged", "billed": "400.00"}
