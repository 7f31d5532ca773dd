"""What the API of webhooks takes and returns."""

from marshmallow import Schema, fields, validate

from app.hooks.rules import EVERYTHING, KINDS, DeliveryState
from app.kernel.schemas import PageRequest

_KINDS = fields.List(
    fields.String(validate=validate.OneOf([EVERYTHING, *KINDS])),
    validate=validate.Length(1, len(KINDS)),
    metadata={"description": "what to be told about; `*` is everything"},
)


class HookRequest(Schema):
    """A receiver to name."""

    entity = fields.String(required=True, validate=validate.Length(1, 40))
    url = fields.String(required=True, validate=validate.Length(1, 400))
    kinds = _KINDS


class HookChange(Schema):
    """A receiver as it shall be."""

    url = fields.String(required=True, validate=validate.Length(1, 400))
    kinds = _KINDS
    active = fields.Boolean(required=True, truthy={True}, falsy={False})
    version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31))


class HookMade(Schema):
    """The new receiver; the secret is shown this once."""

    id = fields.String(required=True, attribute="public_id")
    secret = fields.String(required=True)


class HookShown(Schema):
    """A receiver."""

    id = fields.String(required=True, attribute="public_id")
    entity = fields.String(required=True)
    url = fields.String(required=True)
    kinds = fields.List(fields.String(), required=True)
    active = fields.Boolean(required=True)
    author = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True, format="iso")
    ended_why = fields.String(allow_none=True)
    version = fields.Integer(required=True)


class HookList(Schema):
    """Every receiver in scope."""

    rows = fields.List(fields.Nested(HookShown), required=True)


class DeliveriesRequest(PageRequest):
    """Which deliveries."""

    hook = fields.String(load_default="", validate=validate.Length(max=40))
    state = fields.String(load_default="", validate=validate.OneOf(["", *DeliveryState]))


class DeliveryShown(Schema):
    """A message and what became of it."""

    id = fields.String(required=True, attribute="public_id")
    hook = fields.String(required=True)
    events = fields.Integer(required=True)
    state = fields.String(required=True)
    tries = fields.Integer(required=True)
    status = fields.Integer(required=True)
    problem = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True, format="iso")
    next_at = fields.AwareDateTime(allow_none=True, format="iso")
    ended_at = fields.AwareDateTime(allow_none=True, format="iso")


class DeliveryPage(Schema):
    """A page of deliveries."""

    rows = fields.List(fields.Nested(DeliveryShown), required=True)
    next = fields.String(required=True)


class EventsRequest(PageRequest):
    """Which events."""

    kind = fields.String(load_default="", validate=validate.OneOf(["", *KINDS]))
    subject_id = fields.String(load_default="", validate=validate.Length(max=20))


class EventShown(Schema):
    """What happened."""

    id = fields.String(required=True, attribute="public_id")
    entity = fields.String(required=True)
    kind = fields.String(required=True)
    subject = fields.String(required=True)
    subject_id = fields.String(required=True)
    detail = fields.Dict(keys=fields.String(), required=True)
    at = fields.AwareDateTime(required=True, format="iso")


class EventPage(Schema):
    """A page of events, oldest first."""

    rows = fields.List(fields.Nested(EventShown), required=True)
    next = fields.String(required=True)
