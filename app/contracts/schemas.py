"""What the API says of fee schedules and terms."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest


class ScheduleRowView(Schema):
    """A version of a payer's schedule."""

    id = fields.String(attribute="public_id", required=True)
    payer = fields.String(metadata={"description": "the payer's number"})
    version = fields.Integer(attribute="number")
    name = fields.String()
    rows = fields.Integer()
    standing = fields.Integer(metadata={"description": "rows no later file has corrected"})
    first = fields.Date(allow_none=True)
    last = fields.Date(allow_none=True)
    author = fields.String()
    recorded_at = fields.AwareDateTime(format="iso")


class Schedules(Schema):
    """Every version of every schedule."""

    rows = fields.List(fields.Nested(ScheduleRowView))


class FeesRequest(ListRequest):
    """A page of the rows of a schedule and its filters."""

    code = fields.String()
    modifier = fields.String()
    setting = fields.String()
    on = fields.Date(metadata={"description": "rows in force on this day"})
    standing = fields.String(metadata={"description": "`all`: also rows a later file corrected"})


class FeeView(Schema):
    """A row of a schedule; effective_to is its last day in force."""

    code_type = fields.String()
    code = fields.String()
    modifier = fields.String()
    setting = fields.String()
    allowed = Dollars()
    effective_from = fields.Date()
    effective_to = fields.Date(allow_none=True)
    line = fields.Integer(metadata={"description": "row of the file"})
    state = fields.String()


class FeePage(Schema):
    """A page of rows; `next` is empty on the last."""

    rows = fields.List(fields.Nested(FeeView))
    next = fields.String()


class FindingView(Schema):
    """What is wrong at a row and a column; level `note` loads all the same."""

    row = fields.Integer()
    column = fields.String()
    code = fields.String()
    text = fields.String()
    level = fields.String()


class ImportRequest(Schema):
    """How to load a file of fees."""

    preview = fields.Boolean(load_default=False)
    strict = fields.Boolean(load_default=False)
    entity = fields.String(
        load_default="", metadata={"description": "public id; empty: every entity you may write"}
    )


class ImportOutcome(Schema):
    """What a file did, or would do; the first 500 findings."""

    id = fields.String(attribute="public_id")
    name = fields.String()
    rows = fields.Integer()
    added = fields.Integer()
    changed = fields.Integer()
    same = fields.Integer()
    bad = fields.Integer()
    already = fields.Boolean()
    findings = fields.List(fields.Nested(FindingView))


class ImportOutcomes(Schema):
    """One outcome for each billing entity."""

    outcomes = fields.List(fields.Nested(ImportOutcome))


class ContractTermsRequest(Schema):
    """Terms with a payer from a day on."""

    entity = fields.String(
        load_default="", metadata={"description": "public id; needed when you have several"}
    )
    payer = fields.String(load_default="", validate=validate.Length(max=80),
                          metadata={"description": "the payer's number; empty: every payer"})  # fmt: skip
    terms = fields.Dict(keys=fields.String(), required=True)
    effective_from = fields.Date(required=True)
    effective_to = fields.Date(load_default=None)


class ContractTermView(Schema):
    """Terms of our own."""

    id = fields.String(attribute="public_id", required=True)
    payer = fields.String()
    terms = fields.Dict(keys=fields.String())
    effective_from = fields.Date()
    effective_to = fields.Date(allow_none=True)
    author = fields.String()


class AllContractTerms(Schema):
    """Every row of terms that stands."""

    rows = fields.List(fields.Nested(ContractTermView))


class Made(Schema):
    """What was made."""

    id = fields.String(required=True)


class EndTermsRequest(Schema):
    """The first day the terms no longer hold."""

    on = fields.Date(required=True)
