"""How much hangs on a payer: its claims and open denials, counted for a page of payers at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.claims.models import ClaimPayer
from app.denials.models import Denial
from app.denials.queries_filters import is_open
from app.kernel.db import table_of
from app.kernel.money import Money
from app.kernel.work import Work
from app.payers.models import PayerAlias

_covered, _denial, _alias = table_of(ClaimPayer), table_of(Denial), table_of(PayerAlias)


@dataclass(frozen=True, slots=True)
class PayerWork:
    """Claims it pays first, its open denial cases, and the cents at stake in them."""

    claims: int
    denials: int
    at_stake: Money


def work_of(w: Work, payer_ids: Sequence[int]) -> dict[int, PayerWork]:
    """By the key of a payer, all records that are it together; three statements for any page."""
    also = select(_alias.c.payer_id, _alias.c.same_as).where(
        w.within(_alias.c.entity_id), _alias.c.same_as.in_(payer_ids)
    )
    home = {one: one for one in payer_ids} | {row.payer_id: row.same_as for row in w.db.execute(also)}
    billed = select(_covered.c.payer_id, func.count()).where(
        w.within(_covered.c.entity_id), _covered.c.rank == 1, _covered.c.payer_id.in_(list(home))
    )
    claims: dict[int, int] = {}
    for key, count in w.db.execute(billed.group_by(_covered.c.payer_id)):
        claims[home[key]] = claims.get(home[key], 0) + int(count)
    refused = select(_denial.c.payer_id, func.count(), func.sum(_denial.c.at_stake)).where(
        w.within(_denial.c.entity_id), is_open(), _denial.c.payer_id.in_(list(home))
    )
    denials: dict[int, tuple[int, int]] = {}
    for key, count, cents in w.db.execute(refused.group_by(_denial.c.payer_id)):
        before = denials.get(home[key], (0, 0))
        denials[home[key]] = (before[0] + int(count), before[1] + int(cents or 0))
    found = {}
    for one in payer_ids:
        count, cents = denials.get(one, (0, 0))
        found[one] = PayerWork(claims.get(one, 0), count, Money.of_sum(cents))
    return found
