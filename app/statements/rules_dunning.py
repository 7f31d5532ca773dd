"""The days of dunning: when the next step comes, what pauses it, and what the law adds (section 4). Pure.

A deadline carries its rule and the event it starts from, so that a page can say why it is that day.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.payers.rules import holidays
from app.plans.lifecycle import RUNNING
from app.statements.lifecycle import Move, Stage
from app.statements.rules_policy import RANK, Plan, Step

SUNDAY = 6
RUNNING_PLANS = frozenset(state.value for state in RUNNING)
DEFAULTED, REOPEN = "defaulted", "reopen"
BILLED = frozenset(
    {Stage.STMT_1, Stage.STMT_2, Stage.STMT_3, Stage.FINAL_NOTICE, Stage.PRE_COLLECTION,
     Stage.PLACEMENT_REVIEW}
)  # fmt: skip
STEP_DAYS = 30
"""How far a step moves when a good part was paid, where the policy has no distance of its own."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day with its proof: `starts` (of `event`) and so many days more; moved: why it is a later one."""

    what: str
    on: date
    rule: str
    event: str
    starts: date
    days: int
    moved: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides over an account's stage. Cents; the days as in `Dunning` and `Standing` of accounts.

    stopped: something holds the whole account; new_visit: a visit is due that was never on a statement;
    taken_back: the payment that paused a step came back, and no other one is as large. defaulted_on: the
    day of the default where plan says one.
    """

    stage: str
    due: int
    waiting: int
    held: int
    on_plan: int
    plan: str
    stopped: bool
    new_visit: bool
    promise_until: date | None
    paid_on: date | None
    paid: int
    latest_since: date | None
    since: date
    first_on: date | None
    next_on: date | None
    paused_on: date | None
    skip_one: bool
    statement_on: date | None
    statement_due: int
    taken_back: bool = False
    defaulted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What the daily look does with an account.

    move: of the table, or `pause`, `resume`, `part_paid`, `part_returned`, `reopen`. since, notice_on: of an
    account that is back where it stood.
    """

    move: str
    to: str
    reason: str
    next_on: date | None
    first_on: date | None
    paused_on: date | None
    skip_one: bool
    since: date | None = None
    notice_on: date | None = None


@dataclass(frozen=True, slots=True)
class Was:
    """Where an account stood when its last money cleared it."""

    stage: str
    first_on: date | None
    next_on: date | None
    notice_on: date | None
    since: date | None


def mail_day(day: date) -> tuple[date, str]:
    """The first day from this one on which mail goes, and why it is later: no Sunday, no federal holiday."""
    why = ""
    while True:
        if day.weekday() == SUNDAY:
            why = why or "Sunday"
        elif (name := holidays(day.year).get(day)) is not None:
            why = why or name
        else:
            return day, why
        day += timedelta(days=1)


def step_day(step: Step, first_on: date | None, last_on: date | None) -> Deadline | None:
    """The earliest day of a step; None before the first statement, which has no day to count from.

    first_on: day 0 of the episode; last_on: the day of the step before.
    """
    if first_on is None:
        return None
    rule, event, starts, days = "patient-collections section 4", "first statement", first_on, step.after_days
    if last_on is not None and last_on + timedelta(step.wait_days) > first_on + timedelta(step.after_days):
        event, starts, days = "step before", last_on, step.wait_days
    on, moved = mail_day(starts + timedelta(days))
    return Deadline(step.stage, on, rule, event, starts, days, moved)


def next_day(plan: Plan, stage: str, first_on: date | None, last_on: date | None) -> date | None:
    """The earliest day of whatever follows a stage; None when nothing does."""
    step = plan.after(stage)
    found = step_day(step, first_on, last_on) if step else None
    return found.on if found else None


def legal(first_on: date, notice_on: date | None, number: Callable[[str], int]) -> list[Deadline]:
    """The days the law and the house add (sections 4 and 5). number: days of a code of data/law.csv.

    agency needs the final notice; without it only what counts from the first statement is known.
    """
    wait, window = number("agency_days"), number("eca_application_days")
    made = [
        _plus("notification_ends", first_on, number("eca_wait_days"), "26 CFR 1.501(r)-6(c)(3)"),
        _plus("application_ends", first_on, window, "26 CFR 1.501(r)-1(b)(3)"),
    ]
    if notice_on is None:
        return made
    notice_days = number("agency_after_notice_days")
    after_notice = _plus(
        "agency", notice_on, notice_days, "patient-collections section 4 (AG)", "final notice"
    )
    agency = _plus("agency", first_on, wait, "patient-collections section 4 (AG)")
    deadline = _plus("application_ends", notice_on, number("eca_notice_days"), "26 CFR 1.501(r)-6(c)(4)",
                     "final notice")  # fmt: skip
    made[1] = max(made[1], deadline, key=lambda one: one.on)
    return [*made, max(agency, after_notice, key=lambda one: one.on)]


def _plus(what: str, starts: date, days: int, rule: str, event: str = "first statement") -> Deadline:
    return Deadline(what, starts + timedelta(days), rule, event, starts, days)


# ---------------------------------------------------------------- the daily look


