"""What the API says of accounts ready for an agency."""

from marshmallow import Schema, fields

from app.kernel.schemas import Dollars, ListRequest


class PlacementsRequest(ListRequest):
    """A page of candidates and its filters; absent means any."""

    show = fields.String(metadata={"description": "all (as when absent), ready or blocked"})
    entity = fields.String(metadata={"description": "public id"})
    state = fields.String(metadata={"description": "of the guarantor's address, two letters"})
    least = fields.String(metadata={"description": "dollars due, inclusive"})


class LightView(Schema):
    """A light of the scrub; `on` is the day it turns green by itself."""

    code = fields.String()
    label = fields.String()
    green = fields.Boolean()
    words = fields.String()
    on = fields.Date(allow_none=True)
    unblock = fields.String()


class CandidateView(Schema):
    """An account in pre-collection and what its scrub says."""

    id = fields.String(attribute="public_id", required=True, metadata={"description": "of the account"})
    number = fields.String()
    name = fields.String()
    state = fields.String()
    due = Dollars()
    waiting = Dollars(metadata={"description": "waits for insurance"})
    stage = fields.String()
    first_on = fields.Date(allow_none=True, metadata={"description": "first statement of this episode"})
    notice_on = fields.Date(allow_none=True, metadata={"description": "final notice"})
    earliest = fields.Date(allow_none=True, metadata={"description": "first day the calendar allows"})
    ready = fields.Boolean(metadata={"description": "every light is green"})
    lights = fields.List(fields.Nested(LightView))


class CandidatePage(Schema):
    """A page of candidates; `next` is empty on the last."""

    rows = fields.List(fields.Nested(CandidateView))
    next = fields.String()
