"""What receipts do to a schedule, and how its days are judged (patient-collections section 9)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.kernel.money import ZERO, Money, total
from app.plans.lifecycle import RUNNING, InstalmentState, Move, State
from app.plans.rules import Line, Terms

GONE = frozenset({InstalmentState.MOVED, InstalmentState.CANCELLED})


@dataclass(frozen=True)
class Receipt:
    """Money that came for the visits of a plan: its day, its cents net of what bounced."""

    day: date
    cents: Money


def settle(
    lines: Sequence[Line], receipts: Sequence[Receipt], *, lifted: Money = ZERO
) -> tuple[list[Line], Money]:
    """The lines of a plan after all its receipts, worked out anew from nothing paid; and what is left over.

    lifted: cents the visits owe less by now though nobody paid them, because a payer did: from the end too.

    A receipt pays what is due, oldest first; where nothing is, the instalment that comes next. What is early
    or extra beyond that pays from the end, so that the term shortens and the amount stays. Whatever happens
    to the receipts, the sum of the lines stays (RPAT-30): what is paid early is noted on the last lines,
    never taken off them. Lines an older schedule left as paid are filled before all others, so that a new
    schedule begins with what was still open.
    """
    now = [replace(line, paid=ZERO) for line in sorted(lines, key=_when)]
    newest = max((line.schedule_no for line in now), default=0)
    older = [at for at, line in enumerate(now) if line.schedule_no < newest]
    lifted = _fill(now, older, lifted)
    over = ZERO
    for receipt in sorted(receipts, key=lambda one: one.day):
        cents = _fill(now, older, receipt.cents)
        cents = _fill(now, _meant(now, receipt.day), cents) if cents else cents
        over += _from_the_end(now, cents)
    over += _from_the_end(now, lifted)
    return [_named(line) for line in now], over


def _fill(lines: list[Line], places: Sequence[int], cents: Money) -> Money:
    """Pay some lines in turn; returns what is left."""
    for at in places:
        part = min(lines[at].left, cents)
        lines[at] = replace(lines[at], paid=lines[at].paid + part)
        cents -= part
    return cents


def _when(line: Line) -> tuple[date, int]:
    return line.due_on, line.number


def _meant(lines: list[Line], day: date) -> list[int]:
    """The places of what a receipt of a day is meant for: what is due, or else the next one by its day."""
    due = [at for at, line in enumerate(lines) if line.due_on <= day and line.left > 0]
    return due or [at for at, line in enumerate(lines) if line.due_on > day][:1]


def _from_the_end(lines: list[Line], cents: Money) -> Money:
    """Pay the last open lines first. Returns what no line takes."""
    while cents > 0:
        open_at = [at for at, line in enumerate(lines) if line.left > 0]
        if not open_at:
            return cents
        last = open_at[-1]
        crumb = lines[last].left - cents
        if len(open_at) > 1 and 0 < crumb < len(lines):
            # Cents that rounding put on the last line never become an instalment of their own.
            before = open_at[-2]
            lines[before] = replace(lines[before], amount=lines[before].amount + crumb)
            lines[last] = replace(lines[last], amount=lines[last].amount - crumb)
        part = min(lines[last].left, cents)
        lines[last] = replace(lines[last], paid=lines[last].paid + part)
        cents -= part
    return ZERO


def _named(line: Line) -> Line:
    if line.left <= 0:
        return replace(line, state=InstalmentState.PAID)
    kept = InstalmentState.MISSED if line.state == InstalmentState.MISSED else InstalmentState.DUE
    return replace(line, state=kept)


@dataclass(frozen=True)
class Verdict:
    """What a day finds of a plan. missed: instalments in a row whose grace is over. since: the oldest of
    them was due then. move: what happens to the plan now; None: nothing.
    """

    lines: tuple[Line, ...]
    missed: int
    since: date | None
    move: Move | None

    @property
    def left(self) -> Money:
        """What the plan still waits for."""
        return total(line.left for line in self.lines)


def judge(
    state: State, lines: Sequence[Line], terms: Terms, day: date, *, defaulted_on: date | None = None
) -> Verdict:
    """Judge a plan on a day, after its receipts are settled.

    An instalment is missed when its grace is over: due on the 1st with ten days of grace, on the 12th. Two
    missed in a row, or one 60 days past due, is a default; paid within the days of cure it never was.
    """
    found, missed, most = [], 0, 0
    since: date | None = None
    for line in lines:
        late = line.left > 0 and day > line.due_on + timedelta(days=terms.grace_days)
        if late:
            missed += 1
            since = since or line.due_on
            line = replace(line, state=InstalmentState.MISSED)
        else:
            missed = 0
            if line.state == InstalmentState.MISSED and line.left > 0:
                line = replace(line, state=InstalmentState.DUE)
        most = max(most, missed)
        found.append(line)
    return Verdict(tuple(found), most, since, _move(state, found, terms, day, (most, since, defaulted_on)))


def _move(
    state: State,
    lines: Sequence[Line],
    terms: Terms,
    day: date,
    found: tuple[int, date | None, date | None],
) -> Move | None:
    missed, since, defaulted_on = found
    open_left = any(line.left > 0 for line in lines)
    if state == State.COMPLETED:
        return Move.REOPEN if open_left else None
    if state not in RUNNING and state != State.DEFAULTED:
        return None
    if not open_left:
        return Move.COMPLETE
    if state == State.DEFAULTED:
        in_time = defaulted_on is not None and (day - defaulted_on).days <= terms.cure_days
        return Move.CURE if in_time and not missed else None
    too_late = since is not None and (day - since).days >= terms.overdue_default_days
    if missed >= terms.missed_default or too_late:
        return Move.DEFAULT
    if missed and state != State.LATE:
        return Move.MISS
    if not missed and state == State.LATE:
        return Move.CURE
    return None


def next_due(lines: Sequence[Line]) -> Line | None:
    """The oldest line that is not paid."""
    return min((line for line in lines if line.left > 0), key=lambda one: one.due_on, default=None)
