"""What follows when somebody does something about an account: it stands anew, for whichever door asked."""

from collections.abc import Collection

from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts import service_calls
from app.accounts.models import Owed
from app.claims.models import Claim
from app.entities import queries as entities
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.statements import service_dunning as dunning

_owed, _claim = table_of(Owed), table_of(Claim)


def stand(w: Work, entity_id: int, account_ids: Collection[int]) -> None:
    """What accounts owe, whether their clock runs, and their place in the call list, after anything changed.

    The clock stops and goes on with the act itself: a run of the same day counts the days that were left.
    """
    accounts.refresh(w, entity_id, account_ids)
    dunning.move_due(w, entity_id, w.today(entities.get(w, entity_id).time_zone), account_ids)
    service_calls.rank_some(w, entity_id, account_ids)


def visit_of(w: Work, account_id: int, claim_public: str) -> int | None:
    """The key of a visit's claim that this account answers for; None when none was named."""
    if not claim_public:
        return None
    query = (
        select(_owed.c.claim_id)
        .join(_claim, _claim.c.id == _owed.c.claim_id)
        .where(w.within(_owed.c.entity_id), _claim.c.public_id == claim_public)
        .where(_owed.c.account_id == account_id)
    )
    found = w.db.execute(query).scalar()
    if found is None:
        raise NotFound("There is no such visit on this account.", field="claim")
    return int(found)
