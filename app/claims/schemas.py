"""What the API says of claims in a list. A claim as a whole is told with its denials."""

from marshmallow import Schema, fields, validate

from app.claims.lifecycle import State
from app.kernel.schemas import Dollars, ListRequest

STATES = tuple(state.value for state in State)
STANDINGS = ("with_payer", "with_patient", "with_both", "settled", "credit", "undone")


class ClaimsRequest(ListRequest):
    """A page of claims and its filters; absent means any."""

    entity = fields.String()
    payer = fields.String(metadata={"description": "public id of the primary payer"})
    standing = fields.String(validate=validate.OneOf(STANDINGS))
    state = fields.String(validate=validate.OneOf(STATES))
    control = fields.String(metadata={"description": "how the control number begins"})
    first = fields.Date(data_key="from", metadata={"description": "first day of service, inclusive"})
    last = fields.Date(data_key="to")
    charge_from = fields.String(metadata={"description": "dollars, inclusive"})
    charge_to = fields.String()


class ClaimView(Schema):
    """A claim of the list."""

    id = fields.String(attribute="public_id", required=True)
    entity = fields.String(required=True)
    control = fields.String(required=True)
    kind = fields.String(metadata={"description": "P professional, I institutional, D dental"})
    patient = fields.String()
    payer = fields.String(allow_none=True)
    service_from = fields.Date(allow_none=True)
    service_to = fields.Date(allow_none=True)
    charge = Dollars()
    payer_balance = Dollars()
    patient_balance = Dollars()
    standing = fields.String()
    state = fields.String(metadata={"description": "where it is on its way to payment"})
    since = fields.Date(allow_none=True)


class ClaimsPage(Schema):
    """A page of claims; `next` is empty on the last."""

    rows = fields.List(fields.Nested(ClaimView))
    next = fields.String()
