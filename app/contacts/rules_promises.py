"""What a guarantor may promise, and what became of it by the payments that came. Pure (section 8)."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from app.contacts.lifecycle import PatientPromiseState as State
from app.contacts.rules_law import Law
from app.kernel.errors import NotAllowed, Refused
from app.kernel.money import Money


class Came(NamedTuple):
    """A payment: its day, its cents, whether it bounced since."""

    day: date
    cents: int
    bounced: bool


def check(law: Law, *, today: date, on: date, amount: int, due: int | None, before: int) -> int:
    """Which one in a row a new promise is. before: how many ended in a row without one kept.

    due: cents the account owes now, None when nobody knows. Refused: a day past or beyond the limit, less
    than the least (unless it is all that is due), and one more than may follow each other unkept.
    """
    most = law.number("promise_most_days")
    if not today <= on <= today + timedelta(most):
        raise Refused(f"A promise is for a day within {most} days.", code="promise_day", field="promised_on")
    least = law.cents("promise_least")
    if amount <= 0 or (amount < least and (due is None or amount < due)):
        raise Refused(f"A promise is for at least {least}.", code="promise_amount", field="amount")
    if due is not None and amount > due:
        raise Refused(f"They owe {Money(due)}.", code="promise_amount", field="amount")
    row = law.number("promise_in_a_row")
    if before >= row:
        words = f"The last {row} promises were not kept: take a payment now, or offer a plan."
        raise NotAllowed(words, code="promise_in_a_row")
    return before + 1


def needed(law: Law, amount: int) -> int:
    """The cents that keep a promise: 95 percent, the fraction of a cent upwards."""
    part = Decimal(amount) * law.decimal("promise_percent") / 100
    return int(part.quantize(Decimal(1), ROUND_CEILING))


def judge(
    enough: int, made_on: date, grace_until: date, came: Sequence[Came], day: date
) -> tuple[State, int]:
    """(how a promise stands on a day, the good cents that came for it).

    came: payments of the account; those from the day it was made to the last of grace count. Kept at once
    when enough came; decided after the last day of grace. What bounced counts for nothing, and a promise
    that only lacks what bounced is `nsf`.
    """
    counted = [one for one in came if made_on <= one.day <= min(grace_until, day)]
    good = sum(one.cents for one in counted if not one.bounced)
    if good >= enough:
        return State.KEPT, good
    bounced = sum(one.cents for one in counted if one.bounced)
    if bounced and good + bounced >= enough:
        return State.NSF, good
    if day <= grace_until:
        return State.OPEN, good
    return (State.PARTIAL if good > 0 else State.BROKEN), good
