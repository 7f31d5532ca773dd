"""What the API says of patients' payments, and what it takes."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest
from app.payments.lifecycle import Mode, Reversal, SmallState, State, Tender
from app.payments.rules import KEY_CHARACTERS, REFERENCE_CHARACTERS, SHOWS, WORDS_CHARACTERS

VERSION = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
AMOUNT = validate.Regexp(r"^\d{1,10}(\.\d{1,2})?$", error="An amount is written like 80.00.")
PUBLIC = validate.Length(1, 40)
TENDERS, MODES = [one.value for one in Tender], [one.value for one in Mode]
WORDS = validate.Length(1, WORDS_CHARACTERS)


class PaymentsRequest(ListRequest):
    """A page of payments and its filters."""

    entity = fields.String(validate=validate.Length(max=40), metadata={"description": "public id"})
    show = fields.String(validate=validate.OneOf(["", *SHOWS]))
    tender = fields.String(validate=validate.OneOf(["", *TENDERS]))
    received_from = fields.String(validate=validate.Length(max=20), metadata={"description": "a day, or t-7"})
    received_to = fields.String(validate=validate.Length(max=20), metadata={"description": "a day, or t"})
    q = fields.String(validate=validate.Length(max=60), metadata={"description": "payment or account number"})


class PaymentShown(Schema):
    """A patient's payment. amount = applied + unapplied while it stands."""

    id = fields.String(attribute="public_id", required=True)
    entity = fields.String(required=True, metadata={"description": "public id"})
    account = fields.String(required=True, metadata={"description": "public id; empty while unidentified"})
    number = fields.String(required=True)
    tender = fields.String(required=True, validate=validate.OneOf(TENDERS))
    amount = Dollars(required=True)
    applied = Dollars(required=True)
    unapplied = Dollars(required=True)
    received_on = fields.Date(required=True)
    reference = fields.String(required=True)
    mode = fields.String(required=True, validate=validate.OneOf(MODES))
    state = fields.String(required=True, validate=validate.OneOf([one.value for one in State]))
    review = fields.String(required=True, metadata={"description": "why a person has to look; empty: nobody"})
    reversal = fields.String(required=True, allow_none=True)
    reversed_on = fields.Date(required=True, allow_none=True)
    author = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True, format="iso")
    version = fields.Integer(required=True)


class PaymentPage(Schema):
    """A page of payments."""

    rows = fields.List(fields.Nested(PaymentShown), required=True)
    next = fields.String(required=True)
    previous = fields.String(required=True)


class PaymentPart(Schema):
    """What a payment put on a visit, or took off it (negative)."""

    visit = fields.String(attribute="claim", required=True, metadata={"description": "public id"})
    control = fields.String(required=True)
    service_from = fields.Date(required=True, allow_none=True)
    amount = Dollars(required=True)
    applied_on = fields.Date(required=True)


class WholePayment(PaymentShown):
    """A payment with everything it paid."""

    parts = fields.List(fields.Nested(PaymentPart), required=True)


class DesignatedVisit(Schema):
    """A visit the patient names, with the most to put on it."""

    visit = fields.String(required=True, validate=PUBLIC, metadata={"description": "public id"})
    amount = fields.String(load_default=None, allow_none=True, validate=AMOUNT)


class PreviewPaymentRequest(Schema):
    """A payment somebody thinks of."""

    account = fields.String(required=True, validate=PUBLIC, metadata={"description": "public id"})
    amount = fields.String(required=True, validate=AMOUNT)
    mode = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(MODES))
    designated = fields.List(
        fields.Nested(DesignatedVisit), load_default=list, validate=validate.Length(max=200)
    )


class PaymentRequest(PreviewPaymentRequest):
    """A payment that came. key: any text of yours; the same key is the same payment."""

    account = fields.String(
        load_default="", validate=validate.Length(max=40),
        metadata={"description": "public id; empty: nobody knows whose"},
    )  # fmt: skip
    entity = fields.String(load_default="", validate=validate.Length(max=40))
    tender = fields.String(required=True, validate=validate.OneOf(TENDERS))
    key = fields.String(required=True, validate=validate.Length(1, KEY_CHARACTERS))
    received_on = fields.Date(load_default=None, allow_none=True)
    reference = fields.String(load_default="", validate=validate.Length(max=REFERENCE_CHARACTERS))
    card = fields.String(
        load_default="", validate=validate.Length(max=40), metadata={"description": "a kept card's id"}
    )


class PlannedVisit(Schema):
    """A visit a payment would pay."""

    visit = fields.String(required=True, metadata={"description": "public id"})
    control = fields.String(required=True)
    due = Dollars(required=True)
    amount = Dollars(required=True)


class PlannedPayment(Schema):
    """What a payment would pay."""

    mode = fields.String(required=True, validate=validate.OneOf(MODES))
    parts = fields.List(fields.Nested(PlannedVisit), required=True)
    unapplied = Dollars(required=True)
    review = fields.String(required=True)


