"""The story of an account, newest first: what was charged, answered, sent, said, promised and paid."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import Owed
from app.claims.models import Claim
from app.contacts import queries as contacts
from app.contacts import queries_story
from app.contacts.models import AccountEvent, Dispute, PatientPromise, Refusal
from app.contacts.rules_guards import said
from app.flows.patient_account import Happening
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.payments.models import PatientPayment
from app.plans.models import Plan, PlanEvent
from app.remits.models import Remit, RemitClaim
from app.statements.models import CollectionLetter, DunningEvent, Statement

_owed, _claim = table_of(Owed), table_of(Claim)
_remit, _answer = table_of(Remit), table_of(RemitClaim)
_event, _refusal, _dunning = table_of(AccountEvent), table_of(Refusal), table_of(DunningEvent)
_promise, _dispute = table_of(PatientPromise), table_of(Dispute)
_payment, _plan, _plan_event = table_of(PatientPayment), table_of(Plan), table_of(PlanEvent)
_statement, _letter = table_of(Statement), table_of(CollectionLetter)
MOST = 200
"""So many of each kind are told, the newest; the rest stands on its own pages."""
LETTERS = {
    "second_notice": "Second notice",
    "final_notice": "Final notice",
    "pre_collection": "Pre-collection letter",
    "plan_agreement": "Plan agreement",
}
STAGES = {
    "not_due": "Nothing to collect", "eligible": "A statement may go", "stmt_1": "At statement 1",
    "stmt_2": "At statement 2", "stmt_3": "At statement 3", "final_notice": "At the final notice",
    "pre_collection": "Before an agency", "review": "Looked at for an agency",
}  # fmt: skip
TENDERS = {
    "check": "check",
    "cash": "cash",
    "money_order": "money order",
    "card": "card",
    "ach": "bank debit",
}
OF_ITSELF = ("job:", "schedule", "system")
"""Who did what nobody did: the day's work of the product."""
SUBJECTS = {"hold": "Hold", "dispute": "Dispute", "promise": "Promise", "returned_mail": "Returned mail"}
TONES = {
    "placed": "warn", "place": "warn", "open": "warn", "broken": "bad", "break": "bad", "nsf": "bad",
    "kept": "good", "keep": "good", "lift": "good", "resolve": "good", "complete": "good", "default": "bad",
    "miss": "warn", "activate": "good", "reverse": "bad", "post": "good",
}  # fmt: skip


def story(w: Work, account_id: int) -> list[Happening]:
    """Everything that happened to an account, the last first."""
    visits = _visits(w, account_id)
    told = [
        *_attempts(w, account_id), *_notes(w, account_id),
        *_charged(visits), *_answered(w, visits), *_documents(w, account_id),
        *_payments(w, account_id), *_plans(w, account_id), *_events(w, account_id),
        *_promises(w, account_id), *_refused(w, account_id), *_stages(w, account_id),
    ]  # fmt: skip
    order = sorted(enumerate(told), key=lambda one: (one[1].at, one[0]), reverse=True)
    return [replace(one, who="") if one.who.startswith(OF_ITSELF) else one for _, one in order]


REACHES = {"call": "Call", "sms": "Text", "email": "E-mail", "mail": "Letter", "person": "At the counter"}


def _attempts(w: Work, account_id: int) -> list[Happening]:
    found = []
    for one in queries_story.attempts(w, account_id)[:MOST]:
        way = "from them" if one.direction == "in" else f"to them {one.shown}".strip()
        detail = ". ".join(part for part in (_plain(one.why) if one.why else "", one.note) if part)
        tone = "info" if one.spoke else "mute"
        title = f"{REACHES.get(one.reach, one.reach)} {way}: {one.label.lower()}"
        found.append(Happening(one.at, title, detail, one.who, "", tone))
    return found


def _notes(w: Work, account_id: int) -> list[Happening]:
    notes = [one for one in contacts.about(w, "account", account_id) if not one.struck]
    return [Happening(one.at, "Note", one.text, one.who) for one in notes[:MOST]]


def _visits(w: Work, account_id: int) -> dict[int, Any]:
    query = (
        select(_claim.c.id, _claim.c.public_id, _claim.c.control, _claim.c.charge, _claim.c.recorded_at,
               _claim.c.service_from)
        .join(_owed, _owed.c.claim_id == _claim.c.id)
        .where(_owed.c.account_id == account_id, w.within(_owed.c.entity_id))
        .order_by(_claim.c.id.desc())
        .limit(MOST)
    )  # fmt: skip
    return {row.id: row for row in w.db.execute(query)}


def _charged(visits: Mapping[int, Any]) -> list[Happening]:
    return [
        Happening(row.recorded_at, f"Charged {row.charge:,}", _about(row), "",
                  f"/claims/{row.public_id}", "info")
        for row in visits.values()
    ]  # fmt: skip


def _about(row: Any) -> str:
    day = f"visit of {row.service_from:%m/%d/%Y}, " if row.service_from else ""
    return f"{day}claim {row.control}"


def _answered(w: Work, visits: Mapping[int, Any]) -> list[Happening]:
    query = (
        select(_answer.c.claim_id, _answer.c.status, _answer.c.paid, _answer.c.state, _remit.c.public_id,
               _remit.c.payer_name, _remit.c.recorded_at)
        .join(_remit, _remit.c.id == _answer.c.remit_id)
        .where(among(w.db, _answer.c.claim_id, list(visits)), w.within(_answer.c.entity_id))
        .order_by(_answer.c.id.desc())
        .limit(MOST)
    )  # fmt: skip
    found = []
    for row in w.db.execute(query):
        back = row.status == "22"
        words = f"{row.payer_name} {'took back' if back else 'paid'} {-row.paid if back else row.paid:,}"
        tone = "warn" if back or row.state != "posted" else "good" if row.paid else "bad"
        href = f"/remits/{row.public_id}"
        found.append(Happening(row.recorded_at, words, _about(visits[row.claim_id]), "", href, tone))
    return found


