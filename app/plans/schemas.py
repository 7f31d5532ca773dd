"""What the API says of payment plans."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest
from app.plans.lifecycle import InstalmentState, State
from app.plans.rules_shown import SHOWS

VERSION = validate.Range(1, 2**31 - 1)
AMOUNT = validate.Regexp(r"^\d{1,7}(\.\d{1,2})?$")


class PlansRequest(ListRequest):
    """A page of plans."""

    show = fields.String(validate=validate.OneOf(list(SHOWS)), metadata={"description": "absent: all"})
    account = fields.String(metadata={"description": "public id of an account"})


class PlanRowView(Schema):
    """A plan as the list shows it."""

    id = fields.String(attribute="public_id", required=True)
    account_id = fields.String(attribute="account_public", metadata={"description": "public id"})
    account = fields.String(metadata={"description": "the number people quote"})
    guarantor = fields.String()
    state = fields.String(validate=validate.OneOf([one.value for one in State]))
    due = Dollars(metadata={"description": "due by today"})
    instalment = Dollars()
    total = Dollars()
    paid = Dollars()
    left = Dollars()
    late_days = fields.Integer()
    progress = fields.String(metadata={"description": "instalments paid, of how many"})
    next_on = fields.Date(allow_none=True)
    version = fields.Integer()


class PlanPage(Schema):
    """A page of plans."""

    rows = fields.List(fields.Nested(PlanRowView))
    next = fields.String()
    previous = fields.String()


class TermsRequest(Schema):
    """What is asked for: a number of months or an amount a month."""

    count = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 60))
    amount = fields.String(load_default="0", validate=AMOUNT, metadata={"description": "dollars a month"})
    down = fields.String(load_default="0", validate=AMOUNT, metadata={"description": "paid at once"})
    due_day = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 31))
    first_due = fields.Date(load_default=None, allow_none=True)
    income = fields.String(
        load_default="", validate=validate.Regexp(r"^(\d{1,7}(\.\d{1,2})?)?$"),
        metadata={"description": "dollars a month as told; used for a state's cap and kept nowhere"},
    )  # fmt: skip


class WishRequest(TermsRequest):
    """The same about visits somebody chooses."""

    visits = fields.List(
        fields.String(validate=validate.Length(max=20)), load_default=list, validate=validate.Length(max=200),
        metadata={"description": "public ids of claims; none: every visit that is due"},
    )  # fmt: skip


class DraftRequest(WishRequest):
    """A plan to be signed."""

    reason = fields.String(load_default="", validate=validate.Length(max=200))


class ActivateRequest(Schema):
    """The signature."""

    version = fields.Integer(required=True, strict=True, validate=VERSION)
    signed_on = fields.Date(required=True)
    witness = fields.String(required=True, validate=validate.Length(1, 80))


class ChangeRequest(TermsRequest):
    """A new schedule of the same visits, agreed to on a day before a witness."""

    version = fields.Integer(required=True, strict=True, validate=VERSION)
    signed_on = fields.Date(required=True)
    witness = fields.String(required=True, validate=validate.Length(1, 80))


class AddRequest(WishRequest, ChangeRequest):
    """More visits and their new schedule."""


class ReEstablishRequest(ChangeRequest):
    """A plan in default set up again."""

    reason = fields.String(required=True, validate=validate.Length(1, 200))


class PlanCancelRequest(Schema):
    """Why a plan ends."""

    version = fields.Integer(required=True, strict=True, validate=VERSION)
    reason = fields.String(required=True, validate=validate.Length(1, 200))


class AutopayRequest(Schema):
    """A kept card pays each instalment on its day."""

    version = fields.Integer(required=True, strict=True, validate=VERSION)
    card = fields.String(
        required=True, validate=validate.Length(1, 20), metadata={"description": "public id"}
    )
    signed_on = fields.Date(required=True)
    witness = fields.String(required=True, validate=validate.Length(1, 80))


class PlanVersioned(Schema):
    """Of which version somebody speaks."""

    version = fields.Integer(required=True, strict=True, validate=VERSION)


class LineView(Schema):
    """One instalment; number 0 is the down payment."""

    number = fields.Integer()
    due_on = fields.Date()
    amount = Dollars()
    paid = Dollars()
    left = Dollars()
    state = fields.String(validate=validate.OneOf([one.value for one in InstalmentState]))


class CoveredView(Schema):
    """A visit a plan covers."""

    claim = fields.String(metadata={"description": "public id"})
    control = fields.String()
    service_from = fields.Date(allow_none=True)
    amount = Dollars()


class PlanHappenedView(Schema):
    """Something that happened to a plan."""

    at = fields.AwareDateTime()
    move = fields.String()
    from_state = fields.String()
    to_state = fields.String()
    reason = fields.String()
    author = fields.String()


class WholePlan(Schema):
    """A plan with its schedule, visits and history."""

    id = fields.String(attribute="plan.public_id", required=True)
    account_id = fields.String(attribute="account.public_id")
    account = fields.String(attribute="account.number")
    state = fields.String(attribute="plan.state", validate=validate.OneOf([one.value for one in State]))
    total = Dollars(attribute="plan.total")
    paid = Dollars(attribute="plan.paid")
    left = Dollars(attribute="plan.left")
    down = Dollars(attribute="plan.down")
    instalment = Dollars(attribute="plan.instalment")
    count = fields.Integer(attribute="plan.count")
    due_day = fields.Integer(attribute="plan.due_day")
    first_due = fields.Date(attribute="plan.first_due")
    missed = fields.Integer(attribute="plan.missed", metadata={"description": "instalments in a row"})
    late_since = fields.Date(attribute="plan.late_since", allow_none=True)
    defaulted_on = fields.Date(attribute="plan.defaulted_on", allow_none=True)
    re_established_on = fields.Date(attribute="plan.re_established_on", allow_none=True)
    disclosures = fields.Boolean(attribute="plan.disclosures")
    signed_on = fields.Date(attribute="plan.signed_on", allow_none=True)
    witness = fields.String(attribute="plan.witness")
    agreement = fields.Boolean(metadata={"description": "is there a PDF of the schedule in force"})
    autopay = fields.Boolean(metadata={"description": "is a kept card charged on each due day"})
    version = fields.Integer(attribute="plan.version")
    moves = fields.List(fields.String(), metadata={"description": "what may happen to it now"})
    lines = fields.List(fields.Nested(LineView), attribute="plan.lines")
    visits = fields.List(fields.Nested(CoveredView))
    events = fields.List(fields.Nested(PlanHappenedView))


class PlanOfferView(Schema):
    """One way to pay. kept: percent of such plans paid to the end here, null while too few are known."""

    count = fields.Integer()
    instalment = Dollars()
    last = Dollars()
    down = Dollars()
    first_due = fields.Date()
    ends_on = fields.Date()
    right = fields.String(metadata={"description": "the right it takes to make it"})
    disclosures = fields.Boolean()
    kept = fields.Integer(allow_none=True)


class PlanOffersView(Schema):
    """What fits an account, best first."""

    balance = Dollars()
    offers = fields.List(fields.Nested(PlanOfferView))
