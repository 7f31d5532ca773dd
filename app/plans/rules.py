"""Schedules of payment plans and the limits they keep (patient-collections section 9); amounts in cents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.kernel.errors import NotPermitted, Refused
from app.kernel.money import ZERO, Money, total
from app.plans.lifecycle import InstalmentState

DOWN = 0
"""The number of a down payment: due on the day of signing, and no instalment of the law's count."""
_MINIMUM = Money(2500)
COUNT_MOST = 60
"""However wide a clinic sets its limits, a schedule has no more instalments than this."""


@dataclass(frozen=True)
class Terms:
    """What a plan may be on a day in a state, from rows of law. Money in cents, terms in months, days whole.

    income_percent: a monthly instalment is at most this part of a known monthly income; 0: no such law.
    months_most: a term nobody may exceed, whoever signs; 0: none.
    """

    minimum: Money = _MINIMUM
    months_clerk: int = 12
    months_supervisor: int = 24
    months_manager: int = 36
    months_most: int = 0
    first_due_days: int = 30
    due_day_most: int = 28
    disclosure_over: int = 4
    income_percent: int = 0
    grace_days: int = 10
    missed_default: int = 2
    overdue_default_days: int = 60
    cure_days: int = 30
    re_establish_months: int = 12
    retry_days: tuple[int, ...] = (3, 7)
    retries: int = 2
    notice_days: int = 3


@dataclass(frozen=True)
class Line:
    """One instalment as agreed: number from 1 (0 is the down payment), its day, its cents.

    paid: what of it came, early or not. The rest is known of stored ones: tries of the card.
    """

    number: int
    due_on: date
    amount: Money
    paid: Money = ZERO
    state: InstalmentState = InstalmentState.DUE
    id: int = 0
    schedule_no: int = 1
    tries: int = 0
    next_try: date | None = None

    @property
    def left(self) -> Money:
        """What is still to come of it."""
        return self.amount - self.paid


def instalments(balance: Money, *, count: int = 0, amount: Money = ZERO) -> list[Money]:
    """The instalments of a balance, by their number or by their regular amount; they sum to it (RPAT-30).

    count: all but the last are balance / count rounded down; the last takes the rest.
    amount: as many of it as fit; the last is what remains. Exactly one of the two is given.
    """
    if balance <= 0:
        raise Refused("There is nothing to spread over instalments.", code="nothing_due")
    if (count > 0) == (amount > 0):
        raise Refused("Give the number of instalments or their amount.", code="count_or_amount")
    if amount > 0:
        count = -(-int(balance) // int(amount))
        regular = min(amount, balance)
    else:
        regular = Money(int(balance) // count)
    if count > COUNT_MOST or regular <= 0:
        words = "So many instalments are no plan: make them larger or fewer."
        raise Refused(words, code="too_many", field="count")
    last = balance - Money(int(regular) * (count - 1))
    return [*[regular] * (count - 1), last]


def first_due(made_on: date, due_day: int, *, within: int = 30) -> date:
    """The next day of the month of that number after a plan is made; the same day where it is too far off."""
    later = made_on + timedelta(days=1)
    while later.day != due_day:
        later += timedelta(days=1)
    return later if later <= made_on + timedelta(days=within) else made_on


def month_after(day: date, months: int, due_day: int) -> date:
    """The due day so many months after a day's month; due days end at 28, so every month has it."""
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, due_day)


def schedule(
    balance: Money,
    *,
    first: date,
    made_on: date,
    count: int = 0,
    amount: Money = ZERO,
    down: Money = ZERO,
) -> list[Line]:
    """A schedule of monthly instalments from a first day on; its sum is the balance, always (RPAT-30).

    down: paid on the day it is made, and not spread. first: its day of the month is every instalment's.
    """
    if not 0 <= down < balance:
        words = "A down payment is zero or more, and less than the whole."
        raise Refused(words, code="down", field="down")
    parts = instalments(balance - down, count=count, amount=amount)
    lines = [Line(DOWN, made_on, down)] if down else []
    lines += [Line(at + 1, month_after(first, at, first.day), part) for at, part in enumerate(parts)]
    return lines


def months(lines: Sequence[Line]) -> int:
    """The term: how many instalments there are, the down payment apart."""
    return sum(line.number != DOWN for line in lines)


def discloses(lines: Sequence[Line], terms: Terms) -> bool:
    """Does Regulation Z want its disclosures: more than four instalments, a down payment not counted."""
    return months(lines) > terms.disclosure_over


def checked(lines: Sequence[Line], terms: Terms, *, made_on: date, income: Money | None = None) -> None:
    """Refuse a schedule outside the policy, whoever asks. income: a month's, when it is known (MD, CO)."""
    regular = [line for line in lines if line.number != DOWN]
    first = regular[0]
    if first.due_on.day > terms.due_day_most:
        words = f"A due day is the 1st to the {terms.due_day_most}th, so that every month has it."
        raise Refused(words, code="due_day", field="first_due")
    if not made_on <= first.due_on <= made_on + timedelta(days=terms.first_due_days):
        words = f"The first instalment is due within {terms.first_due_days} days."
        raise Refused(words, code="first_due", field="first_due")
    # The last one takes the rest and a single one the whole; neither can be made larger.
    if len(regular) > 1 and first.amount < terms.minimum:
        words = f"An instalment is at least ${terms.minimum} a month."
        raise Refused(words, code="minimum", field="count")
    if terms.months_most and len(regular) > terms.months_most:
        words = f"The law of the state ends a plan after {terms.months_most} months."
        raise Refused(words, code="state_months", field="count")
    most = income_cap(terms, income)
    if most is not None and max(line.amount for line in regular) > most:
        words = f"The law of the state allows ${most} a month: {terms.income_percent} % of the income told."
        raise Refused(words, code="income_cap", field="count")


def income_cap(terms: Terms, income: Money | None) -> Money | None:
    """The largest instalment an income allows, rounded down; None where no law asks or nobody knows it."""
    if income is None or not terms.income_percent:
        return None
    return Money(int(income) * terms.income_percent // 100)


def right_for(term: int, terms: Terms) -> str:
    """The right a term of so many months takes; a term beyond everybody's is refused."""
    if term <= terms.months_clerk:
        return "plans.write"
    if term <= terms.months_supervisor:
        return "plans.longer"
    if term <= terms.months_manager:
        return "plans.longest"
    words = f"No plan runs longer than {terms.months_manager} months."
    raise Refused(words, code="too_long", field="count")


def too_long(term: int, terms: Terms) -> NotPermitted:
    """What somebody is told whose role does not reach that far."""
    who = "a supervisor" if term <= terms.months_supervisor else "a manager"
    return NotPermitted(f"A plan of {term} months is made by {who}.", code="plan_term")


def sum_of(lines: Sequence[Line]) -> Money:
    """What the lines ask for together."""
    return total(line.amount for line in lines)
