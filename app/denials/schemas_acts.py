"""What the API takes and tells of acts, calls and write-offs."""

from marshmallow import Schema, fields, validate

from app.denials.lifecycle import BY_HAND
from app.denials.rules_acts import FOLLOW_UPS, PREVENTABLE, RESULTS, ROOT_CAUSES, Act
from app.kernel.schemas import Dollars

PUBLIC = validate.Length(max=20)
VERSION = validate.Range(1, 2**31 - 1)
REASON = validate.Length(max=200)


class Filters(fields.Dict):
    """Filters of the list, by their names there."""

    def __init__(self) -> None:
        super().__init__(
            keys=fields.String(validate=validate.Length(max=20)),
            values=fields.String(validate=validate.Length(max=400)),
            load_default=dict,
            metadata={"description": "filters of GET /denials; open cases unless `state` says otherwise"},
        )


class Seen(Schema):
    """A case and the version of it that was looked at."""

    id = fields.String(required=True, validate=PUBLIC)
    version = fields.Integer(required=True, validate=VERSION)


class ActRequest(Schema):
    """One act over cases, or over all that filters find."""

    act = fields.String(required=True, validate=validate.OneOf([one.value for one in Act]))
    cases = fields.List(fields.Nested(Seen), load_default=list, validate=validate.Length(max=2_000))
    filters = Filters()
    count = fields.Integer(load_default=None, validate=validate.Range(0, 20_000))
    owner = fields.String(load_default=None, metadata={"description": "`me`, `nobody`, or a public id"})
    move = fields.String(
        load_default="", validate=validate.OneOf(["", *sorted(one.value for one in BY_HAND)])
    )
    reason = fields.String(load_default="", validate=REASON)
    until = fields.Date(load_default=None)
    root_cause = fields.String(load_default="", validate=validate.OneOf(["", *ROOT_CAUSES]))
    preventable = fields.String(load_default="", validate=validate.OneOf(["", *PREVENTABLE]))
    text = fields.String(load_default="", validate=validate.Length(max=4_000))


class SkippedView(Schema):
    """A case the act did not fit."""

    id = fields.String(attribute="public_id")
    reason = fields.String()


class ActView(Schema):
    """What came of an act; `act` names it for undoing and is empty when nothing was done."""

    act = fields.String(attribute="bulk")
    done = fields.Integer()
    skipped = fields.List(fields.Nested(SkippedView))


class UndoneView(Schema):
    """What an undo gave back; `stale` cases were changed since."""

    done = fields.Integer()
    stale = fields.List(fields.String())


class StateCount(Schema):
    """How many cases stand in a state."""

    state = fields.Function(lambda pair: pair[0], metadata={"type": "string"})
    count = fields.Function(lambda pair: pair[1], metadata={"type": "integer"})


class SetView(Schema):
    """A set as a whole."""

    count = fields.Integer()
    denied = Dollars()
    at_stake = Dollars()
    states = fields.List(fields.Nested(StateCount))


class NextRequest(Schema):
    """The queue, and the case on the screen."""

    filters = Filters()
    leaving = fields.String(load_default="", validate=PUBLIC)


class NextView(Schema):
    """The case handed out."""

    id = fields.String(allow_none=True)


class SearchRequest(Schema):
    """What is searched."""

    q = fields.String(required=True, validate=validate.Length(2, 100))


class FoundView(Schema):
    """A filter."""

    find = fields.String()


class CallRequest(Schema):
    """A call with a payer."""

    outcome = fields.String(required=True, validate=validate.Length(max=24))
    representative = fields.String(load_default="", validate=validate.Length(max=80))
    reference = fields.String(load_default="", validate=validate.Length(max=60))
    promised_on = fields.Date(load_default=None)
    promised_amount = fields.String(load_default="", validate=validate.Length(max=20))
    note = fields.String(load_default="", validate=validate.Length(max=4_000))
    wait = fields.Boolean(load_default=True)


class ContactView(Schema):
    """A note or a call."""

    id = fields.String(attribute="public_id")
    kind = fields.String()
    at = fields.AwareDateTime(format="iso")
    who = fields.String()
    text = fields.String()
    representative = fields.String()
    reference = fields.String()
    outcome = fields.String()
    promised_on = fields.Date(allow_none=True)
    promised_amount = Dollars(allow_none=True)
    promise = fields.String()
    struck = fields.Boolean()


class StoryView(Schema):
    """Notes and calls, newest first."""

    rows = fields.List(fields.Nested(ContactView))


class Done(Schema):
    """The act's name, for undoing."""

    act = fields.String()


class WrapRequest(Schema):
    """Two keys and what was said."""

    version = fields.Integer(required=True, validate=VERSION)
    result = fields.String(required=True, validate=validate.OneOf(list(RESULTS)))
    follow_up = fields.String(required=True, validate=validate.OneOf(list(FOLLOW_UPS)))
    representative = fields.String(load_default="", validate=validate.Length(max=80))
    reference = fields.String(load_default="", validate=validate.Length(max=60))
    note = fields.String(load_default="", validate=validate.Length(max=4_000))
    filters = Filters()


