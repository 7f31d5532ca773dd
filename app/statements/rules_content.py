"""What a statement or letter says, out of the books: facts as texts, and sums that must hold. Pure.

RPAT-10, RPAT-11 and RPAT-13: every visit adds up from its ledger figures, or nothing is written.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.contacts.rules_law import Law
from app.kernel.errors import Broken
from app.kernel.money import Money, total
from app.statements.rules_scan import scan_line

NO_VALUE = "-"
FIGURES = ("charges", "insurance_paid", "insurance_adjusted", "patient_paid", "patient_adjusted", "refunded",
           "balance")  # fmt: skip
AGES = ("age_current", "age_31", "age_61", "age_91", "age_121")
PRACTICE = ("street", "place", "phone", "hours")


@dataclass(frozen=True, slots=True)
class Service:
    """A line of a visit as a bill names it; code may be empty (RPAT-13)."""

    words: str
    code: str
    units: str
    charge: Money
    day: date | None


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """One visit: RPAT-11 figures in cents; asked: what of it is asked for now; waiting: what is not.

    since: the day it came due; payer: who has to answer for what waits; with_payer: an answer of insurance is
    what it waits for, not a dispute, a plan or a rule that forbids to ask.
    """

    claim_id: int
    patient_id: int
    number: str
    day: date | None
    patient: str
    provider: str
    place: str
    figures: Mapping[str, Money]
    asked: Money
    waiting: Money
    since: date | None
    payer: str
    with_payer: bool = True
    services: Sequence[Service] = ()


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A running plan: next instalment and its day, what is left, and whether it is behind."""

    behind: bool
    instalment: Money
    next_on: date | None
    left: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything a document says. amount: cents asked for; setoff: received or on its way, not on a
    visit, or above what another visit owes.

    address: street, street2 and place, with its key; link: the address of the QR code, empty for none.
    """

    practice: str
    account: str
    guarantor: str
    address_id: int | None
    address: tuple[str, str, str]
    number: str
    day: date
    due_on: date
    language: str
    message: str
    amount: Money
    setoff: Money
    visits: Sequence[VisitFacts]
    plan: PlanFacts | None
    paid: Money
    paid_on: date | None
    link: str
    notices: Sequence[Mapping[str, str]]
    state: str
    first_on: date | None = None
    agency_on: date | None = None
    apply_by: date | None = None
    ages: tuple[int, ...] = field(default=(30, 60, 90, 120))


def checked(content: Content) -> None:
    """RPAT-11, line by line and in all: `Broken` names the visit whose figures do not add up."""
    for one in content.visits:
        known = {name: int(one.figures[name]) for name in FIGURES}
        paid = known["insurance_paid"] + known["insurance_adjusted"] + known["patient_paid"]
        if known["charges"] - paid - known["patient_adjusted"] + known["refunded"] != known["balance"]:
            raise Broken(f"RPAT-11 does not hold for claim {one.claim_id}")
        if one.asked + one.waiting != one.figures["balance"]:
            raise Broken(f"asked and waiting are not the balance of claim {one.claim_id}")


def asked_of(dues: Sequence[tuple[int, int]], covered: Collection[int], on_plan: int) -> dict[int, int]:
    """What is asked of each visit: what is due of it less what a running plan waits for; whole cents.

    dues: (visit, cents), oldest first. The plan's own visits go first, what it waits for beyond them comes
    off the oldest others: one of them may be in dispute, and never is more asked for than due less plan. A
    plan that waits for all, or for nothing, takes nothing off: such an account is not asked here.
    """
    left = on_plan if 0 < on_plan < sum(cents for _, cents in dues) else 0
    parts = dict(dues)
    for claim_id, cents in sorted(dues, key=lambda one: one[0] not in covered):
        part = min(left, cents)
        parts[claim_id], left = cents - part, left - part
    return parts


def balance(content: Content) -> Money:
    """What was owed in all, waiting parts included."""
    return total(one.figures["balance"] for one in content.visits)


def ages(content: Content) -> list[Money]:
    """What is due by age since it came due; the buckets add up to what is due before money of theirs."""
    sums = [0] * (len(content.ages) + 1)
    for one in content.visits:
        days = (content.day - one.since).days if one.since else 0
        place = next((at for at, last in enumerate(content.ages) if days <= last), len(content.ages))
        sums[place] += int(one.asked)
    return [Money(cents) for cents in sums]


def head(content: Content, law: Law) -> dict[str, Any]:
    """What every document says: who sends it, to whom, how to pay, where to ask and where to find help."""
    value = _values(law, content.state)
    street, street2, place = content.address
    own = {"practice_street": value("practice_street"), "practice_place": value("practice_place")}
    helps = law.yes("assistance_notice", content.state)
    return own | {
        "practice": content.practice,
        "phone": value("practice_phone"),
        "hours": value("practice_hours"),
        "remit_name": value("remit_name") or content.practice,
        "remit_street": value("remit_street") or own["practice_street"],
        "remit_place": value("remit_place") or own["practice_place"],
        "number": content.number,
        "day": content.day.isoformat(),
        "account": content.account,
        "guarantor": content.guarantor,
        "street": street,
        "street2": street2,
        "place": place,
        "amount_due": str(content.amount),
        "due_on": content.due_on.isoformat(),
        "assistance_phone": value("assistance_phone") if helps else "",
        "assistance_url": value("assistance_url") if helps else "",
        "pay_url": value("pay_url"),
        "pay_link": content.link,
        "pay_phone": value("pay_phone"),
        "scan_line": scan_line(content.account, content.number, int(content.amount)),
        "notices": [dict(one) for one in content.notices],
    }


def _values(law: Law, state: str) -> Any:
    def value(code: str) -> str:
        found = law.text(code, state)
        return "" if found == NO_VALUE else found

    return value


def statement(content: Content, law: Law) -> dict[str, Any]:
    """The facts of a statement."""
    checked(content)
    shown = [one for one in content.visits if one.asked > 0]
    waits = [one for one in content.visits if one.asked <= 0 and one.waiting > 0 and one.with_payer]
    sums = {f"total_{name}": str(total(one.figures[name] for one in shown)) for name in FIGURES}
    later = total(one.waiting for one in waits)
    plan = content.plan
    fee = law.yes("nsf_fee_allowed", content.state) and law.yes("returned_fee_notice", content.state)
    return head(content, law) | sums | dict(zip(AGES, map(str, ages(content)), strict=True)) | {
        "standing": "due",
        "message": content.message,
        "credit": "",
        "unapplied": str(content.setoff) if content.setoff else "",
        "total_waiting": str(later) if later else "",
        "plan": "" if plan is None else "behind" if plan.behind else "current",
        "plan_instalment": str(plan.instalment) if plan else "",
        "plan_next_on": plan.next_on.isoformat() if plan and plan.next_on else "",
        "plan_left": str(plan.left) if plan else "",
        "last_payment": str(content.paid) if content.paid_on else "",
        "last_payment_on": content.paid_on.isoformat() if content.paid_on else "",
        "nsf_fee": str(law.cents("nsf_fee", content.state)) if fee else "",
        "visits": [_visit(one) | {"place": one.place} for one in shown],
        "lines": [
            {"visit": one.number, "words": line.words, "code": line.code, "charge": str(line.charge)}
            for one in shown for line in one.services
        ],
        "waiting": [
            {"visit": one.number, "day": _day(one.day), "patient": one.patient, "payer": one.payer,
             "amount": str(one.waiting)}
            for one in waits
        ],
    }  # fmt: skip


def _visit(one: VisitFacts) -> dict[str, str]:
    named = {"visit": one.number, "day": _day(one.day), "patient": one.patient, "provider": one.provider}
    return named | {name: str(one.figures[name]) for name in FIGURES}


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def letter(content: Content, law: Law, name: str) -> dict[str, Any]:
    """The facts of a letter of dunning: what the amount is made of, and what may follow."""
    checked(content)
    found = head(content, law) | {
        "items": [
            {"visit": one.number, "day": _day(one.day), "patient": one.patient, "provider": one.provider,
             "amount": str(cents)}
            for one, cents in _after_setoff(content)
        ],
    }  # fmt: skip
    if name == "second_notice":
        return found
    # An agency is not an extraordinary collection action (section 5); these are off unless a row says yes.
    found |= {"agency": "possible", "agency_on": _day(content.agency_on), "apply_by": _day(content.apply_by)}
    if name == "final_notice":
        found |= {"eca": "", "eca_named": "", "eca_on": ""}
    return found


def _after_setoff(content: Content) -> list[tuple[VisitFacts, Money]]:
    """What is asked of each visit once money of theirs is off, the oldest visit first: the items of a letter
    add up to its amount.
    """
    left, found = content.setoff, []
    for one in content.visits:
        part = min(left, one.asked) if one.asked > 0 else Money(0)
        left -= part
        if one.asked > part:
            found.append((one, one.asked - part))
    return found


def itemised(content: Content, law: Law, npi: str, tax_id: str) -> dict[str, Any]:
    """The facts of an itemised bill (RPAT-12): date, code, description, units and charge of every line."""
    checked(content)
    whole = head(content, law)
    names = ("practice", "practice_street", "practice_place", "phone", "hours", "number", "day", "account",
             "guarantor", "street", "street2", "place", "notices")  # fmt: skip
    sums = {f"total_{name}": str(total(one.figures[name] for one in content.visits)) for name in FIGURES}
    return {name: whole[name] for name in names} | sums | {
        "npi": npi,
        "tax_id": tax_id,
        "lines": [
            {"visit": one.number, "day": _day(line.day or one.day), "code": line.code, "words": line.words,
             "units": line.units, "charge": str(line.charge)}
            for one in content.visits for line in one.services
        ],
        "visits": [_visit(one) for one in content.visits],
    }  # fmt: skip


def sealed_text(facts: Mapping[str, Any]) -> str:
    """The facts as one text, the same for the same facts."""
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sealed_document(letter: str, said: Content, facts: Mapping[str, Any], words: str | None) -> str:
    """Everything a document is drawn of, as one text; words: an edition of the practice, kept with it."""
    whole = {"letter": letter, "lang": said.language, "on": said.day.isoformat(), "facts": facts}
    return sealed_text(whole if words is None else whole | {"words": words})


def fingerprint(text: str) -> str:
    """The hash a document keeps of its facts."""
    return hashlib.sha256(text.encode()).hexdigest()


def facts_of(text: str) -> dict[str, Any]:
    """The sealed text of a document read again: letter, lang, on, facts, and edited words."""
    found: dict[str, Any] = json.loads(text)
    return found


def slip(content: Content) -> str:
    """The line a payment slip is read by."""
    return scan_line(content.account, content.number, int(content.amount))
