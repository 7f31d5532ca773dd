"""A program reads our books as FHIR: valid resources, exact amounts, errors it understands."""

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.claimresponse import ClaimResponse
from fhir.resources.R4B.explanationofbenefit import ExplanationOfBenefit
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.paymentreconciliation import PaymentReconciliation
from fhir.resources.R4B.task import Task
from flask import Flask

from app.audit.models import AuditEvent
from app.claims.models import Claim
from app.flows import resolve
from app.flows.trace import trace
from app.intake.models import IntakeFinding
from app.kernel.db import table_of
from app.kernel.outbox import Job
from app.kernel.work import system, work
from app.remits.models import RemitAdjustment, RemitClaim
from app.web import application
from edi.eob.reader import read
from tests import books, era
from tests.eobs import golden, written
from tests.policy import town, visitors
from tests.policy.visitors import Visitor

MODELS: dict[str, Any] = {
    "ExplanationOfBenefit": ExplanationOfBenefit,
    "ClaimResponse": ClaimResponse,
    "PaymentReconciliation": PaymentReconciliation,
    "Task": Task,
}
BILL = era.bill(era.billed("PCN0001", "99214 150", "93000 100"))
ERA = era.era(
    era.claim(
        "PCN0001",
        era.line("99214", "150", cas="CO*45*30 PR*1*20**2*20"),
        era.line("93000", "100", cas="CO*197*100", rarc="M62"),
    ),
    plb="L6*-3.07 WO:X*15",
)
_finding = table_of(IntakeFinding)
_claim, _adjustment, _audit = table_of(RemitClaim), table_of(RemitAdjustment), table_of(AuditEvent)


@pytest.fixture
def app(house: Any) -> Iterator[Flask]:
    del house
    yield application.make_app()


@pytest.fixture
def answered(app: Flask) -> "Program":
    books.practice()
    books.take(BILL, ERA)
    return Program(app, visitors.add("program", "integration"))


class Program:
    """A client of /fhir with one person's token."""

    def __init__(self, app: Flask, visitor: Visitor):
        self._client, self._bearer = app.test_client(), visitor.bearer

    def get(self, path: str, **query: str) -> Any:
        return self._client.get(f"/fhir{path}", query_string=query or None, headers=self._bearer)

    def everything(self, kind: str, **query: str) -> list[dict[str, Any]]:
        """Every resource of a search, page by page, money as Decimal."""
        found, address = [], f"/{kind}"
        while address:
            answer = self.get(address, **query)
            assert answer.status_code == 200, answer.text
            page = json.loads(answer.data, parse_float=Decimal)
            Bundle.model_validate(json.loads(answer.data))
            found += [one["resource"] for one in page["entry"]] if page.get("entry") else []
            links = {one["relation"]: one["url"] for one in page["link"]}
            address, query = links.get("next", "").partition("/fhir")[2], {}
        return found


def test_only_what_works_is_announced(app: Flask) -> None:
    answer = app.test_client().get("/fhir/metadata")
    said = answer.get_json(force=True)
    CapabilityStatement.model_validate(said)
    assert answer.content_type.startswith("application/fhir+json")
    assert {one["type"] for one in said["rest"][0]["resource"]} == set(MODELS)


def test_the_details_of_a_payment_add_up_to_it(answered: Program) -> None:
    [one] = answered.everything("PaymentReconciliation")
    PaymentReconciliation.model_validate(json.loads(json.dumps(one, default=str)))
    amounts = [detail["amount"]["value"] for detail in one["detail"]]
    assert sum(amounts) == one["paymentAmount"]["value"] == Decimal("68.07")
    assert amounts == [Decimal("80.00"), Decimal("3.07"), Decimal("-15.00")]


