"""What the API says of holds, attempts, promises, disputes, refusals and rules of law."""

from marshmallow import Schema, fields, validate

from app.contacts.lifecycle import (
    Act,
    Direction,
    DisputeMove,
    DisputeState,
    HoldKind,
    PatientPromiseState,
    Reach,
)
from app.contacts.rules_attempts import MARKS
from app.contacts.rules_disputes import OUTCOMES
from app.kernel.schemas import Dollars, ListRequest

VERSION = validate.Range(1, 2**31 - 1)
TEXT = validate.Length(0, 4_000)
SHORT = validate.Length(0, 200)
DOLLARS = validate.Regexp(r"^[0-9]{1,9}(\.[0-9]{1,2})?\Z")


class HoldRequest(Schema):
    """Something that stops acts on an account, or on one visit of it."""

    kind = fields.String(required=True, validate=validate.OneOf([one.value for one in HoldKind]))
    reason = fields.String(required=True, validate=SHORT)
    until = fields.Date(load_default=None, allow_none=True, metadata={"description": "no longer on this day"})
    claim = fields.String(load_default="", metadata={"description": "public id of the visit's claim"})
    detail = fields.Dict(
        keys=fields.String(), values=fields.String(), load_default=dict,
        metadata={"description": "what its kind asks for: court, case_number, attorney ..."},
    )  # fmt: skip


class HoldAnswer(Schema):
    """A hold."""

    id = fields.String(attribute="hold.public_id", required=True)
    kind = fields.String(attribute="hold.kind.value")
    label = fields.String(attribute="hold.label")
    reason = fields.String(attribute="hold.reason")
    visit = fields.Function(lambda row: row.hold.claim_id is not None, metadata={"type": "boolean"})
    starts = fields.Date(attribute="hold.starts")
    ends = fields.Date(attribute="hold.ends", allow_none=True)
    review_on = fields.Date(attribute="hold.review_on", allow_none=True)
    author = fields.String(attribute="hold.author")
    stops = fields.Function(
        lambda row: sorted(one.value for one in row.hold.stops),
        metadata={"type": "array", "items": {"type": "string"}},
    )
    state = fields.String()
    detail = fields.Dict(keys=fields.String(), values=fields.String())
    lifted_by = fields.String()
    lifted_why = fields.String()
    version = fields.Integer(attribute="hold.version")


class HoldList(Schema):
    """The holds of an account, ended ones too."""

    rows = fields.List(fields.Nested(HoldAnswer), required=True)


class HoldEndRequest(Schema):
    """Why it ends."""

    version = fields.Integer(required=True, validate=VERSION)
    why = fields.String(required=True, validate=SHORT)


class GuardQuery(Schema):
    """Which act is asked about."""

    act = fields.String(load_default="call", validate=validate.OneOf([one.value for one in Act]))
    point = fields.String(load_default="", metadata={"description": "public id of a number or address"})


class NoView(Schema):
    """A reason not to act."""

    rule = fields.String(required=True)
    words = fields.String()
    until = fields.AwareDateTime(allow_none=True)
    unblock = fields.String()


class GuardAnswer(Schema):
    """What stands against an act; nothing does when rows is empty."""

    rows = fields.List(fields.Nested(NoView), required=True)
    until = fields.AwareDateTime(allow_none=True, metadata={"description": "calls: until when today"})
    zone = fields.String(metadata={"description": "whose clock that is"})


class BeginRequest(Schema):
    """What is about to be tried."""

    reach = fields.String(required=True, validate=validate.OneOf(["call", "sms", "email"]))
    point = fields.String(load_default="", metadata={"description": "public id of the number or address"})
    consented = fields.String(
        load_default="", validate=SHORT,
        metadata={"description": "why they agreed to be called beyond the limits of frequency"},
    )  # fmt: skip
    to = fields.String(load_default="person", validate=validate.OneOf(["person", "attorney", "executor"]))
    purpose = fields.String(load_default="collect", validate=validate.OneOf(["collect", "answer"]))
    because = fields.String(
        load_default="", validate=validate.Length(0, 24),
        metadata={"description": "a code of `answers`: why a hold is passed, to answer or to who stands in"},
    )  # fmt: skip
    automatic = fields.Boolean(load_default=False)
    interpreter = fields.Boolean(load_default=False)


