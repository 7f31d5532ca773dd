"""What the API says of underpayments."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest
from app.underpayments.lifecycle import BY_HAND


class UnderpaymentsRequest(ListRequest):
    """A page of underpayments and its filters; absent means any, and open ones only."""

    state = fields.String(metadata={"description": "a state, `open` (as when absent) or `all`"})
    cause = fields.String()
    kind = fields.String(metadata={"description": "underpaid or overpaid"})
    payer = fields.String(metadata={"description": "public id"})
    project = fields.String(metadata={"description": "public id"})
    owner = fields.String(metadata={"description": "`me`, `nobody` or a person's public id"})
    amount_from = fields.String(metadata={"description": "dollars, inclusive"})
    claim = fields.String(metadata={"description": "public id or control number"})
    code = fields.String()
    pattern = fields.String(metadata={"description": "`systematic` or `one_off`"})
    limit_by = fields.Date()


class UnderpaymentView(Schema):
    """An underpayment of the list."""

    id = fields.String(attribute="public_id", required=True)
    claim = fields.String(metadata={"description": "public id of the claim"})
    control = fields.String()
    payer = fields.String()
    schedule = fields.String(metadata={"description": "the version of the schedule that priced it"})
    kind = fields.String()
    code = fields.String()
    modifiers = fields.String()
    expected = Dollars()
    actual = Dollars()
    variance = Dollars(metadata={"description": "expected less actual"})
    recovered = Dollars()
    cause = fields.String()
    systematic = fields.Boolean()
    project = fields.String(attribute="project_id", metadata={"description": "public id, or empty"})
    state = fields.String()
    service_on = fields.Date()
    remit_on = fields.Date()
    limit_on = fields.Date(metadata={"description": "the last day to dispute"})
    owner = fields.String()
    version = fields.Integer()


class UnderpaymentPage(Schema):
    """A page of underpayments; `next` is empty on the last."""

    rows = fields.List(fields.Nested(UnderpaymentView))
    next = fields.String()


class CalculationView(Schema):
    """A judged line: its figures and the calculation, step by step."""

    line = fields.Integer(attribute="line_number", metadata={"description": "0: the claim as a whole"})
    code = fields.String()
    modifiers = fields.String()
    setting = fields.String()
    units = fields.String()
    charge = Dollars()
    expected = Dollars(allow_none=True)
    actual = Dollars()
    variance = Dollars(allow_none=True)
    expected_paid = Dollars(allow_none=True)
    paid = Dollars()
    class_ = fields.String(data_key="class")
    cause = fields.String()
    reason = fields.String()
    terms = fields.String()
    steps = fields.List(fields.String())


class UnderpaymentStep(Schema):
    """Something that happened to an underpayment."""

    at = fields.AwareDateTime(format="iso")
    actor = fields.String()
    move = fields.String()
    before = fields.String()
    after = fields.String()
    reason = fields.String()


class WholeUnderpayment(Schema):
    """An underpayment with its calculation and its history."""

    underpayment = fields.Nested(UnderpaymentView, attribute="row")
    identified = Dollars()
    outcome = fields.String(allow_none=True)
    follow_up = fields.Date(allow_none=True)
    calculation = fields.Nested(CalculationView, attribute="variance")
    events = fields.List(fields.Nested(UnderpaymentStep))
    moves = fields.List(fields.String())


class MoveRequest(Schema):
    """A step by hand, and which version was seen."""

    move = fields.String(required=True, validate=validate.OneOf(sorted(one.value for one in BY_HAND)))
    version = fields.Integer(required=True, validate=validate.Range(1, 2**31 - 1))
    reason = fields.String(load_default="", validate=validate.Length(max=200))
    until = fields.Date(load_default=None)


class OwnerRequest(Schema):
    """Who gets it, and which version was seen."""

    owner = fields.String(required=True, validate=validate.OneOf(("me", "nobody")))
    version = fields.Integer(required=True, validate=validate.Range(1, 2**31 - 1))


class Moved(Schema):
    """The underpayment after the change."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)


class ChosenCase(Schema):
    """One of those put into a project, and which version was seen."""

    id = fields.String(required=True, validate=validate.Length(max=20))
    version = fields.Integer(required=True, validate=validate.Range(1, 2**31 - 1))


class GroupRequest(Schema):
    """Validated underpayments of one payer and cause, and the project they go to."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=120))
    cases = fields.List(fields.Nested(ChosenCase), required=True, validate=validate.Length(min=1, max=200))


class ProjectMade(Schema):
    """The project."""

    id = fields.String(required=True)


class PatternView(Schema):
    """What lines paid short have in common."""

    payer = fields.String()
    code = fields.String()
    modifiers = fields.String()
    setting = fields.String()
    cause = fields.String()
    lines = fields.Integer()
    underpaid = fields.Integer()
    total = Dollars()
    ratio = fields.String()
    systematic = fields.Boolean()
    measured_on = fields.Date()


class Patterns(Schema):
    """Every pattern that stands."""

    rows = fields.List(fields.Nested(PatternView))


class ClaimCalculations(Schema):
    """The judged lines of a claim."""

    rows = fields.List(fields.Nested(CalculationView))
