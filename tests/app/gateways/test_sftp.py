"""A file goes to an SFTP server once, whole, under its name; every other end is told for what it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.gateways import sftp as gateway
from app.gateways.handing import Outcome, Seen
from app.gateways.sftp import Account, SftpWay
from app.kernel.errors import Refused
from app.kernel.settings import settings
from tests import sftp
from tests.conftest import House
from tests.sftp import Manner, Receiver

DATA = b"ISA*00*          *00*" * 5_000
NAME = "CLEARING-20261122-000000001.837"


@pytest.fixture
def receiver(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("RECLAIM_SFTP_HOSTS", "127.0.0.1")
    settings.cache_clear()
    with sftp.server(tmp_path / "receiver") as made:
        yield made


def way(receiver: Receiver, *, secret: str = "", host_key: str = "", place: str = "/in") -> SftpWay:
    key = gateway.pinned(host_key or receiver.host_key)
    account = (receiver.host, receiver.port, receiver.login, secret or receiver.password, key, place)
    return SftpWay(Account(*account))


def test_a_file_arrives_whole_and_under_its_name(receiver: Receiver) -> None:
    handed = way(receiver).send(NAME, DATA)
    assert handed.outcome is Outcome.ARRIVED, handed
    assert (receiver.inbox / NAME).read_bytes() == DATA
    assert [one.what for one in receiver.journal()] == ["upload", "rename"]
    assert way(receiver).look(NAME, DATA).seen is Seen.SAME
    assert way(receiver).look("other.837", DATA).seen is Seen.ABSENT


def test_a_private_key_signs_in(receiver: Receiver) -> None:
    assert way(receiver, secret=receiver.private_key).send(NAME, DATA).outcome is Outcome.ARRIVED


def test_sending_again_leaves_the_one_file(receiver: Receiver) -> None:
    way(receiver).send(NAME, DATA)
    assert way(receiver).send(NAME, DATA).outcome is Outcome.ARRIVED
    assert len(receiver.delivered()) == 1


def test_another_file_of_that_name_is_left_alone(receiver: Receiver) -> None:
    (receiver.inbox / NAME).write_bytes(b"somebody else's")
    handed = way(receiver).send(NAME, DATA)
    assert (handed.outcome, handed.code) == (Outcome.NOT_SENT, "taken")
    assert (receiver.inbox / NAME).read_bytes() == b"somebody else's"
    (receiver.inbox / NAME).write_bytes(DATA[:-1] + b"!")
    assert way(receiver).look(NAME, DATA).seen is Seen.OTHER


def test_another_host_key_is_told_nothing(receiver: Receiver) -> None:
    other = "ssh-ed25519 SHA256:" + "A" * 43
    handed = way(receiver, host_key=other).send(NAME, DATA)
    assert (handed.outcome, handed.code) == (Outcome.NOT_SENT, "host_key")
    assert receiver.fingerprint in handed.words
    assert not receiver.journal()
    account = Account(receiver.host, receiver.port, receiver.login, receiver.password, "", "/in")
    assert SftpWay(account).send(NAME, DATA).code == "host_key"


def test_the_key_a_server_shows_is_the_one_to_confirm(receiver: Receiver) -> None:
    shown = gateway.shown_key(receiver.host, receiver.port)
    assert shown == f"ssh-ed25519 {receiver.fingerprint}" == gateway.pinned(receiver.host_key)
    assert gateway.pinned(receiver.fingerprint) == receiver.fingerprint
    assert gateway.pinned(f"example.com {receiver.host_key} comment") == shown
    assert way(receiver, host_key=receiver.fingerprint).try_out().outcome is Outcome.ARRIVED


def test_a_wrong_password_sends_nothing(receiver: Receiver) -> None:
    handed = way(receiver, secret="wrong").send(NAME, DATA)
    assert (handed.outcome, handed.code) == (Outcome.NOT_SENT, "sign_in")


def test_a_folder_that_is_not_there_or_takes_nothing(receiver: Receiver) -> None:
    assert way(receiver, place="/nowhere").send(NAME, DATA).code == "place"
    receiver.behave(Manner.FORBID)
    handed = way(receiver).send(NAME, DATA)
    assert (handed.outcome, handed.code) == (Outcome.NOT_SENT, "place")


def test_a_line_cut_while_uploading_has_sent_nothing(receiver: Receiver) -> None:
    receiver.behave(Manner.CUT_UPLOAD)
    handed = way(receiver).send(NAME, DATA)
    assert (handed.outcome, handed.code) == (Outcome.NOT_SENT, "connection")
    assert [path.name for path in receiver.inbox.iterdir()] == [NAME + gateway.PART]
    receiver.behave()
    assert way(receiver).send(NAME, DATA).outcome is Outcome.ARRIVED
    assert (receiver.inbox / NAME).read_bytes() == DATA


def test_a_line_cut_before_the_rename_leaves_us_not_knowing(receiver: Receiver) -> None:
    receiver.behave(Manner.CUT_BEFORE_RENAME)
    assert way(receiver).send(NAME, DATA).outcome is Outcome.UNKNOWN


def test_a_lost_answer_to_the_rename_is_found_by_a_look(receiver: Receiver) -> None:
    receiver.behave(Manner.CUT_AFTER_RENAME)
    handed = way(receiver).send(NAME, DATA)
    assert handed.outcome is Outcome.ARRIVED
    assert "look" in handed.words


def test_a_lost_answer_of_a_receiver_that_takes_files_away_is_unknown(receiver: Receiver) -> None:
    receiver.behave(Manner.CUT_AFTER_RENAME, Manner.PICK_UP)
    assert way(receiver).send(NAME, DATA).outcome is Outcome.UNKNOWN
    receiver.behave(Manner.PICK_UP)
    assert way(receiver).send("second.837", DATA).outcome is Outcome.ARRIVED


def test_trying_the_connection_uploads_nothing(receiver: Receiver) -> None:
    assert way(receiver).try_out().outcome is Outcome.ARRIVED
    assert way(receiver, place="/nowhere").try_out().code == "place"
    assert not receiver.journal()
    assert not list(receiver.inbox.iterdir())


def test_nobody_there_is_a_plain_answer(receiver: Receiver) -> None:
    account = Account("127.0.0.1", 1, receiver.login, "x", gateway.pinned(receiver.host_key), "/in")
    handed = SftpWay(account).send(NAME, DATA)
    assert (handed.outcome, handed.code) == (Outcome.NOT_SENT, "connection")
    assert SftpWay(account).look(NAME, DATA).seen is Seen.UNREACHABLE


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.8", "169.254.169.254", "::1"])
def test_the_own_network_is_not_reached(house: House, host: str) -> None:
    account = Account(host, 22, "who", "secret", "SHA256:" + "A" * 43, "")
    handed = SftpWay(account).send(NAME, DATA)
    assert (handed.outcome, handed.code) == (Outcome.NOT_SENT, "connection")
    assert "own network" in handed.words
    with pytest.raises(Refused, match="own network"):
        gateway.shown_key(host, 22)


@pytest.mark.parametrize(
    ("host", "port"),
    [("", 22), ("sftp://host", 22), ("host/../x", 22), ("a b", 22), ("-host", 22), ("host", 25)],
)
def test_what_is_no_server_is_refused(house: House, host: str, port: int) -> None:
    with pytest.raises(Refused):
        gateway.checked(host, port)


@pytest.mark.parametrize("text", ["", "AAAA", "SHA256:short", "ssh-ed25519 AAAA====x", "MD5:aa:bb"])
def test_what_is_no_host_key_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        gateway.pinned(text)


def test_a_private_key_that_cannot_be_read_is_refused_at_once(receiver: Receiver) -> None:
    gateway.checked_secret("any password")
    gateway.checked_secret(receiver.private_key)
    broken = receiver.private_key.replace("A", "B", 3)[:-60]
    with pytest.raises(Refused):
        gateway.checked_secret(broken)


def test_an_account_prints_no_secret() -> None:
    assert "secret" not in repr(Account("host", 22, "who", "secret", "", ""))
