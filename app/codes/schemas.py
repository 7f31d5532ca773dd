"""What the API says of codes."""

from marshmallow import Schema, fields, validate

LISTS = ("carc", "rarc", "plb", "category", "status")


class CodesRequest(Schema):
    """A list on a day."""

    list = fields.String(load_default="carc", validate=validate.OneOf(LISTS))
    on = fields.Date(metadata={"description": "today when absent"})
    q = fields.String(metadata={"description": "a code, or words of its label"})
    category = fields.String()
    entity = fields.String()


class CodeView(Schema):
    """A code as read on the day."""

    code = fields.String(required=True)
    label = fields.String()
    attributes = fields.Dict(keys=fields.String(), values=fields.String())
    ours = fields.Boolean()


class CodesView(Schema):
    """The codes of a list."""

    rows = fields.List(fields.Nested(CodeView))


class OwnRowView(Schema):
    """A dated row of ours."""

    attributes = fields.Dict()
    effective_from = fields.Date()
    effective_to = fields.Date(allow_none=True)
    author = fields.String()
    reason = fields.String()
    state = fields.String()


class WholeCode(Schema):
    """A code with every row of ours."""

    code = fields.String()
    attributes = fields.Dict(keys=fields.String(), values=fields.String())
    rows = fields.List(fields.Nested(OwnRowView))


class CodeChange(Schema):
    """Read a code differently from a day on; only what differs."""

    entity = fields.String()
    attributes = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.Length(max=200)), required=True
    )
    effective_from = fields.Date(required=True)
    effective_to = fields.Date(allow_none=True, load_default=None)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=200))
