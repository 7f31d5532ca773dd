"""What the API says of denials, and of a claim as a whole."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest


class DenialsRequest(ListRequest):
    """A page of cases and its filters; absent means any, and open cases only."""

    state = fields.String(metadata={"description": "a state, `open` (as when absent) or `all`"})
    category = fields.String()
    payer = fields.String(metadata={"description": "public id"})
    owner = fields.String(metadata={"description": "`me`, `nobody` or a person's public id"})
    carc = fields.String()
    rarc = fields.String()
    action = fields.String()
    origin = fields.String()
    due_from = fields.String(metadata={"description": "a day, or t, t+14"})
    due_by = fields.String(metadata={"description": "a day, or t, t+14"})
    round = fields.String(validate=validate.OneOf(("initial", "repeat")))
    root_cause = fields.String()
    provider = fields.String(metadata={"description": "NPI"})
    group = fields.String()
    code = fields.String(metadata={"description": "the refused service"})
    find = fields.String(metadata={"description": "from POST /denials/search"})
    at_stake_to = fields.String(metadata={"description": "dollars, inclusive"})
    at_stake_from = fields.String(metadata={"description": "dollars, inclusive"})
    claim = fields.String(metadata={"description": "public id or control number"})


class AssignRequest(Schema):
    """Who gets the case, and which version of it was seen."""

    owner = fields.String(required=True, validate=validate.OneOf(("me", "nobody")))
    version = fields.Integer(required=True, validate=validate.Range(1, 2**31 - 1))


class CaseView(Schema):
    """A case of the list."""

    id = fields.String(attribute="public_id", required=True)
    claim = fields.String(metadata={"description": "public id of the claim"})
    control = fields.String()
    payer = fields.String()
    category = fields.String()
    group = fields.String()
    carc = fields.String()
    rarc = fields.String(allow_none=True)
    next_action = fields.String()
    state = fields.String()
    round = fields.Integer()
    origin = fields.String()
    denied = Dollars()
    at_stake = Dollars()
    recovered = Dollars()
    denied_on = fields.Date()
    legal_due = fields.Date(allow_none=True)
    internal_due = fields.Date(allow_none=True)
    appeal_by = fields.Date(allow_none=True)
    file_by = fields.Date(allow_none=True)
    follow_up = fields.Date(allow_none=True)
    root_cause = fields.String()
    touched_at = fields.AwareDateTime(format="iso", allow_none=True)
    score = fields.Integer()
    owner = fields.String(allow_none=True)
    patient_hold = fields.Boolean()
    outcome = fields.String(allow_none=True)
    version = fields.Integer()


class CasePage(Schema):
    """A page of cases; `next` is empty on the last."""

    rows = fields.List(fields.Nested(CaseView))
    next = fields.String()


class ItemView(Schema):
    """One refused adjustment and where it stands."""

    code = fields.String()
    round = fields.Integer()
    group = fields.String()
    carc = fields.String()
    remarks = fields.String(attribute="rarcs")
    charge = Dollars()
    denied = Dollars(attribute="cents")
    withdrawn = fields.Boolean()
    byte = fields.Integer()
    element = fields.Integer()


class EventView(Schema):
    """Something that happened to a case."""

    at = fields.AwareDateTime(format="iso")
    actor = fields.String()
    move = fields.String()
    before = fields.String()
    after = fields.String()
    reason = fields.String()


class WholeCase(Schema):
    """A case with its proof and its history."""

    case = fields.Nested(CaseView, attribute="row")
    appealable = fields.String()
    evidence = fields.List(fields.String())
    letter = fields.String()
    level = fields.Integer()
    deadline = fields.Dict(keys=fields.String(), metadata={"description": "the proof of the due days"})
    items = fields.List(fields.Nested(ItemView))
    events = fields.List(fields.Nested(EventView))
    moves = fields.List(fields.String(), metadata={"description": "what a person may do with it now"})


class Assigned(Schema):
    """The case after the change."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)


class FiguresView(Schema):
    """charge = payer_paid + contractual + patient_responsibility + denied + other_adjustments."""

    charge = Dollars()
    allowed = Dollars()
    payer_paid = Dollars()
    contractual = Dollars()
    patient_responsibility = Dollars()
    denied = Dollars()
    other_adjustments = Dollars()
    payer_balance = Dollars()
    patient_balance = Dollars()
    status = fields.String()
    payer_claim_id = fields.String()


class AdjustmentView(Schema):
    """A CAS triplet; positive lowers the payment."""

    group = fields.String()
    carc = fields.String()
    amount = Dollars()
    denies = fields.Boolean()
    segment = fields.Integer()
    element = fields.Integer()


class AnsweredLine(Schema):
    """A line of an answer."""

    code = fields.String()
    modifiers = fields.String()
    units = fields.String()
    charge = Dollars()
    allowed = Dollars()
    paid = Dollars()
    segment = fields.Integer()
    adjustments = fields.List(fields.Nested(AdjustmentView))
    remarks = fields.List(fields.String())


class AnswerView(Schema):
    """What a payer said of the claim; `standing`: it is what holds now."""

    remit = fields.String()
    trace = fields.String()
    payer = fields.String()
    rank = fields.Integer()
    status = fields.String()
    state = fields.String()
    standing = fields.Boolean()
    payer_claim_id = fields.String(attribute="payer_control")
    charge = Dollars()
    allowed = Dollars()
    paid = Dollars()
    patient_responsibility = Dollars()
    denied = Dollars()
    effective_date = fields.Date()
    segment = fields.Integer()
    adjustments = fields.List(fields.Nested(AdjustmentView))
    lines = fields.List(fields.Nested(AnsweredLine))


class BilledLine(Schema):
    """A billed line."""

    number = fields.Integer()
    control = fields.String()
    code = fields.String()
    modifiers = fields.String()
    revenue = fields.String()
    units = fields.String()
    charge = Dollars()
    service_from = fields.Date(allow_none=True)
    live = fields.Boolean()
    segment = fields.Integer()


class VersionView(Schema):
    """The claim as sent once."""

    number = fields.Integer()
    control = fields.String()
    frequency = fields.String()
    sequence = fields.String()
    state = fields.String()
    charge = Dollars()
    payer = fields.String(allow_none=True)
    file = fields.String()
    lines = fields.List(fields.Nested(BilledLine))


class WholeClaim(Schema):
    """A claim with all that happened to it; its entries: /claims/{id}/entries."""

    id = fields.String(attribute="head.public_id")
    control = fields.String(attribute="head.control")
    entity = fields.String(attribute="head.entity")
    patient = fields.String(attribute="head.patient")
    service_from = fields.Date(attribute="head.service_from", allow_none=True)
    service_to = fields.Date(attribute="head.service_to", allow_none=True)
    figures = fields.Nested(FiguresView)
    versions = fields.List(fields.Nested(VersionView))
    answers = fields.List(fields.Nested(AnswerView))
    denials = fields.List(fields.Nested(CaseView))
