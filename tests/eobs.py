"""EOBs in a few words: `eob("PCN1", item("99214", submitted="150", paidtoprovider="80", ...))`."""

import json
from typing import Any

from tests import era

ADJ = "http://terminology.hl7.org/CodeSystem/adjudication"
C4A = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication"
C4D = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudicationDiscriminator"
C4I = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType"
CARC = "https://x12.org/codes/claim-adjustment-reason-codes"
RARC = "https://x12.org/codes/remittance-advice-remark-codes"
CPT = "http://www.ama-assn.org/go/cpt"
NPI = "http://hl7.org/fhir/sid/us-npi"
BASE = {"submitted", "eligible", "deductible", "copay", "benefit"}


class Raw(str):
    """A number written into the JSON as it is."""


def coded(system: str, code: str) -> dict[str, Any]:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code}]}


def dollars(amount: str, currency: str = "USD") -> dict[str, Any]:
    """A Money; the amount stands in the JSON exactly as written here."""
    return {"value": Raw(amount), "currency": currency}


def judged(**amounts: str) -> list[dict[str, Any]]:
    """Adjudications by category; `reason="197"` is a denial reason, `reason="197 M62"` one with a remark."""
    made = []
    for category, amount in amounts.items():
        if category == "reason":
            carc, *rarcs = amount.split()
            coding = [{"system": CARC, "code": carc}, *({"system": RARC, "code": one} for one in rarcs)]
            made.append({"category": coded(C4D, "denialreason"), "reason": {"coding": coding}})
        else:
            system = ADJ if category in BASE else C4A
            made.append({"category": coded(system, category), "amount": dollars(amount)})
    return made


def item(
    code: str, *, day: str = era.SERVICE_DAY, units: str = "1", modifiers: str = "", **amounts: str
) -> dict[str, Any]:
    """One line: its code and the amounts of its adjudication."""
    made: dict[str, Any] = {"productOrService": coded(CPT, code), "servicedDate": iso(day)}
    made |= {"quantity": {"value": Raw(units)}, "adjudication": judged(**amounts)}
    return made | ({"modifier": [coded(CPT, one) for one in modifiers.split()]} if modifiers else {})


def iso(day: str) -> str:
    """20251215 as 2025-12-15."""
    return day if "-" in day else f"{day[:4]}-{day[4:6]}-{day[6:]}"


def eob(control: str, *lines: dict[str, Any], number: str = "", **more: Any) -> dict[str, Any]:
    """An EOB about one claim of ours. number: the payer's; more: fields that replace those made here.

    total: amounts by category; version: meta.versionId; paid: payment.amount.
    """
    number = number or f"ICN{control}"
    total, version, paid = more.pop("total", None), more.pop("version", ""), more.pop("paid", "")
    made: dict[str, Any] = {
        "resourceType": "ExplanationOfBenefit",
        "status": "active",
        "use": "claim",
        "outcome": "complete",
        "type": coded("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
        "identifier": [{"type": coded(C4I, "uc"), "value": number}],
        "patient": {"display": "DOE"},
        "created": "2026-01-14",
        "insurer": {"display": "EXAMPLE HEALTH PLAN"},
        "provider": {"identifier": {"system": NPI, "value": era.NPI}},
        "insurance": [{"focal": True, "coverage": {"display": "plan"}}],
        "item": [{"sequence": at, **one} for at, one in enumerate(lines, start=1)],
        "payment": {"date": "2026-01-16", **({"amount": dollars(paid)} if paid else {})},
    }
    if control:
        category = coded(
            "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType", "patientaccountnumber"
        )
        made["supportingInfo"] = [{"sequence": 1, "category": category, "valueString": control}]
    if total:
        made["total"] = judged(**total)
    if version:
        made["meta"] = {"versionId": version}
    return {key: value for key, value in (made | more).items() if value is not None}


def bundle(*resources: dict[str, Any], kind: str = "collection") -> dict[str, Any]:
    """A Bundle of resources."""
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": one} for one in resources]}


def written(*resources: dict[str, Any]) -> bytes:
    """The bytes of a file: one resource, or one a line."""
    return "\n".join(_json(one) for one in resources).encode()


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_json(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_json(inner) for inner in value) + "]"
    return str(value) if isinstance(value, Raw) else json.dumps(value)


def golden(control: str = "PCN0001", **more: Any) -> dict[str, Any]:
    """The example of the mapping that balances: 150 + 100, 80 paid, 40 the patient's, 100 refused (197)."""
    one = item("99214", submitted="150.00", eligible="120.00", deductible="20.00", coinsurance="20.00",
               memberliability="40.00", discount="30.00", paidtoprovider="80.00")  # fmt: skip
    two = item("93000", submitted="100.00", noncovered="100.00", reason="197", memberliability="0.00",
               paidtoprovider="0.00")  # fmt: skip
    total = {"submitted": "250.00", "paidtoprovider": "80.00", "memberliability": "40.00"}
    return eob(control, one, two, **{"total": total, "paid": "80.00", **more})
