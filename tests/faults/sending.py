"""Batches sent while workers are killed, and what must be true of them whatever happened (C5)."""

import signal
from collections import Counter
from collections.abc import Sequence
from itertools import cycle
from typing import Any

from app.claims.models import ClaimVersion
from app.entities.rules import Practice
from app.kernel import outbox
from app.kernel.db import table_of
from app.kernel.work import work
from app.rebill import service_batches, service_sending
from app.worklist.models import WorklistItem
from tests import books, rebills
from tests.conftest import House
from tests.faults.test_imports_killed import Worker
from tests.rebills import HELPER
from tests.sftp import Manner, Receiver

MOMENTS = {
    "before": ("worker.after_claim", "rebill.before_send"),
    "during": ("rebill.mid_upload", "rebill.while_sending"),
    "after": ("rebill.after_send", "rebill.after_commit", "worker.after_job"),
}
OWN_NETWORK = ("RECLAIM_SFTP_HOSTS", "127.0.0.1")
LONG, SHORT = "60", "0.4"
_version, _item = table_of(ClaimVersion), table_of(WorklistItem)


def sender(house: House, lease: str = LONG) -> Worker:
    """A worker that may send to this machine. lease: seconds a job is its own without another word."""
    return Worker(house, lease, **dict([OWN_NETWORK]))


def claims_ready(count: int) -> tuple[Practice, list[str]]:
    """A clinic with so many claims that are ready to go out."""
    clinic = books.practice()
    controls = [f"C{number:04d}" for number in range(count)]
    books.take(rebills.submitted(controls))
    return clinic, rebills.ready(clinic, controls)


def kill_many(server: Receiver, worker: Worker, each: int) -> Counter[str]:
    """So many kills before, during and after sending, then a restart and a person who asks the receiver.

    Fails when anything was sent twice, lost, or sent other than released. Returns the states of the batches
    after the restart, before the person came.
    """
    count = each * len(MOMENTS)
    clinic, waiting = claims_ready(count)
    before = books.accounts()
    receiver = rebills.receiver(clinic, server)
    for turn, when in enumerate(MOMENTS):
        kill(worker, server, receiver, waiting[turn * each :][:each], when)
    nothing_twice(server)
    restart(worker)
    states = all_known(server)
    ask_the_receiver(server)
    everything_sent_once(server, receiver, count)
    assert books.accounts() == before, "a claim that goes out again bills nothing anew"
    return states


def kill(worker: Worker, server: Receiver, receiver: str, waiting: Sequence[str], when: str) -> None:
    """One batch for each claim, and its worker killed at this moment; every third file is taken at once."""
    taken = cycle((False, False, True))
    for rebill, point, away in zip(waiting, cycle(MOMENTS[when]), taken, strict=False):
        server.behave(*([Manner.PICK_UP] if away else []))
        rebills.release(receiver, rebill)
        assert worker.run(f"{point}=kill@1") == -signal.SIGKILL, f"no worker was killed at {point}"
        books.settle()
    server.behave()


def restart(worker: Worker) -> None:
    """The machine is up again: everything that broke off is taken up."""
    for _ in range(2):
        books.hurry()
        assert worker.run() == 0
    assert outbox.waiting() == 0


def names(server: Receiver) -> Counter[str]:
    """How often each final name was given."""
    return Counter(one.name.removeprefix("/in/") for one in server.delivered())


def nothing_twice(server: Receiver) -> Counter[str]:
    """Every final name was given at most once, to the very bytes that were released."""
    released = {one.file_name: one.sha256 for one in rebills.batches()}
    for one in server.delivered():
        assert released[one.name.removeprefix("/in/")] == one.sha256
    found = names(server)
    assert set(found.values()) <= {1}, "a batch was delivered twice"
    return found


def all_known(server: Receiver) -> Counter[str]:
    """Sent, surely failed, or a person's item; the receiver agrees with the first two. Returns the states."""
    found = nothing_twice(server)
    items = books.rows(_item, _item.c.queue == "rebill_batches", _item.c.state == "open")
    asked = {row.subject_id for row in items}
    for one in rebills.batches():
        arrived = one.file_name in found
        assert one.state in ("sent", "failed", "unknown"), f"{one.state}: nobody knows of it"
        assert arrived or one.state != "sent", "said to be sent, but nothing arrived"
        assert not arrived or one.state != "failed", "said to have failed, but it arrived"
        assert (one.id in asked) == (one.state != "sent")
    return Counter(one.state for one in rebills.batches())


def ask_the_receiver(server: Receiver) -> None:
    """A person rings up about each unknown batch; what did not arrive is sent again."""
    found = names(server)
    for one in rebills.batches():
        version, arrived = one.version, one.file_name in found
        with work(HELPER) as w:
            if one.state == "unknown":
                version = service_sending.settle_unknown(w, one.public_id, arrived, "They looked.", version)
            if one.state != "sent" and not arrived:
                service_batches.retry(w, one.public_id, version)
    books.settle()


def everything_sent_once(server: Receiver, receiver: str, count: int) -> None:
    """At the end: each file once, numbers without a gap, each claim's version once, and the books agree."""
    assert sum(nothing_twice(server).values()) == count
    every: list[Any] = rebills.batches()
    assert {one.state for one in every} == {"sent"}
    assert [one.interchange for one in every] == list(range(1, count + 1))
    assert rebills.receiver_row(receiver).next_interchange == count + 1
    rows = books.rows(rebills.REBILL)
    assert {row.state for row in rows} == {"transmitted"}
    controls = {row.control for row in rows}
    posted = Counter(row.control for row in books.rows(_version) if row.control in controls)
    assert len(posted) == len(rows) and set(posted.values()) == {1}
    assert books.problems() == []
