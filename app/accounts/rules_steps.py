"""What to do next on an account, in one line with its key. Pure."""

from dataclasses import dataclass
from datetime import date

from app.accounts.lifecycle import Blocks
from app.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What decides the next step; cents. days are None when there is none.

    resolve_by: when the open dispute must be answered; promise: what was promised by promise_until;
    plan_missed: what the plan misses; waits: for whom the waiting part waits, in words.
    """

    due: int = 0
    waiting: int = 0
    unapplied: int = 0
    credit: int = 0
    blocks: int = 0
    confirmed: bool = True
    mail_bad: bool = False
    resolve_by: date | None = None
    promise: int = 0
    promise_until: date | None = None
    plan: str = ""
    plan_missed: int = 0
    stage: str = "not_due"
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One line, and the key that does it (empty: nothing to press). tone: as of chips."""

    words: str
    key: str = ""
    tone: str = "info"


_LEGAL = (
    (
        Blocks.BANKRUPTCY,
        "Bankruptcy: ask for nothing. Send creditors' questions to the court papers on file.",
    ),
    (Blocks.DECEASED, "Deceased: speak with the executor only."),
    (Blocks.ATTORNEY, "Represented: speak with the attorney only."),
    (Blocks.CEASE, "They asked us to stop: do not reach out. What they ask may be answered."),
    (Blocks.ESTIMATE_DISPUTE, "An estimate is disputed: nothing is collected while it is open."),
    (Blocks.ASSISTANCE, "Financial assistance is being decided: ask for what is missing, not for money."),
)
PLAN_CENTS = 25_000
"""From here on a plan is offered before the whole is asked for."""


def next_step(facts: Facts, today: date) -> Step:
    """The one thing that moves the account on."""
    return _stopped(facts, today) or _agreed(facts, today) or _money(facts)


def _stopped(facts: Facts, today: date) -> Step | None:
    for bit, words in _LEGAL:
        if facts.blocks & bit:
            return Step(words, "", "bad")
    if facts.blocks & Blocks.NO_GUARANTOR or not facts.confirmed:
        return Step("Confirm who answers for these visits; until then nothing is sent.", "g", "warn")
    if facts.blocks & Blocks.DISPUTE:
        by = f" by {facts.resolve_by:%m/%d/%Y}" if facts.resolve_by else ""
        late = facts.resolve_by is not None and facts.resolve_by < today
        return Step(
            f"Answer the dispute{by}; the disputed part is not asked for.", "d", "bad" if late else "warn"
        )
    if facts.mail_bad or facts.blocks & Blocks.RETURNED_MAIL:
        return Step("Mail came back: ask for the new address.", "a", "warn")
    return None


def _agreed(facts: Facts, today: date) -> Step | None:
    if facts.unapplied > 0 and facts.due > 0:
        part = Money(min(facts.unapplied, facts.due))
        return Step(f"{part:,} of their money is not applied yet: put it on what is due.", "b", "warn")
    if facts.plan == "defaulted":
        return Step("The plan defaulted: offer to re-establish it.", "p", "bad")
    if facts.plan == "late":
        missed = f" {Money(facts.plan_missed):,}" if facts.plan_missed else ""
        return Step(f"An instalment is missed: ask for{missed or ' it'} to keep the plan.", "y", "warn")
    if facts.plan in ("active", "re_established"):
        return Step("On a plan and current: nothing to ask for.", "", "good")
    if facts.promise_until is not None and facts.promise > 0:
        words = f"{Money(facts.promise):,} is promised by {facts.promise_until:%m/%d/%Y}: wait for it."
        return Step(words, "", "warn" if facts.promise_until < today else "good")
    return None


def _money(facts: Facts) -> Step:
    if facts.due <= 0:
        if facts.waiting > 0:
            return Step(
                f"Nothing to ask for: {Money(facts.waiting):,} waits{facts.waits and f' ({facts.waits})'}.",
                "w",
            )
        if facts.credit > 0 or facts.unapplied > 0:
            held = Money(facts.credit + facts.unapplied)
            return Step(f"We hold {held:,} of theirs: nothing to ask for.", "", "warn")
        return Step("Nothing is owed.", "", "good")
    if facts.stage == "pre_collection":
        return Step(
            "Before an agency: ask about assistance and other coverage, then offer a plan.", "p", "warn"
        )
    if facts.due >= PLAN_CENTS:
        return Step(f"Ask for {Money(facts.due):,}; if it is too much at once, offer a plan.", "p")
    return Step(f"Ask for {Money(facts.due):,} now, or a day it will come.", "y")
