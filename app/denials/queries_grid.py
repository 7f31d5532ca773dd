"""The denial worklist as a person reads it: cases with their patient, the reasons of their rank, the rule of
their date.

The list itself, its filters and its pages are those of `queries`; here each page gets what only people need.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from app.denials import queries
from app.denials.models import Denial, DenialItem
from app.denials.queries import DenialRow
from app.kernel.db import in_chunks, table_of
from app.kernel.export import Column, Kind
from app.kernel.ids import unpack
from app.kernel.paging import Ask, Slice
from app.kernel.work import Work
from app.patients.models import Patient
from app.remits.models import Remit, RemitClaim

_denial, _item, _patient = table_of(Denial), table_of(DenialItem), table_of(Patient)
_remit, _remit_claim = table_of(Remit), table_of(RemitClaim)
CHUNK = 2_000
ACTIONS = {
    "appeal": "Appeal",
    "bill_next_payer": "Bill the next payer",
    "bill_patient": "Bill the patient",
    "clinical_appeal": "Clinical appeal",
    "cob_update": "Update payer order",
    "coding_review": "Coding review",
    "contract_review": "Contract review",
    "correct_rebill": "Correct and rebill",
    "duplicate_check": "Check the duplicate",
    "enrollment_fix": "Fix enrollment",
    "liability_carrier": "Bill the liability carrier",
    "new_claim": "Send a new claim",
    "none_post": "Post only",
    "patient_info_request": "Ask the patient",
    "payer_inquiry": "Ask the payer",
    "refund_review": "Refund review",
    "retro_auth": "Retro authorization",
    "send_records": "Send records",
    "timely_proof": "Prove timely filing",
    "verify_eligibility": "Verify eligibility",
    "wait": "Wait for the payer",
    "write_off_review": "Write-off review",
}
EVENTS = {
    "remit_date": "the remit was dated",
    "remit_receipt": "the remit was received",
    "service_date": "the service was given",
    "decision_date": "the decision was dated",
    "decision_receipt": "the decision was received",
}


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case of the list. `days_left` to the internal day, below zero when it has passed, None without a
    clock."""

    case: DenialRow
    entity_id: int
    patient: str
    service_from: date | None
    rule: str
    why: tuple[str, ...]
    short: str
    days_left: int | None
    age: int

    @property
    def public_id(self) -> str:
        """What its page is called."""
        return self.case.public_id


def _of(name: str) -> Any:
    return lambda row: getattr(row.case, name)


def action_words(action: str) -> str:
    """The next action as people say it."""
    return ACTIONS.get(action, action.replace("_", " ").capitalize())


def reason_code(case: DenialRow) -> str:
    """`CO-197 N517`: group, CARC and the remark that decided."""
    return f"{case.group}-{case.carc}" + (f" {case.rarc}" if case.rarc else "")


COLUMNS = [
    Column("score", "Rank", Kind.COUNT, "rank", _of("score"), "0 to 100 by value, urgency and ease"),
    Column("payer", "Payer", value=_of("payer")),
    Column("patient", "Patient"),
    Column("service_from", "Service", Kind.DAY, wide=False),
    Column("code", "Reason", Kind.CODE, value=lambda row: reason_code(row.case)),
    Column("denied", "Denied", Kind.MONEY, "denied", _of("denied")),
    Column("at_stake", "At stake", Kind.MONEY, "at_stake", _of("at_stake"), "What we may expect of it"),
    Column("category", "Category", value=lambda row: row.case.category.replace("_", " ")),
    Column("next_action", "Next action", value=lambda row: action_words(row.case.next_action)),
    Column("age", "Age", Kind.COUNT, "opened", hint="Days since the remit", wide=False),
    Column("appeal_by", "Appeal by", Kind.DAY, "due", _of("appeal_by"), "The last legal day to appeal"),
    Column("file_by", "File by", Kind.DAY, value=_of("file_by"), hint="The last day to send the claim again"),
    Column("state", "State", Kind.STATE, value=_of("state")),
    Column("owner", "Owner", value=_of("owner")),
    Column("touched_at", "Last touch", Kind.INSTANT, value=_of("touched_at")),
]
GRID = [
    Column("score", "Rank, why", Kind.TEXT, "rank", hint="0 to 100 by value, urgency and ease"),
    Column("patient", "Patient, payer"),
    Column("service_from", "Service, age", Kind.DAY, "opened", hint="Days since the remit", wide=False),
    Column("code", "Reason"),
    Column("at_stake", "At stake", Kind.MONEY, "at_stake", hint="What we may expect; below, what was denied"),
    Column("next_action", "Next action, category"),
    Column(
        "legal_due", "Appeal by", Kind.DAY, "due", hint="The last legal day; below, the days to our own day"
    ),
    Column("file_by", "File by", Kind.DAY, hint="The last day to send the claim again", wide=False),
    Column("state", "State", Kind.STATE),
    Column("owner", "Owner, last touch"),
]
"""The columns of the screen: two facts in a cell where they are read together."""
EXPORT_COLUMNS = [
    Column("claim", "Claim", Kind.CODE, value=_of("control")),
    *COLUMNS,
    Column(
        "legal_due", "Due by law", Kind.DAY, value=_of("legal_due"), hint="The nearer of the two that runs"
    ),
    Column("internal_due", "Work by", Kind.DAY, value=_of("internal_due")),
    Column("rule", "Rule of the date", Kind.CODE),
    Column("why", "Why ranked", value=lambda row: "; ".join(row.why)),
    Column("round", "Round", Kind.COUNT, value=_of("round")),
    Column("root_cause", "Root cause", value=_of("root_cause")),
    Column("recovered", "Recovered", Kind.MONEY, value=_of("recovered")),
    Column("outcome", "Outcome", value=_of("outcome")),
]


