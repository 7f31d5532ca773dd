"""What the API says of EOBs and of paper EOBs as they are keyed. Shapes as in `schemas.py`."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest
from app.remits.schemas import VERSION, RemarkCodeView, RemitAdjustmentView


class EobRequest(Schema):
    """In which language."""

    lang = fields.String(load_default="en", validate=validate.OneOf(("en", "es")))


class EobSegment(Schema):
    """A segment as it stands in the file."""

    number = fields.Integer()
    byte = fields.Integer()
    text = fields.String()


class EobLineView(Schema):
    """A service line with its sums and its segments."""

    number = fields.Integer()
    service_from = fields.Date(attribute="view.service_from", allow_none=True)
    code = fields.String(attribute="view.code")
    modifiers = fields.String(attribute="view.modifiers")
    revenue = fields.String(attribute="view.revenue")
    units = fields.String(attribute="view.units")
    charge = Dollars(attribute="view.charge")
    allowed = Dollars(attribute="view.allowed", allow_none=True)
    adjusted = Dollars()
    paid = Dollars(attribute="view.paid")
    patient_share = Dollars(attribute="share")
    adjustments = fields.List(fields.Nested(RemitAdjustmentView), attribute="view.adjustments")
    remarks = fields.List(fields.Nested(RemarkCodeView), attribute="view.remarks")
    raw = fields.List(fields.Nested(EobSegment))


class EobView(Schema):
    """The EOB of one claim; charge less adjusted is paid, the patient's share is a part of adjusted."""

    id = fields.String(attribute="claim.public_id", required=True)
    remit = fields.String(attribute="head.remit")
    standing = fields.String(metadata={"description": "empty for an answer that simply stands"})
    payer = fields.String(attribute="head.payer")
    payer_company = fields.String(attribute="head.payer_company")
    payee = fields.String()
    payee_npi = fields.String(attribute="head.payee_npi")
    trace = fields.String(attribute="head.trace")
    method = fields.String(attribute="head.method")
    issued = fields.Date(attribute="head.issued", allow_none=True)
    patient = fields.String(attribute="claim.patient")
    subscriber = fields.String(metadata={"description": "empty when it is the patient"})
    member = fields.String(metadata={"description": "its last four signs without the right members.read"})
    control = fields.String(attribute="claim.control")
    payer_control = fields.String(attribute="claim.payer_control")
    status = fields.String(attribute="claim.status", metadata={"description": "CLP02"})
    state = fields.String(attribute="claim.state")
    service_from = fields.Date(attribute="claim.service_from", allow_none=True)
    charge = Dollars(attribute="claim.charge")
    allowed = Dollars(allow_none=True)
    adjusted = Dollars()
    paid = Dollars(attribute="claim.paid")
    patient_share = Dollars(attribute="share")
    off = Dollars(metadata={"description": "charge less adjusted less paid: the payer's own error"})
    adjustments = fields.List(fields.Nested(RemitAdjustmentView), attribute="claim.adjustments")
    remarks = fields.List(fields.Nested(RemarkCodeView), attribute="claim.remarks")
    lines = fields.List(fields.Nested(EobLineView))
    raw_header = fields.List(fields.Nested(EobSegment))
    raw_claim = fields.List(fields.Nested(EobSegment))


class KeyedBatchesRequest(ListRequest):
    """Filters of keyed batches; absent means all but those thrown away."""

    state = fields.String(validate=validate.OneOf(("draft", "waiting", "committed", "discarded")))
    mine = fields.String(validate=validate.OneOf(("me",)))


class KeyedStartRequest(Schema):
    """For which billing entity; may be left out when there is one."""

    entity = fields.String(load_default="", validate=validate.Length(0, 40))


class KeyedStarted(Schema):
    """A new batch."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)


class KeyedVersionRequest(Schema):
    """The version that was looked at."""

    version = fields.Integer(required=True, validate=VERSION)


class KeyedSaveRequest(KeyedVersionRequest):
    """The grid as typed: header and claims; what is wrong with it is answered, not refused."""

    body = fields.Dict(keys=fields.String(), required=True)


class KeyedSecondRequest(KeyedVersionRequest):
    """The totals as a second person reads them from the paper."""

    trace = fields.String(required=True, validate=validate.Length(1, 50))
    amount = fields.String(required=True, validate=validate.Length(1, 20))
    claims = fields.String(required=True, validate=validate.Length(1, 5))
    paid = fields.String(required=True, validate=validate.Length(1, 20))
    share = fields.String(required=True, validate=validate.Length(1, 20))


class KeyedProblem(Schema):
    """What is wrong: `claims.0.lines.1.paid`; hold keeps it from posting, warn does not."""

    field = fields.String()
    words = fields.String()
    does = fields.String()


class KeyedKept(Schema):
    """The version now, and what is wrong so far."""

    version = fields.Integer(required=True)
    problems = fields.List(fields.Nested(KeyedProblem))


class KeyedDecided(Schema):
    """Where the batch stands now; disagreed: totals the second person keyed otherwise."""

    state = fields.String(required=True)
    disagreed = fields.List(fields.String())


class KeyedBatchRow(Schema):
    """A keyed batch of the list."""

    id = fields.String(attribute="public_id", required=True)
    entity = fields.String()
    state = fields.String()
    version = fields.Integer()
    payer = fields.String()
    trace = fields.String()
    paid = Dollars()
    claims = fields.Integer()
    difference = Dollars(metadata={"description": "the check less what is keyed"})
    owner = fields.String()
    second_by = fields.String()
    scan = fields.String()
    posting = fields.String(metadata={"description": "state of the 835 it became"})
    transaction = fields.String()
    file = fields.String()
    saved_at = fields.AwareDateTime(format="iso")
    committed_at = fields.AwareDateTime(format="iso", allow_none=True)


class KeyedBatchView(KeyedBatchRow):
    """A keyed batch with its grid."""

    body = fields.Dict(keys=fields.String())
    disagreed = fields.List(fields.String())


class KeyedBatchesPage(Schema):
    """A page of keyed batches."""

    rows = fields.List(fields.Nested(KeyedBatchRow), required=True)
    next = fields.String()