def covered(plan: str, due: int, on_plan: int) -> bool:
    """Does a running plan cover all that is due? A plan that names no part covers everything."""
    return plan in RUNNING_PLANS and (on_plan <= 0 or on_plan >= due)


def pauses(one: Standing, day: date) -> str:
    """Why the clock of an account stands still today; empty when it runs."""
    if one.stopped:
        return "held"
    if covered(one.plan, one.due, one.on_plan):
        return "plan"
    if one.promise_until is not None and one.promise_until >= day:
        return "promise"
    if one.due <= 0 and (one.held > 0 or one.waiting > 0):
        return "held"
    return ""


def judge(one: Standing, plan: Plan, day: date, percent: int) -> Change | None:
    """What the day does to an account; None when nothing. Steps themselves are taken by documents, not here.

    percent: what part of the last statement, paid at once, pauses one step.
    """
    if one.stage == Stage.NOT_DUE:
        if one.due >= plan.minimum and one.due > 0:
            return _to(one, Move.COME_DUE, Stage.ELIGIBLE, "something came due", next_on=day, first_on=None)
        return None
    cleared = one.due <= 0 and one.held <= 0 and one.waiting <= 0
    if cleared and (one.stage == Stage.ELIGIBLE or one.stage in BILLED):
        return _to(one, Move.CLEAR, Stage.NOT_DUE, "nothing is owed", next_on=None, first_on=None)
    if one.stage in BILLED and one.new_visit and one.due > 0:
        return _to(one, Move.RESTART, Stage.ELIGIBLE, "a new visit came due: its own day 0",
                   next_on=day, first_on=None)  # fmt: skip
    why = pauses(one, day)
    if why and one.paused_on is None:
        return _same(one, "pause", why, paused_on=day)
    if why:
        return None
    if _falls_back(one):
        first = one.first_on or day
        step = plan.after(Stage.STMT_3)
        # From today on as after any third statement: the notice does not follow on the same day.
        found = step_day(step, first, day) if step else None
        at = found.on if found else None
        return _to(one, Move.FALL_BACK, Stage.STMT_3, "the plan defaulted", next_on=at, first_on=one.first_on)
    if one.paused_on is not None:
        left = max((one.next_on - one.paused_on).days, 0) if one.next_on else 0
        resumed = mail_day(day + timedelta(left))[0] if one.next_on else None
        # What was paid while the clock stood still pauses its step before a run of this day can take it.
        going = replace(one, next_on=resumed, paused_on=None)
        paid = _part_paid(going, plan, percent)
        return paid or _same(one, "resume", f"{left} days were left", next_on=resumed)
    return _part_paid(one, plan, percent)


def _falls_back(one: Standing) -> bool:
    """Did a plan default that ran since the statements of this episode began? A visit that came due after the
    default starts at its own first statement, however long the account's plan stays in default.
    """
    if one.plan != DEFAULTED or one.stage not in (Stage.STMT_1, Stage.STMT_2):
        return False
    return one.defaulted_on is None or one.first_on is None or one.defaulted_on > one.first_on


def reopen(was: Was, day: date) -> Change:
    """Back to where an account stood, because the money that cleared it came back; no earlier than today."""
    at = mail_day(max(was.next_on, day))[0] if was.next_on is not None else None
    return Change(REOPEN, was.stage, "what had paid it came back", at, was.first_on, None, False, was.since,
                  was.notice_on)  # fmt: skip


def enough(cents: int, asked: int, percent: int) -> bool:
    """Is a payment a good part of what the last statement asked for?"""
    return asked > 0 and cents * 100 >= asked * percent


def _part_paid(one: Standing, plan: Plan, percent: int) -> Change | None:
    here, step = plan.at(one.stage), plan.after(one.stage)
    apart = ((step.after_days - here.after_days) if here and step else 0) or STEP_DAYS
    if one.skip_one and one.taken_back and one.next_on is not None:
        earlier = mail_day(one.next_on - timedelta(apart))[0]
        return _same(one, "part_returned", "what had paused a step was taken back", next_on=earlier,
                     skip_one=False)  # fmt: skip
    if one.skip_one or one.paid_on is None or one.statement_on is None or one.next_on is None:
        return None
    if one.paid_on < one.statement_on or one.stage not in BILLED:
        return None
    if not enough(one.paid, one.statement_due, percent):
        return None
    moved = mail_day(one.next_on + timedelta(apart))[0]
    return _same(one, "part_paid", "a good part was paid", next_on=moved, skip_one=True)


def _to(one: Standing, move: Move, to: Stage, reason: str, *, next_on: date | None,
        first_on: date | None) -> Change:  # fmt: skip
    del one
    return Change(move.value, to.value, reason, next_on, first_on, None, False)


def _same(one: Standing, move: str, reason: str, *, next_on: date | None = None,
          paused_on: date | None = None, skip_one: bool | None = None) -> Change:  # fmt: skip
    kept = one.next_on if next_on is None else next_on
    return Change(move, one.stage, reason, kept, one.first_on, paused_on,
                  one.skip_one if skip_one is None else skip_one)  # fmt: skip


def forward(stage: str, to: str) -> bool:
    """Is a stage further on than another? Documents only ever lead forward."""
    return RANK[to] > RANK[stage]
