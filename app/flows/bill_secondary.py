"""A posted payer opens the claim to the next one by itself (G2, R837-20 to 26).

The posting only notes which claims have a next payer: one look-up a batch, nothing more when there is none.
A job looks at them afterwards, because a claim is made of the 837 it was billed with, and walking through
stored files has no place in an import. It is promised in the same transaction, so it is never lost; waiting
claims are taken in the order they stand in their files, so that each file is walked once for many remits.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from app.entities import queries as entities
from app.kernel.db import in_chunks
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.outbox import Claimed
from app.kernel.work import Work, system, work
from app.ledger import service_looks
from app.rebill import queries_secondary as queries
from app.rebill import service_secondary as secondary
from app.remits.rules import Posted

JOB = "bill_secondary"
PARTS = 16
"""Into so many parts a chunk is taken apart of which one claim makes the look fail."""
AFTER_POSTINGS = 8
"""Behind everything that posts: a reversal and its correction are both on the books when it looks."""


def look_from(w: Work, posted: Posted) -> None:
    """A consequence of posting: claims with a next payer are looked at, by a job. An EOB moves nothing on."""
    if posted.cash and posted.claims:
        _look(w, posted.entity_id, {one.claim_id for one in posted.claims}, f"remit:{posted.transaction_id}")


def claims_came(w: Work, entity_id: int, transaction_id: int) -> None:
    """Claims to later payers came in a file: what another system sent, we do not send again."""
    found = queries.billed_next(w, entity_id, transaction_id)
    if found:
        _look(w, entity_id, found, f"claims:{transaction_id}:{entity_id}")


def rejected(w: Work, source_id: int) -> None:
    """A report rejected claims: one the office sent to the next payer itself has billed nobody there."""
    for entity_id, claim_ids in sorted(queries.rejected_by(w, source_id).items()):
        _look(w, entity_id, claim_ids, f"rejected:{source_id}:{entity_id}")


def _look(w: Work, entity_id: int, claim_ids: Any, key: str) -> None:
    found = queries.with_next_payer(w, claim_ids)
    if found:
        secondary.note(w, entity_id, found, w.today(entities.get(w, entity_id).time_zone))
        w.job(JOB, key, {"entity": entity_id}, rank=AFTER_POSTINGS)


def withdraw(w: Work, entity_id: int, remit_claim_ids: Sequence[int]) -> None:
    """A posting was undone: what was made of it goes no further, at once; then its claims are looked at."""
    today = w.today(entities.get(w, entity_id).time_zone)
    secondary.withdraw(w, entity_id, remit_claim_ids, today)
    _look(
        w, entity_id, queries.claims_answered(w, remit_claim_ids), f"undone:{min(remit_claim_ids, default=0)}"
    )


def run(w: Work, payload: dict[str, Any]) -> None:
    """The job: look at what is due of an entity, up to 2,000 claims; the rest in another one."""
    entity_id = payload["entity"]
    today = w.today(entities.get(w, entity_id).time_zone)
    if payload.get("claims"):
        secondary.note(w, entity_id, queries.with_next_payer(w, payload["claims"]), today)
    only = payload.get("only")
    waiting = _only(w, payload) if only else queries.due(w, entity_id, today, BATCH_CLAIMS)
    waits = secondary.look(w, entity_id, waiting, today)
    secondary.noted(w, waiting, waits)
    service_looks.look_again(w, entity_id, "claims", set(waiting) - set(waits))
    if len(waiting) == BATCH_CLAIMS and not only:
        w.job(JOB, f"more:{entity_id}:{waiting[-1]}", {"entity": entity_id}, rank=AFTER_POSTINGS)


def _only(w: Work, payload: dict[str, Any]) -> list[int]:
    return queries.still_waiting(w, payload["entity"], payload["only"])


def bury(job: Claimed, reason: str) -> None:
    """The last try failed: one claim must not hold back the others. They are looked at in smaller parts, and
    what fails alone is set aside for a person.
    """
    with work(system("supervisor")) as w:
        narrow(w, job.payload, reason)


def narrow(w: Work, payload: dict[str, Any], reason: str) -> None:
    """Take what a failed look was about apart; those behind it go on at once."""
    entity_id = payload["entity"]
    today = w.today(entities.get(w, entity_id).time_zone)
    held = _only(w, payload) if payload.get("only") else queries.due(w, entity_id, today, BATCH_CLAIMS)
    if len(held) == 1:
        secondary.set_aside(w, entity_id, held[0], reason)
    elif held:
        # Ordinary looks leave them alone meanwhile; tomorrow they take up what nobody finished.
        secondary.put_off(w, held, today + timedelta(1))
        for part in in_chunks(held, max(1, len(held) // PARTS)):
            named = {"entity": entity_id, "only": list(part)}
            w.job(JOB, f"part:{entity_id}:{part[0]}:{len(part)}", named, rank=AFTER_POSTINGS)
    w.job(JOB, f"behind:{entity_id}", {"entity": entity_id}, rank=AFTER_POSTINGS)


def due() -> None:
    """Asked for each hour: a wait after a crossover is over, or a look was left behind (R837-26)."""
    with work(system("schedule")) as w:
        for practice in entities.practices(w):
            today = w.today(practice.time_zone)
            if queries.due(w, practice.id, today, 1):
                w.job(JOB, f"due:{practice.id}", {"entity": practice.id}, rank=AFTER_POSTINGS)
