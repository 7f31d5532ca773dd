"""The agreement of a plan as a PDF: made of the schedule in force, stored by its content, shown unchanged."""

import io
from datetime import date
from typing import Any

from sqlalchemy import select

from app.contacts.service_law import law
from app.documents import service as documents
from app.entities import queries as entities
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.money import ZERO
from app.kernel.work import Work
from app.patients import queries_guarantors
from app.patients.models import Patient
from app.patients.queries_guarantors import GuarantorRow
from app.patients.queries_reach import addresses
from app.payments.models import CardToken
from app.plans import queries, rules, service, service_writes, translate
from app.plans.queries import PlanView

_token, _patient = table_of(CardToken), table_of(Patient)


def write(w: Work, plan_public: str, version: int, *, words: dict[str, str] | None = None) -> int:
    """Make the agreement of the schedule in force and keep it; returns the plan's new version.

    words: the practice's own words by language, where it has some.
    """
    w.may("plans.write")
    plan = service_writes.held(w, plan_public, version)
    account = queries_guarantors.by_ids(w, [plan.account_id])[plan.account_id]
    day, lang = w.today(account.time_zone), translate.language(account.language)
    facts = _facts(w, plan, account, day, lang)
    pdf = translate.agreement(facts, on=day, lang=lang, words=(words or {}).get(lang))
    file_no, sha256, *_ = documents.put(w, io.BytesIO(pdf))
    service_writes.write(w, plan, {"agreement_file": file_no})
    detail = {"sha256": sha256, "language": lang, "schedule": plan.schedule_no}
    service_writes.note(w, plan, "agreement", plan.state, reason="Made for signing", detail=detail)
    w.audit("plan.agreement", "C", "plan", plan.public_id, entity_id=plan.entity_id, detail=detail)
    return version + 1


def pdf(w: Work, plan_public: str) -> bytes:
    """The stored bytes of the agreement in force; `NotFound` before it was made."""
    plan = queries.by_public(w, plan_public)
    if plan.agreement_file is None:
        raise NotFound("There is no agreement of this schedule yet.")
    seen = [one.patient_id for one in queries.covered(w, plan.id)]
    w.audit("plan.agreement", "R", "plan", plan.public_id, entity_id=plan.entity_id, patients=seen)
    with documents.open_file(w, plan.agreement_file) as content:
        return content.read()


def _facts(w: Work, plan: PlanView, account: GuarantorRow, day: date, lang: str) -> dict[str, Any]:
    known, terms = law(w, plan.entity_id, day), service.terms_of(w, account, day)
    home = addresses(w, [account.id]).get(account.id)
    lines = [line for line in plan.lines if line.schedule_no == plan.schedule_no]
    regular = [line for line in lines if line.number != rules.DOWN]
    asked = rules.sum_of(lines)
    card = _card(w, plan)
    place = " ".join(part for part in (home.city, home.state, home.zip) if part) if home else ""
    return {
        "practice": entities.get(w, plan.entity_id).name,
        "phone": _said(known.text("practice_phone")), "hours": _said(known.text("practice_hours")),
        "practice_street": _said(known.text("practice_street")),
        "practice_place": _said(known.text("practice_place")),
        "number": plan.public_id[:8].upper(), "day": day.isoformat(), "account": account.number,
        "guarantor": account.full_name, "street": home.street if home else "",
        "street2": home.street2 if home else "", "place": place, "total": str(asked),
        "count": str(len(regular)), "instalment": str(regular[0].amount),
        "last_instalment": str(regular[-1].amount), "first_on": regular[0].due_on.isoformat(),
        "last_on": regular[-1].due_on.isoformat(), "due_day": str(regular[0].due_on.day),
        "grace_days": str(terms.grace_days), "autopay": "card" if card else "", "autopay_shown": card,
        "disclosure": "required" if plan.disclosures else "",
        "apr": f"{known.decimal('plan_interest_percent', account.state):.2f}%", "finance_charge": str(ZERO),
        "financed": str(asked), "author": w.actor.name,
        "schedule": [
            {"number": str(line.number), "day": line.due_on.isoformat(), "amount": str(line.amount)}
            for line in lines
        ],
        "visits": _visits(w, plan),
        "notices": translate.said_by_law(account.state, day, lang),
    }  # fmt: skip


def _said(text: str) -> str:
    """A row of law that nobody filled in yet is a dash; letters say nothing then."""
    return "" if text == "-" else text


def _visits(w: Work, plan: PlanView) -> list[dict[str, str]]:
    covered = queries.covered(w, plan.id)
    named = select(_patient.c.id, _patient.c.first, _patient.c.last).where(
        among(w.db, _patient.c.id, [one.patient_id for one in covered]), w.within(_patient.c.entity_id)
    )
    names = {row.id: f"{row.first} {row.last}".strip() for row in w.db.execute(named)}
    return [
        {"visit": one.control, "day": (one.service_from or plan.opened_at.date()).isoformat(),
         "patient": names.get(one.patient_id, ""), "amount": str(one.amount)}
        for one in covered
    ]  # fmt: skip


def _card(w: Work, plan: PlanView) -> str:
    if plan.token_id is None:
        return ""
    query = select(_token.c.brand, _token.c.last4).where(
        _token.c.id == plan.token_id, w.within(_token.c.entity_id)
    )
    row = w.db.execute(query).one_or_none()
    return f"{row.brand} ending in {row.last4}" if row else ""
