"""What became of each payer of a claim: billed, answered, or forwarded to by the payer before it (B10)."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, or_, true, update

from app.claims.models import ClaimPayer
from app.kernel.bulk import among
from app.kernel.db import bulk_insert, table_of
from app.kernel.work import Work

_payer = table_of(ClaimPayer)
CROSSED_OVER = frozenset({"19", "20", "21"})
ANSWERS = frozenset({"1", "2", "3", "4", *CROSSED_OVER})
_COLUMNS = ("claim_id", "rank", "entity_id", "payer_id", "filing", "state", "source")


def note_answers(w: Work, posted: Any) -> None:
    """A consequence of posting: payers that answered, and next ones the claim was forwarded to (NM1*TT).

    A forwarded claim is not to be billed by us until the wait for its remit is over. A next
    payer that no claim of ours names is added, because the payer says there is one: what is left
    is not the patient's yet (RPAT-01).
    """
    answered = {(one.claim_id, one.rank) for one in posted.claims if one.status in ANSWERS}
    forwarded = {
        (one.claim_id, one.rank + 1): one.remit_claim_id
        for one in posted.claims
        if one.status in CROSSED_OVER
    }
    rows = [
        (claim_id, rank, posted.entity_id, None, "", "crossed_over", source)
        for (claim_id, rank), source in forwarded.items()
    ]
    bulk_insert(w.db, _payer, _COLUMNS, rows)
    _state(w, forwarded, "crossed_over", before=("billed",))
    _state(w, answered, "answered", before=("billed", "crossed_over", "answered"), by=posted)


def _state(
    w: Work, pairs: Iterable[tuple[int, int]], state: str, *, before: tuple[str, ...], by: Any = None
) -> None:
    """by: the posting that answers; its day is kept with the payer unless a later one answered already."""
    values: dict[str, Any] = {"state": state}
    newer: ColumnElement[bool] = true()
    if by is not None:
        values |= {"answered_on": by.effective_date, "answer_id": by.transaction_id}
        newer = or_(_payer.c.answered_on.is_(None), _payer.c.answered_on <= by.effective_date)
    by_rank: dict[int, list[int]] = {}
    for claim_id, rank in pairs:
        by_rank.setdefault(rank, []).append(claim_id)
    for rank, claims in sorted(by_rank.items()):
        these = (
            _payer.c.rank == rank,
            among(w.db, _payer.c.claim_id, claims),
            _payer.c.state.in_(before),
            newer,
        )
        w.db.execute(update(_payer).where(*these).values(**values))
