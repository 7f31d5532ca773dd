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
