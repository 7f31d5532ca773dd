"""What the API says of receivers and batches, and what it takes."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest
from app.rebill.lifecycle import BatchState, How, Kind, State
from app.rebill.rules_batches import ANSWERS, NUMBERS_MOST, QUALIFIERS, UNDERWAY, USAGES

VERSION = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
WORDS_MOST = 200


class BatchesRequest(ListRequest):
    """A page of batches and its filters."""

    state = fields.String(
        validate=validate.OneOf(["", UNDERWAY, *BatchState]),
        metadata={"description": "a state, or `underway`: everything not settled"},
    )
    receiver = fields.String(validate=validate.Length(max=40), metadata={"description": "public id"})
    answer = fields.String(
        validate=validate.OneOf(["", *ANSWERS]), metadata={"description": "what the receiver said"}
    )
    released_from = fields.String(validate=validate.Length(max=20), metadata={"description": "a day, or t-7"})
    released_to = fields.String(validate=validate.Length(max=20), metadata={"description": "a day, or t"})
    q = fields.String(validate=validate.Length(max=80), metadata={"description": "ISA13 or file name"})


class BatchShown(Schema):
    """A file to one receiver."""

    id = fields.String(attribute="public_id", required=True)
    entity = fields.String(required=True)
    receiver = fields.String(required=True, metadata={"description": "public id"})
    receiver_name = fields.String(required=True)
    how = fields.String(required=True, validate=validate.OneOf([one.value for one in How]))
    state = fields.String(required=True, validate=validate.OneOf([one.value for one in BatchState]))
    interchange = fields.Integer(required=True, metadata={"description": "ISA13"})
    first_group = fields.Integer(required=True, metadata={"description": "GS06 of its first group"})
    groups = fields.Integer(required=True)
    usage = fields.String(required=True, validate=validate.OneOf(list(USAGES)))
    claims = fields.Integer(required=True)
    charge = Dollars(required=True)
    file = fields.String(required=True, metadata={"description": "id among the files; empty until sent"})
    file_name = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "bytes"})
    sha256 = fields.String(required=True)
    released_by = fields.String(required=True)
    released_at = fields.AwareDateTime(required=True, format="iso")
    sent_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    proof = fields.String(required=True, metadata={"description": "how we know where it is"})
    ta1 = fields.String(required=True, metadata={"description": "A, E, R; empty: nothing yet"})
    syntax = fields.String(required=True, metadata={"description": "A, E, P, R of its 999; empty: none yet"})
    accepted = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    moves = fields.List(fields.String(), required=True, metadata={"description": "what may be done now"})
    version = fields.Integer(required=True)


class BatchesPage(Schema):
    """A page of batches, newest first."""

    rows = fields.List(fields.Nested(BatchShown), required=True)
    next = fields.String(required=True)
    previous = fields.String(required=True)


class AttemptShown(Schema):
    """A try to hand a batch over."""

    number = fields.Integer(required=True)
    started_at = fields.AwareDateTime(required=True, format="iso")
    ended_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    outcome = fields.String(required=True, metadata={"description": "empty while it is under way"})
    words = fields.String(required=True)


class WholeBatch(BatchShown):
    """A batch with its tries."""

    attempts = fields.List(fields.Nested(AttemptShown), required=True)


class BatchClaimsRequest(ListRequest):
    """A page of the claims of a batch."""


class BatchClaimShown(Schema):
    """A submission in a batch."""

    id = fields.String(attribute="public_id", required=True)
    claim = fields.String(required=True, metadata={"description": "public id of the claim"})
    place = fields.Integer(required=True, allow_none=True, metadata={"description": "which of the file"})
    control = fields.String(required=True, metadata={"description": "CLM01"})
    kind = fields.String(required=True, validate=validate.OneOf([one.value for one in Kind]))
    payer = fields.String(required=True)
    charge = Dollars(required=True)
    file_by = fields.Date(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf([one.value for one in State]))


class BatchClaimsPage(Schema):
    """A page of the claims of a batch, in the order of its file."""

    rows = fields.List(fields.Nested(BatchClaimShown), required=True)
    next = fields.String(required=True)
    previous = fields.String(required=True)


class BatchVersion(Schema):
    """The version that was looked at."""

    version = VERSION


class BatchReason(Schema):
    """The version that was looked at, and why."""

    version = VERSION
    words = fields.String(required=True, validate=validate.Length(1, WORDS_MOST))


class BatchKnown(Schema):
    """What a person found out about a batch."""

    version = VERSION
    arrived = fields.Boolean(required=True, truthy={True}, falsy={False})
    words = fields.String(
        required=True, validate=validate.Length(1, WORDS_MOST), metadata={"description": "how you know"}
    )


class BatchDone(Schema):
    """Where a batch stands now."""

    id = fields.String(attribute="public_id", required=True)
    state = fields.String(required=True, validate=validate.OneOf([one.value for one in BatchState]))
    version = fields.Integer(required=True)


class ReasonShown(Schema):
    """Why a claim stays behind, and what would unblock it."""

    code = fields.String(required=True)
    words = fields.String(required=True)
    unblock = fields.String(required=True)


class ReadyShown(Schema):
    """A finished claim that waits for a batch."""

    id = fields.String(attribute="public_id", required=True)
    claim = fields.String(required=True)
    control = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf([one.value for one in Kind]))
    payer = fields.String(required=True)
    charge = Dollars(required=True)
    file_by = fields.Date(required=True, allow_none=True)


class KeptShown(Schema):
    """A claim that stays behind."""

    claim = fields.Nested(ReadyShown, attribute="row", required=True)
    reasons = fields.List(fields.Nested(ReasonShown), required=True)


class GroupShown(Schema):
    """What is ready for one receiver; `receiver` is empty for claims no receiver takes."""

    entity = fields.String(required=True)
    receiver = fields.String(required=True)
    receiver_name = fields.String(required=True)
    claims = fields.Integer(required=True)
    charge = Dollars(required=True)
    plan = fields.String(required=True, metadata={"description": "names exactly these claims; release it"})
    sample = fields.List(fields.Nested(ReadyShown), required=True)
    blocked = fields.List(fields.Nested(KeptShown), required=True)


class ReadyList(Schema):
    """What is ready, by receiver."""

    rows = fields.List(fields.Nested(GroupShown), required=True)


class ReleaseRequest(Schema):
    """Release what is ready for a receiver. `plan` of what was looked at: another set is refused (409)."""

    receiver = fields.String(required=True, validate=validate.Length(1, 40))
    rebills = fields.List(
        fields.String(validate=validate.Length(1, 40)),
        validate=validate.Length(1, 10_000),
        metadata={"description": "only these; absent: everything that is ready"},
    )
    plan = fields.String(load_default="", validate=validate.Length(max=16))


class _ReceiverFields(Schema):
    """What makes a receiver."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    how = fields.String(required=True, validate=validate.OneOf([one.value for one in How]))
    usage = fields.String(required=True, validate=validate.OneOf(list(USAGES)))
    sender_qualifier = fields.String(required=True, validate=validate.OneOf(QUALIFIERS))
    sender = fields.String(required=True, validate=validate.Length(2, 15))
    receiver_qualifier = fields.String(required=True, validate=validate.OneOf(QUALIFIERS))
    receiver = fields.String(required=True, validate=validate.Length(2, 15))
    submitter_name = fields.String(required=True, validate=validate.Length(2, 60))
    submitter_number = fields.String(required=True, validate=validate.Length(2, 80))
    contact_name = fields.String(required=True, validate=validate.Length(2, 60))
    contact_phone = fields.String(required=True, validate=validate.Length(10, 20))
    receiver_name = fields.String(required=True, validate=validate.Length(2, 60))
    receiver_number = fields.String(required=True, validate=validate.Length(2, 80))
    place = fields.String(load_default="", validate=validate.Length(max=200))
    host = fields.String(load_default="", validate=validate.Length(max=200))
    port = fields.Integer(load_default=22, strict=True, validate=validate.Range(1, 65535))
    username = fields.String(load_default="", validate=validate.Length(max=80))
    is_default = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class ReceiverRequest(_ReceiverFields):
    """A receiver to name. Its secret is sealed and never shown again."""

    entity = fields.String(required=True, validate=validate.Length(1, 40))
    secret = fields.String(load_default="", validate=validate.Length(max=8_000), load_only=True)
    first_number = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, NUMBERS_MOST))


