"""A set of underpayments as a whole: how many, what they are worth, which they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.paging import Ask
from app.kernel.work import Work
from app.underpayments import queries
from app.underpayments.models import Underpayment
from app.underpayments.queries import CaseRow

_case = table_of(Underpayment)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a set holds: lines, what is missing in them, what came since."""

    count: int
    amount: Money
    recovered: Money


def measure(w: Work, ask: Ask) -> Measured:
    """Everything the filters of the list find."""
    found = queries.totals(w, ask)
    return Measured(
        sum(one.count for one in found),
        Money.of_sum(sum(int(one.amount) for one in found)),
        Money.of_sum(sum(int(one.recovered) for one in found)),
    )


def these(w: Work, publics: Sequence[str]) -> Measured:
    """Lines that were selected one by one."""
    mine = (w.within(_case.c.entity_id), among(w.db, _case.c.public_id, list(publics)))
    sums = (func.count(), func.sum(_case.c.amount), func.sum(_case.c.recovered))
    count, amount, recovered = w.db.execute(select(*sums).where(*mine)).one()
    return Measured(int(count), Money.of_sum(int(amount or 0)), Money.of_sum(int(recovered or 0)))


def sample(w: Work, publics: Sequence[str], most: int) -> list[CaseRow]:
    """The dearest of those selected."""
    query = queries.listed(w, Ask("amount", filters={"state": "all"}))
    query = query.where(among(w.db, _case.c.public_id, list(publics)))
    rows = w.db.execute(query.order_by(_case.c.amount.desc(), _case.c.id).limit(most))
    found = [queries.row_of(row) for row in rows]
    queries.seen(w, found)
    return found


def publics(w: Work, ask: Ask, most: int) -> list[str]:
    """The public ids of a set, the dearest first; one more than `most` when there are more."""
    query = queries.listed(w, ask).with_only_columns(_case.c.public_id)
    return list(w.db.execute(query.order_by(_case.c.amount.desc(), _case.c.id).limit(most + 1)).scalars())
