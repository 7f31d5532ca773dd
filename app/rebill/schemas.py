"""What the API says of claims on their way out."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest
from app.rebill.lifecycle import Cause, HoldReason, Kind, State
from app.rebill.rules_acts import MOST, Act

VERSION = validate.Range(1, 2**31 - 1)


class RebillsRequest(ListRequest):
    """A page of submissions and its filters; absent means any, and those a person has to work on."""

    state = fields.String(
        metadata={
            "description": "a state, `work` (draft and rejected, as if absent), `open`, `out` (on its way), "
            "`flags` (something happened after it was sent) or `all`"
        }
    )
    kind = fields.String(validate=validate.OneOf([one.value for one in Kind]))
    cause = fields.String(validate=validate.OneOf([one.value for one in Cause]))
    payer = fields.String(metadata={"description": "public id"})
    rank = fields.String(metadata={"description": "of the payer it goes to: 1, 2, 3"})
    owner = fields.String(metadata={"description": "`me`, `nobody` or a person's public id"})
    problem = fields.String(metadata={"description": "`errors`, `none`, or the code of a problem"})
    held = fields.String(metadata={"description": "`yes`, `no`, or the reason of a hold"})
    file_from = fields.String(metadata={"description": "a day, or t, t+14"})
    file_by = fields.String(metadata={"description": "a day, or t, t+14"})
    claim = fields.String(metadata={"description": "public id or control number of the claim, or a CLM01"})


class ProblemView(Schema):
    """Something wrong with a submission: an error keeps it from being finished, a warning does not."""

    code = fields.String(required=True)
    does = fields.String(validate=validate.OneOf(("error", "warn")))
    field = fields.String(metadata={"description": "a field of the catalogue, empty: the claim as a whole"})
    line = fields.Integer(allow_none=True, metadata={"description": "1 for the first; 0 or null: the claim"})
    words = fields.String()
    unblock = fields.String(metadata={"description": "what to do about it"})


class HoldView(Schema):
    """Why a submission is kept back."""

    id = fields.String(attribute="public_id", required=True)
    reason = fields.String(validate=validate.OneOf([one.value for one in HoldReason]))
    note = fields.String()
    until = fields.Date(metadata={"description": "the last day it holds"})
    author = fields.String()


class RebillView(Schema):
    """A submission as the list shows it."""

    id = fields.String(attribute="public_id", required=True)
    claim = fields.String(metadata={"description": "public id of the claim"})
    control = fields.String(metadata={"description": "the claim's number"})
    number = fields.String(metadata={"description": "CLM01 it goes out under"})
    payer = fields.String()
    rank = fields.Integer()
    kind = fields.String(validate=validate.OneOf([one.value for one in Kind]))
    form = fields.String(metadata={"description": "P professional, I institutional"})
    frequency = fields.String()
    service_from = fields.Date(allow_none=True)
    charge = Dollars()
    expected = Dollars()
    cause = fields.String(validate=validate.OneOf([one.value for one in Cause]))
    reason = fields.String()
    state = fields.String(validate=validate.OneOf([one.value for one in State]))
    problems = fields.List(fields.Nested(ProblemView))
    errors = fields.Integer()
    on_hold = fields.Boolean()
    holds = fields.List(fields.Nested(HoldView))
    flag = fields.String(metadata={"description": "what happened after it was sent; empty: nothing"})
    file_by = fields.Date(allow_none=True)
    file_rule = fields.String()
    owner = fields.String()
    opened_at = fields.AwareDateTime()
    sent_on = fields.Date(allow_none=True)
    version = fields.Integer()


class WaitingRequest(ListRequest):
    """A page of claims that wait for a crossover."""


class WaitingView(Schema):
    """A claim a payer said it forwarded: until when its next payer is left to answer."""

    claim = fields.String(required=True, metadata={"description": "public id"})
    control = fields.String()
    service_from = fields.Date(allow_none=True)
    charge = Dollars()
    due_on = fields.Date(metadata={"description": "the day it is billed to the next payer by itself"})
    rank = fields.Integer(metadata={"description": "of the next payer"})
    payer = fields.String(metadata={"description": "the next payer; empty: not named yet"})
    before = fields.String(metadata={"description": "the payer that forwarded it"})
    answered_on = fields.Date(allow_none=True)


class WaitingPage(Schema):
    """A page of claims that wait for a crossover."""

    rows = fields.List(fields.Nested(WaitingView))
    next = fields.String()
    previous = fields.String()


class RebillPage(Schema):
    """A page of submissions."""

    rows = fields.List(fields.Nested(RebillView))
    next = fields.String()
    previous = fields.String()


class HappenedView(Schema):
    """Something that happened to a submission."""

    at = fields.AwareDateTime()
    title = fields.String()
    who = fields.String()
    detail = fields.String()


class ChainedView(Schema):
    """Another submission of the same claim."""

    id = fields.String(attribute="public_id", required=True)
    number = fields.String()
    kind = fields.String()
    rank = fields.Integer()
    state = fields.String()
    charge = Dollars()
    sent_on = fields.Date(allow_none=True)


class WholeRebill(Schema):
    """One submission with its history and its neighbours."""

    rebill = fields.Nested(RebillView, attribute="row")
    original_reference = fields.String(metadata={"description": "REF*F8 it names"})
    author = fields.String()
    signed_by = fields.String(metadata={"description": "who signed its coding, empty: nobody"})
    signed_at = fields.AwareDateTime(allow_none=True)
    batch = fields.String(metadata={"description": "public id of its batch, empty: none"})
    denial = fields.String(metadata={"description": "public id of the denial it was opened for"})
    moves = fields.List(fields.String(), metadata={"description": "what a person may do with it now"})
    events = fields.List(fields.Nested(HappenedView))
    chain = fields.List(fields.Nested(ChainedView))


class RebillOpenRequest(Schema):
    """What a submission is opened for; the kind may be left to the latest state of the claim."""

    about = fields.String(
        required=True,
        validate=validate.OneOf(("claim", "denial", "rejection", "silent")),
        metadata={"description": "what `id` names"},
    )
    id = fields.String(required=True, validate=validate.Length(max=20), metadata={"description": "public id"})
    kind = fields.String(
        validate=validate.OneOf(("", *(one.value for one in Kind))),
        load_default="",
        metadata={"description": "empty: the kind the latest state of the claim asks for"},
    )
    rank = fields.Integer(
        strict=True,
        load_default=1,
        validate=validate.Range(1, 11),
        metadata={"description": "of the payer, for `claim`"},
    )


class RebillOpenedView(Schema):
    """The submission to edit, and the field the payer named, where it names one."""

    id = fields.String(required=True)
    field = fields.String(allow_none=True)
    line = fields.Integer(allow_none=True)


class RebillOfferView(Schema):
    """What may be sent to one payer of a claim."""

    rank = fields.Integer(required=True)
    payer = fields.String()
    kind = fields.String(allow_none=True, metadata={"description": "what its state asks for; null: no claim"})
    why = fields.String()
    open = fields.String(metadata={"description": "public id of the submission under way, empty: none"})
    state = fields.String()


class RebillOffersView(Schema):
    """What may be sent of a claim."""

    rows = fields.List(fields.Nested(RebillOfferView))


class RebillOwnerRequest(Schema):
    """Who gets it, and which version of it was seen."""

    owner = fields.String(
        required=True, validate=validate.Length(max=20),
        metadata={"description": "`me`, `nobody` or a person's public id"},
    )  # fmt: skip
    version = fields.Integer(required=True, strict=True, validate=VERSION)


class Versioned(Schema):
    """A submission after a change, to be named with the next one."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)


