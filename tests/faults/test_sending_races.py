"""Sending without a kill, and everything else that goes wrong: two workers, slow and cut lines, no bell."""

import threading
import time
from collections.abc import Iterator

import pytest

from app.documents import service as documents
from app.kernel import outbox
from app.kernel.clock import today
from app.kernel.errors import Unavailable
from app.kernel.work import reading, work
from app.rebill import service_receivers
from app.worker import run_due
from app.world.partner import Partner
from tests import books, rebills
from tests.conftest import House
from tests.faults import sending
from tests.faults.sending import Worker
from tests.faults.test_kills import Running, wait_for
from tests.rebills import HELPER
from tests.sftp import Manner, Receiver

ON_SQLITE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@pytest.fixture
def second(house: House) -> Iterator[Worker]:
    """Another worker of the same installation, just as eager."""
    made = sending.sender(house)
    yield made
    made.stop()


def one_batch(server: Receiver, count: int = 1) -> tuple[str, str]:
    """The public ids of a receiver and of a batch to it."""
    clinic, waiting = sending.claims_ready(count)
    receiver = rebills.receiver(clinic, server)
    return receiver, rebills.release(receiver, *waiting)


def test_two_workers_at_once_send_each_batch_once(server: Receiver, worker: Worker, second: Worker) -> None:
    clinic, waiting = sending.claims_ready(8)
    receiver = rebills.receiver(clinic, server)
    for rebill in waiting:
        rebills.release(receiver, rebill)
    both = [threading.Thread(target=one.run) for one in (worker, second)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    books.settle()
    assert sending.all_known(server) == {"sent": 8}
    sending.everything_sent_once(server, receiver, 8)


def test_a_lease_that_ends_during_a_slow_upload_does_not_send_again(
    house: House, server: Receiver, second: Worker
) -> None:
    """The second worker only looks; what the first one finds out later still counts."""
    hasty = sending.sender(house, sending.SHORT)
    try:
        receiver, batch = one_batch(server)
        server.behave(Manner.SLOW)
        first = threading.Thread(target=hasty.run)
        first.start()
        wait_for(lambda: rebills.batch(batch).state == "sending")
        time.sleep(0.6)
        second.run()
        first.join(60)
        books.hurry()
        second.run()
    finally:
        hasty.stop()
    assert rebills.batch(batch).state == "sent"
    sending.everything_sent_once(server, receiver, 1)


@pytest.mark.parametrize(
    ("manners", "state"),
    [
        ((Manner.REFUSE,), "failed"),
        ((Manner.FORBID,), "failed"),
        ((Manner.CUT_UPLOAD,), "failed"),
        ((Manner.CUT_BEFORE_RENAME,), "unknown"),
        ((Manner.CUT_AFTER_RENAME,), "sent"),
        ((Manner.CUT_AFTER_RENAME, Manner.PICK_UP), "unknown"),
        ((Manner.PICK_UP,), "sent"),
    ],
)
@ON_SQLITE
def test_a_line_that_fails_leaves_nothing_open(
    house: House, server: Receiver, manners: tuple[Manner, ...], state: str
) -> None:
    del house
    receiver, batch = one_batch(server)
    server.behave(*manners)
    books.settle()
    assert rebills.batch(batch).state == state
    sending.all_known(server)
    server.behave()
    sending.ask_the_receiver(server)
    sending.everything_sent_once(server, receiver, 1)


@ON_SQLITE
def test_an_acknowledgement_proves_that_a_batch_arrived_nobody_was_sure_of(
    house: House, server: Receiver
) -> None:
    del house
    receiver, batch = one_batch(server)
    server.behave(Manner.CUT_AFTER_RENAME, Manner.PICK_UP)
    books.settle()
    row = rebills.batch(batch)
    assert row.state == "unknown"
    with reading(HELPER) as w:
        content = documents.read_range(w, row.file_no, 0, row.size)
    for one in Partner().receive(content, today(rebills.ZONE)):
        books.take(one.content, name=one.name)
    assert rebills.batch(batch).state == "sent" and sending.all_known(server) == {"sent": 1}
    assert {one.state for one in books.rows(rebills.REBILL)} == {"received"}
    assert len(server.delivered()) == 1 and books.problems() == []
    assert rebills.receiver_row(receiver).next_interchange == 2


@ON_SQLITE
def test_a_server_with_another_key_is_told_nothing(house: House, server: Receiver) -> None:
    del house
    receiver, batch = one_batch(server)
    other = "SHA256:" + "A" * 43
    with work(HELPER) as w:
        service_receivers.confirm_key(w, receiver, other, version=rebills.receiver_row(receiver).version)
    books.settle()
    assert rebills.batch(batch).state == "failed" and server.journal() == []
    assert "another key" in rebills.batch(batch).proof
    with work(HELPER) as w:
        version = rebills.receiver_row(receiver).version
        service_receivers.confirm_key(w, receiver, server.host_key, version=version)
    sending.ask_the_receiver(server)
    sending.everything_sent_once(server, receiver, 1)


def no_broker(_: int) -> None:
    raise Unavailable("the broker does not answer")


@ON_SQLITE
def test_a_batch_whose_bell_nobody_heard_leaves_with_the_next_sweep(house: House, server: Receiver) -> None:
    del house
    outbox.ring_with(no_broker)
    try:
        receiver, batch = one_batch(server)
        assert rebills.batch(batch).state == "released" and server.journal() == []
    finally:
        outbox.ring_with(lambda _: None)
    while run_due():
        pass
    sending.everything_sent_once(server, receiver, 1)


@pytest.mark.parametrize("house", ["postgresql"], indirect=True)
def test_a_broker_that_is_away_delays_a_batch_and_doubles_none(
    house: House, server: Receiver, redis_url: str
) -> None:
    del redis_url
    clinic, waiting = sending.claims_ready(4)
    receiver = rebills.receiver(clinic, server)
    running = Running(house)
    try:
        rebills.release(receiver, waiting[0])
        wait_for(lambda: rebills.batches()[0].state == "sent")
        running.broker.stop()
        for rebill in waiting[1:]:
            rebills.release(receiver, rebill)
        time.sleep(3)
        running.broker.start_redis(running.port)
        wait_for(lambda: {one.state for one in rebills.batches()} == {"sent"})
    finally:
        running.stop()
    books.hurry()
    books.settle()
    sending.everything_sent_once(server, receiver, 4)
