"""The jobs of intake and posting: a flow and its `done` in one transaction; what kills a worker is set aside.

stage_file, post_transaction   the way of a file to the books
retry_parked, retry_held       what waited tries again when a claim, an original or an entity arrived
second_opinion                 pyx12's view of a file, as warnings; then our own 999 and TA1 about it
fill_homes                     where patients of an older release live, read from their stored claims
bill_secondary                 claims with a next payer whose last answer came, or whose wait is over
refresh_owed                   what patients owe, after all that may change it
collection_day                 holds, promises, plans, stages and work of every account, once a day
example_accounts               what patients of the example world did in the months before it was opened
reply_file                     these, for a file that was not posted to its end by then
anchor_audit                   the head of the audit chain, written outside the database
send_batch                     claims leave the house, once
settle_card                    what became of a card's charge: the processor is asked, never charged again
filing_proof                   the proof that a claim was filed in time, for its case of a late filing
odd_looks, tell_emergency      what compliance must see: looks without a reason, emergency access
"""

from collections.abc import Callable
from typing import Any

from app.audit import service as audit
from app.claims import service_answers as claim_answers
from app.flows import (
    bill_secondary,
    card_payment,
    collection_day,
    demo_accounts,
    demo_partner,
    fill_homes,
    privacy,
    rebill_answers,
    receive_answers,
    receive_eob,
    receive_file,
    receive_remit,
    refresh_owed,
    resolve,
    send_batch,
    watch_folder,
)
from app.flows import receive_claims as claims_flow
from app.flows.confirm_voids import confirm_voids
from app.flows.receive_claims import HeldLate, SameAgain
from app.intake import service as intake
from app.intake import service_opinion as opinions
from app.intake import service_replies as replies
from app.intake.lifecycle import Move
from app.intake.translate import ANSWER_KINDS, CLAIM_KINDS, EOB
from app.kernel import failpoints, outbox
from app.kernel.bulk import uncollected
from app.kernel.errors import Refused, Stale
from app.kernel.outbox import Claimed
from app.kernel.work import Work, reading, system, work
from app.rebill import service_proofs

HOUR_SECONDS = 3_600.0
"""Asked for each hour and done once a day: a schedule that restarts every day would never reach the next."""
WATCH_SECONDS = 5.0
Flow = Callable[[Work, dict[str, Any]], object]


def _run(job: Claimed, flow: Flow) -> None:
    """A flow and its `done`, together or not at all; a rule that says no sets aside what it was about."""
    actor = system(f"job:{job.kind}")
    try:
        with work(actor) as w:
            flow(w, job.payload)
            outbox.finish(w.db, job)
            failpoints.hit("jobs.before_commit")
        failpoints.hit("jobs.after_commit")
    except (HeldLate, SameAgain) as known:
        with work(actor) as w:
            _settle_known(w, job.payload["transaction"], known)
            outbox.finish(w.db, job)
    except Stale:
        raise  # somebody else was first in this moment; the next try sees what they did
    except Refused as refusal:
        with work(actor) as w:
            w.audit("job", "E", "job", job.key, detail={"refused": refusal.code}, outcome=4)
            _set_aside(w, job, refusal.code, refusal.message)
            outbox.finish(w.db, job)


def _post(w: Work, payload: dict[str, Any]) -> None:
    staged = intake.lock(w, payload["transaction"])
    if staged is None:
        return
    with uncollected():
        if staged.kind in CLAIM_KINDS:
            claims_flow.receive_claims(w, staged)
        elif staged.kind in ANSWER_KINDS:
            receive_answers.receive_answers(w, staged)
        elif staged.kind == EOB:
            receive_eob.receive_eob(w, staged)
        else:
            receive_remit.receive_remit(w, staged)


def _settle_known(w: Work, transaction_id: int, known: HeldLate | SameAgain) -> None:
    """What a flow found out only after it had written: its rows are gone, the finding is recorded."""
    staged = intake.lock(w, transaction_id)
    if staged is None:
        return
    if isinstance(known, HeldLate):
        receive_remit.keep_hold(w, staged, known.why, known.findings, known.facts)
        return
    words = f"The same facts were posted before, from {known.file_name}."
    facts = dict(reason="intake.same_facts", explanation=words, same_as_id=known.transaction_id)
    intake.settle(w, staged.id, Move.IGNORE, **facts)


