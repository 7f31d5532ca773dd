"""Whom to call next, and why: a score with its reasons. Pure (M1, N4)."""

from dataclasses import dataclass
from datetime import date

from app.accounts.lifecycle import Blocks

NOT_CALLED = (
    Blocks.DISPUTE
    | Blocks.ASSISTANCE
    | Blocks.ESTIMATE_DISPUTE
    | Blocks.BANKRUPTCY
    | Blocks.DECEASED
    | Blocks.ATTORNEY
    | Blocks.CEASE
    | Blocks.PROMISE
    | Blocks.PLAN
    | Blocks.PENDING_PAYMENT
    | Blocks.NO_GUARANTOR
)
"""Who is left in peace as long as one of these stands; what only stops a letter stops no call. Kinds of holds
without a bit of their own are asked by what they stop.
"""

REASONS = {
    "callback_late": "Asked to be called before today",
    "callback": "Asked to be called today",
    "promise_broken": "Broke the last promise",
    "returned_item": "The last payment came back",
    "high": "High balance",
    "old": "Due for more than 90 days",
    "ageing": "Due for more than 60 days",
    "bad_mail": "Mail does not reach them",
    "keeps_word": "Keeps promises",
    "never_reached": "Never spoken with",
    "plan_broken": "A plan defaulted",
    "skipped": "Skipped before",
}
"""What the codes of a place's reasons say, in words for the card and the list."""

SKIPS = {
    "busy": "I am called away",
    "language": "Needs another language",
    "supervisor": "A supervisor should call",
    "wrong": "Should not be on this list",
}
"""Why an account may be passed over; every skip is on record."""

HIGH_CENTS = 50_000
POINTS_MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the score is made of. due: cents that may be asked for now; since: its oldest day.

    kept, broken: promises judged so far; last_broken: the last one was broken. bounced: the last payment came
    back. callback_on: the day asked for, absent when none. spoke_on: the last conversation.
    """

    due: int
    since: date | None = None
    blocks: int = 0
    kept: int = 0
    broken: int = 0
    last_broken: bool = False
    bounced: bool = False
    callback_on: date | None = None
    spoke_on: date | None = None
    plan: str = ""
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A score of 0 to 1,000 and the codes of `REASONS` behind it, the weightiest first."""

    score: int
    reasons: tuple[str, ...]


def rank(facts: Facts, today: date) -> Ranked:
    """How soon an account is called; deterministic, and every part of it can be said aloud."""
    parts: dict[str, int] = {}
    if facts.callback_on is not None and facts.callback_on <= today:
        parts["callback_late" if facts.callback_on < today else "callback"] = 400
    if facts.last_broken:
        parts["promise_broken"] = 200
    if facts.bounced:
        parts["returned_item"] = 150
    if facts.plan == "defaulted":
        parts["plan_broken"] = 150
    days = (today - facts.since).days if facts.since else 0
    if days > 90:
        parts["old"] = 120
    elif days > 60:
        parts["ageing"] = 80
    if facts.blocks & Blocks.RETURNED_MAIL:
        parts["bad_mail"] = 60
    if facts.kept and facts.kept >= 2 * facts.broken:
        parts["keeps_word"] = 50
    if facts.spoke_on is None:
        parts["never_reached"] = 30
    # Money counts by its size up to a point: ten small accounts must not wait for ever behind one large.
    size = min(max(facts.due, 0) * 200 // 200_000, 200)
    if facts.due >= HIGH_CENTS:
        parts["high"] = 40
    if facts.skipped:
        parts["skipped"] = -20 * min(facts.skipped, 3)
    score = sum(parts.values()) + size + min(max(days, 0), 100)
    told = sorted(parts, key=lambda one: (-parts[one], one))
    return Ranked(max(0, min(score, POINTS_MOST)), tuple(told[:5]))


def callable_now(due: int, blocks: int, least: int) -> bool:
    """May the account be on the call list at all? The guards are asked again before anybody rings."""
    return due >= least and not blocks & NOT_CALLED
