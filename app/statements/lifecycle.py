"""The stages of collection, and the states of runs, statements, letters and batches (workflows section 5)."""

from enum import StrEnum

from app.kernel.lifecycle import Table


class Stage(StrEnum):
    """Where an account stands. The last four are the placement's; nothing here moves into them yet."""

    NOT_DUE = "not_due"
    ELIGIBLE = "eligible"
    STMT_1 = "stmt_1"
    STMT_2 = "stmt_2"
    STMT_3 = "stmt_3"
    FINAL_NOTICE = "final_notice"
    PRE_COLLECTION = "pre_collection"
    PLACEMENT_REVIEW = "placement_review"
    PLACED = "placed"
    RETURNED = "returned"
    BAD_DEBT = "bad_debt"


class Move(StrEnum):
    """What happens to an account. RESTART: a new episode has its own cycle. FALL_BACK: a plan defaulted."""

    COME_DUE = "come_due"
    BILL = "bill"
    REMIND = "remind"
    WARN = "warn"
    NOTIFY = "notify"
    PRE_COLLECT = "pre_collect"
    RECOMMEND = "recommend"
    DECLINE = "decline"
    CLEAR = "clear"
    RESTART = "restart"
    FALL_BACK = "fall_back"


_S, _M = Stage, Move
_BILLED = (_S.STMT_1, _S.STMT_2, _S.STMT_3, _S.FINAL_NOTICE, _S.PRE_COLLECTION, _S.PLACEMENT_REVIEW)
DUNNING = Table(
    {
        (_S.NOT_DUE, _M.COME_DUE): _S.ELIGIBLE,
        (_S.ELIGIBLE, _M.BILL): _S.STMT_1,
        (_S.STMT_1, _M.REMIND): _S.STMT_2,
        (_S.STMT_2, _M.WARN): _S.STMT_3,
        (_S.STMT_3, _M.NOTIFY): _S.FINAL_NOTICE,
        (_S.FINAL_NOTICE, _M.PRE_COLLECT): _S.PRE_COLLECTION,
        (_S.PRE_COLLECTION, _M.RECOMMEND): _S.PLACEMENT_REVIEW,
        (_S.PLACEMENT_REVIEW, _M.DECLINE): _S.PRE_COLLECTION,
        **{(state, _M.CLEAR): _S.NOT_DUE for state in (_S.ELIGIBLE, *_BILLED)},
        # Aggregated bill: the cycle counts from the first statement of the latest episode (section 4).
        **{(state, _M.RESTART): _S.ELIGIBLE for state in _BILLED},
        # The whole balance returns at ST3, not sooner than the legal dates.
        **{(state, _M.FALL_BACK): _S.STMT_3 for state in (_S.STMT_1, _S.STMT_2, _S.STMT_3)},
    }
)
ADVANCE = {
    _S.STMT_1: _M.BILL,
    _S.STMT_2: _M.REMIND,
    _S.STMT_3: _M.WARN,
    _S.FINAL_NOTICE: _M.NOTIFY,
    _S.PRE_COLLECTION: _M.PRE_COLLECT,
}
"""The move that leads into each stage a document is sent for."""


class PolicyState(StrEnum):
    """Versions of a policy: one is live at a time; live ones are never edited."""

    DRAFT = "draft"
    LIVE = "live"
    RETIRED = "retired"


class PolicyMove(StrEnum):
    """What happens to a version of a policy."""

    APPROVE = "approve"
    RETIRE = "retire"


POLICY = Table(
    {
        (PolicyState.DRAFT, PolicyMove.APPROVE): PolicyState.LIVE,
        (PolicyState.DRAFT, PolicyMove.RETIRE): PolicyState.RETIRED,
        (PolicyState.LIVE, PolicyMove.RETIRE): PolicyState.RETIRED,
    }
)


class RunKind(StrEnum):
    """What a run sends; a person releases it once another has signed. Letters ask for their own right."""

    STATEMENTS = "statements"
    LETTERS = "letters"


class RunState(StrEnum):
    """Where a run stands. PLANNED: a dry run that was kept. MADE: every document exists."""

    PLANNED = "planned"
    IN_AUDIT = "in_audit"
    SIGNED = "signed"
    RELEASED = "released"
    MADE = "made"
    CANCELLED = "cancelled"


class RunMove(StrEnum):
    """What happens to a run."""

    AUDIT = "audit"
    REOPEN = "reopen"
    SIGN = "sign"
    RELEASE = "release"
    MAKE = "make"
    CANCEL = "cancel"


_R, _V = RunState, RunMove
RUN = Table(
    {
        (_R.PLANNED, _V.AUDIT): _R.IN_AUDIT,
        (_R.IN_AUDIT, _V.REOPEN): _R.PLANNED,
        (_R.SIGNED, _V.REOPEN): _R.PLANNED,
        (_R.IN_AUDIT, _V.SIGN): _R.SIGNED,
        (_R.SIGNED, _V.RELEASE): _R.RELEASED,
        (_R.RELEASED, _V.MAKE): _R.MADE,
        **{(state, _V.CANCEL): _R.CANCELLED for state in (_R.PLANNED, _R.IN_AUDIT, _R.SIGNED)},
    }
)


class Outcome(StrEnum):
    """What a run does with an account. DROPPED: planned, but its guards said no at release."""

    SEND = "send"
    SKIP = "skip"
    HELD = "held"
    DROPPED = "dropped"


class Way(StrEnum):
    """How a document reaches its reader."""

    MAIL = "mail"
    EMAIL = "email"


class DocumentState(StrEnum):
    """Where a statement or letter stands. ISSUED: it exists; HANDED: a batch or e-mail with it left."""

    ISSUED = "issued"
    HANDED = "handed"
    RETURNED = "returned"


class BatchState(StrEnum):
    """A print batch: made, then handed to the print vendor (taken away or put into its folder)."""

    MADE = "made"
    HANDED = "handed"


class EmailState(StrEnum):
    """An e-mail with a link. UNKNOWN: the server went silent after it had the message; a person decides."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    STOPPED = "stopped"


class EditionState(StrEnum):
    """Words of a letter somebody wrote: live after a second person approved them."""

    DRAFT = "draft"
    LIVE = "live"
    RETIRED = "retired"


class EditionMove(StrEnum):
    """What happens to edited words."""

    APPROVE = "approve"
    RETIRE = "retire"


EDITION = Table(
    {
        (EditionState.DRAFT, EditionMove.APPROVE): EditionState.LIVE,
        (EditionState.DRAFT, EditionMove.RETIRE): EditionState.RETIRED,
        (EditionState.LIVE, EditionMove.RETIRE): EditionState.RETIRED,
    }
)
