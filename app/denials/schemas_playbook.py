"""What the API says of the playbook."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars

SHORT = validate.Length(max=120)


class PlaybookRequest(Schema):
    """Filters; absent means any."""

    entity = fields.String(metadata={"description": "public id; the first in your scope when absent"})
    payer = fields.String()
    group = fields.String()
    carc = fields.String()
    rarc = fields.String()
    category = fields.String()
    source = fields.String(validate=validate.OneOf(("own", "shipped")))


class PlayFields(Schema):
    """A row: conditions first, then answers; what is empty fits anything, or is left to other rows."""

    payer = fields.String(validate=SHORT)
    group = fields.String(validate=SHORT)
    carc = fields.String(validate=SHORT)
    rarc = fields.String(validate=SHORT)
    when_category = fields.String(validate=SHORT)
    category = fields.String(validate=SHORT)
    root_cause = fields.String(validate=SHORT)
    next_action = fields.String(validate=SHORT)
    days = fields.String(validate=SHORT, metadata={"description": "days to appeal, as digits"})
    evidence = fields.String(validate=SHORT)
    letter = fields.String(validate=SHORT)
    hardness = fields.String(validate=SHORT)


class TryRequest(PlayFields):
    """A row to try."""

    entity = fields.String()


class PlayRequest(TryRequest):
    """A row to write: `[effective_from, effective_to)`, and why."""

    effective_from = fields.Date(required=True)
    effective_to = fields.Date(allow_none=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=200))


class EndPlayRequest(Schema):
    """Which row of ours no longer holds, and from which day on."""

    entity = fields.String()
    match = fields.Dict(keys=fields.String(), values=fields.String(validate=SHORT), required=True)
    effective_from = fields.Date(required=True, metadata={"description": "the row's first day"})
    on = fields.Date(metadata={"description": "the first day it no longer holds; today when absent"})
    reason = fields.String(required=True, validate=validate.Length(min=1, max=200))


class EndedPlay(Schema):
    """What became of the row."""

    did = fields.String(metadata={"description": "ended, or withdrawn before it began"})
    on = fields.Date()


class PlayView(Schema):
    """A row with where it comes from."""

    row = fields.Nested(PlayFields, attribute="play")
    source = fields.String()
    state = fields.String()
    effective_from = fields.Date(allow_none=True)
    effective_to = fields.Date(allow_none=True)
    author = fields.String()
    reason = fields.String()


class PlaybookRows(Schema):
    """Rows of the playbook."""

    rows = fields.List(fields.Nested(PlayView))


class WrittenPlay(Schema):
    """The row as written."""

    match = fields.Dict(keys=fields.String(), values=fields.String())
    answers = fields.Dict(keys=fields.String(), values=fields.String())


class ReadingView(Schema):
    """How a refusal is read."""

    category = fields.String()
    root_cause = fields.String()
    next_action = fields.String()
    days = fields.Integer()
    letter = fields.String()


class RefusalView(Schema):
    """A refusal before and after; null means it opens no case."""

    group = fields.String()
    carc = fields.String()
    rarcs = fields.String()
    denied = Dollars()
    was = fields.Nested(ReadingView, allow_none=True)
    would = fields.Nested(ReadingView, allow_none=True)


class ChangedView(RefusalView):
    """A kind of refusal that would be read differently."""

    payer_class = fields.String()
    filing = fields.String()
    cases = fields.Integer()


class SampleView(RefusalView):
    """One of the largest cases among them."""

    id = fields.String(attribute="public_id")
    control = fields.String()
    state = fields.String()
    denied_on = fields.Date()


class WhatIfView(Schema):
    """What a row would have decided: cases read, cases that change, their denied dollars, and what moves."""

    since = fields.Date()
    read = fields.Integer()
    cases = fields.Integer()
    denied = Dollars()
    category = fields.Integer()
    action = fields.Integer()
    deadline = fields.Integer()
    letter = fields.Integer()
    groups = fields.List(fields.Nested(ChangedView))
    samples = fields.List(fields.Nested(SampleView))