class TicketAnswer(Schema):
    """Leave to make one attempt, given back at the wrap-up."""

    ticket = fields.String(attribute="token", required=True)
    until = fields.AwareDateTime()


class AttemptDropRequest(Schema):
    """Nothing rang."""

    ticket = fields.String(required=True, validate=validate.Length(1, 2_000))


class GuarantorPromiseRequest(Schema):
    """An amount by a day."""

    amount = fields.String(required=True, validate=DOLLARS)
    promised_on = fields.Date(required=True)


class AttemptWrapRequest(Schema):
    """How an attempt ended."""

    reach = fields.String(required=True, validate=validate.OneOf([one.value for one in Reach]))
    direction = fields.String(load_default="out", validate=validate.OneOf([one.value for one in Direction]))
    result = fields.String(required=True, validate=validate.Length(1, 24))
    ticket = fields.String(load_default="", validate=validate.Length(0, 2_000))
    point = fields.String(load_default="")
    why = fields.String(load_default="", validate=validate.Length(0, 24))
    note = fields.String(load_default="", validate=TEXT)
    right_party = fields.Boolean(load_default=False)
    spoke = fields.Boolean(load_default=False)
    next_on = fields.Date(load_default=None, allow_none=True)
    promise = fields.Nested(GuarantorPromiseRequest, load_default=None, allow_none=True)


class WrapAnswer(Schema):
    """What became of it."""

    id = fields.String(attribute="public_id", required=True)
    next_on = fields.Date(allow_none=True)
    promise = fields.String()
    hold = fields.String()


class AttemptView(Schema):
    """An attempt."""

    id = fields.String(attribute="public_id", required=True)
    at = fields.AwareDateTime()
    reach = fields.String()
    direction = fields.String()
    shown = fields.String(metadata={"description": "the number, masked"})
    right_party = fields.Boolean()
    spoke = fields.Boolean()
    result = fields.String()
    label = fields.String()
    why = fields.String()
    note = fields.String()
    consented = fields.String()
    because = fields.String()
    next_on = fields.Date(allow_none=True)
    who = fields.String()


class AttemptList(Schema):
    """Attempts, newest first."""

    rows = fields.List(fields.Nested(AttemptView), required=True)


class WhoSpeaksRequest(Schema):
    """What somebody says of themselves."""

    class Meta:
        """One field a mark."""

        include = {name: fields.String(load_default="", validate=validate.Length(0, 80)) for name in MARKS}


class WhoSpeaksAnswer(Schema):
    """Is it they? Nothing says which mark was wrong."""

    fits = fields.Boolean(required=True)
    left = fields.Integer(metadata={"description": "how many more times today"})


class GuarantorPromiseView(Schema):
    """A promise of a guarantor."""

    id = fields.String(attribute="public_id", required=True)
    made_at = fields.AwareDateTime()
    promised_on = fields.Date()
    grace_until = fields.Date()
    amount = Dollars()
    received = Dollars()
    state = fields.String(validate=validate.OneOf([one.value for one in PatientPromiseState]))
    nth = fields.Integer(metadata={"description": "how many in a row without one kept"})
    judged_on = fields.Date(allow_none=True)
    author = fields.String()
    version = fields.Integer()


class PromiseList(Schema):
    """Promises, newest first, and how the guarantor keeps their word."""

    rows = fields.List(fields.Nested(GuarantorPromiseView), required=True)
    ended = fields.Integer()
    kept = fields.Integer()
    rate = fields.Decimal(as_string=True, allow_none=True, metadata={"description": "kept of ended"})


class ContactMade(Schema):
    """What was made."""

    id = fields.String(required=True)


class DisputeRequest(Schema):
    """What is disputed."""

    said = fields.String(required=True, validate=TEXT)
    claim = fields.String(load_default="", metadata={"description": "the visit's claim; empty: all of it"})
    amount = fields.String(load_default=None, allow_none=True, validate=DOLLARS)


