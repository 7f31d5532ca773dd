"""Control numbers: each submission of ours has a CLM01 that nobody ever had (R837-04)."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select, union_all

from app.claims.models import Claim, ClaimControl, ClaimVersion
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.rebill import rules, translate
from app.rebill.models import Rebill

_claim, _version, _given = table_of(Claim), table_of(ClaimVersion), table_of(ClaimControl)
_rebill = table_of(Rebill)


def give(w: Work, entity_id: int, claim_ids: Sequence[int]) -> list[str]:
    """A new control number for each claim, in order: its own, shortened, and R with the next number.

    Taken are all that we gave, those claims were sent under, and those another system may have used. Two who
    ask at once get the same number; the unique key lets one of them keep it.
    """
    wanted = sorted(set(claim_ids))
    named = select(_claim.c.id, _claim.c.control).where(
        among(w.db, _claim.c.id, wanted), w.within(_claim.c.entity_id)
    )
    bases = {row.id: row.control for row in w.db.execute(named)}
    last = _last(w, bases)
    ordered = [bases[claim_id] for claim_id in claim_ids]
    taken: set[str] = set()
    while True:
        given = rules.numbers_for(ordered, taken, last)
        met = _taken(w, entity_id, given)
        if not met:
            return given
        taken |= met


def _last(w: Work, bases: dict[int, str]) -> dict[str, int]:
    """By control number of a claim, the newest number we gave a submission of it."""
    ids = sorted(bases)
    own = select(_rebill.c.claim_id, _rebill.c.control).where(
        among(w.db, _rebill.c.claim_id, ids), w.within(_rebill.c.entity_id)
    )
    known = select(_given.c.claim_id, _given.c.control).where(
        among(w.db, _given.c.claim_id, ids), w.within(_given.c.entity_id)
    )
    newest: dict[str, int] = {}
    for claim_id, control in w.db.execute(union_all(own, known)):
        base = bases[claim_id]
        newest[base] = max(newest.get(base, 0), rules.number_of(control))
    return newest


def _taken(w: Work, entity_id: int, controls: Iterable[str]) -> set[str]:
    asked = sorted(set(controls))
    found: set[str] = set()
    for table in (_rebill, _given, _version, _claim):
        mine = (table.c.entity_id == entity_id, among(w.db, table.c.control, asked))
        found |= set(w.db.execute(select(table.c.control).where(*mine)).scalars())
    return found


def renumbered(kept: bytes, control: str) -> bytes:
    """Sealed segments under another CLM01."""
    return translate.sealed(translate.renumbered(translate.opened(kept), control))
