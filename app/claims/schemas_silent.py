"""What the API says of silent claims."""

from marshmallow import Schema, fields, validate

from app.claims.lifecycle import Track
from app.claims.schemas_answers import WorkSaid
from app.kernel.schemas import Dollars, ListRequest

TRACKS = tuple(one.value for one in Track)


class SilentRequest(ListRequest):
    """A page of silent claims and its filters; absent means any, and those not put aside."""

    entity = fields.String()
    payer = fields.String()
    provider = fields.String(metadata={"description": "NPI"})
    days_from = fields.Integer(validate=validate.Range(0, 9999))
    days_to = fields.Integer(validate=validate.Range(0, 9999))
    since = fields.String(validate=validate.OneOf(["sent", "first_sent"]))
    track = fields.String(validate=validate.OneOf(TRACKS))
    owner = fields.String(metadata={"description": "me, nobody, or a person's id"})
    suppressed = fields.String(validate=validate.OneOf(["no", "yes", "all"]))


class SilentView(Schema):
    """A silent claim of the list."""

    id = fields.String(attribute="public_id", required=True)
    entity = fields.String()
    claim = fields.String(metadata={"description": "control number"})
    claim_id = fields.String(attribute="claim_public")
    kind = fields.String(metadata={"description": "P professional, I institutional, D dental"})
    provider_npi = fields.String()
    payer = fields.String(allow_none=True)
    patient = fields.String()
    service_from = fields.Date(allow_none=True)
    sent = fields.Date()
    first_sent = fields.Date()
    amount = Dollars()
    days = fields.Integer()
    expected_by = fields.Date()
    escalate_on = fields.Date()
    basis = fields.String(metadata={"description": "lag: this payer's own days; default: the usual ones"})
    waited = fields.String()
    track = fields.String()
    track_on = fields.Date(allow_none=True)
    suppressed_until = fields.Date(allow_none=True)
    suppressed_reason = fields.String()
    owner = fields.String(allow_none=True)
    open = fields.Boolean()
    outcome = fields.String()
    version = fields.Integer()


class SilentPage(Schema):
    """A page of silent claims; `next` is empty on the last."""

    rows = fields.List(fields.Nested(SilentView))
    next = fields.String()


class PayerHint(Schema):
    """The payer's last answer to a question (277)."""

    day = fields.Date()
    label = fields.String()
    codes = fields.String()
    paid = Dollars(allow_none=True)
    finalized = fields.Date(allow_none=True)
    remitted = fields.Date(allow_none=True)
    trace = fields.String()


class WholeSilent(Schema):
    """A silent claim with what the payer and we said about it."""

    claim = fields.Nested(SilentView)
    answer = fields.Nested(PayerHint, allow_none=True)
    said = fields.List(fields.Nested(WorkSaid))


class SilentOwnerRequest(Schema):
    """Take it, or give it back."""

    owner = fields.String(required=True, validate=validate.OneOf(["me", "nobody"]))


class TrackRequest(Schema):
    """What was done."""

    status = fields.String(required=True, validate=validate.OneOf(TRACKS))
    version = fields.Integer(required=True, strict=True)


class AsideRequest(Schema):
    """Put it aside until a day."""

    until = fields.Date(required=True)
    reason = fields.String(required=True, validate=validate.Length(1, 200))
    version = fields.Integer(required=True, strict=True)
