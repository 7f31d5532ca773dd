"""What the API says of editing a claim: the edits, what is wrong with them, what they change."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars
from app.rebill.lifecycle import HoldReason
from app.rebill.schemas import VERSION, ProblemView

EDITS_MOST = 500


class EditView(Schema):
    """One field as typed."""

    field = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={"description": "a name of GET /rebill/fields; `line` with the value copy or remove"},
    )
    line = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(0, 999),
        metadata={"description": "1 for the first; 0: of the claim"},
    )
    index = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(0, 99),
        metadata={"description": "from 0 within a field that may stand several times"},
    )
    value = fields.String(
        load_default="", validate=validate.Length(max=300), metadata={"description": "empty: taken out"}
    )


class LookRequest(Schema):
    """Edits to try."""

    edits = fields.List(fields.Nested(EditView), load_default=list, validate=validate.Length(max=EDITS_MOST))


class EditsRequest(LookRequest):
    """Edits to keep, and the version they were made from."""

    version = fields.Integer(required=True, strict=True, validate=VERSION)


class ChangeView(Schema):
    """One difference to what was billed, in words and in segments."""

    line = fields.Integer(metadata={"description": "0: the claim"})
    label = fields.String()
    before = fields.String()
    after = fields.String()
    segment_before = fields.String()
    segment_after = fields.String()


class CheckedView(Schema):
    """A claim as it would be: what is wrong with it, what it changes, what it charges."""

    problems = fields.List(fields.Nested(ProblemView))
    changes = fields.List(fields.Nested(ChangeView))
    charge = Dollars()
    errors = fields.Integer()


class FieldView(Schema):
    """A field a person may change."""

    name = fields.String(required=True)
    label = fields.String()
    of_line = fields.Boolean()
    forms = fields.List(fields.String(), metadata={"description": "P professional, I institutional"})
    longest = fields.Integer()
    most = fields.Integer(metadata={"description": "how many of it there may be: index 0 to one less"})


class FieldsView(Schema):
    """Every field a person may change."""

    rows = fields.List(fields.Nested(FieldView))


class ValueView(Schema):
    """A field with what was billed and what will go."""

    field = fields.String(required=True)
    line = fields.Integer()
    index = fields.Integer()
    value = fields.String()
    billed = fields.String()


class ValuesView(CheckedView):
    """A submission field by field, and what is wrong with it now."""

    version = fields.Integer()
    values = fields.List(fields.Nested(ValueView))


class VersionRequest(Schema):
    """Which version of it was seen."""

    version = fields.Integer(required=True, strict=True, validate=VERSION)


class CancelRequest(VersionRequest):
    """Why it is not sent."""

    reason = fields.String(required=True, validate=validate.Length(1, 200))


class RebillHoldRequest(VersionRequest):
    """Why it is kept back, and the day it goes again."""

    reason = fields.String(required=True, validate=validate.OneOf([one.value for one in HoldReason]))
    until = fields.Date(required=True)
    note = fields.String(load_default="", validate=validate.Length(max=200))


class LiftRequest(VersionRequest):
    """Why its holds end."""

    why = fields.String(required=True, validate=validate.Length(1, 200))


class RebillNoteRequest(Schema):
    """A note."""

    text = fields.String(required=True, validate=validate.Length(1, 2000))


class MadeView(Schema):
    """What was made."""

    id = fields.String(required=True)
