"""Proof that what is owed is what stands: both derived tables held against a new decision and a new sum."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.accounts.lifecycle import OwedState
from app.accounts.models import Owed, Standing
from app.accounts.queries_facts import facts, known
from app.accounts.rules import Item, decide, sums_of
from app.kernel.db import in_chunks, table_of
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.work import Work, exists
from app.ledger.models import ClaimBalance

_owed, _standing, _balance = table_of(Owed), table_of(Standing), table_of(ClaimBalance)
SUMS = ("due", "waiting", "held", "credit", "visits", "oldest_since", "latest_since")


def problems(w: Work, entity_id: int, today: date) -> Iterator[tuple[str, str]]:
    """(place, words) of everything that differs; nothing when both tables are whole.

    Visits that await their job are told as well: ask when the jobs are done. A database of an older release
    has neither table filled before its first day; then there is nothing to prove yet.
    """
    begun = select(_owed.c.claim_id).where(w.within(_owed.c.entity_id), _owed.c.entity_id == entity_id)
    if not exists(w, begun):
        return
    yield from _amounts(w, entity_id)
    yield from _visits(w, entity_id, today)
    yield from _accounts(w, entity_id)


def _amounts(w: Work, entity_id: int) -> Iterator[tuple[str, str]]:
    """By claim, what is owed is what 1110 says; and nobody with a balance is missing."""
    query = (
        select(_balance.c.claim_id, _balance.c.patient, _owed.c.amount)
        .outerjoin(_owed, _owed.c.claim_id == _balance.c.claim_id)
        .where(w.within(_balance.c.entity_id), _balance.c.entity_id == entity_id,
               func.coalesce(_owed.c.amount, 0) != _balance.c.patient)
    )  # fmt: skip
    for row in w.db.execute(query.order_by(_balance.c.claim_id)):
        yield f"claim {row.claim_id}", f"owes {row.amount or 0} by its visit and {row.patient} by the ledger"


def _visits(w: Work, entity_id: int, today: date) -> Iterator[tuple[str, str]]:
    """State and reason of each visit are what its facts decide; it has a day exactly while it is due."""
    ids = w.db.execute(
        select(_owed.c.claim_id).where(w.within(_owed.c.entity_id), _owed.c.entity_id == entity_id)
        .order_by(_owed.c.claim_id)
    ).scalars().all()  # fmt: skip
    for chunk in in_chunks(ids, BATCH_CLAIMS):
        found = known(w, chunk)
        about = facts(w, found, today)
        for one in found:
            state, reason = decide(about[one.claim_id])
            said = (str(one.before.was_state), one.before.was_reason)
            # A hold that begins or ends today is taken up by the day's own job.
            dated = {said[0], state.value} <= {OwedState.DUE, OwedState.HELD}
            if said != (state.value, reason) and not dated:
                words = f"is {' '.join(said).strip()}; its facts say {state.value} {reason}".strip()
                yield f"visit {one.claim_id}", words
            if (one.before.was_since is not None) != (said[0] == OwedState.DUE):
                yield f"visit {one.claim_id}", "has a day it is due since, or none, against its state"


def _accounts(w: Work, entity_id: int) -> Iterator[tuple[str, str]]:
    """Each account is what its visits come to."""
    items: dict[int, list[Item]] = {}
    query = select(_owed.c.account_id, _owed.c.amount, _owed.c.state, _owed.c.since).where(
        w.within(_owed.c.entity_id), _owed.c.entity_id == entity_id, _owed.c.account_id.is_not(None)
    )
    for row in w.db.execute(query):
        items.setdefault(row.account_id, []).append(Item(int(row.amount), str(row.state), row.since))
    stands: set[int] = set()
    rows = select(_standing).where(w.within(_standing.c.entity_id), _standing.c.entity_id == entity_id)
    for account in w.db.execute(rows.order_by(_standing.c.account_id)):
        stands.add(account.account_id)
        sums = sums_of(items.get(account.account_id, ()))
        wrong = [name for name in SUMS if _plain(getattr(account, name)) != getattr(sums, name)]
        if wrong:
            yield f"account {account.account_id}", f"is not what its visits come to: {', '.join(wrong)}"
    for account_id in sorted(set(items) - stands):
        yield f"account {account_id}", "has visits and does not stand anywhere"


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, int) else value
