"""What the API says of payers and their terms."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest


class PayersRequest(ListRequest):
    """A page of payers; absent means any."""

    q = fields.String(metadata={"description": "how a name or payer id begins"})
    class_ = fields.String(data_key="class")
    entity = fields.String()


class PayerView(Schema):
    """A payer of the list."""

    id = fields.String(attribute="public_id", required=True)
    name = fields.String(required=True)
    class_ = fields.String(data_key="class")
    entity = fields.String()
    records = fields.Integer(metadata={"description": "records that are this payer, itself included"})
    claims = fields.Integer(metadata={"description": "claims it pays first"})
    denials = fields.Integer(metadata={"description": "its open denial cases"})
    at_stake = Dollars(metadata={"description": "in these cases"})


class PayersPage(Schema):
    """A page of payers; `next` is empty on the last."""

    rows = fields.List(fields.Nested(PayerView))
    next = fields.String()


class KnownView(Schema):
    """A name or number it goes by."""

    kind = fields.String()
    value = fields.String()
    record = fields.String()


class RecordView(Schema):
    """Another record that is this payer."""

    id = fields.String(attribute="public_id")
    name = fields.String()
    reason = fields.String()
    since = fields.AwareDateTime()


class AlikeView(Schema):
    """A payer that may be this one: nothing is joined before a person says so."""

    id = fields.String(attribute="public_id")
    name = fields.String()
    numbers = fields.String()
    reasons = fields.List(fields.String())


class TermView(Schema):
    """A term in force: ours, of the class, or the default."""

    name = fields.String()
    value = fields.String()
    source = fields.String()


class LevelView(Schema):
    """An appeal level in force."""

    level = fields.Integer(attribute="clock.level")
    name = fields.String(attribute="clock.name")
    variant = fields.String(attribute="clock.variant")
    days = fields.Integer(attribute="clock.days")
    months = fields.Integer(attribute="clock.months")
    basis = fields.String(attribute="clock.basis")
    rule = fields.String(attribute="clock.rule")
    authority = fields.String(metadata={"description": "law or default"})
    source = fields.String()


class OwnTermsView(Schema):
    """A dated row of ours."""

    about = fields.String()
    terms = fields.Dict()
    effective_from = fields.Date()
    effective_to = fields.Date(allow_none=True)
    author = fields.String()
    reason = fields.String()
    state = fields.String()


class WholePayer(Schema):
    """A payer with its terms."""

    id = fields.String(attribute="row.public_id", required=True)
    name = fields.String(attribute="row.name")
    class_ = fields.String(attribute="row.class_", data_key="class")
    known = fields.List(fields.Nested(KnownView))
    version = fields.Integer()
    records = fields.List(fields.Nested(RecordView))
    alike = fields.List(fields.Nested(AlikeView))
    terms = fields.List(fields.Nested(TermView))
    levels = fields.List(fields.Nested(LevelView))
    own = fields.List(fields.Nested(OwnTermsView))


class EffectRequest(Schema):
    """A change of one term: `level:<n>` is the days of an appeal level."""

    scope = fields.String(load_default="payer", validate=validate.OneOf(("payer", "class", "every")))
    term = fields.String(required=True, validate=validate.Length(max=40))
    value = fields.String(required=True, validate=validate.Length(max=40))
    effective_from = fields.Date(required=True)
    effective_to = fields.Date(allow_none=True, load_default=None)


class TermsRequest(EffectRequest):
    """A change to write, and why."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=200))


class ClassEffectRequest(Schema):
    """A class to try."""

    class_ = fields.String(required=True, data_key="class", validate=validate.Length(max=24))


class ClassRequest(ClassEffectRequest):
    """A class to set, and why. version: of the payer that was read."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=200))
    version = fields.Integer(required=True)


class MovedView(Schema):
    """A case whose last day moves."""

    id = fields.String(attribute="public_id")
    at_stake = Dollars()
    was = fields.Date(allow_none=True)
    now = fields.Date(allow_none=True)


class EffectView(Schema):
    """What a change does to open cases."""

    cases = fields.Integer()
    earlier = fields.Integer()
    later = fields.Integer()
    at_stake = Dollars()
    samples = fields.List(fields.Nested(MovedView))


class RecordRequest(Schema):
    """Another record that is this payer."""

    other = fields.String(required=True, validate=validate.Length(max=20))
