"""What tests of sending share: a receiver that no kill reaches, and a worker that sends to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kernel.settings import settings
from tests import sftp
from tests.conftest import House
from tests.faults import sending
from tests.faults.sending import Worker
from tests.sftp import Receiver


@pytest.fixture
def server(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """An SFTP server in a process of its own; this installation may speak to it."""
    del house
    monkeypatch.setenv(*sending.OWN_NETWORK)
    settings.cache_clear()
    with sftp.process(tmp_path / "receiver") as made:
        yield made


@pytest.fixture
def worker(house: House) -> Iterator[Worker]:
    """A worker whose jobs keep their lease longer than the test lasts."""
    made = sending.sender(house)
    yield made
    made.stop()
