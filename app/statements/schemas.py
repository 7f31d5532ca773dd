"""What the API says of runs, statements, policies and why no bill, and what it takes."""

from marshmallow import Schema, fields, validate

from app.kernel.schemas import Dollars, ListRequest
from app.statements.lifecycle import Outcome, PolicyState, RunKind, RunState, Stage, Way
from app.statements.rules_policy import DAYS_MOST, LETTERS, LEVELS_MOST, MESSAGES

VERSION = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
WORDS_MOST, ID_MOST, ACCOUNTS_MOST = 200, 40, 500
KINDS = [one.value for one in RunKind]
STAGES = [one.value for one in Stage]
OUTCOMES = [one.value for one in Outcome]


REASON = fields.String(required=True, validate=validate.Length(1, WORDS_MOST))


class RunDone(Schema):
    """Where something stands now."""

    id = fields.String(attribute="public_id", required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)


class RunsRequest(ListRequest):
    """A page of runs and its filters."""

    entity = fields.String(validate=validate.Length(max=ID_MOST), metadata={"description": "public id"})
    kind = fields.String(validate=validate.OneOf(["", *KINDS]))
    state = fields.String(validate=validate.OneOf(["", *RunState]))


class RunShown(Schema):
    """A run. looked = sending + skipped + dropped, in accounts."""

    id = fields.String(attribute="public_id", required=True)
    entity = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    day = fields.Date(required=True)
    state = fields.String(required=True, validate=validate.OneOf([one.value for one in RunState]))
    looked = fields.Integer(required=True)
    sending = fields.Integer(required=True)
    skipped = fields.Integer(required=True)
    dropped = fields.Integer(required=True)
    made = fields.Integer(required=True)
    amount = Dollars(required=True)
    sample = fields.Integer(required=True)
    plan_hash = fields.String(required=True, metadata={"description": "names exactly these lines; sign it"})
    author = fields.String(required=True)
    planned_at = fields.AwareDateTime(required=True, format="iso")
    signed_by = fields.String(required=True)
    signed_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    released_by = fields.String(required=True)
    released_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    made_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    moves = fields.List(fields.String(), required=True, metadata={"description": "what may be done now"})
    version = fields.Integer(required=True)


class RunsPage(Schema):
    """A page of runs."""

    rows = fields.List(fields.Nested(RunShown), required=True)
    next = fields.String(required=True)
    previous = fields.String(required=True)


class SumShown(Schema):
    """The lines of a run with one outcome and reason."""

    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    reason = fields.String(required=True)
    words = fields.String(required=True)
    who = fields.String(required=True, metadata={"description": "whose move ends it"})
    unblock = fields.String(required=True)
    accounts = fields.Integer(required=True)
    amount = Dollars(required=True)


class GapShown(Schema):
    """A row of the letterhead nobody filled in. state: empty for everywhere."""

    code = fields.String(required=True)
    state = fields.String(required=True)
    label = fields.String(required=True)


class WholeRun(RunShown):
    """A run with its totals by reason. letterhead: rows to fill in before it is signed or released."""

    totals = fields.List(fields.Nested(SumShown), required=True)
    letterhead = fields.List(fields.Nested(GapShown), required=True)


class PlanRequest(Schema):
    """A run to plan. day: absent for today."""

    entity = fields.String(required=True, validate=validate.Length(1, ID_MOST))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))


class ItemsRequest(ListRequest):
    """A page of a run's lines and its filters."""

    outcome = fields.String(validate=validate.OneOf(["", *OUTCOMES]))
    reason = fields.String(validate=validate.Length(max=ID_MOST))
    stage = fields.String(validate=validate.OneOf(["", *STAGES]))
    language = fields.String(validate=validate.Length(max=2))
    way = fields.String(validate=validate.OneOf(["", *Way]))
    least = fields.String(
        validate=validate.Regexp(r"^(\d{1,9}(\.\d{2})?)?$"), metadata={"description": "asks for at least"}
    )
    sampled = fields.String(validate=validate.OneOf(["", "yes", "no"]))
    fine = fields.String(validate=validate.OneOf(["", "yes", "no", "open"]))
    account = fields.String(validate=validate.Length(max=ID_MOST))
    sent = fields.String(validate=validate.OneOf(["", "yes", "no"]))


class ItemShown(Schema):
    """What a run does with one account, and why."""

    account = fields.String(required=True, metadata={"description": "public id"})
    number = fields.String(required=True)
    name = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    reason = fields.String(required=True)
    words = fields.String(required=True)
    who = fields.String(required=True)
    unblock = fields.String(required=True)
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    level = fields.Integer(required=True)
    letter = fields.String(required=True)
    asked = Dollars(required=True)
    way = fields.String(required=True)
    language = fields.String(required=True)
    sampled = fields.Boolean(required=True)
    fine = fields.Boolean(required=True, allow_none=True)
    remark = fields.String(required=True)
    total = Dollars(required=True, metadata={"description": "everything of theirs that is open, now"})
    waiting = Dollars(required=True, metadata={"description": "insurance still has to answer for"})
    on_plan = Dollars(required=True)
    statement_on = fields.Date(required=True, allow_none=True, metadata={"description": "the last one"})
    document = fields.String(required=True, metadata={"description": "public id; empty until it is made"})


class ItemsPage(Schema):
    """A page of a run's lines."""

    rows = fields.List(fields.Nested(ItemShown), required=True)
    next = fields.String(required=True)
    previous = fields.String(required=True)


class RunVersion(Schema):
    """The run as it was looked at."""

    version = VERSION


