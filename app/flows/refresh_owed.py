"""Patient balances decided anew after whatever may have changed them: postings, undone ones, people's acts on
denials, claims that go out again, a next payer that is not billed after all.

The places that change something promise the job (`ledger.service_looks`); here it finds the claims.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, select

from app.accounts import service as accounts
from app.claims.models import Claim
from app.denials.models import Denial
from app.kernel.bulk import among
from app.kernel.db import table_of
from app.kernel.work import Work
from app.ledger.models import PLACE_BITS, LedgerBatch, LedgerEntry
from app.ledger.service_looks import JOB, RANK
from app.remits.lifecycle import State
from app.remits.models import RemitClaim

_entry, _batch, _claim = table_of(LedgerEntry), table_of(LedgerBatch), table_of(Claim)
_denial, _remit_claim = table_of(Denial), table_of(RemitClaim)
AT_ONCE = 10_000
"""Claims a job looks at; the rest of a larger batch in the next one."""


def run(w: Work, payload: dict[str, Any]) -> None:
    """The job: decide about the claims its payload speaks of; of a batch up to 10,000 at a time."""
    entity_id = payload["entity"]
    if "accounts" in payload:
        accounts.refresh(w, entity_id, payload["accounts"])
    elif "batch" in payload:
        _batch_of(w, payload)
    elif "denials" in payload:
        accounts.refresh_claims(w, entity_id, _of_denials(w, payload["denials"]))
    elif "answers" in payload:
        accounts.refresh_claims(w, entity_id, _of_answers(w, payload["answers"]))
    else:
        accounts.refresh_claims(w, entity_id, payload["claims"])


def _batch_of(w: Work, payload: dict[str, Any]) -> None:
    entity_id, batch_id, after = payload["entity"], payload["batch"], payload.get("after", -1)
    first, last = batch_id << PLACE_BITS, (batch_id + 1) << PLACE_BITS
    query = (
        select(_entry.c.claim_id)
        .where(_entry.c.id >= first, _entry.c.id < last, _entry.c.claim_id > after)
        .distinct()
        .order_by(_entry.c.claim_id)
        .limit(AT_ONCE)
    )
    ids = [int(one) for one in w.db.execute(query).scalars()]
    if len(ids) == AT_ONCE:
        more = {**payload, "after": ids[-1]}
        w.job(JOB, f"batch:{batch_id}:{ids[-1]}", more, rank=RANK)
    parked = _spoken_of(w, batch_id) if after < 0 else []
    accounts.refresh_claims(w, entity_id, [*ids, *parked])


def _spoken_of(w: Work, batch_id: int) -> list[int]:
    """Claims that parked payments of this posting's remit speak of."""
    query = _same_control().join(_batch, _batch.c.transaction_id == _remit_claim.c.remit_id)
    parked = (_batch.c.id == batch_id, _remit_claim.c.state == State.PARKED.value)
    return [int(one) for one in w.db.execute(query.where(*parked)).scalars()]


def _same_control() -> Any:
    same = and_(_claim.c.entity_id == _remit_claim.c.entity_id, _claim.c.control == _remit_claim.c.control)
    return select(_claim.c.id).select_from(_remit_claim).join(_claim, same)


def _of_answers(w: Work, ids: Sequence[int]) -> list[int]:
    """Claims that answers of payers speak of, matched or not."""
    mine = (among(w.db, _remit_claim.c.id, ids), w.within(_remit_claim.c.entity_id))
    matched = select(_remit_claim.c.claim_id).where(*mine, _remit_claim.c.claim_id.is_not(None))
    named = w.db.execute(_same_control().where(*mine)).scalars()
    return [int(one) for one in {*w.db.execute(matched).scalars(), *named}]


def _of_denials(w: Work, ids: Sequence[int]) -> list[int]:
    query = select(_denial.c.claim_id).where(among(w.db, _denial.c.id, ids), w.within(_denial.c.entity_id))
    return [int(one) for one in w.db.execute(query).scalars()]
