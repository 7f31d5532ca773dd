"""What the API says of guarantors, and what it takes."""

from marshmallow import Schema, fields, validate

from app.patients.lifecycle import Channel, PointKind, Relation
from app.patients.rules_people import LANGUAGES

VERSION = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
REASON = fields.String(required=True, validate=validate.Length(1, 200))
_DAY = {"description": "ISO 8601"}


class GuarantorVersion(Schema):
    """What was read."""

    version = VERSION


class HomeRequest(Schema):
    """An address in the United States."""

    street = fields.String(required=True, validate=validate.Length(1, 60))
    street2 = fields.String(load_default="", validate=validate.Length(max=60))
    city = fields.String(required=True, validate=validate.Length(1, 40))
    state = fields.String(required=True, validate=validate.Length(equal=2))
    zip = fields.String(required=True, validate=validate.Length(5, 10))


class GuarantorAddressRequest(HomeRequest):
    """A new address from a day on."""

    effective_from = fields.Date(load_default=None, metadata=_DAY)
    version = VERSION


class NewGuarantorRequest(Schema):
    """Somebody who shall answer."""

    last = fields.String(required=True, validate=validate.Length(1, 80))
    first = fields.String(required=True, validate=validate.Length(1, 60))
    middle = fields.String(load_default="", validate=validate.Length(max=40))
    birth = fields.Date(load_default=None, allow_none=True)
    relation = fields.Enum(Relation, by_value=True, required=True)
    home = fields.Nested(HomeRequest, load_default=None, allow_none=True)


class WhoRequest(Schema):
    """An account there is, or a person."""

    account = fields.String(load_default="", validate=validate.Length(max=20))
    person = fields.Nested(NewGuarantorRequest, load_default=None, allow_none=True)
    reason = REASON


class SetGuarantorRequest(WhoRequest):
    """Who answers for a patient's services `[from_day, until)`."""

    from_day = fields.Date(required=True)
    until = fields.Date(load_default=None, allow_none=True)


class ChangeGuarantor(Schema):
    """What is to be corrected; what is left out stays."""

    last = fields.String(validate=validate.Length(1, 80))
    first = fields.String(validate=validate.Length(1, 60))
    middle = fields.String(validate=validate.Length(max=40))
    birth = fields.Date(allow_none=True)
    relation = fields.String(validate=validate.OneOf([one.value for one in Relation]))
    language = fields.String(validate=validate.OneOf(list(LANGUAGES)))
    version = VERSION


class ConfidentialRequest(Schema):
    """A second account of the same person for mail kept apart."""

    reason = REASON
    home = fields.Nested(HomeRequest, load_default=None, allow_none=True)
    version = VERSION


class GuarantorPointRequest(Schema):
    """A number or e-mail address."""

    kind = fields.Enum(PointKind, by_value=True, required=True)
    value = fields.String(required=True, validate=validate.Length(1, 254))
    work = fields.Boolean(load_default=False)


class GuarantorConsentRequest(Schema):
    """A yes or a no; a yes needs a proof."""

    channel = fields.Enum(Channel, by_value=True, required=True)
    granted = fields.Boolean(required=True)
    point = fields.String(load_default="", validate=validate.Length(max=20))
    said_at = fields.AwareDateTime(load_default=None, metadata={"description": "when it was said; now"})
    proof = fields.String(load_default="", validate=validate.Length(max=200))


class GuarantorSearch(Schema):
    """Whom to find; in a body, so that no address names anybody."""

    q = fields.String(required=True, validate=validate.Length(2, 100))


class GuarantorView(Schema):
    """A guarantor: the account of a person at one entity."""

    id = fields.String(attribute="public_id", required=True)
    number = fields.String(required=True)
    last = fields.String(required=True)
    first = fields.String(required=True)
    middle = fields.String(required=True)
    birth = fields.Date(allow_none=True, required=True)
    relation = fields.String(required=True)
    confirmed = fields.Boolean(required=True)
    confidential = fields.Boolean(required=True)
    language = fields.String(required=True)
    state = fields.String(required=True)
    entity = fields.String(required=True)
    version = fields.Integer(required=True)


