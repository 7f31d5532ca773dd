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
    off = _difference(row, claims, pairs)
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
        "detail": [*(_claim(one, row) for one in claims), *(_pair(one) for one in pairs), *off],
    }


def _difference(row: Any, claims: Sequence[Any], pairs: Sequence[Any]) -> list[Resource]:
    """What a payment somebody released is more (or less) than its parts; nothing for one that adds up."""
    parts = sum(int(one.paid) for one in claims) - sum(int(one.amount) for one in pairs)
    off = int(row.paid) - parts
    if not off:
        return []
    kind = concept(KINDS, "adjustment", text="difference: released although it does not add up")
    return [{"type": kind, "date": row.issued or row.effective_date, "amount": money(off)}]


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
