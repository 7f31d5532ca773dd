"""What payers' standing answers say of claims, for whoever works out anew where a claim stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.claims.rules_standing import Answer
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.remits.lifecycle import State
from app.remits.models import Remit, RemitClaim

_remit, _claim = table_of(Remit), table_of(RemitClaim)


@dataclass(frozen=True, slots=True)
class Answers:
    """The claims some CLPs speak of, and every answer about these claims that stands."""

    claim_ids: list[int]
    standing: list[Answer]


def answers_of(w: Work, remit_claim_ids: Sequence[int]) -> Answers:
    """The claims these CLPs were posted to, with all that stands about them; undone CLPs say nothing."""
    mine = (among(w.db, _claim.c.id, remit_claim_ids), w.within(_claim.c.entity_id))
    about = select(_claim.c.claim_id).where(*mine, _claim.c.claim_id.is_not(None)).distinct()
    claim_ids = sorted(w.db.execute(about).scalars())
    query = (
        select(
            _claim.c.claim_id, _claim.c.rank, _claim.c.status, _remit.c.effective_date, _claim.c.remit_id,
            _claim.c.id,
        )
        .join(_remit, _remit.c.id == _claim.c.remit_id)
        .where(
            among(w.db, _claim.c.claim_id, claim_ids),
            w.within(_claim.c.entity_id),
            _claim.c.state.in_((State.POSTED.value, State.REVERSED.value)),
        )
    )  # fmt: skip
    return Answers(claim_ids, [Answer(*row) for row in w.db.execute(query)])