def test_a_released_payment_that_does_not_add_up_says_its_difference(answered: Program) -> None:
    off = era.era(era.claim("X1", era.line("99214", "50")), paid="49.25", trace="OFF")
    books.take(off)
    held = books.transactions()[-1]
    with work(system("supervisor")) as w:
        resolve.release(w, held.public_id, reason="the payer's total is wrong")
    books.settle()
    [one] = [
        one
        for one in answered.everything("PaymentReconciliation")
        if one["paymentIdentifier"]["value"] == "OFF"
    ]
    PaymentReconciliation.model_validate(json.loads(json.dumps(one, default=str)))
    amounts = [detail["amount"]["value"] for detail in one["detail"]]
    assert sum(amounts) == one["paymentAmount"]["value"] == Decimal("49.25")
    assert "does not add up" in one["detail"][-1]["type"]["text"] and amounts[-1] == Decimal("-0.75")


def test_the_second_opinion_on_eobs_is_kept_as_warnings(app: Flask) -> None:
    del app
    books.practice()
    books.take(BILL, written(golden(), golden("PCN0009", created="not a day")))
    books.hurry()
    books.settle()
    [job] = books.rows(table_of(Job), table_of(Job).c.kind == "validate_eobs")
    assert job.state == "done"
    said = [row for row in books.rows(_finding) if row.origin == "guide"]
    assert said and all(row.code == "fhir.guide" and row.does == "warn" for row in said)
    assert any("created" in row.text for row in said)
    assert not any("not a day" in row.text for row in said), "values of a resource are not repeated"


def test_each_cent_of_an_eob_is_traced_to_its_byte(app: Flask) -> None:
    del app
    books.practice()
    books.take(BILL, written(golden()))
    with work(system("auditor")) as w:
        steps = trace(w, "PCN0001")
    ours = sorted(one["amount"] for one in steps if one["file"] == "file2.edi")
    assert ours == ["20.00", "20.00", "30.00"]
    for one in steps:
        said = one["raw"].partition("[")[2].partition("]")[0]
        assert Decimal(said) == Decimal(one["amount"]), one


def test_money_has_two_decimals_in_the_very_bytes(answered: Program) -> None:
    text = answered.get("/ExplanationOfBenefit").text
    assert '"value":150.00,' in text and '"value":80.00,' in text and '"value":150,' not in text


def test_a_denial_case_is_a_task_with_the_day_we_want_it_done(answered: Program) -> None:
    [one] = answered.everything("Task")
    Task.model_validate(json.loads(json.dumps(one, default=str)))
    assert one["businessStatus"]["text"] == "new" and one["status"] == "requested"
    assert one["priority"] in ("routine", "urgent", "asap", "stat")
    assert one["focus"]["reference"].removeprefix("ExplanationOfBenefit/") in {
        each["id"] for each in answered.everything("ExplanationOfBenefit")
    }
    assert one["restriction"]["period"]["end"]


def test_one_resource_has_its_version_and_the_same_content(answered: Program) -> None:
    for kind, model in MODELS.items():
        [listed] = answered.everything(kind)
        answer = answered.get(f"/{kind}/{listed['id']}")
        assert json.loads(answer.data, parse_float=Decimal) == listed
        model.model_validate(answer.get_json(force=True))
        assert answer.headers["ETag"] == f'W/"{listed["meta"]["versionId"]}"'


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"identifier": "PAYERPCN0001"}, 1),
        ({"identifier": "PCN0001"}, 1),
        ({"identifier": "PCN0002"}, 0),
        ({"status": "active"}, 1),
        ({"status": "cancelled"}, 0),
        ({"date": "2026-01-16"}, 1),
        ({"date": "gt2026-01-16"}, 0),
        ({"_lastUpdated": "ge2020-01-01"}, 1),
        ({"_lastUpdated": "lt2020-01-01"}, 0),
        ({"patient": "0" * 20}, 0),
    ],
)
def test_a_search_narrows(answered: Program, query: dict[str, str], count: int) -> None:
    for kind in ("ExplanationOfBenefit", "ClaimResponse"):
        assert len(answered.everything(kind, **query)) == count


