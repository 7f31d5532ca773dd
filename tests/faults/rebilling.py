"""A practice that bills the next payer, opens a set, releases a batch and is told of a late filing.

`journey` goes the whole way; what is done at each step, and how often a worker dies in it, is up to `Steps`.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import update

from app.claims.models import ClaimVersion
from app.denials.models import Denial, DenialDocument
from app.flows import bill_secondary
from app.kernel import db, failpoints
from app.kernel.clock import now, today
from app.kernel.db import engine, table_of
from app.kernel.outbox import Job
from app.kernel.settings import settings
from app.kernel.work import work
from app.rebill import service_proofs, service_receivers, service_sets
from app.rebill.lifecycle import How
from app.rebill.models import FilingProof, NextPayerLook, RebillEvent, RebillSetClaim
from app.worker import run_one
from app.worklist.models import WorklistItem
from app.world.partner import Partner
from tests import books, era, rebills
from tests.faults.test_imports_killed import Worker
from tests.rebills import HELPER, ZONE, ago

_version, _event, _proof = table_of(ClaimVersion), table_of(RebillEvent), table_of(FilingProof)
_item, _job, _look = table_of(WorklistItem), table_of(Job), table_of(NextPayerLook)
_denial, _document, _of_set = table_of(Denial), table_of(DenialDocument), table_of(RebillSetClaim)
SECONDARIES, REFUSED = ("S1", "S2"), ("D1", "D2")
JOB = ("worker.after_claim", "jobs.before_commit", "jobs.after_commit", "worker.after_job")
"""Where a worker dies in a job: before it began, before and after its commit, before it is crossed off."""
STAGING = ("intake.before_stage", "intake.after_stage", *JOB[:3], "claims.before_commit")
"""Before the claims of a file of ours are taken in, and then while they are."""
LATE = "CO*29*100"

Act = Callable[[], Any]


class Steps:
    """Everything goes well."""

    def act(self, done: Act, *points: str) -> None:
        """What a person asks for."""
        del points
        done()

    def job(self, kind: str, *points: str) -> None:
        """What is due now, all of one kind."""
        del kind, points
        books.settle()


class Dying(Steps):
    """Every act and every job is killed at each of its places, then left alone, then asked for again."""

    def __init__(self, worker: Worker) -> None:
        self.worker, self.deaths = worker, Counter[str]()

    def act(self, done: Act, *points: str) -> None:
        for point in points:
            before = facts()
            assert dies(point, done), f"nobody passed {point}"
            self.deaths[point] += 1
            assert facts() == before, f"{point}: half of it stays"
        done()

    def job(self, kind: str, *points: str) -> None:
        assert waiting(kind), f"no {kind} is due"
        for point in (*points, *JOB):
            if self.worker.run(f"{point}=kill@1") == -signal.SIGKILL:
                self.deaths[f"{kind} {point}"] += 1
            books.hurry()
        for _ in range(2):
            books.hurry()
            assert self.worker.run() == 0


def dies(point: str, done: Act) -> bool:
    """Do it in a process of its own that is killed at this place; False when it never came there.

    A fork has none of the threads of its parent: nothing that draws documents goes through here.
    """
    db.dispose()
    pid = os.fork()
    if pid == 0:
        signal.alarm(120)
        try:
            with failpoints.armed(f"{point}=kill@1"):
                done()
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def waiting(kind: str) -> list[Any]:
    """Jobs of a kind that are due."""
    return books.rows(_job, _job.c.kind == kind, _job.c.state == "queued", _job.c.run_at <= now())


def settle_but(kind: str) -> None:
    """Do everything that is due before jobs of this kind, and leave those."""
    later = update(_job).where(_job.c.kind == kind, _job.c.state == "queued")
    while (key := books.next_job()) is not None:
        if books.rows(_job, _job.c.id == key)[0].kind == kind:
            return
        run_one(key)
    with engine().begin() as line:
        line.execute(later.values(run_at=now()))


def bills() -> bytes:
    """Two claims with a second payer, and two without."""
    claims = [
        era.billed(one, "99214 100", day=ago(30), member=f"M{one}", patient=f"DOE*{one}", filing="CI",
                   second=era.Cover() if one in SECONDARIES else None)
        for one in (*SECONDARIES, *REFUSED)
    ]  # fmt: skip
    return era.bill(*claims, dress=replace(era.PLAIN, day=ago(29)))


def answers() -> bytes:
    """Two paid in part, two refused for the same cause."""
    paid = [
        era.claim(
            one,
            era.line("99214", "100", "60", "CO*45*20 PR*2*20", control="L1"),
            member=f"M{one}",
            patient=f"DOE*{one}",
            number=f"PN{one}",
        )
        for one in SECONDARIES
    ]
    refused = [
        era.claim(
            one,
            era.line("99214", "100", "0", "CO*4*100", control="L1"),
            status="4",
            member=f"M{one}",
            patient=f"DOE*{one}",
            number=f"PN{one}",
        )
        for one in REFUSED
    ]
    return era.era(*paid, *refused, trace="FIRST", day=ago(9))  # fmt: skip


def journey(steps: Steps) -> None:
    """From two answered and two refused claims to a batch the next payer has, and proof that it has it."""
    clinic = books.practice()
    with work(HELPER) as w:
        receiver = service_receivers.add(w, clinic.public_id, rebills.facts(How.FOLDER, place="out"))
    books.take(bills())
    books.offer(answers(), "first.835")
    settle_but("bill_secondary")
    steps.job("bill_secondary")
    steps.act(a_set, "rebill.after_opening", "rebill.after_set")
    ready = [row.public_id for row in books.rows(rebills.REBILL) if row.state == "ready"]
    steps.act(lambda: rebills.release(receiver, *ready), "rebill.after_file", "rebill.after_release")
    settle_but("stage_file")
    steps.job("stage_file", *STAGING)
    [path] = (settings().outgoing / "out").glob("*.837")
    partner, day = Partner(), today(ZONE)
    for reply in [*partner.receive(path.read_bytes(), day), *partner.accept(day)]:
        books.take(reply.content)
    books.offer(too_late(), "late.835")
    settle_but("filing_proof")
    steps.job("filing_proof")


def a_set() -> str:
    """The two refused claims, opened together."""
    found = books.rows(_denial, _denial.c.state != "closed", _denial.c.claim_id.in_(_keys(REFUSED)))
    with work(HELPER) as w:
        return service_sets.open_set(w, [row.public_id for row in found]).public_id


def too_late() -> bytes:
    """The second payer says that a claim came too late."""
    [control] = [row.control for row in books.rows(rebills.REBILL) if row.control.startswith("S1")]
    line = era.line("99214", "100", "0", LATE, control="L1")
    late = era.claim(control, line, status="4", filing="2", member="SMS1", patient="DOE*S1", number="LATE1")
    named = "SECOND PLAN"
    return era.era(late, trace="LATE", day=ago(-3), payer=era.OTHER_PAYER, payer_name=named)


def _keys(controls: tuple[str, ...]) -> list[int]:
    return [row.id for row in books.rows(rebills.CLAIM) if row.control in controls]


def again() -> None:
    """Every flow once more: twice equals once."""
    before, known = facts(), books.rows(rebills.REBILL)
    with work(HELPER) as w:
        bill_secondary.run(w, {"entity": known[0].entity_id, "claims": [row.claim_id for row in known]})
        for row in known:
            service_proofs.attach(w, row.claim_id)
    assert a_set() == ""
    [path] = (settings().outgoing / "out").glob("*.837")
    books.take(path.read_bytes())
    assert facts() == before


def facts() -> dict[str, Any]:
    """What any order of deaths must agree on."""
    rows = {row.id: row for row in books.rows(rebills.REBILL)}
    controls = Counter(row.control for row in books.rows(_version))
    return {
        "rebills": sorted((row.control, row.state, row.kind, row.rank, row.open, row.version, row.errors)
                          for row in rows.values()),
        "events": sorted((rows[row.rebill_id].control, row.move, row.from_state, row.to_state)
                         for row in books.rows(_event)),
        "batches": [(row.interchange, row.claims, row.state, row.ta1, row.syntax, row.accepted)
                    for row in rebills.batches()],
        "numbers": [row.next_interchange for row in books.rows(rebills.RECEIVER)],
        "versions": sorted(controls.items()),
        "sets": sorted(rows[row.rebill_id].control for row in books.rows(_of_set)),
        "looks": len(books.rows(_look)),
        "proofs": sorted(row.kind for row in books.rows(_proof)),
        "documents": len(books.rows(_document)),
        "items": sorted((row.queue, row.kind, row.state, int(row.amount)) for row in books.rows(_item)),
        "denials": sorted((row.state, int(row.denied)) for row in books.rows(_denial)),
        "books": books.content(),
    }  # fmt: skip
