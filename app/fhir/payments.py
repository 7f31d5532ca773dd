"""PaymentReconciliation: one payment; the sum of its details is the payment (fhir-mapping section 4)."""

from collections.abc import Sequence
from typing import Any

from app.fhir.wire import Resource, concept, money

KINDS = "http://terminology.hl7.org/CodeSystem/payment-type"
PAYMENTS = "urn:reclaim:payment"
ADVANCES = ("AP", "PI")
REVERSAL = "22"


def reconciliation(row: Any, claims: Sequence[Any], pairs: Sequence[Any]) -> Resource:
    """One 835 payment. Details are signed as their effect on the payment: CLP04 as is, a PLB turned."""
    identifier = {"value": row.trace}
    if row.payer_company:
        identifier |= {"assigner": {"display": row.payer_company}}
    return {
        "resourceType": "PaymentReconciliation",
        "id": row.public_id,
        "meta": {"versionId": "1", "lastUpdated": row.recorded_at},
        "identifier": [{"system": PAYMENTS, "value": row.public_id}],
        "status": "active",
        "created": row.produced or row.effective_date,
        "paymentIssuer": {"display": row.payer_name or "unknown"},
        "outcome": "complete",
        "paymentDate": row.issued or row.effective_date,
        "paymentAmount": money(row.paid),
        "paymentIdentifier": identifier if row.trace else None,
        "detail": [*(_claim(one, row) for one in claims), *(_pair(one) for one in pairs)],
    }


def _claim(one: Any, row: Any) -> Resource:
    kind = "adjustment" if one.status == REVERSAL else "payment"
    return {
        "identifier": {"value": one.payer_control} if one.payer_control else None,
        "predecessor": {"value": one.original_reference} if one.original_reference else None,
        "type": concept(KINDS, kind),
        "response": {"reference": f"ClaimResponse/{one.public_id}"} if one.status != REVERSAL else None,
        "date": row.issued or row.effective_date,
        "amount": money(one.paid),
    }


def _pair(one: Any) -> Resource:
    kind = "advance" if one.code in ADVANCES else "adjustment"
    return {
        "identifier": {"value": one.reference} if one.reference else None,
        "type": concept(KINDS, kind, text=one.code),
        "date": one.fiscal_date,
        "amount": money(-int(one.amount)),
    }