def test_a_search_finds_what_belongs_to_a_patient(answered: Program) -> None:
    [one] = answered.everything("ExplanationOfBenefit")
    patient = one["patient"]["identifier"]["value"]
    assert [each["id"] for each in answered.everything("ExplanationOfBenefit", patient=patient)] == [
        one["id"]
    ]
    assert len(answered.everything("Task", patient=f"Patient/{patient}")) == 1


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/Observation", 404, "not-found"),
        ("/ExplanationOfBenefit/" + "0" * 20, 404, "not-found"),
        ("/Task/x/y", 404, "not-found"),
        ("/ExplanationOfBenefit?colour=red", 400, "invalid"),
        ("/ExplanationOfBenefit?date=yesterday", 400, "invalid"),
        ("/ExplanationOfBenefit?_count=0", 400, "invalid"),
        ("/ExplanationOfBenefit?_after=1", 400, "invalid"),
        ("/ExplanationOfBenefit?_format=xml", 400, "invalid"),
        ("/Task?status=busy", 400, "invalid"),
    ],
)
def test_every_error_is_an_operation_outcome(answered: Program, path: str, status: int, code: str) -> None:
    answer = answered.get(path)
    said = answer.get_json(force=True)
    OperationOutcome.model_validate(said)
    assert (answer.status_code, said["issue"][0]["code"]) == (status, code)
    assert answer.content_type.startswith("application/fhir+json")


def test_a_stranger_signs_in_first_and_a_role_must_allow_it(app: Flask) -> None:
    books.practice()
    answer = app.test_client().get("/fhir/Task")
    assert answer.status_code == 401 and answer.get_json(force=True)["issue"][0]["code"] == "login"
    barred = Program(app, visitors.add("boss", "operator")).get("/Task")
    assert barred.status_code == 403 and barred.get_json(force=True)["issue"][0]["code"] == "forbidden"


def test_another_practice_sees_nothing_of_it_and_every_read_is_recorded(app: Flask) -> None:
    other = books.practice("Other Clinic", npi="1999999984", tax_id="111111111")
    books.practice()
    books.take(BILL, ERA)
    stranger = Program(app, visitors.add("other", "integration", entity_id=other.id))
    mine = Program(app, visitors.add("mine", "integration"))
    for kind in MODELS:
        assert stranger.everything(kind) == []
        [one] = mine.everything(kind)
        assert stranger.get(f"/{kind}/{one['id']}").status_code == 404
    seen = [row for row in books.rows(_audit) if row.type == "fhir.read" and row.actor == "mine"]
    assert seen


def said(claim: Any) -> tuple[int, int, dict[str, int]]:
    """Charge, payment and what stands under each reason, the groups of patient and others apart."""
    every = [*claim.adjustments, *(one for line in claim.services for one in line.adjustments)]
    found: dict[str, int] = {}
    for one in every:
        key = f"{'PR' if one.group == 'PR' else 'other'}-{one.reason}"
        found[key] = found.get(key, 0) + one.cents
    return claim.charge, claim.paid, {key: cents for key, cents in found.items() if cents}


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_every_eob_of_the_example_world_is_valid_and_reads_back_to_the_same_amounts(app: Flask) -> None:
    town.populate(claims=120)
    program = Program(app, visitors.add("program", "integration"))
    claims = {row.public_id: row for row in books.rows(_claim)}
    adjusted: dict[int, dict[str, int]] = {}
    for row in books.rows(_adjustment):
        key = f"{'PR' if row.cas_group == 'PR' else 'other'}-{row.carc}"
        of_claim = adjusted.setdefault(row.remit_claim_id, {})
        of_claim[key] = of_claim.get(key, 0) + int(row.amount)
    answer = program.everything("ExplanationOfBenefit", _count="100")
    assert len(answer) > 100
    for one in answer:
        raw = program.get(f"/ExplanationOfBenefit/{one['id']}").data
        ExplanationOfBenefit.model_validate(json.loads(raw))
        row = claims[one["id"]]
        back = read(raw)
        expected = {key: cents for key, cents in adjusted.get(row.id, {}).items() if cents}
        assert said(back.claim) == (int(row.charge), int(row.paid), expected), raw
        assert not [each.text for each in back.findings if each.does == "hold"]
    for one in program.everything("ClaimResponse", _count="100"):
        ClaimResponse.model_validate(json.loads(json.dumps(one, default=str)))
    for one in program.everything("PaymentReconciliation", _count="100"):
        amounts = [detail["amount"]["value"] for detail in one["detail"]]
        assert sum(amounts) == one["paymentAmount"]["value"]
    assert len(program.everything("Task", _count="7")) == len(program.everything("Task"))


