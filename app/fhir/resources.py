"""ExplanationOfBenefit and ClaimResponse from one adjudication on the books.

What is written here reads back through edi.eob to the same amounts: each adjustment stands under the category
that RFHIR-10 turns into it again, what belongs to the patient first.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from app.fhir.wire import Resource, concept, money

ADJ = "http://terminology.hl7.org/CodeSystem/adjudication"
C4A = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication"
C4D = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudicationDiscriminator"
C4I = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType"
C4S = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType"
CARC = "https://x12.org/codes/claim-adjustment-reason-codes"
RARC = "https://x12.org/codes/remittance-advice-remark-codes"
NPI = "http://hl7.org/fhir/sid/us-npi"
PATIENTS = "urn:reclaim:patient"
CLAIMS = "urn:reclaim:claim-control"
TYPES = "http://terminology.hl7.org/CodeSystem/claim-type"
CMS = "https://www.cms.gov/Medicare"
PROCEDURES = {
    "HC": "http://www.ama-assn.org/go/cpt",
    "AD": "http://www.ada.org/cdt",
    "N4": "http://hl7.org/fhir/sid/ndc",
    "HP": f"{CMS}/Medicare-Fee-for-Service-Payment/ProspMedicareFeeSvcPmtGen/HIPPSCodes",
}
REVENUE = "https://www.nubc.org/CodeSystem/RevenueCodes"
BASE = frozenset({"submitted", "eligible", "deductible", "copay", "benefit"})
CATEGORIES = {
    ("PR", "1"): "deductible",
    ("PR", "2"): "coinsurance",
    ("PR", "3"): "copay",
    ("OA", "23"): "priorpayerpaid",
    ("CO", "45"): "discount",
    ("PR", "100"): "paidtopatient",
}
ESTIMATE = "25"


def entry(category: str, cents: int, reason: str = "") -> Resource:
    """One adjudication."""
    system = ADJ if category in BASE else C4A
    made = {"category": concept(system, category), "amount": money(cents)}
    return made | ({"reason": concept(CARC, reason)} if reason else {})


def adjudications(charge: int, paid: int, allowed: int | None, found: Iterable[Any]) -> list[Resource]:
    """The adjudications of a line or a claim; found: adjustments with cas_group, carc, amount."""
    rows = sorted(found, key=lambda one: one.cas_group != "PR")
    patient = sum(int(one.amount) for one in rows if one.cas_group == "PR" and one.carc != "100")
    made = [entry("submitted", charge)]
    if allowed is not None:
        made.append(entry("eligible", allowed))
    if not any((one.cas_group, one.carc) == ("CO", "45") for one in rows):
        made.append(entry("discount", 0))
    for one in rows:
        category = CATEGORIES.get((one.cas_group, one.carc)) if int(one.amount) > 0 else None
        if category is None and (one.cas_group, one.carc) == ("CO", "45"):
            category = "discount"
        if category:
            made.append(entry(category, int(one.amount)))
        else:
            made.append(entry("noncovered", int(one.amount), one.carc))
    return [*made, entry("memberliability", patient), entry("paidtoprovider", paid)]


def eob(row: Any, lines: Sequence[Any], adjusted: Sequence[Any], remarks: Sequence[Any]) -> Resource:
    """An ExplanationOfBenefit. row: as `reading.claims` gives it."""
    made = _head("ExplanationOfBenefit", row) | {
        "provider": _provider(row),
        "insurance": [{"focal": True, "coverage": {"display": row.payer_name or "unknown"}}],
        "supportingInfo": _supporting(row),
        "created": row.day,
        "payment": _payment(row),
    }
    return made | _amounts(row, lines, adjusted, remarks, item=_item)


def claim_response(
    row: Any, lines: Sequence[Any], adjusted: Sequence[Any], remarks: Sequence[Any]
) -> Resource:
    """A ClaimResponse: the same decision as the answer to one claim of ours."""
    made = _head("ClaimResponse", row) | {"created": row.day, "requestor": _provider(row)}
    if row.billed:
        made["request"] = {"identifier": {"system": CLAIMS, "value": row.control}}
    payment = _payment(row)
    if payment:
        made["payment"] = {
            "type": concept("http://terminology.hl7.org/CodeSystem/ex-paymenttype", "complete")
        } | payment
    return made | _amounts(row, lines, adjusted, remarks, item=_answer_item)


def _head(kind: str, row: Any) -> Resource:
    number = {"type": concept(C4I, "uc"), "value": row.payer_control} if row.payer_control else None
    control = {"system": CLAIMS, "value": row.control} if row.control and kind == "ClaimResponse" else None
    return {
        "resourceType": kind,
        "id": row.public_id,
        "meta": {"versionId": str(row.version), "lastUpdated": row.recorded_at},
        "identifier": [one for one in (number, control) if one],
        "status": status(row.state),
        "type": concept(TYPES, "institutional" if row.kind == "I" else "professional"),
        "use": "predetermination" if row.status == ESTIMATE else "claim",
        "patient": patient(row),
        "insurer": {"display": row.payer_name or "unknown"},
        "outcome": "complete",
    }


def status(state: str) -> str:
    """The FHIR status of an adjudication: cancelled once it was taken back or put out of force."""
    return "cancelled" if state in ("reversed", "undone") else "active"


def patient(row: Any) -> Resource:
    """Who it is about: our public id, and the name as it stands on the books."""
    named = ", ".join(part for part in (row.patient_last, row.patient_first) if part)
    if not row.patient:
        return {"display": named or "unknown"}
    return {"identifier": {"system": PATIENTS, "value": row.patient}, "display": named}


def _provider(row: Any) -> Resource:
    npi = row.provider_npi or row.payee_npi
    return (
        {"identifier": {"system": NPI, "value": npi}, "display": row.entity}
        if npi
        else {"display": row.entity}
    )


def _supporting(row: Any) -> list[Resource]:
    if not row.control:
        return []
    return [{"sequence": 1, "category": concept(C4S, "patientaccountnumber"), "valueString": row.control}]


def _payment(row: Any) -> Resource:
    """The payment as the payer states it; of an EOB that is no cash of ours."""
    return {
        "date": row.issued,
        "amount": money(row.paid),
        "identifier": {"value": row.trace} if row.trace else None,
    }


def _amounts(
    row: Any, lines: Sequence[Any], adjusted: Sequence[Any], remarks: Sequence[Any], *, item: Any
) -> Resource:
    """Items and header: by line when the lines explain the payment, else the claim as a whole."""
    by_line = row.by_line and not any(one.remit_line_id is None for one in adjusted)
    made: Resource = {
        "item": [item(at, one, adjusted, remarks, by_line) for at, one in enumerate(lines, start=1)]
    }
    if not by_line:
        made["adjudication"] = adjudications(int(row.charge), int(row.paid), None, adjusted)
    totals = {"submitted": int(row.charge), "paidtoprovider": int(row.paid)}
    made["total"] = [entry(category, cents) for category, cents in totals.items()]
    return made


def _item(at: int, line: Any, adjusted: Sequence[Any], remarks: Sequence[Any], by_line: bool) -> Resource:
    revenue = line.code if line.qualifier == "NU" else line.revenue
    code = (
        concept(REVENUE, line.code)
        if line.qualifier == "NU"
        else concept(PROCEDURES.get(line.qualifier, ""), line.code)
    )
    made: Resource = {"sequence": at, "productOrService": code, "servicedDate": line.service_from}
    made["revenue"] = concept(REVENUE, revenue) if revenue else None
    made["modifier"] = [concept(PROCEDURES["HC"], one) for one in line.modifiers.split()]
    made["quantity"] = {"value": int(line.units)} if line.units.isascii() and line.units.isdigit() else None
    return made | _judged(line, adjusted, remarks, by_line)


def _answer_item(
    at: int, line: Any, adjusted: Sequence[Any], remarks: Sequence[Any], by_line: bool
) -> Resource:
    made = _judged(line, adjusted, remarks, by_line)
    return {
        "itemSequence": at,
        "adjudication": made.get("adjudication") or [entry("submitted", int(line.charge))],
    }


def _judged(line: Any, adjusted: Sequence[Any], remarks: Sequence[Any], by_line: bool) -> Resource:
    if not by_line:
        return {}
    mine = [one for one in adjusted if one.remit_line_id == line.id]
    made = adjudications(
        int(line.charge), int(line.paid), None if line.allowed is None else int(line.allowed), mine
    )
    said = [one.code for one in remarks if one.remit_line_id == line.id]
    if said:
        coding = [{"system": RARC, "code": code} for code in said]
        made.append({"category": concept(C4D, "denialreason"), "reason": {"coding": coding}})
    return {"adjudication": made}