class ReceiverChange(_ReceiverFields):
    """A receiver as it shall be; without a secret the old one stays."""

    secret = fields.String(load_default="", validate=validate.Length(max=8_000), load_only=True)
    version = VERSION


class ReceiverSwitch(Schema):
    """Use a receiver or not."""

    active = fields.Boolean(required=True, truthy={True}, falsy={False})
    version = VERSION


class ReceiverShown(_ReceiverFields):
    """A receiver, without its secret."""

    id = fields.String(attribute="public_id", required=True)
    entity = fields.String(required=True)
    active = fields.Boolean(required=True)
    has_secret = fields.Boolean(required=True)
    host_key = fields.String(required=True, metadata={"description": "kind and SHA-256 of the confirmed key"})
    missing = fields.String(required=True, metadata={"description": "what comes before the first batch"})
    next_interchange = fields.Integer(required=True)
    next_group = fields.Integer(required=True)
    version = fields.Integer(required=True)


class ReceiverList(Schema):
    """Every receiver in scope."""

    rows = fields.List(fields.Nested(ReceiverShown), required=True)


class RouteShown(Schema):
    """Claims for a payer go here, `[from, to)`."""

    payer = fields.String(required=True, metadata={"description": "public id"})
    payer_name = fields.String(required=True)
    effective_from = fields.Date(required=True)
    effective_to = fields.Date(required=True, allow_none=True)
    author = fields.String(required=True)


class RouteList(Schema):
    """The payers routed to a receiver."""

    rows = fields.List(fields.Nested(RouteShown), required=True)


class RouteRequest(Schema):
    """From `day` on (today or later) claims for a payer go here, or no more."""

    payer = fields.String(required=True, validate=validate.Length(1, 40))
    day = fields.Date(required=True)
    ends = fields.Boolean(
        load_default=False, truthy={True}, falsy={False}, metadata={"description": "end the route instead"}
    )
    version = VERSION


class KeyRequest(Schema):
    """The key of the server, compared and confirmed by a person: a key line or its fingerprint."""

    host_key = fields.String(required=True, validate=validate.Length(1, 1_600))
    version = VERSION


class KeyShown(Schema):
    """The key a server shows now; confirmed only when a person says so."""

    host_key = fields.String(required=True)
    confirmed = fields.Boolean(required=True)


class TriedShown(Schema):
    """What trying the connection came to."""

    works = fields.Boolean(required=True)
    code = fields.String(required=True)
    words = fields.String(required=True)
