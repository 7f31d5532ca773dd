"""What the API says of returned mail, and what it takes."""

from marshmallow import Schema, fields, validate

from app.contacts.lifecycle import ReturnState
from app.contacts.rules_returned import SOURCES, codes
from app.kernel.schemas import ListRequest

VERSION = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
SOURCE = fields.String(required=True, validate=validate.OneOf(list(SOURCES)))
CODES = sorted({one.code for one in codes()})


class MailHome(Schema):
    """An address in the United States."""

    street = fields.String(required=True, validate=validate.Length(1, 60))
    street2 = fields.String(load_default="", validate=validate.Length(max=60))
    city = fields.String(required=True, validate=validate.Length(1, 40))
    state = fields.String(required=True, validate=validate.Length(equal=2))
    zip = fields.String(required=True, validate=validate.Length(5, 10))


class ReturnedMailRequest(ListRequest):
    """A page of returned mail."""

    state = fields.String(validate=validate.OneOf(["", "open", *(one.value for one in ReturnState)]))
    code = fields.String(validate=validate.OneOf(CODES))
    entity = fields.String(metadata={"description": "public id of a billing entity"})


class TakeInRequest(Schema):
    """A piece that came back. code: as the post office stamps it; empty: a new address was supplied."""

    number = fields.String(
        required=True, validate=validate.Length(1, 40),
        metadata={"description": "number of the statement, the letter or the account"},
    )  # fmt: skip
    code = fields.String(required=True, validate=validate.OneOf(CODES))
    returned_on = fields.Date(load_default=None)
    home = fields.Nested(MailHome, load_default=None, allow_none=True)
    entity = fields.String(load_default="", metadata={"description": "public id of a billing entity"})


class MailSearchRequest(Schema):
    """A source that knew nothing."""

    source = SOURCE
    note = fields.String(load_default="", validate=validate.Length(max=200))
    version = VERSION


class MailFoundRequest(Schema):
    """An address somebody found."""

    home = fields.Nested(MailHome, required=True)
    source = SOURCE
    version = VERSION


class MailVerifyRequest(Schema):
    """A second look: the ZIP code typed again."""

    zip = fields.String(required=True, validate=validate.Length(5, 10))
    version = VERSION


class MailWhyRequest(Schema):
    """Why."""

    why = fields.String(load_default="", validate=validate.Length(max=200))
    version = VERSION


class MailStepView(Schema):
    """Something that was done about it."""

    at = fields.AwareDateTime(required=True)
    move = fields.String(required=True)
    who = fields.String(required=True)
    reason = fields.String(required=True)
    source = fields.String(required=True)


class MailView(Schema):
    """A piece of returned mail."""

    id = fields.String(attribute="public_id", required=True)
    account = fields.String(required=True, metadata={"description": "public id of the guarantor"})
    number = fields.String(required=True)
    name = fields.String(required=True)
    code = fields.String(required=True)
    meaning = fields.String(required=True)
    returned_on = fields.Date(required=True)
    state = fields.String(required=True)
    moves = fields.List(fields.String(), required=True)
    searched = fields.Integer(required=True)
    candidate = fields.Nested(MailHome, allow_none=True, required=True)
    candidate_source = fields.String(required=True)
    entity = fields.String(required=True)
    version = fields.Integer(required=True)


class MailWhole(Schema):
    """A piece with what was done about it."""

    mail = fields.Nested(MailView, required=True)
    steps = fields.List(fields.Nested(MailStepView), required=True)


class MailPage(Schema):
    """A page of returned mail; `next` is empty on the last."""

    rows = fields.List(fields.Nested(MailView), required=True)
    next = fields.String(required=True)


class TakenIn(Schema):
    """What became of the piece; again: an earlier one of the account is being worked on."""

    id = fields.String(attribute="public_id", required=True)
    state = fields.String(required=True)
    action = fields.String(required=True)
    again = fields.Boolean(required=True)
