"""What may be sent of a claim: to each of its payers what the latest state asks for, and what else may be."""

from dataclasses import dataclass, replace

from sqlalchemy import select

from app.claims import queries as claims
from app.claims import queries_versions
from app.kernel.db import table_of
from app.kernel.work import Work
from app.rebill import queries_claims, rules
from app.rebill.lifecycle import Kind
from app.rebill.models import Rebill
from app.rebill.queries import KINDS, RANKS

_rebill = table_of(Rebill)
BY_HAND = (Kind.NEW, Kind.REPLACEMENT, Kind.VOID)
"""The kinds a person chooses among; one to the next payer is made of the remits before it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One payer of a claim. kind absent: no claim helps, `why` says what does. open: the public id of the
    submission under way, with its number and state; empty when there is none.
    institutional: charges that were forgotten may follow by themselves."""

    rank: int
    payer: str
    kind: Kind | None
    why: str
    open: str = ""
    number: str = ""
    state: str = ""
    institutional: bool = False

    @property
    def rank_words(self) -> str:
        """Which payer it is."""
        return RANKS.get(self.rank, f"payer {self.rank}")

    @property
    def words(self) -> str:
        """What is proposed."""
        return KINDS[self.kind] if self.kind else ""

    @property
    def others(self) -> list[tuple[Kind, str]]:
        """What may be chosen instead."""
        late = (Kind.LATE_CHARGES,) if self.institutional else ()
        return [(one, KINDS[one]) for one in (*BY_HAND, *late) if one is not self.kind]


def offers(w: Work, claim_public: str) -> list[Offer]:
    """What may be sent to each payer of a claim, primary first; who looks is noted with the claim."""
    head = claims.by_public(w, claim_public)
    w.audit("rebill.offer", "R", "claim", claim_public, entity_id=head.entity_id, patients=[head.patient_id])
    facts = queries_claims.facts_of(w, [head.id])[head.id]
    query = select(_rebill).where(
        w.within(_rebill.c.entity_id), _rebill.c.claim_id == head.id, _rebill.c.open.is_(True)
    )
    under_way = {row.rank: row for row in w.db.execute(query)}
    found = []
    for cover in queries_versions.payers(w, head.id):
        proposed = rules.propose(facts, cover.rank)
        row = under_way.get(cover.rank)
        here = Offer(cover.rank, cover.payer or "", proposed.kind, proposed.why)
        if row:
            here = replace(here, open=row.public_id, number=row.control, state=row.state)
        found.append(replace(here, institutional=facts.form == "I" and cover.rank == 1))
    return found