def _retry(w: Work, payload: dict[str, Any]) -> int:
    if payload.get("transaction"):
        claim_answers.retry(w, payload["transaction"])
        rebill_answers.after_claims(w, payload["transaction"])
    settled = resolve.retry_parked(w, payload["entity"], payload.get("transaction"))
    return settled + confirm_voids(w, payload["entity"])


def _set_aside(w: Work, job: Claimed, code: str, words: str) -> None:
    """Quarantine a transaction, or refuse a file, with the reason a person reads."""
    if job.kind == "post_transaction":
        staged = intake.lock(w, job.payload["transaction"])
        if staged is not None:
            intake.settle(w, staged.id, Move.QUARANTINE, reason=code[:40], explanation=words)
    elif job.kind == "stage_file":
        intake.refuse(w, job.payload["file"], code, words)
    elif job.kind == bill_secondary.JOB:
        bill_secondary.narrow(w, job.payload, code)
    elif job.kind == collection_day.JOB:
        collection_day.set_aside(w, job.payload)


def _bury(job: Claimed, reason: str) -> None:
    """The last try failed: what it worked on is set aside, the jobs behind it go on (R8)."""
    with work(system("supervisor")) as w:
        words = f"Reclaim could not read it in {outbox.TRIES} tries and has set it aside ({reason})."
        _set_aside(w, job, "job.failed", words)


def _second_opinion(job: Claimed) -> None:
    """pyx12 thinks between two transactions, never in one: it may take its time and nobody waits for it.

    Our own 999 and TA1 are written then too, from our own findings.
    """
    actor = system(f"job:{job.kind}")
    with reading(actor) as w:
        found = receive_file.second_opinion(w, job.payload["file"])
    with work(actor) as w:
        opinions.keep_opinion(w, job.payload["file"], found)
        replies.make(w, job.payload["file"])
        outbox.finish(w.db, job)


def _watch_looks() -> None:
    with work(system("schedule")) as w:
        w.job("odd_looks", f"day:{w.now.date().isoformat()}", {}, rank=8, once=True)


def _collect() -> None:
    if not demo_accounts.waiting():
        collection_day.ask()


def _handler(flow: Flow) -> Callable[[Claimed], None]:
    return lambda job: _run(job, flow)


def _anchor() -> None:
    with work(system("schedule")) as w:
        w.job("anchor_audit", f"day:{w.now.date().isoformat()}", {}, once=True)


HANDLERS: dict[str, Callable[[Claimed], None]] = {
    "stage_file": _handler(lambda w, payload: receive_file.stage(w, payload["file"])),
    "post_transaction": _handler(_post),
    "retry_parked": _handler(_retry),
    "retry_held": _handler(lambda w, _: intake.retry_held(w, ("intake.unknown_entity",))),
    "second_opinion": _second_opinion,
    "reply_file": _handler(lambda w, payload: replies.make(w, payload["file"], turn=payload.get("turn", 0))),
    "anchor_audit": _handler(lambda w, _: audit.anchor(w)),
    "odd_looks": _handler(lambda w, _: privacy.find_odd_looks(w)),
    "send_batch": send_batch.send,
    "settle_card": card_payment.ask,
    "filing_proof": _handler(lambda w, payload: service_proofs.attach(w, payload["claim"])),
    "bill_secondary": _handler(bill_secondary.run),
    "refresh_owed": _handler(refresh_owed.run),
    "collection_day": _handler(collection_day.run),
    "fill_homes": _handler(fill_homes.run),
    "example_accounts": demo_accounts.run,
    "tell_emergency": _handler(lambda w, payload: privacy.tell_emergency(w, payload["emergency"])),
}
WHEN_DEAD = dict.fromkeys(HANDLERS, _bury) | {
    "send_batch": send_batch.bury,
    "settle_card": card_payment.bury,
    "bill_secondary": bill_secondary.bury,
    "fill_homes": fill_homes.bury,
}
EVERY = {
    "anchor": (HOUR_SECONDS, _anchor),
    "looks": (HOUR_SECONDS, _watch_looks),
    "secondaries": (HOUR_SECONDS, bill_secondary.due),
    "collection_day": (HOUR_SECONDS, _collect),
    "homes": (HOUR_SECONDS, fill_homes.due),
    "watch": (WATCH_SECONDS, watch_folder.look),
    "practice": (demo_partner.TURN_SECONDS, demo_partner.turn),
    "example_accounts": (demo_accounts.LOOK_SECONDS, demo_accounts.look),
}