class DisputeView(Schema):
    """A dispute."""

    id = fields.String(attribute="public_id", required=True)
    state = fields.String(validate=validate.OneOf([one.value for one in DisputeState]))
    visit = fields.Function(lambda row: row.claim_id is not None, metadata={"type": "boolean"})
    amount = Dollars(allow_none=True)
    said = fields.String()
    opened_on = fields.Date()
    acknowledge_by = fields.Date()
    resolve_by = fields.Date()
    outcome = fields.String()
    author = fields.String()
    version = fields.Integer()


class DisputeList(Schema):
    """Disputes, newest first."""

    rows = fields.List(fields.Nested(DisputeView), required=True)


class DisputeMoveRequest(Schema):
    """A step of a dispute."""

    move = fields.String(required=True, validate=validate.OneOf([one.value for one in DisputeMove]))
    version = fields.Integer(required=True, validate=VERSION)
    why = fields.String(load_default="", validate=SHORT)
    outcome = fields.String(load_default="", validate=validate.OneOf(["", *OUTCOMES]))


class RefusalsRequest(ListRequest):
    """A page of refusals and its filters."""

    act = fields.String(validate=validate.OneOf([one.value for one in Act]))
    rule = fields.String(validate=validate.Length(1, 40), metadata={"description": "its beginning is enough"})
    door = fields.String(validate=validate.Length(1, 8))
    account = fields.String(metadata={"description": "public id"})


class RefusalView(Schema):
    """An act a guard refused."""

    at = fields.AwareDateTime()
    account = fields.String(metadata={"description": "public id"})
    number = fields.String()
    act = fields.String()
    rule = fields.String()
    also = fields.String()
    until = fields.AwareDateTime(allow_none=True)
    door = fields.String()
    actor = fields.String()


class RefusalPage(Schema):
    """Refusals, newest first."""

    rows = fields.List(fields.Nested(RefusalView), required=True)
    next = fields.String()


class LawQuery(Schema):
    """Which rules."""

    entity = fields.String(load_default="")
    q = fields.String(load_default="", validate=validate.Length(0, 80))
    state = fields.String(load_default="", validate=validate.Length(0, 2))
    origin = fields.String(load_default="", validate=validate.OneOf(["", "own", "shipped"]))


class LawRequest(Schema):
    """A rule from a day on."""

    entity = fields.String(load_default="")
    code = fields.String(required=True, validate=validate.Length(1, 40))
    state = fields.String(load_default="", validate=validate.Length(0, 2))
    value = fields.String(required=True, validate=validate.Length(1, 400))
    source = fields.String(load_default="", validate=SHORT)
    reason = fields.String(required=True, validate=SHORT)
    since = fields.Date(required=True)
    until = fields.Date(load_default=None, allow_none=True)


class LawView(Schema):
    """A rule of law or of the house."""

    id = fields.String(metadata={"description": "of a row of ours; empty for a shipped one"})
    code = fields.String(required=True)
    state = fields.String(metadata={"description": "empty: everywhere"})
    value = fields.String()
    shipped = fields.String(metadata={"description": "what would hold without ours"})
    unit = fields.String()
    label = fields.String()
    source = fields.String()
    origin = fields.String()
    stands = fields.String()
    effective_from = fields.Date()
    effective_to = fields.Date(allow_none=True)
    author = fields.String()
    reason = fields.String()


class LawList(Schema):
    """Rules by code and state, ours first."""

    rows = fields.List(fields.Nested(LawView), required=True)


class EndRequest(Schema):
    """A rule of ours ends."""

    on = fields.Date(required=True)
    reason = fields.String(required=True, validate=SHORT)


class EndAnswer(Schema):
    """ended, or withdrawn when it never began."""

    done = fields.String(required=True)


class ContactCodeView(Schema):
    """A code people choose."""

    code = fields.String(required=True)
    label = fields.String()


class CodeList(Schema):
    """How attempts end, and why people do not pay."""

    results = fields.List(fields.Nested(ContactCodeView), required=True)
    nonpayment = fields.List(fields.Nested(ContactCodeView), required=True)