class PaymentVersion(Schema):
    """The version that was looked at."""

    version = VERSION


class PaymentReason(PaymentVersion):
    """The version that was looked at, and why."""

    reason = fields.String(required=True, validate=WORDS)


class ApplyRequest(PaymentVersion):
    """How to apply what is unapplied."""

    mode = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(MODES))
    designated = fields.List(
        fields.Nested(DesignatedVisit), load_default=list, validate=validate.Length(max=200)
    )


class TakeOffRequest(PaymentReason):
    """Which visits to take a payment off; none named: all."""

    visits = fields.List(fields.String(validate=PUBLIC), load_default=list, validate=validate.Length(max=200))


class IdentifyRequest(PaymentVersion):
    """Whose it is."""

    account = fields.String(required=True, validate=PUBLIC, metadata={"description": "public id"})


class ReturnRequest(PaymentVersion):
    """Why a payment comes back."""

    why = fields.String(required=True, validate=validate.OneOf([one.value for one in Reversal]))
    day = fields.Date(load_default=None, allow_none=True)
    code = fields.String(
        load_default="", validate=validate.Regexp(r"^([A-Z]\d{2})?$"), metadata={"description": "R01 ..."}
    )
    words = fields.String(load_default="", validate=validate.Length(max=WORDS_CHARACTERS))
    fee = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class ReturnedView(WholePayment):
    """A payment that came back. fee: charged; fee_words: why none was."""

    fee = Dollars(required=True)
    fee_words = fields.String(required=True)


class CardRequest(Schema):
    """A card the processor keeps for us, and what the guarantor agreed to. Never a card number."""

    account = fields.String(required=True, validate=PUBLIC, metadata={"description": "public id"})
    token = fields.String(required=True, validate=validate.Length(1, 200))
    authorised = fields.String(required=True, validate=validate.Length(1, 400))
    most = fields.String(load_default=None, allow_none=True, validate=AMOUNT)
    until = fields.Date(load_default=None, allow_none=True)


class CardShown(Schema):
    """A kept card."""

    id = fields.String(attribute="public_id", required=True)
    account = fields.String(required=True, metadata={"description": "public id"})
    brand = fields.String(required=True)
    last4 = fields.String(required=True)
    expires = fields.Date(required=True)
    authorised = fields.String(required=True)
    authorised_on = fields.Date(required=True)
    most = Dollars(required=True, allow_none=True)
    until = fields.Date(required=True, allow_none=True)
    revoked_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    version = fields.Integer(required=True)


class CardsRequest(Schema):
    """Whose cards."""

    account = fields.String(required=True, validate=PUBLIC, metadata={"description": "public id"})


class CardList(Schema):
    """The cards of an account."""

    rows = fields.List(fields.Nested(CardShown), required=True)


class SmallsRequest(ListRequest):
    """A page of small balances and its filters."""

    entity = fields.String(validate=validate.Length(max=40), metadata={"description": "public id"})
    state = fields.String(validate=validate.OneOf(["", *(one.value for one in SmallState)]))


class SmallShown(Schema):
    """A small balance somebody proposed to write off."""

    id = fields.String(attribute="public_id", required=True)
    entity = fields.String(required=True)
    account = fields.String(required=True, metadata={"description": "public id"})
    visit = fields.String(attribute="claim", required=True, metadata={"description": "public id"})
    control = fields.String(required=True)
    amount = Dollars(required=True)
    state = fields.String(required=True, validate=validate.OneOf([one.value for one in SmallState]))
    asked_by = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True, format="iso")
    decided_by = fields.String(required=True)
    version = fields.Integer(required=True)


class SmallPage(Schema):
    """A page of small balances."""

    rows = fields.List(fields.Nested(SmallShown), required=True)
    next = fields.String(required=True)
    previous = fields.String(required=True)


class SmallSample(Schema):
    """One of them."""

    visit = fields.String(attribute="claim", required=True)
    control = fields.String(required=True)
    amount = Dollars(required=True)


class SmallPreview(Schema):
    """What proposing would ask for: count, dollars, ten rows."""

    count = fields.Integer(required=True)
    total = Dollars(required=True)
    sample = fields.List(fields.Nested(SmallSample), required=True)


class EntityRequest(Schema):
    """For which billing entity."""

    entity = fields.String(load_default="", validate=validate.Length(max=40))


class ProposeRequest(EntityRequest):
    """What was previewed: refused when it is another by now."""

    count = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10_000_000))
    total = fields.String(required=True, validate=AMOUNT)


class ChosenSmall(PaymentVersion):
    """A proposal that was looked at."""

    id = fields.String(required=True, validate=PUBLIC)


class DecideRequest(Schema):
    """What a second person decides."""

    approve = fields.Boolean(required=True, truthy={True}, falsy={False})
    chosen = fields.List(fields.Nested(ChosenSmall), required=True, validate=validate.Length(1, 500))


class CountView(Schema):
    """How many it was."""

    count = fields.Integer(required=True)
