"""The receipt of a payment: what came, what it paid, what is left; for whoever paid."""

from typing import Any

from sqlalchemy import select

from app.accounts import queries as accounts
from app.contacts.service_law import law
from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.money import Money
from app.kernel.work import Work
from app.patients import queries_guarantors
from app.patients.models import Patient
from app.patients.queries_reach import addresses
from app.payments import queries, translate
from app.payments.lifecycle import State
from app.payments.queries import Part, PaymentRow
from app.payments.service import SUBJECT

_patient = table_of(Patient)
SHOWN = frozenset({State.POSTED.value, State.REVERSED.value})


def pdf(w: Work, public: str) -> bytes:
    """The receipt as PDF, as things stand today; refused before money came or anybody knows whose it is."""
    row = queries.payment(w, public)
    if row.state not in SHOWN or row.account_id is None:
        raise NotAllowed(
            "There is a receipt once the money is here and its account is known.", code="no_receipt"
        )
    parts = [one for one in queries.parts(w, [row.id]).get(row.id, []) if one.amount > 0]
    account = queries_guarantors.by_ids(w, [row.account_id])[row.account_id]
    w.audit("payment.receipt", "R", SUBJECT, public, entity_id=row.entity_id,
            patients={one.patient_id for one in parts})  # fmt: skip
    today = w.today(row.time_zone)
    known, home = law(w, row.entity_id, today), addresses(w, [account.id]).get(account.id)
    standing = accounts.standing(w, [account.id]).get(account.id)
    facts: dict[str, Any] = {
        "practice": entities.get(w, row.entity_id).name,
        "practice_street": _said(known.text("practice_street")),
        "practice_place": _said(known.text("practice_place")),
        "phone": _said(known.text("practice_phone")), "hours": _said(known.text("practice_hours")),
        "number": row.number, "day": today.isoformat(), "account": account.number,
        "guarantor": account.full_name, "street": home.street if home else "",
        "street2": home.street2 if home else "",
        "place": " ".join(part for part in (home.city, home.state, home.zip) if part) if home else "",
        "amount": str(row.amount), "received_on": row.received_on.isoformat(), "tender": row.tender,
        "reference": row.reference, "reversed": "yes" if row.state == State.REVERSED else "",
        "unapplied": str(row.unapplied) if row.unapplied else "",
        "balance_left": str(standing.due if standing else Money(0)), "author": row.author,
        "applied": _applied(w, row, parts),
    }  # fmt: skip
    return translate.receipt(facts, on=today, language=account.language)


def _said(text: str) -> str:
    """A row that nobody filled in yet is a dash; letters say nothing then."""
    return "" if text == "-" else text


def _applied(w: Work, row: PaymentRow, parts: list[Part]) -> list[dict[str, str]]:
    if row.state != State.POSTED:
        return []
    query = select(_patient.c.id, _patient.c.first, _patient.c.last).where(
        _patient.c.id.in_({one.patient_id for one in parts}), w.within(_patient.c.entity_id)
    )
    names = {one.id: f"{one.first} {one.last}".strip() for one in w.db.execute(query)}
    sums: dict[int, int] = {}
    for one in queries.parts(w, [row.id]).get(row.id, []):
        sums[one.claim_id] = sums.get(one.claim_id, 0) + int(one.amount)
    known = {one.claim_id: one for one in parts}
    return [
        {"visit": known[key].control, "day": (known[key].service_from or row.received_on).isoformat(),
         "patient": names.get(known[key].patient_id, ""), "amount": str(Money(cents))}
        for key, cents in sums.items() if cents
    ]  # fmt: skip
