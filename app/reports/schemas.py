"""What the API says of figures: each rate with its numerator and denominator."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest

REPORTS = ("ageing", "denials", "collection", "payments", "lag", "rejections")
LISTS = ("ageing", "first_remits", "cases", "cohort", "priced", "lag", "sent")


class ReportRequest(Schema):
    """Whose books, of which day; absent means all entities and the books of now."""

    entity = fields.String(metadata={"description": "public id of a billing entity"})
    as_of = fields.Date()
    known = fields.String(metadata={"description": "only what was recorded by this moment, UTC"})
    basis = fields.String(validate=validate.OneOf(("service", "billed")))
    by = fields.String(validate=validate.OneOf(("class", "payer")))
    first = fields.Date(data_key="from")
    last = fields.Date(data_key="to")


class MeasureView(Schema):
    """A rate. `value` to four decimals, null when there is nothing to divide by; days are of 90 days."""

    key = fields.String(attribute="measure.key")
    name = fields.String(attribute="measure.name")
    numerator = fields.Integer(metadata={"description": "cents, or a count"})
    denominator = fields.Integer()
    value = fields.String(attribute="kept", allow_none=True)
    shown = fields.String(attribute="text")


class ReportView(Schema):
    """A report's main table, with typed cells as its export has them, and its measures."""

    report = fields.String()
    as_of = fields.Date()
    rows = fields.List(fields.Dict(keys=fields.String()))
    measures = fields.List(fields.Nested(MeasureView))


class RowsRequest(ReportRequest, ListRequest):
    """A page of the list behind a figure, with the filters its links carry."""

    side = fields.String()
    class_ = fields.String(data_key="class")
    payer = fields.String()
    bucket = fields.String()
    month = fields.String()
    denied = fields.String()
    category = fields.String()
    standing = fields.String()
    paid = fields.String()
    stage = fields.String()
    way = fields.String()
    rejected = fields.String()


class RowsView(Schema):
    """The rows, the count and the totals of the whole list; `next` is empty on the last page."""

    rows = fields.List(fields.Dict(keys=fields.String()))
    count = fields.Integer()
    totals = fields.Dict(keys=fields.String(), values=Dollars())
    next = fields.String()