class AnswersForPatient(Schema):
    """A patient they answer for, by day of service `[effective_from, effective_to)`."""

    patient = fields.String(attribute="public_id", required=True)
    name = fields.String(required=True)
    birth = fields.Date(allow_none=True, required=True)
    effective_from = fields.Date(required=True)
    effective_to = fields.Date(allow_none=True, required=True)
    reason = fields.String(required=True)


class AddressView(Schema):
    """An address; mail: good, held or bad."""

    id = fields.String(attribute="public_id", required=True)
    street = fields.String(required=True)
    street2 = fields.String(required=True)
    city = fields.String(required=True)
    state = fields.String(required=True)
    zip = fields.String(required=True)
    mail = fields.String(required=True)
    mail_code = fields.String(required=True)
    mail_on = fields.Date(allow_none=True, required=True)
    source = fields.String(required=True)
    effective_from = fields.Date(required=True)
    effective_to = fields.Date(allow_none=True, required=True)


class PointView(Schema):
    """A number or e-mail address with every time zone it may ring in."""

    id = fields.String(attribute="public_id", required=True)
    kind = fields.String(required=True)
    value = fields.String(required=True)
    shown = fields.String(required=True)
    work = fields.Boolean(required=True)
    zones = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)


class ConsentView(Schema):
    """A yes or no; counts: the last one about this channel and number."""

    id = fields.String(attribute="said.public_id", required=True)
    channel = fields.String(attribute="said.channel", required=True)
    granted = fields.Boolean(attribute="said.granted", required=True)
    said_at = fields.AwareDateTime(attribute="said.effective_at", required=True)
    source = fields.String(attribute="said.source", required=True)
    proof = fields.String(attribute="said.proof", required=True)
    author = fields.String(attribute="said.author", required=True)
    about = fields.String(required=True)
    counts = fields.Boolean(required=True)


class GuarantorWhole(Schema):
    """All that is known of a guarantor but money."""

    guarantor = fields.Nested(GuarantorView, attribute="head", required=True)
    patients = fields.List(fields.Nested(AnswersForPatient), required=True)
    addresses = fields.List(fields.Nested(AddressView), required=True)
    points = fields.List(fields.Nested(PointView), required=True)
    consents = fields.List(fields.Nested(ConsentView), required=True)
    zones = fields.List(fields.String(), required=True)


class FoundGuarantors(Schema):
    """The guarantors a search found, 50 at most."""

    rows = fields.List(fields.Nested(GuarantorView), required=True)


class AlikeRequest(Schema):
    """Of which billing entity."""

    entity = fields.String(load_default="", metadata={"description": "public id of a billing entity"})


class AlikeGuarantorView(Schema):
    """Two accounts that look like one person."""

    first = fields.Nested(GuarantorView, required=True)
    second = fields.Nested(GuarantorView, required=True)


class AlikeList(Schema):
    """Pairs, 200 at most."""

    rows = fields.List(fields.Nested(AlikeGuarantorView), required=True)


class MadeAccount(Schema):
    """The account that answers now."""

    account = fields.String(required=True)


class GuarantorFileRequest(Schema):
    """Into which entity, and whether only to try."""

    entity = fields.String(load_default="", metadata={"description": "public id of a billing entity"})
    preview = fields.Boolean(load_default=False)


class GuarantorFileFinding(Schema):
    """What is wrong at a row (headings are row 1) and a column."""

    row = fields.Integer(required=True)
    column = fields.String(required=True)
    code = fields.String(required=True)
    text = fields.String(required=True)


class GuarantorFileOutcome(Schema):
    """What a file did, or would do: rows = changed + same + bad; the first 500 findings."""

    rows = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    same = fields.Integer(required=True)
    bad = fields.Integer(required=True)
    findings = fields.List(fields.Nested(GuarantorFileFinding), required=True)
