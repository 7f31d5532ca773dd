"""What the API says of print batches, e-mails and edited words, and what it takes."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest
from app.statements.lifecycle import BatchState, EditionState, EmailState
from app.statements.schemas import ID_MOST, VERSION

WORDS = fields.String(required=True, validate=validate.Length(1, 20_000))
PARTS = ("pdf", "json", "csv")


class PrintBatchesRequest(ListRequest):
    """A page of print batches and its filters."""

    entity = fields.String(validate=validate.Length(max=ID_MOST))
    run = fields.String(validate=validate.Length(max=ID_MOST))
    state = fields.String(validate=validate.OneOf(["", *BatchState]))


class PrintBatchShown(Schema):
    """A print batch: one PDF with a manifest, made once and handed over once."""

    id = fields.String(attribute="public_id", required=True)
    run = fields.String(required=True)
    entity = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf([one.value for one in BatchState]))
    documents = fields.Integer(required=True)
    pages = fields.Integer(required=True)
    amount = Dollars(required=True)
    sha256 = fields.String(required=True)
    manifest_sha256 = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True, format="iso")
    handed_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    handed_by = fields.String(required=True)
    version = fields.Integer(required=True)


class PrintBatchesPage(Schema):
    """A page of print batches."""

    rows = fields.List(fields.Nested(PrintBatchShown), required=True)
    next = fields.String(required=True)
    previous = fields.String(required=True)


class HandRequest(Schema):
    """The print vendor has it. to: how it got there, when nobody took the file away."""

    to = fields.String(load_default="", validate=validate.Length(max=40))
    version = VERSION


class EmailsRequest(ListRequest):
    """A page of e-mails and its filters."""

    entity = fields.String(validate=validate.Length(max=ID_MOST))
    run = fields.String(validate=validate.Length(max=ID_MOST))
    state = fields.String(validate=validate.OneOf(["", *EmailState]))


class EmailShown(Schema):
    """An e-mail about a statement: a link, no clinical word."""

    id = fields.String(attribute="public_id", required=True)
    account = fields.String(required=True)
    account_number = fields.String(required=True)
    name = fields.String(required=True)
    statement = fields.String(required=True)
    statement_number = fields.String(required=True)
    run = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf([one.value for one in EmailState]))
    answer = fields.String(required=True)
    tries = fields.Integer(required=True)
    queued_at = fields.AwareDateTime(required=True, format="iso")
    sent_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    version = fields.Integer(required=True)


class EmailsPage(Schema):
    """A page of e-mails."""

    rows = fields.List(fields.Nested(EmailShown), required=True)
    next = fields.String(required=True)
    previous = fields.String(required=True)


class EmailDecision(Schema):
    """What a person found out about an e-mail nobody knew about."""

    arrived = fields.Boolean(required=True, truthy={True}, falsy={False})
    version = VERSION


# ---------------------------------------------------------------- words of letters


class EditionShown(Schema):
    """A version of a letter's words; live from its first day on until it is retired or another one is."""

    id = fields.String(attribute="public_id", required=True)
    letter = fields.String(required=True)
    language = fields.String(required=True)
    number = fields.Integer(required=True)
    words = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf([one.value for one in EditionState]))
    author = fields.String(required=True)
    approved_by = fields.String(required=True)
    effective_from = fields.Date(required=True, allow_none=True)
    recorded_at = fields.AwareDateTime(required=True, format="iso")
    moves = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)


class EditionList(Schema):
    """Every version of every letter's words."""

    rows = fields.List(fields.Nested(EditionShown), required=True)


class LetterTemplate(Schema):
    """A letter whose words may be written anew. shipped: by language."""

    name = fields.String(required=True)
    about = fields.String(required=True)
    version = fields.String(required=True)
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, data_key="fields", attribute="fields"
    )
    required = fields.List(fields.String(), required=True)
    shipped = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class LetterTemplates(Schema):
    """Every letter whose words may be written anew."""

    rows = fields.List(fields.Nested(LetterTemplate), required=True)


class EditionRequest(Schema):
    """The next version of a letter's words, as a draft."""

    entity = fields.String(required=True, validate=validate.Length(1, ID_MOST))
    letter = fields.String(required=True, validate=validate.Length(1, ID_MOST))
    language = fields.String(required=True, validate=validate.OneOf(["en", "es"]))
    words = WORDS


class EditionChange(Schema):
    """A draft written anew."""

    words = WORDS
    version = VERSION


class EditionApproval(Schema):
    """A draft becomes live from a day on, by somebody who did not write it."""

    effective_from = fields.Date(required=True)
    version = VERSION


class WordsRequest(Schema):
    """Words to look through."""

    letter = fields.String(required=True, validate=validate.Length(1, ID_MOST))
    language = fields.String(required=True, validate=validate.OneOf(["en", "es"]))
    words = WORDS


class WordsChecked(Schema):
    """What is wrong with words; nothing when they can be sent."""

    problems = fields.List(fields.String(), required=True)
