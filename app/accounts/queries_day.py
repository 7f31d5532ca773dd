"""What accounts bring to the day of whoever calls: promises due, callbacks, how many wait to be called."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from app.accounts.models import CallPlace
from app.contacts.lifecycle import PatientPromiseState
from app.contacts.models import PatientPromise
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import Work

_place, _promise = table_of(CallPlace), table_of(PatientPromise)


@dataclass(frozen=True, slots=True)
class Calls:
    """promised: open promises of patients for today or before, and their cents; callbacks: who asked to be
    called by today; waiting: places of the call list that may be called by what the guards said last.
    """

    promised: int
    amount: Money
    callbacks: int
    waiting: int


def calls(w: Work, today: date) -> Calls:
    """The figures of a day; two statements."""
    due = (_promise.c.state == PatientPromiseState.OPEN.value, _promise.c.promised_on <= today)
    sums = select(func.count(), func.coalesce(func.sum(_promise.c.amount), 0))
    promised, cents = w.db.execute(sums.where(w.within(_promise.c.entity_id), *due)).one()
    called = _place.c.reasons.contains("callback", autoescape=True)
    ready = (_place.c.not_before.is_(None)) | (_place.c.not_before <= w.now)
    places = select(func.count().filter(called), func.count().filter(ready))
    back, waiting = w.db.execute(places.where(w.within(_place.c.entity_id))).one()
    return Calls(int(promised), Money.of_sum(int(cents)), int(back), int(waiting))
