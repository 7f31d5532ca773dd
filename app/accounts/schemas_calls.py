"""What the API says of the call list."""

from marshmallow import Schema, fields, validate

from app.accounts.rules_calls import SKIPS
from app.kernel.schemas import Dollars, ListRequest


class NextCallRequest(Schema):
    """Which account is on the screen, and why it is passed over."""

    leaving = fields.String(load_default="", metadata={"description": "public id of the account I have"})
    skip = fields.String(
        load_default="",
        validate=validate.OneOf(["", *SKIPS]),
        metadata={"description": "why it is passed over; without it, it must have been wrapped up"},
    )
    entity = fields.String(load_default="", metadata={"description": "public id of an entity"})
    zone = fields.String(load_default="", metadata={"description": "zones of a place, as the list has them"})
    reason = fields.String(load_default="")
    least = fields.String(load_default="", metadata={"description": "dollars due at least"})


class NextCallView(Schema):
    """The account handed out, for the one who asked and for some minutes; empty id: nobody may be called."""

    id = fields.String(required=True, attribute="public_id")
    reasons = fields.List(fields.String(), metadata={"description": "codes of why it is called"})
    until = fields.AwareDateTime(allow_none=True, metadata={"description": "until when it is held for me"})
    later = fields.AwareDateTime(allow_none=True, metadata={"description": "when the first may be called"})


class CallPlacesRequest(ListRequest):
    """Filters and pages of the call list."""

    entity = fields.String()
    zone = fields.String()
    reason = fields.String()
    least = fields.String()
    when = fields.String(metadata={"description": "now, later or held"})


class CallPlaceView(Schema):
    """A place of the call list."""

    id = fields.String(attribute="public_id")
    number = fields.String()
    name = fields.String()
    score = fields.Integer(metadata={"description": "0 to 1,000, larger is called sooner"})
    reasons = fields.List(fields.String())
    due = Dollars()
    zones = fields.List(fields.String())
    not_before = fields.AwareDateTime(allow_none=True)
    holder = fields.String(metadata={"description": "who has it on the screen"})
    skipped = fields.Integer()


class CallPlacesPage(Schema):
    """One page of the call list."""

    rows = fields.List(fields.Nested(CallPlaceView))
    next = fields.String()
    previous = fields.String()


class AccountNoteRequest(Schema):
    """A note; card numbers are taken out, what is typed is sealed."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=4_000))


class AccountNoteView(Schema):
    """A note as written."""

    at = fields.AwareDateTime()
    who = fields.String()
    text = fields.String()


class AccountNoteList(Schema):
    """The notes of an account, newest first."""

    rows = fields.List(fields.Nested(AccountNoteView))
