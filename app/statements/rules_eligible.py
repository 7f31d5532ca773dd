"""Who gets a statement or letter today, and why not: every account has exactly one outcome. Pure.

Looked at in two steps, so that a run over a million accounts reads little of most: `look` decides by one row;
what passes it is `settle`d with how they can be reached, what is held and what the guards say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from app.accounts.lifecycle import Blocks
from app.statements.lifecycle import Outcome, RunKind, Stage, Way
from app.statements.rules_dunning import covered
from app.statements.rules_policy import Plan, Step

SEND, SKIP, HELD = Outcome.SEND.value, Outcome.SKIP.value, Outcome.HELD.value
HOLDS = (
    Blocks.DISPUTE | Blocks.ASSISTANCE | Blocks.BANKRUPTCY | Blocks.DECEASED | Blocks.ATTORNEY | Blocks.CEASE
    | Blocks.RETURNED_MAIL | Blocks.NO_GUARANTOR | Blocks.OTHER_HOLD | Blocks.ESTIMATE_DISPUTE
).value  # fmt: skip
"""Bits that say: look at the holds themselves."""
ENDED = {
    Stage.PLACEMENT_REVIEW.value: "review_needed",
    Stage.PLACED.value: "placed",
    Stage.RETURNED.value: "returned",
    Stage.BAD_DEBT.value: "bad_debt",
}
STATEMENTS, NOT_DUE = RunKind.STATEMENTS.value, Stage.NOT_DUE.value


class Row(Protocol):
    """What one row of accounts, dunning and guarantors says; cents as whole numbers."""

    @property
    def account_id(self) -> int: ...
    @property
    def due(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def held(self) -> int: ...
    @property
    def credit(self) -> int: ...
    @property
    def unapplied(self) -> int: ...
    @property
    def pending(self) -> int: ...
    @property
    def on_plan(self) -> int: ...
    @property
    def plan(self) -> str: ...
    @property
    def blocks(self) -> int: ...
    @property
    def promise_until(self) -> date | None: ...
    @property
    def stage(self) -> str | None: ...
    @property
    def since(self) -> date | None: ...
    @property
    def next_on(self) -> date | None: ...
    @property
    def skip_one(self) -> bool | None: ...
    @property
    def statement_on(self) -> date | None: ...
    @property
    def statement_due(self) -> int | None: ...


class Ruling(NamedTuple):
    """What a run does with an account, and why. until: the day to look again, where one is known.

    reason: a code of data/reasons.csv; `waits` and `held` are completed by whoever reads the visits.
    """

    outcome: str
    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account whose turn it is: the step, what it asks for (cents), and whether it moves the account."""

    reason: str
    step: Step
    asked: int
    moves: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """How an account can be reached. mail: good, held or bad, empty without an address; from_claim: the
    address is only known from an insurance claim; email: consent and an address for it. words: languages
    with a template; instead: the language that takes the place of one without words, empty for none.
    """

    mail: str
    from_claim: bool
    email: bool
    confirmed: bool
    confidential: bool
    language: str
    words: frozenset[str]
    instead: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A document to be made: its way and language."""

    way: str
    language: str


def look(
    row: Row, plan: Plan, day: date, kind: str, letters: frozenset[str] = frozenset()
) -> Ruling | Wanted:
    """What one row decides; `Wanted` when the account's turn has come.

    letters: names already sent at the step the account is on. Holds are not asked here.
    """
    stage, due, on_plan = row.stage or NOT_DUE, row.due, row.on_plan
    if stage in ENDED:
        return Ruling(HELD, ENDED[stage])
    if due <= 0:
        return _nothing(row)
    if row.plan and covered(row.plan, due, on_plan):
        return Ruling(SKIP, "plan_current")
    promised, unapplied, pending = row.promise_until, row.unapplied, row.pending
    if promised is not None and promised >= day:
        return Ruling(SKIP, "promise_open", promised)
    asked = due - on_plan if on_plan < due else due
    if unapplied > 0:
        asked -= unapplied
    if asked <= 0:
        return Ruling(SKIP, "unapplied_covers")
    if row.credit > 0:
        asked -= row.credit
    if asked <= 0:
        return Ruling(SKIP, "credit_balance")
    if pending > 0:
        asked -= pending
    if asked <= 0:
        return Ruling(SKIP, "payment_pending")
    if asked < plan.minimum:
        return Ruling(SKIP, "small_balance")
    return _turn(row, plan, day, (kind, stage, asked, letters))


def _nothing(row: Row) -> Ruling:
    if row.held > 0:
        return Ruling(HELD, "visits_held")
    if row.waiting > 0:
        return Ruling(HELD, "waits")
    return Ruling(SKIP, "credit_balance" if row.credit > 0 or row.unapplied > 0 else "nothing_due")


def _turn(row: Row, plan: Plan, day: date, found: tuple[str, str, int, frozenset[str]]) -> Ruling | Wanted:
    kind, stage, asked, letters = found
    if kind != STATEMENTS:
        here = plan.at(stage)
        if here and here.letter and here.statement and here.letter not in letters:
            return _asks(here, asked, "with_letter", moves=False)
    step = plan.after(stage)
    if step is None:
        return Ruling(SKIP, "last_step")
    next_on = row.next_on
    if next_on is not None and next_on > day:
        return Ruling(SKIP, "part_paid" if row.skip_one else "not_time", next_on)
    if kind == STATEMENTS and not step.statement:
        return Ruling(SKIP, "letter_next")
    if kind != STATEMENTS and step.statement:
        return Ruling(SKIP, "statement_next")
    if kind == STATEMENTS and row.statement_on is not None and row.statement_due == asked:
        free = row.statement_on + timedelta(plan.cycle_days)
        if free > day:
            return Ruling(SKIP, "too_soon", free)
    return _asks(step, asked, "first_bill" if step.number == 1 else "next_step", moves=True)


def _asks(step: Step, asked: int, reason: str, *, moves: bool) -> Ruling | Wanted:
    if asked < step.minimum:
        return Ruling(SKIP, "below_level")
    return Wanted(reason, step, asked, moves)


def held(rules: Sequence[str]) -> Ruling:
    """The outcome for what guards refused: the first of the reasons."""
    return Ruling(HELD, rules[0])


def settle(reached: Reached, kind: str) -> Ruling | Sent:
    """How a document would reach them, or why it cannot. Letters go by mail only."""
    if not reached.confirmed:
        return Ruling(HELD, "unconfirmed")
    language = reached.language if reached.language in reached.words else reached.instead
    if language not in reached.words:
        return Ruling(HELD, "no_language")
    if kind == STATEMENTS and reached.email:
        return Sent(Way.EMAIL.value, language)
    if not reached.mail:
        return Ruling(HELD, "no_address")
    if reached.mail == "held":
        return Ruling(HELD, "mail_away")
    if reached.mail == "bad":
        return Ruling(HELD, "bad_address")
    if reached.confidential and reached.from_claim:
        return Ruling(HELD, "confidential")
    return Sent(Way.MAIL.value, language)
