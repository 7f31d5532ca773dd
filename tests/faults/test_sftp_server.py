"""The server our sending is tested against keeps its word: it remembers, and it fails when told to."""

import base64
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest

from tests import sftp
from tests.sftp import Manner, Receiver

CONTENT = b"ISA*00*" * 9_000


@contextmanager
def signed_in(receiver: Receiver, *, key: bool = False, password: str = "") -> Iterator[paramiko.SFTPClient]:
    """A client that accepts only the key the server should show."""
    client = paramiko.SSHClient()
    kind, _, data = receiver.host_key.partition(" ")
    known = paramiko.Ed25519Key(data=base64.b64decode(data))
    client.get_host_keys().add(f"[{receiver.host}]:{receiver.port}", kind, known)
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(
        receiver.host, receiver.port, receiver.login, timeout=10, look_for_keys=False, allow_agent=False,
        password=None if key else password or receiver.password,
        pkey=paramiko.Ed25519Key.from_private_key(io.StringIO(receiver.private_key)) if key else None,
    )  # fmt: skip
    try:
        yield client.open_sftp()
    finally:
        client.close()


def deliver(receiver: Receiver, *, key: bool = False) -> None:
    with signed_in(receiver, key=key) as client:
        with client.open("/in/a.edi.part", "wb") as remote:
            remote.write(CONTENT)
        client.posix_rename("/in/a.edi.part", "/in/a.edi")


@pytest.fixture(params=["thread", "process"])
def receiver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Receiver]:
    how = sftp.server if request.param == "thread" else sftp.process
    with how(tmp_path / "receiver") as made:
        yield made


def test_it_remembers_what_was_delivered(receiver: Receiver) -> None:
    deliver(receiver, key=True)
    [done] = receiver.delivered()
    assert (done.name, done.size) == ("/in/a.edi", len(CONTENT))
    assert done.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert [one.what for one in receiver.journal()] == ["upload", "rename"]
    assert (receiver.inbox / "a.edi").read_bytes() == CONTENT


def test_it_takes_away_what_it_got(receiver: Receiver) -> None:
    receiver.behave(Manner.PICK_UP)
    deliver(receiver)
    assert list(receiver.inbox.iterdir()) == [] and len(receiver.delivered()) == 1


@pytest.mark.parametrize(
    ("manner", "kept", "delivered"),
    [(Manner.CUT_UPLOAD, "a.edi.part", 0), (Manner.CUT_BEFORE_RENAME, "a.edi.part", 0),
     (Manner.CUT_AFTER_RENAME, "a.edi", 1)],
)  # fmt: skip
def test_it_cuts_the_line_when_told_to(receiver: Receiver, manner: Manner, kept: str, delivered: int) -> None:
    receiver.behave(manner)
    with pytest.raises((OSError, EOFError, paramiko.SSHException)):
        deliver(receiver)
    assert [path.name for path in receiver.inbox.iterdir()] == [kept]
    assert len(receiver.delivered()) == delivered
    receiver.behave()
    if not delivered:
        deliver(receiver)
    assert len(receiver.delivered()) == 1


def test_it_refuses_strangers_and_everybody_when_told_to(receiver: Receiver) -> None:
    with pytest.raises(paramiko.AuthenticationException), signed_in(receiver, password="wrong"):
        pass
    receiver.behave(Manner.REFUSE)
    with pytest.raises(paramiko.AuthenticationException):
        deliver(receiver)
    receiver.behave(Manner.FORBID)
    with pytest.raises(PermissionError):
        deliver(receiver)
    assert receiver.journal() == []


def test_a_server_that_comes_back_is_the_same(tmp_path: Path) -> None:
    with sftp.server(tmp_path / "receiver") as first:
        deliver(first)
    with sftp.server(tmp_path / "receiver", first.port) as second:
        assert (second.host_key, second.port) == (first.host_key, first.port)
        assert len(second.delivered()) == 1
        deliver_again = pytest.raises(OSError)
        with deliver_again, signed_in(second) as client:
            client.rename("/in/a.edi.gone", "/in/a.edi")
