"""What the API says of the ledger. Money is a text with two decimals, days are ISO, ids are public."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest


class BatchRequest(ListRequest):
    """Filters of batches; absent means any."""

    entity = fields.String()
    kind = fields.String()
    first = fields.Date(data_key="from")
    last = fields.Date(data_key="to")
    known = fields.String(metadata={"description": "recorded by this moment, ISO 8601"})


class EntryRequest(ListRequest):
    """Filters of entries; absent means any."""

    entity = fields.String()
    account = fields.String()
    side = fields.String(validate=validate.OneOf(("debit", "credit")))
    event = fields.String()
    claim = fields.String(metadata={"description": "public id or control number"})
    batch = fields.String()
    first = fields.Date(data_key="from")
    last = fields.Date(data_key="to")
    known = fields.String()


class BalanceRequest(Schema):
    """Which books: of an entity, as of a day, as known at a moment."""

    entity = fields.String()
    as_of = fields.Date(metadata={"description": "effective up to and on this day"})
    known = fields.String(metadata={"description": "recorded by this moment, ISO 8601"})


class BatchView(Schema):
    """A posting batch."""

    id = fields.String(attribute="public_id", required=True)
    entity = fields.String(required=True)
    chain_no = fields.Integer(required=True)
    kind = fields.String(required=True)
    reason = fields.String(allow_none=True)
    actor = fields.String()
    recorded_at = fields.AwareDateTime(format="iso")
    effective_date = fields.Date()
    entries = fields.Integer()
    total = Dollars()
    previous = fields.String()
    hash = fields.String()


class EntryView(Schema):
    """One entry: it debits one account and credits another by the same amount."""

    id = fields.String(attribute="reference", required=True)
    batch = fields.String()
    entity = fields.String()
    event = fields.String()
    debit = fields.Integer()
    credit = fields.Integer()
    amount = Dollars()
    effective_date = fields.Date()
    original_date = fields.Date(allow_none=True)
    recorded_at = fields.AwareDateTime(format="iso")
    claim = fields.String(allow_none=True, metadata={"description": "public id of the claim"})
    payer = fields.String(allow_none=True)
    segment = fields.Integer()
    byte = fields.Integer()
    element = fields.Integer()


class AccountView(Schema):
    """An account of an entity."""

    entity = fields.String()
    account = fields.Integer()
    name = fields.String()
    debit = Dollars()
    credit = Dollars()
    balance = Dollars()


class BalanceView(Schema):
    """The trial balance and its proof."""

    in_balance = fields.Boolean()
    debit = Dollars()
    credit = Dollars()
    difference = Dollars()
    rows = fields.List(fields.Nested(AccountView))


class BatchPage(Schema):
    """A page of batches; `next` is empty on the last."""

    rows = fields.List(fields.Nested(BatchView))
    next = fields.String()


class EntryPage(Schema):
    """A page of entries; `next` is empty on the last."""

    rows = fields.List(fields.Nested(EntryView))
    next = fields.String()
