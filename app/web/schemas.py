"""What the API says of a day's work."""

from marshmallow import Schema, fields, validate

from app.flows.hand_over import MOST
from app.kernel.schemas import Dollars


class DayRequest(Schema):
    """Whose day; absent means mine."""

    view = fields.String(validate=validate.OneOf(("me", "team")), load_default="me")


class QueueView(Schema):
    """One queue: `late` was due before today, `soon` within seven days, `unowned` belongs to nobody."""

    queue = fields.String(required=True)
    count = fields.Integer()
    amount = Dollars()
    oldest = fields.AwareDateTime(allow_none=True)
    late = fields.Integer()
    soon = fields.Integer()
    unowned = fields.Integer()


class PromiseView(Schema):
    """What a payer promised for today or before, and has not done."""

    id = fields.String(attribute="public_id", required=True)
    payer = fields.String()
    subject = fields.String()
    made_on = fields.Date()
    promised_on = fields.Date()
    amount = Dollars(allow_none=True)
    author = fields.String()


class DayView(Schema):
    """What waits on a day."""

    on = fields.Date(required=True)
    queues = fields.List(fields.Nested(QueueView))
    promises = fields.List(fields.Nested(PromiseView))


class HandOverRequest(Schema):
    """Give work of a queue to somebody; a person by public id, or `nobody`."""

    queue = fields.String(required=True, validate=validate.Length(max=24))
    giver = fields.String(required=True, data_key="from", validate=validate.Length(max=20))
    taker = fields.String(required=True, data_key="to", validate=validate.Length(max=20))
    most = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST))


class HandOverView(Schema):
    """How many items have a new owner."""

    count = fields.Integer(required=True)
