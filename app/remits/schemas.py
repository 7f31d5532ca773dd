"""What the API says of remits. Money is a text with two decimals, days are ISO, ids are public.

`at` is where an amount stands: segment 1-based over the file, its first byte 0-based, the element's index.
"""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest

VERSION = validate.Range(1, 2**31 - 1)
REASON = validate.Length(1, 200)
PUBLIC_ID = validate.Length(1, 40)


class RemitsRequest(ListRequest):
    """Filters of remits; absent means any."""

    payer = fields.String()
    trace = fields.String()
    date_from = fields.Date()
    date_to = fields.Date()
    state = fields.String()


class RemitClaimsRequest(ListRequest):
    """Which claims of a remit; absent means all."""

    show = fields.String(validate=validate.OneOf(("parked", "denied", "reversal")))


class ExceptionsRequest(ListRequest):
    """Filters of exceptions; absent means the open ones of the queue `exceptions`."""

    queue = fields.String(validate=validate.OneOf(("exceptions", "plb")))
    reason = fields.String()
    owner = fields.String(validate=validate.OneOf(("me", "nobody")))
    payer = fields.String()
    amount_from = fields.String(metadata={"description": "dollars, inclusive"})
    age = fields.Integer(validate=validate.Range(0, 99_999), metadata={"description": "days at least"})
    state = fields.String(validate=validate.OneOf(("open", "done", "all")))


class PlaceView(Schema):
    """Where an amount stands in the file."""

    segment = fields.Integer()
    byte = fields.Integer()
    element = fields.Integer()


class RemitView(Schema):
    """A posted payment of the list."""

    id = fields.String(attribute="public_id", required=True)
    payer = fields.String()
    trace = fields.String()
    method = fields.String()
    paid = Dollars()
    effective_date = fields.Date()
    claims = fields.Integer()
    parked = fields.Integer()
    claims_paid = Dollars()
    provider_total = Dollars()
    state = fields.String()
    file = fields.String()
    recorded_at = fields.AwareDateTime(format="iso")


class RemitsPage(Schema):
    """A page of remits."""

    rows = fields.List(fields.Nested(RemitView), required=True)
    next = fields.String()


class ProviderAdjustmentView(Schema):
    """A PLB pair; positive lowers the payment."""

    id = fields.String(attribute="public_id")
    code = fields.String()
    label = fields.String()
    reference = fields.String()
    provider = fields.String()
    fiscal_date = fields.Date(allow_none=True)
    amount = Dollars()
    account = fields.Integer()
    state = fields.String()
    at = fields.Nested(PlaceView)


class WholeRemit(Schema):
    """A payment: claims paid, less PLB, is what was paid; read from its bytes until posted."""

    id = fields.String(attribute="remit", metadata={"description": "empty while nothing of it is posted"})
    transaction = fields.String(required=True)
    posted = fields.Boolean()
    state = fields.String(required=True)
    reason = fields.String(allow_none=True)
    explanation = fields.String(allow_none=True)
    file = fields.String()
    payer = fields.String()
    payer_company = fields.String()
    trace = fields.String()
    method = fields.String()
    paid = Dollars(allow_none=True)
    claims_paid = Dollars(allow_none=True)
    provider_total = Dollars(allow_none=True)
    issued = fields.Date(allow_none=True)
    produced = fields.Date(allow_none=True)
    effective_date = fields.Date(allow_none=True)
    payee_npi = fields.String()
    claims = fields.Integer()
    parked = fields.Integer()
    version = fields.Integer()
    provider_adjustments = fields.List(fields.Nested(ProviderAdjustmentView))


class RemitClaimRow(Schema):
    """A claim of a payment; its id is its segment number while nothing of the payment is posted."""

    id = fields.String(attribute="public_id", required=True)
    control = fields.String()
    payer_control = fields.String()
    patient = fields.String()
    status = fields.String(metadata={"description": "CLP02"})
    charge = Dollars()
    paid = Dollars()
    patient_responsibility = Dollars()
    adjusted = Dollars()
    state = fields.String()
    reason = fields.String(allow_none=True)
    denied = fields.Boolean()
    segment = fields.Integer()
    service_from = fields.Date(allow_none=True)


class RemitClaimsPage(Schema):
    """A page of the claims of a payment."""

    rows = fields.List(fields.Nested(RemitClaimRow), required=True)
    next = fields.String()


class RemitAdjustmentView(Schema):
    """A CAS triplet and what it did to the ledger."""

    group = fields.String()
    carc = fields.String()
    amount = Dollars()
    quantity = fields.String(allow_none=True)
    effect = fields.String()
    category = fields.String()
    denies = fields.Boolean()
    label = fields.String()
    at = fields.Nested(PlaceView)


