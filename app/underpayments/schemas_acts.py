"""What the API takes and gives about acts over many underpayments, notes and calls."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars
from app.underpayments.rules_acts import MOST, Act
from app.underpayments.schemas import ChosenCase


class BulkRequest(Schema):
    """One act over many, with the version of each that was seen."""

    act = fields.String(required=True, validate=validate.OneOf([one.value for one in Act]))
    cases = fields.List(fields.Nested(ChosenCase), required=True, validate=validate.Length(1, MOST))
    name = fields.String(load_default="", validate=validate.Length(max=120))
    text = fields.String(load_default="", validate=validate.Length(max=4_000))


class BulkSkipped(Schema):
    """One the act did not fit."""

    id = fields.String()
    reason = fields.String()


class BulkDone(Schema):
    """What came of an act; `act` names it for undoing and is empty when there is nothing to undo."""

    act = fields.String()
    done = fields.Integer()
    skipped = fields.List(fields.Nested(BulkSkipped))


class BulkUndone(Schema):
    """What an undo gave back; `stale` were changed since."""

    done = fields.Integer()
    stale = fields.List(fields.String())


class UnderpaymentNote(Schema):
    """A note."""

    text = fields.String(required=True, validate=validate.Length(1, 4_000))


class UnderpaymentCall(Schema):
    """A call with a payer."""

    outcome = fields.String(required=True, validate=validate.Length(max=24))
    representative = fields.String(load_default="", validate=validate.Length(max=80))
    reference = fields.String(load_default="", validate=validate.Length(max=60))
    promised_on = fields.Date(load_default=None)
    promised_amount = fields.String(load_default="", validate=validate.Length(max=20))
    note = fields.String(load_default="", validate=validate.Length(max=4_000))


class SaidEntry(Schema):
    """A note or a call; `struck`: taken back."""

    id = fields.String(attribute="public_id")
    kind = fields.String()
    at = fields.AwareDateTime(format="iso")
    who = fields.String()
    text = fields.String()
    representative = fields.String()
    reference = fields.String()
    outcome = fields.String()
    promised_on = fields.Date(allow_none=True)
    promised_amount = Dollars(allow_none=True)
    promise = fields.String(allow_none=True)
    struck = fields.Boolean()


class SaidView(Schema):
    """Everything said about one, newest first."""

    rows = fields.List(fields.Nested(SaidEntry))