class WrapView(Schema):
    """The act's name, and the next case; empty at the end of the queue."""

    act = fields.String(attribute="bulk")
    next = fields.String()


class PaperView(Schema):
    """A document of a case."""

    id = fields.String(attribute="public_id")
    name = fields.String()
    kind = fields.String()
    media = fields.String()
    size = fields.Integer()
    added_at = fields.AwareDateTime(format="iso")


class Downloads(Schema):
    """The documents of a case."""

    rows = fields.List(fields.Nested(PaperView))


class WriteoffRequest(Schema):
    """What to give up, and why. No amount means all that is denied and still owed."""

    version = fields.Integer(required=True, validate=VERSION)
    reason = fields.String(required=True, validate=validate.OneOf(["avoidable", "unavoidable"]))
    words = fields.String(required=True, validate=validate.Length(1, 200))
    amount = fields.String(load_default="", validate=validate.Length(max=20))


class PatientRequest(Schema):
    """Why what was refused in group PR may be asked of the next payer or the patient.

    document: the signed notice of a waiver, attached to the case.
    """

    version = fields.Integer(required=True, validate=VERSION)
    reason = fields.String(required=True, validate=validate.Length(1, 200))
    basis = fields.String(load_default="payer", validate=validate.OneOf(["payer", "waiver"]))
    document = fields.String(load_default="", validate=validate.Length(max=20))


class MovedToPatientView(Schema):
    """What moved, and to whom; `act` names it for undoing."""

    act = fields.String()
    cents = Dollars(data_key="amount")
    to = fields.String()
    closed = fields.Boolean()


class BackRequest(Schema):
    """Why it comes back."""

    version = fields.Integer(required=True, validate=VERSION)
    reason = fields.String(required=True, validate=validate.Length(1, 200))


class BackView(Schema):
    """What came back to the payer's receivable."""

    amount = Dollars()


class LimitRequest(Schema):
    """A limit from a day on. The unit is the last word of its name: cents, days, minutes, bytes, a count."""

    entity = fields.String(load_default="", validate=validate.Length(max=20))
    name = fields.String(required=True, validate=validate.Length(1, 32))
    role = fields.String(load_default="", validate=validate.Length(max=24))
    amount = fields.Integer(required=True, validate=validate.Range(0, 10**13))
    since = fields.Date(required=True)
    reason = fields.String(required=True, validate=validate.Length(1, 200))


class LimitQuery(Schema):
    """Whose limits; the first entity in scope when none is named."""

    entity = fields.String(load_default="", validate=validate.Length(max=20))


class LimitView(Schema):
    """A limit as it holds today; `shipped` is what holds without a row of our own."""

    name = fields.String()
    role = fields.String()
    amount = fields.Integer()
    shipped = fields.Integer()
    ours = fields.Boolean()


class LimitChangeView(Schema):
    """A row of our own, as it was written."""

    name = fields.String()
    role = fields.String()
    amount = fields.Integer()
    effective_from = fields.Date()
    author = fields.String()
    reason = fields.String()
    recorded_at = fields.AwareDateTime(format="iso")
    replaced_at = fields.AwareDateTime(format="iso", allow_none=True)


class LimitPage(Schema):
    """Limits in force, and every change there was."""

    rows = fields.List(fields.Nested(LimitView))
    history = fields.List(fields.Nested(LimitChangeView))


class WriteoffId(Schema):
    """The request, or the case it was about."""

    id = fields.String()
    filing_open_until = fields.Date(
        metadata={"description": "present while its claim can still be filed: approval needs a review"}
    )


class WriteoffDecision(Schema):
    """Yes or no."""

    decision = fields.String(required=True, validate=validate.OneOf(["approve", "decline"]))
    version = fields.Integer(required=True, validate=VERSION)
    answer = fields.String(load_default="", validate=REASON)
    reviewed = fields.Boolean(
        load_default=False,
        metadata={
            "description": "a supervisor looked: the claim could still be filed, the answer says why not"
        },
    )


class WriteoffView(Schema):
    """A request."""

    id = fields.String(attribute="public_id")
    denial = fields.String()
    amount = Dollars()
    reason = fields.String()
    words = fields.String()
    state = fields.String()
    asked_by = fields.String()
    asked_at = fields.AwareDateTime(format="iso")
    mine = fields.Boolean()
    version = fields.Integer()
    file_by = fields.Date(
        allow_none=True,
        metadata={"description": "until this day its claim can be filed, and approval needs a review"},
    )


class WriteoffPage(Schema):
    """Requests that wait."""

    rows = fields.List(fields.Nested(WriteoffView))