class RemarkCodeView(Schema):
    """A remark code."""

    list = fields.String()
    code = fields.String()
    label = fields.String()
    segment = fields.Integer()


class RemitLineView(Schema):
    """One SVC."""

    code = fields.String()
    modifiers = fields.String()
    revenue = fields.String()
    units = fields.String()
    charge = Dollars()
    paid = Dollars()
    allowed = Dollars(allow_none=True)
    service_from = fields.Date(allow_none=True)
    match_how = fields.String(allow_none=True)
    charge_at = fields.Nested(PlaceView)
    paid_at = fields.Nested(PlaceView)
    adjustments = fields.List(fields.Nested(RemitAdjustmentView))
    remarks = fields.List(fields.Nested(RemarkCodeView))


class RemitEntryView(Schema):
    """A ledger entry of the claim. `here` is false when its source stands in another file."""

    event = fields.String()
    debit = fields.String()
    credit = fields.String()
    amount = Dollars()
    effective_date = fields.Date()
    reverses = fields.Boolean()
    here = fields.Boolean()
    at = fields.Nested(PlaceView)


class RawSegmentView(Schema):
    """One segment as it stands in the file."""

    number = fields.Integer()
    byte = fields.Integer()
    text = fields.String()


class SuggestionView(Schema):
    """A claim of ours it may be for; score of 100."""

    claim = fields.String()
    control = fields.String()
    patient = fields.String()
    service_from = fields.Date(allow_none=True)
    charge = Dollars()
    open = Dollars()
    score = fields.Integer()
    reasons = fields.List(fields.String())


class WholeRemitClaim(Schema):
    """One claim of a payment with everything behind it."""

    id = fields.String(attribute="public_id", required=True)
    remit = fields.String()
    control = fields.String()
    payer_control = fields.String()
    patient = fields.String()
    status = fields.String()
    state = fields.String()
    reason = fields.String(allow_none=True)
    match = fields.String()
    match_score = fields.Integer(allow_none=True)
    claim = fields.String(metadata={"description": "our claim; empty when none is matched"})
    charge = Dollars()
    paid = Dollars()
    patient_responsibility = Dollars(allow_none=True)
    service_from = fields.Date(allow_none=True)
    charge_at = fields.Nested(PlaceView)
    paid_at = fields.Nested(PlaceView)
    version = fields.Integer()
    lines = fields.List(fields.Nested(RemitLineView))
    adjustments = fields.List(fields.Nested(RemitAdjustmentView))
    remarks = fields.List(fields.Nested(RemarkCodeView))
    entries = fields.List(fields.Nested(RemitEntryView))
    raw = fields.List(fields.Nested(RawSegmentView))
    suggestions = fields.List(fields.Nested(SuggestionView))


class ExceptionView(Schema):
    """Something that waits for a person."""

    id = fields.String(attribute="public_id", required=True)
    version = fields.Integer()
    queue = fields.String()
    kind = fields.String()
    reason = fields.String()
    words = fields.String()
    amount = Dollars()
    payer = fields.String()
    trace = fields.String()
    patient = fields.String()
    control = fields.String()
    service_from = fields.Date(allow_none=True)
    opened_at = fields.AwareDateTime(format="iso")
    due = fields.Date(allow_none=True)
    owner = fields.String(allow_none=True)
    state = fields.String()
    remit = fields.String()
    remit_claim = fields.String()
    transaction = fields.String()
    suggestion = fields.String()


class ExceptionsPage(Schema):
    """A page of exceptions."""

    rows = fields.List(fields.Nested(ExceptionView), required=True)
    next = fields.String()


class LinkRequest(Schema):
    """Which claim of ours a parked payment is for."""

    claim = fields.String(required=True, validate=PUBLIC_ID)
    version = fields.Integer(required=True, validate=VERSION)


class ReasonRequest(Schema):
    """Why, and the version that was looked at."""

    reason = fields.String(required=True, validate=REASON)
    version = fields.Integer(required=True, validate=VERSION)


class SplitPart(Schema):
    """A claim and its part of the payment, in dollars."""

    claim = fields.String(required=True, validate=PUBLIC_ID)
    amount = fields.String(required=True, validate=validate.Length(1, 20))


class SplitRequest(Schema):
    """The parts; they add up to the payment."""

    parts = fields.List(fields.Nested(SplitPart), required=True, validate=validate.Length(2, 50))
    version = fields.Integer(required=True, validate=VERSION)


class RemitClaimDecided(Schema):
    """Where the payment line stands now."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)


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
