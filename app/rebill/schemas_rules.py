"""What the API says of the rules a claim is checked by, and of sets."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars

SHORT = validate.Length(max=200)


class ScrubRulesRequest(Schema):
    """Filters; absent means any."""

    entity = fields.String(metadata={"description": "public id; the first in your scope when absent"})
    q = fields.String(metadata={"description": "in code, words or source"})
    field = fields.String()
    does = fields.String(validate=validate.OneOf(("error", "warn", "off")))
    form = fields.String(validate=validate.OneOf(("P", "I")))
    payer_class = fields.String()
    origin = fields.String(validate=validate.OneOf(("own", "shipped")))
    state = fields.String(
        validate=validate.OneOf(("in_force", "ahead", "ended", "replaced", "overruled")),
        metadata={"description": "absent: in force, ahead and overruled"},
    )


class ScrubRuleFields(Schema):
    """What a rule says."""

    code = fields.String(required=True, validate=validate.Length(min=3, max=40))
    does = fields.String(required=True, validate=validate.OneOf(("error", "warn", "off")))
    form = fields.String(validate=validate.OneOf(("", "P", "I")))
    payer_class = fields.String(validate=SHORT)
    field = fields.String(required=True, validate=SHORT)
    test = fields.String(required=True, validate=SHORT)
    value = fields.String(validate=SHORT)
    when = fields.String(
        validate=SHORT,
        metadata={"description": "field=a|b, field!=a, field~shape, field or !field; several apart by ;"},
    )
    words = fields.String(validate=SHORT, metadata={"description": "what is wrong"})
    unblock = fields.String(validate=SHORT, metadata={"description": "what to do"})
    source = fields.String(validate=SHORT)


class TryScrubRule(ScrubRuleFields):
    """A rule to try; payer: the public id of the only payer it is for."""

    entity = fields.String()
    payer = fields.String(validate=validate.Length(max=20))


class WriteScrubRule(TryScrubRule):
    """A rule to write: `[effective_from, effective_to)`, and why."""

    effective_from = fields.Date(required=True)
    effective_to = fields.Date(allow_none=True)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=200))


class EndScrubRule(Schema):
    """Which rule of ours no longer holds, and from which day on."""

    entity = fields.String()
    code = fields.String(required=True, validate=validate.Length(max=40))
    payer = fields.String(validate=validate.Length(max=20))
    effective_from = fields.Date(required=True, metadata={"description": "the rule's first day"})
    on = fields.Date(metadata={"description": "the first day it no longer holds; today when absent"})
    reason = fields.String(required=True, validate=validate.Length(min=1, max=200))


class EndedScrubRule(Schema):
    """What became of the rule."""

    did = fields.String(metadata={"description": "ended, or withdrawn before it began"})
    on = fields.Date()


class ScrubRuleView(Schema):
    """A rule with where it comes from."""

    rule = fields.Nested(ScrubRuleFields)
    origin = fields.String()
    state = fields.String()
    payer = fields.String(attribute="payer_public")
    effective_from = fields.Date(attribute="rule.effective_from")
    effective_to = fields.Date(attribute="rule.effective_to", allow_none=True)
    author = fields.String()
    reason = fields.String()


class ScrubRules(Schema):
    """Rules, ours first."""

    rows = fields.List(fields.Nested(ScrubRuleView))


class WrittenScrubRule(Schema):
    """A rule that was written."""

    code = fields.String()
    effective_from = fields.Date()


class ScrubRuleWhatIf(Schema):
    """Of the open drafts: how many were read, how many the rule is about, which it would stop or warn of."""

    read = fields.Integer()
    applies = fields.Integer()
    stops = fields.Integer()
    drafts = fields.List(fields.String(), metadata={"description": "public ids of what it would stop"})


# ---------------------------------------------------------------- sets


class SetRequest(Schema):
    """Denials of one cause, and the one correction all their claims get (none when `field` is absent)."""

    denials = fields.List(
        fields.String(validate=validate.Length(max=20)),
        required=True,
        validate=validate.Length(min=1, max=500),
    )
    field = fields.String(load_default="", validate=validate.Length(max=40))
    value = fields.String(load_default="", validate=validate.Length(max=80))
    procedure = fields.String(load_default="", validate=validate.Length(max=5))


class SetOpenRequest(SetRequest):
    """The same, to be opened."""

    reason = fields.String(load_default="", validate=SHORT)


class SetBlockedView(Schema):
    """A denial no claim is opened for, and what would unblock it."""

    denial = fields.String()
    control = fields.String()
    words = fields.String()
    unblock = fields.String()


class SetSampleView(Schema):
    """One claim as it would go out."""

    denial = fields.String()
    control = fields.String()
    payer = fields.String()
    reason = fields.String()
    kind = fields.String()
    charge = Dollars()
    expected = Dollars()
    problems = fields.List(fields.String())


class SetPreviewView(Schema):
    """What a set would open: claims, the denials they answer, dollars, the first of them, what is blocked."""

    claims = fields.Integer()
    denials = fields.Integer()
    charge = Dollars()
    expected = Dollars()
    with_errors = fields.Integer()
    samples = fields.List(fields.Nested(SetSampleView))
    blocked = fields.List(fields.Nested(SetBlockedView))


class SetOpenedView(Schema):
    """A set that was opened; `id` is empty when nothing was."""

    id = fields.String(attribute="public_id")
    claims = fields.Integer()
    blocked = fields.List(fields.Nested(SetBlockedView))


class RebillSetView(Schema):
    """A set and where its claims stand now."""

    id = fields.String(attribute="public_id")
    author = fields.String()
    at = fields.AwareDateTime(format="iso")
    claims = fields.Integer()
    undone_at = fields.AwareDateTime(format="iso", allow_none=True)
    states = fields.Dict(keys=fields.String(), values=fields.Integer())
    rebills = fields.List(fields.String())


class SetUndoRequest(Schema):
    """Why it is undone."""

    reason = fields.String(load_default="", validate=SHORT)


class SetUndoneView(Schema):
    """How many claims were cancelled, and how many were sent or changed since and stay."""

    cancelled = fields.Integer()
    left = fields.Integer()
