"""What the API says of accounts and their visits."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.accounts.lifecycle import OwedState, Waits
from app.kernel.schemas import Dollars, ListRequest


class AccountsRequest(ListRequest):
    """A page of accounts and its filters; absent means any, and those that owe something only."""

    show = fields.String(metadata={"description": "owing, due, waiting, held, credit, unapplied or all"})
    entity = fields.String(metadata={"description": "public id"})
    stage = fields.String()
    plan = fields.String(metadata={"description": "running, active, late, defaulted, re_established, none"})
    promise = fields.String(metadata={"description": "open, today, late or none"})
    hold = fields.String(metadata={"description": "none, any or a kind of hold"})
    age = fields.String(metadata={"description": "30, 60, 90 or 120: due for more days"})
    least = fields.String(metadata={"description": "dollars due, inclusive"})
    language = fields.String()
    state = fields.String()


class AccountOfList(Schema):
    """An account of the list."""

    id = fields.String(attribute="public_id", required=True)
    number = fields.String()
    name = fields.String()
    due = Dollars(metadata={"description": "may be asked for now"})
    waiting = Dollars(metadata={"description": "theirs perhaps, not yet: a payer still answers"})
    held = Dollars()
    credit = Dollars(metadata={"description": "what we owe them, positive"})
    unapplied = Dollars()
    oldest = fields.Date(allow_none=True, metadata={"description": "the first day something of it was due"})
    stage = fields.String()
    plan = fields.String()
    promise_until = fields.Date(allow_none=True)
    holds = fields.String()
    paid_on = fields.Date(allow_none=True)
    paid = Dollars(metadata={"description": "the last payment"})


class AccountSums(Schema):
    """What the filters select."""

    count = fields.Integer()
    due = Dollars()
    waiting = Dollars()
    held = Dollars()


class AccountPage(Schema):
    """A page of accounts; `next` is empty on the last. totals: of all that match, on the first page."""

    rows = fields.List(fields.Nested(AccountOfList))
    next = fields.String()
    totals = fields.Nested(AccountSums, allow_none=True)


class DayRequest(Schema):
    """The day of the figures; absent: now. language: of the words."""

    as_of = fields.Date(load_default=None)
    language = fields.String(load_default="en", validate=validate.OneOf(("en", "es")))


class StepView(Schema):
    """One step from the charge to what is owed; cents raise it when positive."""

    words = fields.String()
    amount = Dollars()
    day = fields.Date(allow_none=True)
    reference = fields.String(metadata={"description": "check or trace it came with"})
    source = fields.String(metadata={"description": "remit, batch, or empty for what is still open"})
    source_id = fields.String()


class VisitFigures(Schema):
    """charges - insurance_paid - insurance_adjusted - patient_paid - patient_adjusted + refunded = balance
    (RPAT-11)."""

    charges = Dollars()
    insurance_paid = Dollars()
    insurance_adjusted = Dollars()
    patient_paid = Dollars()
    patient_adjusted = Dollars()
    refunded = Dollars()
    balance = Dollars(metadata={"description": "all that is open, by whomever"})
    payer_open = Dollars()
    patient_open = Dollars()


class AccountVisit(Schema):
    """A visit of an account, explained to the cent. state and reason are of today."""

    id = fields.String(required=True, metadata={"description": "public id of the claim"})
    control = fields.String()
    patient = fields.String(metadata={"description": "public id"})
    provider = fields.String()
    place = fields.String()
    service_from = fields.Date(allow_none=True)
    service_to = fields.Date(allow_none=True)
    payers = fields.List(fields.String())
    figures = fields.Nested(VisitFigures)
    due = Dollars()
    waiting = Dollars()
    state = fields.String(metadata={"description": ", ".join(one.value for one in OwedState)})
    reason = fields.String(metadata={"description": ", ".join(one.value for one in Waits if one.value)})
    why = fields.String(metadata={"description": "the reason in words"})
    since = fields.Date(allow_none=True, metadata={"description": "first day due without a break"})
    steps = fields.List(fields.Nested(StepView))


class AccountVisits(Schema):
    """The visits of an account, oldest first."""

    rows = fields.List(fields.Nested(AccountVisit))


class AccountPatient(Schema):
    """A patient somebody answers for, `[from, to)` by day of service."""

    id = fields.String(attribute="public_id")
    name = fields.String()
    effective_from = fields.Date()
    effective_to = fields.Date(allow_none=True)


class WholeAccount(Schema):
    """One account: who answers, for whom, how it stands, what is explained."""

    id = fields.String(required=True)
    number = fields.String()
    name = fields.String()
    language = fields.String()
    state = fields.String()
    confirmed = fields.Boolean()
    version = fields.Integer()
    due = Dollars()
    waiting = Dollars()
    held = Dollars()
    credit = Dollars()
    unapplied = Dollars()
    pending = Dollars()
    on_plan = Dollars()
    oldest_since = fields.Date(allow_none=True)
    plan = fields.String()
    promise_until = fields.Date(allow_none=True)
    paid_on = fields.Date(allow_none=True)
    paid = Dollars()
    balance = Dollars(metadata={"description": "what all visits owe on the patient's side"})
    explained = Dollars(metadata={"description": "what the steps of all visits add up to: the same"})
    patients = fields.List(fields.Nested(AccountPatient))


class ServiceView(Schema):
    """One service of a visit in plain words; sensitive ones are not named (RPAT-13)."""

    number = fields.Integer()
    code = fields.String()
    words = fields.String()
    units = fields.String()
    charge = Dollars()
    service_from = fields.Date(allow_none=True)


class VisitServices(Schema):
    """The services of one visit."""

    rows = fields.List(fields.Nested(ServiceView))


def visit_of(one: Any, language: str) -> dict[str, Any]:
    """A visit as `AccountVisit` says it, in words of a language."""
    same = ("control", "provider", "service_from", "service_to", "figures", "due", "waiting", "state")
    steps = [
        {"words": step.words(language), "amount": step.cents, "day": step.day, "reference": step.reference,
         "source": step.source, "source_id": step.source_id}
        for step in one.steps
    ]  # fmt: skip
    said = {
        "id": one.public_id, "patient": one.patient_public, "place": one.place_words(language),
        "payers": list(one.payers), "reason": one.reason, "why": one.why(language), "since": one.since,
    }  # fmt: skip
    return {name: getattr(one, name) for name in same} | said | {"steps": steps}
