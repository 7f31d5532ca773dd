"""Task: a denial case as work for somebody (fhir-mapping section 7)."""

from typing import Any

from app.fhir.resources import CARC, PATIENTS
from app.fhir.wire import Resource, concept, money

PRIORITIES = ((90, "stat"), (75, "asap"), (50, "urgent"))
"""From this score on; below all of them it is routine."""
STATUSES = {
    "new": "requested",
    "triaged": "accepted",
    "snoozed": "on-hold",
    "waiting_info": "on-hold",
    "payer_promised": "on-hold",
    "expired": "failed",
    "lost": "failed",
    "closed": "completed",
    "won": "completed",
}
"""State of a case -> Task.status; what is not listed is being worked on."""


def priority(score: int) -> str:
    """routine, urgent, asap or stat."""
    return next((word for least, word in PRIORITIES if score >= least), "routine")


def task(row: Any) -> Resource:
    """One denial case. restriction.period.end is the day by which we want it done."""
    named = ", ".join(part for part in (row.patient_last, row.patient_first) if part)
    who = (
        {"identifier": {"system": PATIENTS, "value": row.patient}, "display": named} if row.patient else None
    )
    return {
        "resourceType": "Task",
        "id": row.public_id,
        "meta": {"versionId": str(row.version), "lastUpdated": row.touched_at or row.opened_at},
        "status": STATUSES.get(row.state, "in-progress"),
        "businessStatus": {"text": row.state},
        "intent": "order",
        "priority": priority(row.score),
        "code": {"text": row.next_action},
        "focus": {"reference": f"ExplanationOfBenefit/{row.remit_claim}"},
        "for": who,
        "executionPeriod": {"start": row.denied_on, "end": row.closed_at},
        "authoredOn": row.opened_at,
        "restriction": {"period": {"end": row.internal_due}} if row.internal_due else None,
        "input": [
            {"type": {"text": "CARC"}, "valueCodeableConcept": concept(CARC, row.carc)},
            {"type": {"text": "amount denied"}, "valueMoney": money(row.denied)},
            {"type": {"text": "amount at stake"}, "valueMoney": money(row.at_stake)},
        ],
    }
