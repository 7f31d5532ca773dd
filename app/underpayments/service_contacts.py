"""Notes and calls about an underpayment, as the desk writes them of denials."""

from datetime import date

from app.contacts import service as contacts
from app.kernel.money import Money
from app.kernel.work import Work
from app.underpayments import service_work
from app.underpayments.service_cases import SUBJECT, Told, log


def note(w: Work, public_id: str, text: str) -> None:
    """Write a note; an empty one is refused."""
    w.may("underpayments.work")
    row = service_work.by_public(w, public_id)
    contacts.note(w, row.entity_id, SUBJECT, row.id, text, patient_id=row.patient_id)
    _tell(w, row, "note")


def call(
    w: Work,
    public_id: str,
    *,
    outcome: str,
    representative: str = "",
    reference: str = "",
    promised_on: date | None = None,
    promised_amount: Money | None = None,
    note: str = "",
) -> None:
    """Write down a call with the payer; a promise opens one that is judged by what comes."""
    w.may("underpayments.work")
    row = service_work.by_public(w, public_id)
    contacts.log_call(
        w, row.entity_id, row.payer_id, SUBJECT, row.id, outcome=outcome, representative=representative,
        reference=reference, promised_on=promised_on, promised_amount=promised_amount, note=note,
        patient_id=row.patient_id,
    )  # fmt: skip
    _tell(w, row, "call")


def _tell(w: Work, row: object, what: str) -> None:
    entity_id, key, state = (getattr(row, name) for name in ("entity_id", "id", "state"))
    log(w, [Told(entity_id, key, what, state, state)])
    patient = getattr(row, "patient_id", None)
    w.audit(f"underpayments.{what}", "C", SUBJECT, getattr(row, "public_id", ""), entity_id=entity_id,
            patients=[patient] if patient else [])  # fmt: skip