def cases(w: Work, ask: Ask, today: date) -> Slice[CaseRow]:
    """A page of the worklist."""
    found = queries.cases(w, ask)
    return Slice(list(_told(w, found.rows, today)), found.next, found.previous)


def on_claim(w: Work, rows: Sequence[DenialRow], today: date) -> list[CaseRow]:
    """Cases read elsewhere, told the same way."""
    return list(_told(w, rows, today))


def _told(w: Work, rows: Sequence[DenialRow], today: date) -> Iterator[CaseRow]:
    for chunk in in_chunks(rows, CHUNK):
        facts = _facts(w, [one.public_id for one in chunk])
        for one in chunk:
            yield _case(one, facts[one.public_id], today)


def _facts(w: Work, publics: Sequence[str]) -> dict[str, Any]:
    query = (
        select(_denial.c.public_id, _denial.c.entity_id, _denial.c.service_from, _denial.c.deadline_rule,
               _denial.c.score_reasons, _patient.c.last, _patient.c.first)
        .outerjoin(_patient, _patient.c.id == _denial.c.patient_id)
        .where(w.within(_denial.c.entity_id), _denial.c.public_id.in_(publics))
    )  # fmt: skip
    return {row.public_id: row for row in w.db.execute(query)}


def _case(one: DenialRow, facts: Any, today: date) -> CaseRow:
    return CaseRow(
        case=one,
        entity_id=facts.entity_id,
        patient=", ".join(filter(None, (facts.last, facts.first))),
        service_from=facts.service_from,
        rule=facts.deadline_rule,
        why=why_ranked(facts.score_reasons or []),
        short=why_short(facts.score_reasons or []),
        days_left=(one.internal_due - today).days if one.internal_due else None,
        age=(today - one.denied_on).days,
    )


def why_short(reasons: Sequence[Mapping[str, Any]]) -> str:
    """The two weightiest factors of a rank in a few words."""
    return ", ".join(one.partition(":")[0].replace(" after our cost", "") for one in why_ranked(reasons)[:2])


def why_ranked(reasons: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The factors of a rank in words, the weightiest first."""
    return tuple(_reason(str(one["factor"]), one["fact"], str(one["points"])) for one in reasons)


def _reason(factor: str, fact: Any, points: str) -> str:
    if factor == "net_value":
        return f"worth {fact} after our cost: {points} of 50 points"
    if factor == "days_left":
        if fact is None:
            left = "no clock runs"
        else:
            left = f"{fact} days left" if int(fact) >= 0 else f"{-int(fact)} days late"
        return f"{left}: {points} of 35 points"
    if factor == "effort":
        return f"{fact} effort: {points} of 15 points"
    if factor == "recovery":
        return f"chance to recover {round(float(fact) * 100)}%"
    return f"working it costs {fact}" if factor == "cost" else f"{factor.replace('_', ' ')} {fact}"


def deadline_words(proof: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The proof of a date (N12) as pairs of a step and what it gave; empty without a clock."""
    if not proof:
        return []
    event = EVENTS.get(str(proof["event"]), str(proof["event"]).replace("_", " "))
    steps = [("Rule", str(proof["rule"])), (f"Starts when {event}", _us(proof["start"]))]
    if proof.get("presumption_days"):
        steps.append(("Days presumed for the mail", f"{proof['presumption_days']} days"))
    unit = "months" if proof.get("months") else f"{proof['day_type']} days"
    length = f"{proof.get('months') or proof['days']} {unit}"
    steps.append((f"Time allowed, level {proof['level']}", length))
    steps.append(("Last legal day", _us(proof["legal_due"])))
    if proof["rolled"] != proof["legal_due"]:
        steps.append(("Next business day", _us(proof["rolled"])))
    holidays = ", ".join(_us(day) for day in proof.get("holidays", ()))
    margin = f"{_us(proof['internal_due'])}, {proof['margin_days']} business days in hand"
    steps.append(("We work to", margin))
    if holidays:
        steps.append(("Holidays counted over", holidays))
    return steps


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a refused adjustment stands: the page of its remit and its segment."""

    href: str
    segment: int


def places(w: Work, public_id: str) -> dict[int, Standing]:
    """Where each item of a case was read from, by its address."""
    query = (
        select(_item.c.address, _remit.c.public_id, _remit_claim.c.public_id)
        .join(_denial, _denial.c.id == _item.c.denial_id)
        .join(_remit_claim, _remit_claim.c.id == _item.c.remit_claim_id)
        .join(_remit, _remit.c.id == _remit_claim.c.remit_id)
        .where(w.within(_item.c.entity_id), _denial.c.public_id == public_id)
    )
    found = {}
    for address, remit, remit_claim in w.db.execute(query):
        segment = unpack(address).segment
        found[address] = Standing(f"/remits/{remit}?claim={remit_claim}#segment-{segment}", segment)
    return found


def owned_by(w: Work, public_id: str, person_id: int | None) -> bool:
    """Does this person own the case?"""
    query = select(_denial.c.owner_id).where(w.within(_denial.c.entity_id), _denial.c.public_id == public_id)
    return person_id is not None and w.db.execute(query).scalar() == person_id


def _us(day: str) -> str:
    return date.fromisoformat(day).strftime("%m/%d/%Y")


def root_causes(w: Work, ask: Ask) -> list[str]:
    """The causes of the first cases the filters find, for the filter and the form: a look, not a count."""
    wide = replace(ask, filters={name: text for name, text in ask.filters.items() if name != "root_cause"})
    some = select(_denial.c.root_cause).where(*queries.conditions(w, wide)).limit(1_000).subquery()
    return list(w.db.execute(select(some.c.root_cause).distinct().order_by(some.c.root_cause)).scalars())
