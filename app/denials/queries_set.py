"""A set of cases as a whole: how many, what they are worth, which they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.denials.models import Denial, DenialItem
from app.denials.queries_filters import conditions
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.paging import Ask
from app.kernel.work import Work
from app.payers.models import Payer

_denial, _item, _payer = table_of(Denial), table_of(DenialItem), table_of(Payer)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a set holds: cases, what was denied, what is at stake; how many by state."""

    count: int
    denied: Money
    at_stake: Money
    states: tuple[tuple[str, int], ...]


def measure(w: Work, ask: Ask) -> Measured:
    """Everything the filters of a list find."""
    return _measured(w, conditions(w, ask))


def these(w: Work, public_ids: Sequence[str]) -> Measured:
    """Cases that were selected one by one."""
    mine = [w.within(_denial.c.entity_id), among(w.db, _denial.c.public_id, list(public_ids))]
    return _measured(w, mine)


def _measured(w: Work, where: Sequence[object]) -> Measured:
    query = select(
        _denial.c.state, func.count(), func.sum(_denial.c.denied), func.sum(_denial.c.at_stake)
    ).where(*where)  # type: ignore[arg-type]  # conditions of this table
    found = w.db.execute(query.group_by(_denial.c.state)).all()
    return Measured(
        sum(int(row[1]) for row in found),
        Money.of_sum(sum(int(row[2]) for row in found)),
        Money.of_sum(sum(int(row[3]) for row in found)),
        tuple(sorted(((row[0], int(row[1])) for row in found), key=lambda one: -one[1])),
    )


def publics(w: Work, ask: Ask, most: int) -> list[str]:
    """The public ids of a set, the most pressing first; one more than `most` when there are more."""
    query = select(_denial.c.public_id).where(*conditions(w, ask))
    return list(w.db.execute(query.order_by(_denial.c.rank.desc()).limit(most + 1)).scalars())


def same_cause(w: Work, public_id: str, *, code: bool = False) -> dict[str, str]:
    """The filters that find the open cases with one case's payer, CARC, RARC and category.

    code: those of the same service only.
    """
    query = (
        select(_denial.c.id, _denial.c.round, _denial.c.carc, _denial.c.rarc, _denial.c.category,
               _payer.c.public_id.label("payer"))
        .outerjoin(_payer, _payer.c.id == _denial.c.payer_id)
        .where(w.within(_denial.c.entity_id), _denial.c.public_id == public_id)
    )  # fmt: skip
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    filters = {"state": "open", "payer": row.payer, "carc": row.carc, "rarc": row.rarc,
               "category": row.category}  # fmt: skip
    if code:
        largest = (
            select(_item.c.code)
            .where(_item.c.denial_id == row.id, _item.c.round == row.round)
            .order_by(_item.c.cents.desc(), _item.c.address)
            .limit(1)
        )
        filters["code"] = w.db.execute(largest).scalar()
    return {name: str(value) for name, value in filters.items() if value}
