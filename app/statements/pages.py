"""The screens of statements: what they share. Runs, documents, policies and words are in `pages_*`."""

from typing import Any

from flask import Blueprint

from app.statements.lifecycle import DocumentState, EmailState, Outcome, RunKind, RunState, Stage, Way

pages = Blueprint("statements", __name__, template_folder="templates")
LANGUAGES = [("en", "English"), ("es", "Spanish")]
WAYS = [(Way.MAIL.value, "Mail"), (Way.EMAIL.value, "E-mail")]
KINDS = [(RunKind.STATEMENTS.value, "Statements"), (RunKind.LETTERS.value, "Letters")]
RUN_STATES = [(one.value, one.value.replace("_", " ").capitalize()) for one in RunState]
OUTCOMES = [
    (Outcome.SEND.value, "Sent"),
    (Outcome.DROPPED.value, "Dropped"),
    (Outcome.HELD.value, "Held"),
    (Outcome.SKIP.value, "Skipped"),
]
SENT_STAGES = (Stage.STMT_1, Stage.STMT_2, Stage.STMT_3, Stage.FINAL_NOTICE, Stage.PRE_COLLECTION)
STAGES = [
    (one.value, one.value.replace("stmt_", "statement ").replace("_", " ").capitalize()) for one in Stage
]
DOCUMENT_STATES = [(one.value, one.value.capitalize()) for one in DocumentState]
EMAIL_STATES = [(one.value, one.value.capitalize()) for one in EmailState]
BILLS = {
    "statement": "Statement",
    "itemised_bill": "Itemised bill",
    "second_notice": "Second notice",
    "final_notice": "Final notice",
    "pre_collection": "Before collection",
    "plan_agreement": "Plan agreement",
    "receipt": "Receipt",
}
TONES = {
    "planned": "info", "in_audit": "warn", "signed": "info", "released": "info", "made": "good",
    "cancelled": "mute", "send": "good", "held": "warn", "skip": "mute", "dropped": "bad", "issued": "info",
    "handed": "good", "returned": "bad", "queued": "info", "sending": "info", "sent": "good",
    "unknown": "warn", "failed": "bad", "stopped": "bad", "draft": "info", "live": "good",
    "retired": "mute",
}  # fmt: skip


@pages.context_processor
def shared() -> dict[str, Any]:
    """What every template of this screen speaks with."""
    return {"bills": BILLS, "tones": TONES, "stage_words": dict(STAGES), "outcome_words": dict(OUTCOMES)}
