"""What the API says of a posting before it is made."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars


class PreviewRequest(Schema):
    """Which decision is to be looked at."""

    doing = fields.String(
        required=True, validate=validate.OneOf(("post", "replay", "release", "undo")),
        metadata={"description": "the decision: what it would do is answered, nothing of it stays"},
    )  # fmt: skip


class CommitRequest(Schema):
    """What was seen, and why it may go on."""

    plan = fields.String(required=True, metadata={"description": "`seal` of the plan that was seen"})
    reason = fields.String(load_default="", validate=validate.Length(max=200))


class PlannedEntryView(Schema):
    """One transfer."""

    effective_date = fields.Date(attribute="effective")
    event = fields.String()
    debit = fields.Integer()
    debit_rank = fields.Integer()
    credit = fields.Integer()
    credit_rank = fields.Integer()
    amount = Dollars(attribute="cents")
    claim = fields.String(metadata={"description": "control number; empty without a claim"})
    segment = fields.Integer()


class PlannedAccountView(Schema):
    """What an account would be debited and credited."""

    account = fields.Integer()
    name = fields.String()
    debit = Dollars()
    credit = Dollars()


class PlannedClaimView(Schema):
    """What is open on a claim before and after."""

    control = fields.String()
    payer_before = Dollars()
    payer_after = Dollars()
    patient_before = Dollars()
    patient_after = Dollars()


class PlannedDenialView(Schema):
    """A denial case that would open or move."""

    claim = fields.String(attribute="control")
    move = fields.String()
    category = fields.String()
    carc = fields.String()
    denied = Dollars()
    at_stake = Dollars()
    legal_due = fields.Date(allow_none=True)


class PlannedParkView(Schema):
    """A payment line that would wait."""

    control = fields.String()
    reason = fields.String()
    words = fields.String()
    paid = Dollars()


class PlannedFindingView(Schema):
    """A finding."""

    code = fields.String()
    does = fields.String()
    segment = fields.Integer()
    text = fields.String()


class PlanView(Schema):
    """Everything a posting would do; `seal` is what a commit repeats."""

    state = fields.String(metadata={"description": "where the transaction would stand"})
    words = fields.String()
    seal = fields.String()
    total = Dollars()
    accounts = fields.List(fields.Nested(PlannedAccountView))
    claims = fields.List(fields.Nested(PlannedClaimView))
    denials = fields.List(fields.Nested(PlannedDenialView))
    parked = fields.List(fields.Nested(PlannedParkView))
    findings = fields.List(fields.Nested(PlannedFindingView))
    entries = fields.List(fields.Nested(PlannedEntryView))


class CommittedView(Schema):
    """What was posted."""

    id = fields.String()
    state = fields.String()
    entries = fields.Integer()
    total = Dollars()
