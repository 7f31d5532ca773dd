"""Sending a batch: on record before it leaves, sent at most once, and looked for after an interruption."""

from app.gateways.handing import Handed
from app.kernel import failpoints, outbox
from app.kernel.outbox import Claimed, Heartbeat, TakenOver
from app.kernel.work import system, work
from app.rebill import service_sending as sending
from app.rebill.service_sending import Package


def send(job: Claimed) -> None:
    """One try between two transactions. A crash never sends again: the next try only looks (C5)."""
    actor = system(f"job:{job.kind}")
    with work(actor) as w:
        package = sending.begin(w, job.payload["batch"])
        if package is None:
            outbox.finish(w.db, job)
            return
    failpoints.hit("rebill.before_send")
    with Heartbeat(job, always=True):
        handed = _hand(package)
    failpoints.hit("rebill.after_send")
    try:
        with work(actor) as w:
            sending.settle(w, package, handed)
            outbox.finish(w.db, job)
    except TakenOver:
        # It took so long that another worker looked meanwhile; what we know still counts.
        with work(actor) as w:
            sending.settle(w, package, handed)
    failpoints.hit("rebill.after_commit")


def _hand(package: Package) -> Handed:
    if package.again:
        return sending.found_again(package.way.look(package.name, package.data))
    return package.way.send(package.name, package.data)


def bury(job: Claimed, reason: str) -> None:
    """The last try failed: a person finds out what became of the batch."""
    with work(system("supervisor")) as w:
        sending.give_up(w, job.payload["batch"], f"Reclaim could not send it ({reason}).")