class RebillChosen(Schema):
    """A submission and the version of it that was seen."""

    id = fields.String(required=True, validate=validate.Length(max=20))
    version = fields.Integer(required=True, strict=True, validate=VERSION)


class RebillActRequest(Schema):
    """An act, and the submissions it is for."""

    act = fields.String(required=True, validate=validate.OneOf([one.value for one in Act]))
    rebills = fields.List(fields.Nested(RebillChosen), required=True, validate=validate.Length(1, MOST))
    owner = fields.String(
        load_default="me",
        validate=validate.Length(max=20),
        metadata={"description": "for assign: `me`, `nobody` or a person's public id"},
    )
    reason = fields.String(
        load_default="",
        validate=validate.OneOf(("", *(one.value for one in HoldReason))),
        metadata={"description": "for hold"},
    )
    until = fields.Date(
        load_default=None, allow_none=True, metadata={"description": "for hold: the day it goes again"}
    )
    text = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "a note for hold, the reason for lift and cancel"},
    )


class RebillSkipped(Schema):
    """A submission an act did not fit, and why."""

    id = fields.String(attribute="public_id", required=True)
    reason = fields.String()


class RebillActView(Schema):
    """What came of an act."""

    done = fields.Integer(required=True)
    skipped = fields.List(fields.Nested(RebillSkipped))
