"""What the API says of statements, letters and payment slips, and what it takes."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest
from app.statements.lifecycle import DocumentState, Way
from app.statements.rules_policy import LETTERS
from app.statements.schemas import ID_MOST, STAGES


class PapersRequest(ListRequest):
    """A page of documents and its filters."""

    entity = fields.String(validate=validate.Length(max=ID_MOST))
    account = fields.String(validate=validate.Length(max=ID_MOST))
    stage = fields.String(validate=validate.OneOf(["", *STAGES]))
    language = fields.String(validate=validate.Length(max=2))
    way = fields.String(validate=validate.OneOf(["", *Way]))
    state = fields.String(validate=validate.OneOf(["", *DocumentState]))
    number = fields.String(
        validate=validate.Length(max=16), metadata={"description": "of a document or an account"}
    )
    first = fields.String(validate=validate.Length(max=20), metadata={"description": "a day, or t-30"})
    last = fields.String(validate=validate.Length(max=20), metadata={"description": "a day, or t"})


class DocumentsRequest(PapersRequest):
    """A page of statements and its filters."""

    kind = fields.String(validate=validate.OneOf(["", "statement", "itemised_bill"]))


class LettersRequest(PapersRequest):
    """A page of letters and its filters."""

    kind = fields.String(validate=validate.OneOf(LETTERS))


class DocumentShown(Schema):
    """A statement, itemised bill or letter as issued; its bytes and facts never change."""

    id = fields.String(attribute="public_id", required=True)
    account = fields.String(required=True)
    account_number = fields.String(required=True)
    name = fields.String(required=True)
    number = fields.String(required=True)
    kind = fields.String(required=True)
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    day = fields.Date(required=True)
    amount = Dollars(required=True)
    language = fields.String(required=True)
    way = fields.String(required=True)
    state = fields.String(required=True)
    template = fields.String(required=True)
    sha256 = fields.String(required=True)
    facts_hash = fields.String(required=True)
    pages = fields.Integer(required=True)
    reason = fields.String(required=True, metadata={"description": "of a letter: policy, step and why"})


class DocumentsPage(Schema):
    """A page of statements."""

    rows = fields.List(fields.Nested(DocumentShown), required=True)
    next = fields.String(required=True)
    previous = fields.String(required=True)


class ProofShown(Schema):
    """That a document is the one that was issued."""

    same_bytes = fields.Boolean(required=True, metadata={"description": "the stored bytes have its hash"})
    same_template = fields.Boolean(required=True)
    drawn_again = fields.Boolean(
        required=True, metadata={"description": "its facts drawn again gave the same bytes"}
    )
    sha256 = fields.String(required=True)
    bytes = fields.Integer(required=True)
    edited_words = fields.Boolean(required=True)


class ItemiseRequest(Schema):
    """An itemised bill somebody asked for; language: absent for the account's own."""

    account = fields.String(required=True, validate=validate.Length(1, ID_MOST))
    language = fields.String(load_default="", validate=validate.OneOf(["", "en", "es"]))


class SlipRequest(Schema):
    """The line of a payment slip."""

    line = fields.String(required=True, validate=validate.Length(1, 60))


class SlipShown(Schema):
    """What a payment slip says."""

    account = fields.String(required=True)
    number = fields.String(required=True)
    amount = Dollars(required=True)
