"""What the API says of files. Money is a text with two decimals, days are ISO, ids are public."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest, PageRequest

REASON = validate.Length(1, 200)


class FileUpload(Schema):
    """One file to take in."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class FileOptions(Schema):
    """How a file is to be taken in."""

    look_first = fields.Boolean(
        load_default=False,
        metadata={"description": "hold its transactions until somebody has seen what they would post"},
    )


class FileTaken(Schema):
    """The answer to whoever offers a file: taken in, or a duplicate of which import."""

    id = fields.String(required=True, attribute="public_id")
    first = fields.Boolean(required=True, metadata={"description": "false: these bytes came in before"})
    first_name = fields.String(metadata={"description": "the name of the first import"})
    first_at = fields.String(metadata={"description": "when it came in, UTC"})
    first_by = fields.String(metadata={"description": "who brought it"})
    message = fields.String(attribute="words")


class FilesRequest(ListRequest):
    """A page of files and its filters; absent means any."""

    state = fields.String()
    kind = fields.String(metadata={"description": "835, 837P, 837I, 837D, fhir, 999, 277CA, TA1, zip"})
    payer = fields.String()
    received_from = fields.Date()
    received_to = fields.Date()
    paid_from = fields.String(metadata={"description": "dollars, inclusive"})
    paid_to = fields.String(metadata={"description": "dollars, inclusive"})
    q = fields.String(metadata={"description": "part of a name, check, control number or payer"})


class FileTransactionsRequest(PageRequest):
    """A page of the transactions of a file, in file order."""


class FileRowView(Schema):
    """A transaction in its file; a file that holds none has an empty `transaction`."""

    file = fields.String(required=True)
    name = fields.String(required=True)
    door = fields.String()
    received_at = fields.AwareDateTime(format="iso")
    kind = fields.String()
    transaction = fields.String()
    control = fields.String()
    payer = fields.String(allow_none=True)
    trace = fields.String(allow_none=True)
    method = fields.String()
    paid = Dollars(allow_none=True)
    charge = Dollars(allow_none=True)
    effective_date = fields.Date(allow_none=True)
    claims = fields.Integer(allow_none=True)
    parked = fields.Integer(allow_none=True)
    state = fields.String(required=True)
    why = fields.String(allow_none=True)
    version = fields.Integer()


class FilesPage(Schema):
    """A page of files."""

    rows = fields.List(fields.Nested(FileRowView), required=True)
    next = fields.String(metadata={"description": "cursor of the next page; empty after the last"})


class OfferView(Schema):
    """One time the bytes were offered."""

    name = fields.String()
    door = fields.String()
    offered_by = fields.String()
    offered_at = fields.AwareDateTime(format="iso")
    first = fields.Boolean()


class FileFinding(Schema):
    """What is wrong, and where: segment 1-based over the file, byte 0-based, element 0 for none."""

    code = fields.String()
    does = fields.String(metadata={"description": "refuse, hold, park, warn, ignore or note"})
    segment = fields.Integer()
    byte = fields.Integer()
    element = fields.Integer()
    text = fields.String()
    transaction = fields.String(metadata={"description": "empty: it is about the file"})


class FileView(Schema):
    """One file: how far it is, what was found, every time it was offered."""

    id = fields.String(attribute="head.public_id", required=True)
    name = fields.String(attribute="head.name")
    state = fields.String(attribute="head.state")
    kind = fields.String(attribute="head.kind")
    reason = fields.String(attribute="head.reason", allow_none=True)
    received_at = fields.AwareDateTime(attribute="head.received_at", format="iso")
    size = fields.Integer(attribute="head.size", metadata={"description": "bytes"})
    segments = fields.Integer(attribute="head.segments")
    done = fields.Boolean(metadata={"description": "nothing of it is underway"})
    transactions = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        attribute="states",
        metadata={"description": "by state"},
    )
    claims = fields.Integer()
    parked = fields.Integer()
    paid = Dollars()
    findings = fields.List(fields.Nested(FileFinding))
    offers = fields.List(fields.Nested(OfferView))


class TransactionView(Schema):
    """An ST of a file, and what its state allows."""

    id = fields.String(attribute="public_id", required=True)
    kind = fields.String()
    control = fields.String()
    state = fields.String(required=True)
    reason = fields.String(allow_none=True)
    explanation = fields.String(allow_none=True)
    payer = fields.String(allow_none=True)
    trace = fields.String(allow_none=True)
    paid = Dollars(allow_none=True)
    charge = Dollars(allow_none=True)
    effective_date = fields.Date(allow_none=True)
    claims = fields.Integer()
    lines = fields.Integer()
    parked = fields.Integer()
    released_by = fields.String(allow_none=True)
    release_reason = fields.String(allow_none=True)
    moves = fields.List(fields.String())
    version = fields.Integer()


class TransactionsPage(Schema):
    """A page of the transactions of a file."""

    rows = fields.List(fields.Nested(TransactionView), required=True)
    next = fields.String()


class WholeTransaction(TransactionView):
    """A transaction with its findings; `second_opinion` is what the implementation guides say."""

    findings = fields.List(fields.Nested(FileFinding))
    second_opinion = fields.List(fields.Nested(FileFinding))


class TransactionDecision(Schema):
    """A decision about a transaction: why, and the version that was looked at."""

    reason = fields.String(required=True, validate=REASON)
    version = fields.Integer(required=True, validate=validate.Range(1, 2**31 - 1))


class TransactionDecided(Schema):
    """Where the transaction stands now."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)


class FileReplyView(Schema):
    """A 999 or TA1 of ours."""

    id = fields.String(attribute="public_id", required=True)
    kind = fields.String(metadata={"description": "999 or TA1"})
    answers = fields.String(metadata={"description": "the control number of the interchange it answers"})
    control = fields.Integer(metadata={"description": "our own, counted for each partner without gaps"})
    status = fields.String(metadata={"description": "A accepted, E with errors, P partly, R rejected"})
    sets = fields.Integer()
    accepted = fields.Integer()
    size = fields.Integer()
    made_at = fields.AwareDateTime()


class FileReplies(Schema):
    """What we answer to a file."""

    rows = fields.List(fields.Nested(FileReplyView))
