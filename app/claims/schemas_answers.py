"""What the API says of claims on their way: states, rejections, silence, what people did about them."""

from marshmallow import Schema, fields, validate

from app.claims.lifecycle import State, Track
from app.contacts.rules import OUTCOMES as CALL_OUTCOMES
from app.contacts.rules import TEXT_CHARACTERS
from app.kernel.schemas import Dollars, ListRequest

STATES = tuple(state.value for state in State)
TRACKS = tuple(one.value for one in Track)


class StateEventView(Schema):
    """A fact in the life of a claim; moved: false when it came too late to move it."""

    day = fields.Date(allow_none=True)
    state = fields.String()
    moved = fields.Boolean()
    move = fields.String()
    kind = fields.String(metadata={"description": "the kind of the document that says so"})
    words = fields.String()
    codes = fields.String(metadata={"description": "category:status:entity"})
    action = fields.String()
    instruction = fields.String()
    file = fields.String(metadata={"description": "public id of the document"})


class ClaimHistory(Schema):
    """Where a claim stands and how it came there."""

    state = fields.String(validate=validate.OneOf(STATES))
    since = fields.Date(allow_none=True)
    rows = fields.List(fields.Nested(StateEventView))


class RejectionsRequest(ListRequest):
    """A page of rejections and its filters; absent means any, and open ones."""

    entity = fields.String()
    kind = fields.String()
    payer = fields.String()
    code = fields.String(metadata={"description": "how the code begins, e.g. A7:562"})
    owner = fields.String(metadata={"description": "me, nobody, or a person's id"})
    state = fields.String(validate=validate.OneOf(["open", "done", "all"]))
    due_by = fields.Date()
    amount_from = fields.String(metadata={"description": "dollars, inclusive"})


class RejectionView(Schema):
    """A rejection of the list."""

    id = fields.String(attribute="public_id", required=True)
    entity = fields.String()
    kind = fields.String()
    subject = fields.String()
    code = fields.String()
    words = fields.String()
    action = fields.String()
    instruction = fields.String()
    payer = fields.String(allow_none=True)
    patient = fields.String()
    claim = fields.String(allow_none=True, metadata={"description": "control number"})
    claim_id = fields.String(attribute="claim_public", allow_none=True)
    file_id = fields.String(attribute="file_public", allow_none=True)
    claims = fields.Integer(metadata={"description": "how many a refused transaction holds"})
    amount = Dollars()
    opened_at = fields.AwareDateTime()
    age = fields.Integer(metadata={"description": "days"})
    due = fields.Date(allow_none=True)
    resubmitted_on = fields.Date(allow_none=True)
    owner = fields.String(allow_none=True)
    state = fields.String()
    outcome = fields.String(allow_none=True)
    version = fields.Integer()


class RejectionPage(Schema):
    """A page of rejections; `next` is empty on the last."""

    rows = fields.List(fields.Nested(RejectionView))
    next = fields.String()


class Objection(Schema):
    """One objection."""

    place = fields.String()
    words = fields.String()
    claim = fields.String()


class AnswerDocument(Schema):
    """The file that says so."""

    id = fields.String(attribute="public_id")
    name = fields.String()
    segment = fields.Integer()


class WorkSaid(Schema):
    """A note or a call."""

    kind = fields.String()
    at = fields.AwareDateTime()
    who = fields.String()
    text = fields.String()
    representative = fields.String()
    reference = fields.String()
    outcome = fields.String()
    promised_on = fields.Date(allow_none=True)
    struck = fields.Boolean()


class WholeRejection(Schema):
    """A rejection with everything known about it."""

    rejection = fields.Nested(RejectionView)
    details = fields.List(fields.Nested(Objection))
    document = fields.Nested(AnswerDocument, allow_none=True)
    own_words = fields.String()
    said = fields.List(fields.Nested(WorkSaid))


class WorkOwner(Schema):
    """Take it, or give it back."""

    owner = fields.String(required=True, validate=validate.OneOf(["me", "nobody"]))
    version = fields.Integer(required=True, strict=True)


class FinishRejection(Schema):
    """What became of it."""

    outcome = fields.String(required=True, validate=validate.Length(1, 40))
    version = fields.Integer(required=True, strict=True)


class WorkVersion(Schema):
    """The new version."""

    id = fields.String()
    version = fields.Integer()


class WorkNote(Schema):
    """A note."""

    text = fields.String(required=True, validate=validate.Length(1, TEXT_CHARACTERS))


class WorkCall(Schema):
    """A call with a payer or clearinghouse."""

    representative = fields.String(load_default="", validate=validate.Length(max=80))
    reference = fields.String(load_default="", validate=validate.Length(max=60))
    outcome = fields.String(load_default="other", validate=validate.OneOf(tuple(CALL_OUTCOMES)))
    promised_on = fields.Date(load_default=None, allow_none=True)
    promised_amount = fields.String(load_default=None, allow_none=True, metadata={"description": "dollars"})
    note = fields.String(load_default="", validate=validate.Length(max=TEXT_CHARACTERS))


class WorkWritten(Schema):
    """It is written down."""

    id = fields.String()


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
