"""A claim leaves once (C5): workers killed before, during and after sending, and a receiver that remembers.

Whatever is killed: each batch got its final name at most once and with the released bytes, and is sent, has
failed for sure, or is a person's item. 50 at each moment on SQLite; as many on PostgreSQL at night.
"""

import time

import pytest

from tests.conftest import House
from tests.faults import sending
from tests.faults.sending import MOMENTS, Worker
from tests.sftp import Receiver

KILLS = {"sqlite": 50, "postgresql": 10}


def test_kills_before_during_and_after_sending_never_send_twice(
    house: House, server: Receiver, worker: Worker, capsys: pytest.CaptureFixture[str]
) -> None:
    each, began = KILLS[house.kind], time.monotonic()
    states = sending.kill_many(server, worker, each)
    assert states["unknown"] > each / 3 and states["sent"] > each, states
    with capsys.disabled():
        took = time.monotonic() - began
        print(f"\n{each} kills each {', '.join(MOMENTS)} on {house.kind}: {dict(states)}, {took:.0f} s")