def test_an_eob_that_came_in_as_fhir_goes_out_as_fhir(app: Flask) -> None:
    books.practice()
    books.take(BILL, written(golden()))
    program = Program(app, visitors.add("program", "integration"))
    [one] = program.everything("ExplanationOfBenefit")
    back = read(program.get(f"/ExplanationOfBenefit/{one['id']}").data)
    assert said(back.claim) == said(read(written(golden())).claim)
    assert program.everything("PaymentReconciliation") == []


# ---------------------------------------------------------------- the way in


def send(app: Flask, visitor: Visitor, content: bytes) -> Any:
    headers = visitor.bearer | {"Content-Type": "application/fhir+json"}
    return app.test_client().post("/api/v1/intake/eob", data=io.BytesIO(content), headers=headers)


def test_a_program_hands_eobs_in_and_is_told_of_each(app: Flask) -> None:
    books.practice()
    books.take(BILL)
    clerk = visitors.add("clerk", "clerk")
    unbalanced = golden("PCN0002", number="X2", total={"submitted": "1"})
    content = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"resource": one}
            for one in (
                golden(),
                golden(meta={"versionId": "2"}),
                unbalanced,
                golden("PCN0009", number="X9"),
                golden("PCN0003", number="X3", patient=None),
                golden("PCN0004", number="X4", status="draft"),
            )
        ],
    }
    answer = send(app, clerk, written(content))
    assert answer.status_code == 201, answer.text
    results = [(one["result"], one["reason"]) for one in answer.json["entries"]]
    assert results == [
        ("created", None),
        ("duplicate", "intake.same_facts"),
        ("held", "fhir.totals"),
        ("held", "match.none"),
        ("rejected", "fhir.required"),
        ("kept", "fhir.status"),
    ]
    again = send(app, clerk, written(content))
    assert again.status_code == 200
    assert {one["result"] for one in again.json["entries"]} == {"duplicate"}


def test_what_holds_no_eob_is_refused_with_the_reason(app: Flask) -> None:
    books.practice()
    clerk = visitors.add("clerk", "clerk")
    broken = send(app, clerk, written(golden())[:-5])
    assert broken.status_code == 400 and broken.json["error"]["code"] == "fhir.not_json"
    other = send(app, clerk, b'{"resourceType": "Claim"}')
    assert other.status_code == 422 and "Claim" in other.json["error"]["message"]
    assert books.transactions() == []


def test_people_see_what_an_eob_says_and_that_the_cash_is_not_here(app: Flask) -> None:
    books.practice()
    books.take(BILL, written(golden()), written(golden("PCN0002", number="N2", total={"submitted": "1"})))
    browser = visitors.add("boss", "supervisor").browser(app)
    [billed] = books.rows(table_of(Claim))
    page = browser.get(f"/claims/{billed.public_id}")
    assert page.status_code == 200
    assert "The payer says it paid" in page.text and "the cash is not here" in page.text
    for one in books.transactions():
        if one.kind == "fhir":
            shown = browser.get(f"/remits/{one.public_id}")
            assert shown.status_code == 200 and "off by" not in shown.text
    [posted] = books.rows(_claim)
    assert browser.get(f"/remits/claims/{posted.public_id}/eob").status_code == 200


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_request_of_another_kind_is_refused_in_the_words_of_fhir(app: Flask) -> None:
    program = visitors.add("reader", "supervisor")
    for address, status in (("/fhir/Task", 405), ("/fhir/Task/" + visitors.NO_SUCH_ID, 405)):
        said = app.test_client().delete(address, headers=program.bearer)
        assert said.status_code == status and said.mimetype == "application/fhir+json"
        assert OperationOutcome(**said.get_json()).issue[0].code == "not-supported"
