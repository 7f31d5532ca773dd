"""What the API says of the road of a claim."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars
from app.rebill.lifecycle import Proof


class RoadStepView(Schema):
    """A station of the road."""

    day = fields.Date(allow_none=True)
    state = fields.String(required=True)
    words = fields.String()
    codes = fields.String(metadata={"description": "category:status:entity of a 277CA, or CLP02"})
    moved = fields.Boolean(metadata={"description": "false: it came too late to count"})
    kind = fields.String(metadata={"description": "of the document: 837, TA1, 999, 277CA, 277, 835"})
    number = fields.Integer(metadata={"description": "which billing it is, 0 for none"})
    file = fields.String(metadata={"description": "public id of the file that says so"})
    rebill = fields.String(metadata={"description": "public id of the submission"})
    remit = fields.String(metadata={"description": "public id of the decision"})
    billed = Dollars(allow_none=True)
    paid = Dollars(allow_none=True)
    share = Dollars(allow_none=True, metadata={"description": "what the payer left to the patient"})
    action = fields.String()


class BillingView(Schema):
    """One time the claim was billed; paid and share net of what was taken back."""

    number = fields.Integer(required=True)
    kind = fields.String()
    control = fields.String(metadata={"description": "CLM01"})
    payer = fields.String()
    sent_on = fields.Date(allow_none=True)
    batch = fields.String(metadata={"description": "public id, if we sent it"})
    file = fields.String()
    file_name = fields.String()
    state = fields.String()
    billed = Dollars()
    paid = Dollars()
    share = Dollars()
    open = Dollars(allow_none=True, metadata={"description": "of the one in force only"})


class RoadView(Schema):
    """The road of a claim, first station first."""

    claim = fields.String(required=True)
    state = fields.String(required=True)
    steps = fields.List(fields.Nested(RoadStepView))
    billings = fields.List(fields.Nested(BillingView))
    payer_open = Dollars()
    patient_open = Dollars()


class ProofView(Schema):
    """A proof of timely filing."""

    id = fields.String(attribute="public_id", required=True)
    kind = fields.String(validate=validate.OneOf([one.value for one in Proof]))
    words = fields.String()
    day = fields.Date()


class ProofsView(Schema):
    """The proofs of a claim, the best first."""

    rows = fields.List(fields.Nested(ProofView), required=True)
