"""What the API says of EOBs that came in."""

from marshmallow import Schema, fields, validate

RESULTS = ("created", "duplicate", "held", "kept", "rejected", "waiting")


class EobTaken(Schema):
    """What became of one EOB."""

    entry = fields.Integer(required=True, metadata={"description": "1-based, in the order sent"})
    id = fields.String(required=True, metadata={"description": "its transaction"})
    result = fields.String(
        required=True,
        validate=validate.OneOf(RESULTS),
        metadata={"description": "waiting: a worker has it in this moment; ask for the file again"},
    )
    reason = fields.String(allow_none=True, metadata={"description": "a code, stable for machines"})
    explanation = fields.String(allow_none=True, metadata={"description": "a sentence for people"})


class EobsTaken(Schema):
    """What became of each."""

    file = fields.String(required=True, metadata={"description": "the file that keeps the bytes"})
    entries = fields.List(fields.Nested(EobTaken), required=True)