def _documents(w: Work, account_id: int) -> list[Happening]:
    found = []
    for row in _newest(w, _statement, account_id):
        words = f"{_kind(row.kind)} {row.number} asked for {row.amount:,}"
        found.append(Happening(row.recorded_at, words, _way(row), row.author, "#papers", "info"))
    for row in _newest(w, _letter, account_id):
        words = f"{LETTERS.get(row.letter, _plain(row.letter))} {row.number} asked for {row.amount:,}"
        detail = f"{_way(row)}. {row.reason}".strip(". ")
        found.append(Happening(row.recorded_at, words, detail, row.released_by, "#papers", "warn"))
    return found


def _kind(kind: str) -> str:
    return "Itemised bill" if kind.startswith("itemi") else "Statement"


def _way(row: Any) -> str:
    way = "By e-mail" if row.way == "email" else "By mail"
    return way + (", came back" if row.state == "returned" else "")


def _newest(w: Work, table: Any, account_id: int) -> Sequence[Any]:
    query = select(table).where(table.c.account_id == account_id, w.within(table.c.entity_id))
    return w.db.execute(query.order_by(table.c.id.desc()).limit(MOST)).all()


def _payments(w: Work, account_id: int) -> list[Happening]:
    found = []
    for row in _newest(w, _payment, account_id):
        how = TENDERS.get(row.tender, row.tender)
        if row.state == "declined":
            found.append(
                Happening(
                    row.recorded_at, f"Payment of {row.amount:,} by {how} declined", "", row.author, "", "bad"
                )
            )
            continue
        rest = f", {row.unapplied:,} not applied" if row.unapplied else ""
        detail = f"Receipt {row.number}: {row.applied:,} applied{rest}"
        found.append(
            Happening(
                row.recorded_at, f"Paid {row.amount:,} by {how}", detail, row.author, "#payments", "good"
            )
        )
        if row.reversed_on:
            words = f"Payment of {row.amount:,} taken back: {_plain(row.reversal or '').lower()}"
            at = datetime.combine(row.reversed_on, row.recorded_at.timetz())
            found.append(
                Happening(max(at, row.recorded_at), words, f"Receipt {row.number}", "", "#payments", "bad")
            )
    return found


def _plans(w: Work, account_id: int) -> list[Happening]:
    query = (
        select(_plan_event, _plan.c.total, _plan.c.count)
        .join(_plan, _plan.c.id == _plan_event.c.plan_id)
        .where(_plan.c.account_id == account_id, w.within(_plan.c.entity_id))
        .order_by(_plan_event.c.id.desc())
        .limit(MOST)
    )
    return [
        Happening(row.at, f"Plan {_plain(row.to_state).lower()}: {row.total:,} in {row.count}", row.reason,
                  row.author, "#plan", TONES.get(row.move, "mute"))
        for row in w.db.execute(query)
    ]  # fmt: skip


def _events(w: Work, account_id: int) -> list[Happening]:
    """Holds, disputes and returned mail; promises are told by themselves, with their amount."""
    found = []
    for row in _newest(w, _event, account_id):
        if row.subject in ("promise", "attempt", "identify"):
            continue
        kind = _plain(str((row.detail or {}).get("kind", ""))).lower()
        words = f"{SUBJECTS.get(row.subject, _plain(row.subject))} {_past(row.move)}"
        found.append(
            Happening(
                row.at,
                words + (f": {kind}" if kind else ""),
                row.reason,
                row.author,
                "",
                TONES.get(row.move, "mute"),
            )
        )
    return found


def _past(move: str) -> str:
    known = {
        "place": "placed", "lift": "lifted", "open": "opened", "stop": "stopped the mail",
        "acknowledge": "acknowledged", "investigate": "looked into", "propose": "answer proposed",
        "resolve": "resolved", "confirm": "confirmed by them", "escalate": "escalated", "return": "came in",
        "search": "looked for", "find": "address found", "verify": "address verified", "resume": "resumed",
        "reject": "address rejected", "withdraw": "withdrawn", "reopen": "opened again",
        "again": "came again",
    }  # fmt: skip
    return known.get(move, _plain(move).lower())


def _promises(w: Work, account_id: int) -> list[Happening]:
    found = []
    for row in _newest(w, _promise, account_id):
        words = f"Promised {row.amount:,} by {row.promised_on:%m/%d/%Y}"
        found.append(Happening(row.made_at, words, "", row.author, "", "info"))
        if row.judged_on and row.state != "open":
            at = datetime.combine(row.judged_on, row.made_at.timetz())
            ended = "paid by an item that came back" if row.state == "nsf" else row.state
            words = f"Promise of {row.amount:,} {ended}"
            found.append(
                Happening(
                    max(at, row.made_at),
                    words,
                    f"{row.received:,} had come",
                    "",
                    "",
                    TONES.get(row.state, "warn"),
                )
            )
    return found


def _refused(w: Work, account_id: int) -> list[Happening]:
    return [
        Happening(row.at, f"{_plain(row.act)} refused", said(row.rule), row.actor, "", "warn")
        for row in _newest(w, _refusal, account_id)
    ]


def _stages(w: Work, account_id: int) -> list[Happening]:
    return [
        Happening(row.at, STAGES.get(row.to_stage, _plain(row.to_stage)), row.reason, row.author, "", "mute")
        for row in _newest(w, _dunning, account_id)
    ]  # fmt: skip


def _plain(code: str) -> str:
    return code.replace("_", " ").capitalize()