class MarkRequest(Schema):
    """Is a document of the sample fine? A remark is needed when it is not."""

    account = fields.String(required=True, validate=validate.Length(1, ID_MOST))
    fine = fields.Boolean(required=True, truthy={True}, falsy={False})
    remark = fields.String(load_default="", validate=validate.Length(max=WORDS_MOST))
    version = VERSION


class RunDropRequest(Schema):
    """Take accounts out of a run that is not signed."""

    accounts = fields.List(
        fields.String(validate=validate.Length(1, ID_MOST)),
        required=True,
        validate=validate.Length(1, ACCOUNTS_MOST),
    )
    remark = REASON
    version = VERSION


class SignRequest(Schema):
    """Sign exactly the lines that were looked at; somebody else planned the run."""

    plan_hash = fields.String(required=True, validate=validate.Length(equal=64))
    version = VERSION


# ---------------------------------------------------------------- why, and where an account stands


class DeadlineShown(Schema):
    """A day with its rule and the event it starts from."""

    what = fields.String(required=True)
    on = fields.Date(required=True)
    rule = fields.String(required=True)
    event = fields.String(required=True)
    starts = fields.Date(required=True)
    days = fields.Integer(required=True)
    moved = fields.String(required=True)


class StandsShown(Schema):
    """Where an account stands in dunning."""

    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    since = fields.Date(required=True, allow_none=True)
    first_on = fields.Date(required=True, allow_none=True)
    notice_on = fields.Date(required=True, allow_none=True)
    next_on = fields.Date(required=True, allow_none=True)
    paused_on = fields.Date(required=True, allow_none=True)
    statement_on = fields.Date(required=True, allow_none=True)
    statement_due = Dollars(required=True)
    deadlines = fields.List(fields.Nested(DeadlineShown), required=True)


class WhyShown(Schema):
    """Why an account gets no statement today, or that it would get one."""

    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    code = fields.String(required=True)
    words = fields.String(required=True)
    since = fields.Date(required=True, allow_none=True)
    until = fields.Date(required=True, allow_none=True)
    who = fields.String(required=True)
    unblock = fields.String(required=True)
    asked = Dollars(required=True)
    stage = fields.String(required=True)
    stands = fields.Nested(StandsShown, required=True)


class RunReasonShown(Schema):
    """A reason of the table."""

    code = fields.String(required=True)
    outcome = fields.String(required=True)
    words = fields.String(required=True)
    who = fields.String(required=True)
    unblock = fields.String(required=True)
    effective_from = fields.Date(required=True)
    effective_to = fields.Date(required=True, allow_none=True)


class ReasonList(Schema):
    """Every reason there is."""

    rows = fields.List(fields.Nested(RunReasonShown), required=True)


# ---------------------------------------------------------------- policies


class StepFields(Schema):
    """One step of a policy."""

    number = fields.Integer(required=True, strict=True, validate=validate.Range(1, LEVELS_MOST))
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    after_days = fields.Integer(required=True, strict=True, validate=validate.Range(0, DAYS_MOST))
    wait_days = fields.Integer(required=True, strict=True, validate=validate.Range(0, DAYS_MOST))
    minimum = Dollars(required=True)
    statement = fields.Boolean(required=True, truthy={True}, falsy={False})
    letter = fields.String(required=True, validate=validate.OneOf(LETTERS))
    review = fields.Boolean(required=True, truthy={True}, falsy={False})
    message = fields.String(required=True, validate=validate.OneOf(MESSAGES))


class PolicyFields(Schema):
    """What makes a policy."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    minimum = Dollars(required=True)
    cycle_days = fields.Integer(required=True, strict=True, validate=validate.Range(0, DAYS_MOST))
    due_days = fields.Integer(required=True, strict=True, validate=validate.Range(1, DAYS_MOST))
    households = fields.Boolean(required=True, truthy={True}, falsy={False})
    levels = fields.List(fields.Nested(StepFields), required=True, validate=validate.Length(1, LEVELS_MOST))


class PolicyRequest(PolicyFields):
    """The next version of a policy, as a draft."""

    entity = fields.String(required=True, validate=validate.Length(1, ID_MOST))


class PolicyChange(PolicyFields):
    """A draft written anew."""

    version = VERSION


class PolicyApproval(Schema):
    """A draft becomes live from a day on, by somebody who did not write it."""

    effective_from = fields.Date(required=True)
    version = VERSION


class PolicyShown(PolicyFields):
    """A version of a policy; in force from its first day until before its last."""

    id = fields.String(attribute="public_id", required=True)
    entity = fields.String(required=True)
    number = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf([one.value for one in PolicyState]))
    effective_from = fields.Date(required=True)
    effective_to = fields.Date(required=True, allow_none=True)
    author = fields.String(required=True)
    approved_by = fields.String(required=True)
    moves = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)


class PolicyList(Schema):
    """Every version of every policy."""

    rows = fields.List(fields.Nested(PolicyShown), required=True)


class WhatIfRequest(Schema):
    """Which kind of run to try."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))


class DiffersShown(Schema):
    """An account a policy treats otherwise."""

    account = fields.String(required=True)
    number = fields.String(required=True)
    now = fields.String(required=True)
    now_stage = fields.String(required=True)
    now_asked = Dollars(required=True)
    then = fields.String(required=True)
    then_stage = fields.String(required=True)
    then_asked = Dollars(required=True)


class WhatIfShown(Schema):
    """What a policy would do today against the one in force."""

    looked = fields.Integer(required=True)
    sending_now = fields.Integer(required=True)
    sending_then = fields.Integer(required=True)
    amount_now = Dollars(required=True)
    amount_then = Dollars(required=True)
    differing = fields.Integer(required=True)
    differs = fields.List(fields.Nested(DiffersShown), required=True)
