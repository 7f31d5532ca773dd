"""Files of claims: numbered without gaps, sent once, as they were released; doubt is a person's matter."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.claims.models import ClaimVersion
from app.hooks.models import HookEvent
from app.intake.models import IntakeFile, IntakeReply, IntakeTransaction
from app.kernel import failpoints
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed, Refused
from app.kernel.settings import settings
from app.kernel.work import work
from app.rebill import service_batches, service_receivers, service_sending
from app.rebill.models import RebillEvent
from tests import batches, books, sftp
from tests.books import CLERK
from tests.conftest import House
from tests.sftp import Manner, Receiver

VERSION, FILE = table_of(ClaimVersion), table_of(IntakeFile)
TRANSACTION, REPLY = table_of(IntakeTransaction), table_of(IntakeReply)


@pytest.fixture
def server(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("RECLAIM_SFTP_HOSTS", "127.0.0.1")
    settings.cache_clear()
    with sftp.server(tmp_path / "receiver") as made:
        yield made


def test_what_is_ready_goes_out_once_and_comes_into_the_books_as_ours(house: House) -> None:
    practice = books.practice()
    receiver = batches.receiver(practice)
    ready = batches.ready("A1", "A2")
    batch = batches.release(receiver)
    assert batches.states(*ready) == ["batched", "batched"]
    books.settle()
    row = batches.batch(batch)
    assert (row.state, row.claims, row.charge, row.interchange) == ("sent", 2, 800_00, 1)
    assert batches.states(*ready) == ["transmitted", "transmitted"]
    assert all(batches.rebill(one).sent_on is not None for one in ready)
    [(name, content)] = batches.sent_files().items()
    assert name == row.file_name and content == batches.stored_bytes(batch)
    assert hashlib.sha256(content).hexdigest() == row.sha256
    assert batches.attempts(batch) == [("arrived", True)]
    [file] = books.rows(FILE, FILE.c.file_no == row.file_no)
    assert (file.door, file.state) == ("sent", "staged")
    [transaction] = books.rows(TRANSACTION, TRANSACTION.c.file_no == row.file_no)
    assert transaction.state == "posted"
    versions = {one.control: one for one in books.rows(VERSION)}
    assert versions["A1R1"].claim_id == versions["A1"].claim_id
    assert versions["A1R1"].state == "current"
    assert books.rows(REPLY, REPLY.c.file_no == row.file_no) == [], "we do not acknowledge ourselves"


def test_nothing_is_sent_twice_however_often_the_job_runs(house: House) -> None:
    receiver = batches.receiver(books.practice())
    batches.ready("A1")
    batch = batches.release(receiver)
    books.settle()
    with work(CLERK) as w:
        service_batches.promise(w, batch)
    books.settle()
    assert len(batches.sent_files()) == 1 and batches.attempts(batch) == [("arrived", True)]


def test_each_file_has_the_next_number_and_names_nobody(house: House) -> None:
    practice = books.practice()
    receiver = batches.receiver(practice)
    for control in ("A1", "A2", "A3"):
        batches.ready(control)
        batches.release(receiver)
    books.settle()
    names = list(batches.sent_files())
    assert [name[-13:] for name in names] == ["000000001.837", "000000002.837", "000000003.837"]
    assert not any(word in name for name in names for word in ("DOE", "A1"))
    numbers = [(row.interchange, row.first_group) for row in books.rows(batches.BATCH)]
    assert numbers == [(1, 1), (2, 2), (3, 3)]


def test_a_cancelled_batch_gives_its_claims_back_and_its_number_to_nobody(house: House) -> None:
    receiver = batches.receiver(books.practice())
    [ready] = batches.ready("A1")
    batch = batches.release(receiver)
    with work(CLERK) as w:
        service_batches.cancel(w, batch, "wrong receiver", 1)
    books.settle()
    assert (batches.states(ready), batches.sent_files(), batches.attempts(batch)) == (["ready"], {}, [])
    assert batches.rebill(ready).batch_id is None
    second = batches.release(receiver)
    books.settle()
    assert (batches.batch(second).interchange, batches.states(ready)) == (2, ["transmitted"])
    with pytest.raises(NotAllowed), work(CLERK) as w:
        service_batches.cancel(w, second, "too late", batches.batch(second).version)


def test_a_wrong_key_of_the_server_sends_nothing_and_asks_a_person(server: Receiver) -> None:
    other = "ssh-ed25519 SHA256:" + "A" * 43
    receiver = batches.sftp_receiver(books.practice(), server, key=other)
    [ready] = batches.ready("A1")
    batch = batches.release(receiver)
    books.settle()
    row = batches.batch(batch)
    assert (row.state, batches.states(ready), batches.items()) == (
        "failed",
        ["batched"],
        [("host_key", "open")],
    )
    assert "another key" in row.proof and not server.journal()
    with work(CLERK) as w:
        service_receivers.confirm_key(w, receiver, server.host_key, version=2)
    with work(CLERK) as w:
        service_batches.retry(w, batch, row.version)
    books.settle()
    assert (batches.batch(batch).state, batches.states(ready)) == ("sent", ["transmitted"])
    assert batches.items() == [("host_key", "done")]
    assert batches.attempts(batch) == [("not_sent", True), ("arrived", True)]


def test_a_wrong_password_fails_for_sure(server: Receiver) -> None:
    receiver = batches.sftp_receiver(books.practice(), server, secret="wrong")
    batches.ready("A1")
    batch = batches.release(receiver)
    books.settle()
    assert (batches.batch(batch).state, batches.items()) == ("failed", [("sign_in", "open")])
    assert not server.journal()


def test_the_bytes_that_arrive_are_the_bytes_that_were_released(server: Receiver) -> None:
    receiver = batches.sftp_receiver(books.practice(), server, secret=server.private_key)
    batches.ready("A1", "A2")
    batch = batches.release(receiver)
    books.settle()
    [done] = server.delivered()
    assert done.sha256 == batches.batch(batch).sha256
    assert (server.inbox / batches.batch(batch).file_name).read_bytes() == batches.stored_bytes(batch)


def test_an_unknown_outcome_waits_for_a_person_and_is_never_sent_again(server: Receiver) -> None:
    receiver = batches.sftp_receiver(books.practice(), server)
    [ready] = batches.ready("A1")
    server.behave(Manner.CUT_AFTER_RENAME, Manner.PICK_UP)
    batch = batches.release(receiver)
    books.settle()
    row = batches.batch(batch)
    assert (row.state, batches.states(ready), batches.items()) == (
        "unknown",
        ["batched"],
        [("unknown", "open")],
    )
    server.behave()
    with work(CLERK) as w:
        service_batches.promise(w, batch)
    books.settle()
    assert len(server.delivered()) == 1
    with pytest.raises(NotAllowed), work(CLERK) as w:
        service_batches.retry(w, batch, row.version)
    with pytest.raises(NotAllowed), work(CLERK) as w:
        service_batches.cancel(w, batch, "no", row.version)
    with work(CLERK) as w:
        service_sending.settle_unknown(w, batch, True, "They have it, ticket 12", row.version)
    books.settle()
    assert (batches.batch(batch).state, batches.states(ready)) == ("sent", ["transmitted"])
    assert batches.items() == [("unknown", "done")]


def test_what_a_person_found_missing_may_go_again(server: Receiver) -> None:
    receiver = batches.sftp_receiver(books.practice(), server)
    [ready] = batches.ready("A1")
    server.behave(Manner.CUT_BEFORE_RENAME)
    batch = batches.release(receiver)
    books.settle()
    assert batches.batch(batch).state == "unknown"
    server.behave()
    with pytest.raises(Refused), work(CLERK) as w:
        service_sending.settle_unknown(w, batch, False, " ", batches.batch(batch).version)
    with work(CLERK) as w:
        service_sending.settle_unknown(w, batch, False, "Not on their list", batches.batch(batch).version)
    with work(CLERK) as w:
        service_batches.retry(w, batch, batches.batch(batch).version)
    books.settle()
    assert (batches.batch(batch).state, batches.states(ready), len(server.delivered())) == (
        "sent",
        ["transmitted"],
        1,
    )


@pytest.mark.parametrize("point", ["before_send", "while_sending", "after_send", "after_commit"])
def test_a_crash_sends_nothing_twice(house: House, point: str) -> None:
    receiver = batches.receiver(books.practice())
    [ready] = batches.ready("A1")
    batch = batches.release(receiver)
    with failpoints.armed(f"rebill.{point}=raise@1"):
        books.settle()
        books.hurry()
        books.settle()
    there = [name for name in batches.sent_files() if not name.endswith(".part")]
    expected = {"before_send": ("unknown", 0), "while_sending": ("unknown", 0)}
    state, count = expected.get(point, ("sent", 1))
    assert (batches.batch(batch).state, len(there)) == (state, count)
    assert batches.states(ready) == ["transmitted" if state == "sent" else "batched"]


def test_an_acknowledgement_is_proof_that_an_unknown_one_arrived(house: House) -> None:
    receiver = batches.receiver(books.practice())
    [ready] = batches.ready("A1")
    batch = batches.release(receiver)
    with failpoints.armed("rebill.before_send=raise@1"):
        books.settle()
        books.hurry()
        books.settle()
    row = batches.batch(batch)
    with work(CLERK) as w:
        assert service_sending.proven(w, row.id, "Its 999 came in.")
        assert not service_sending.proven(w, row.id, "Its 999 came in.")
    assert (batches.batch(batch).state, batches.states(ready)) == ("sent", ["transmitted"])


def test_a_file_a_person_carries_is_sent_when_they_say_so(house: House) -> None:
    receiver = batches.receiver(books.practice(), how="download", place="")
    [ready] = batches.ready("A1")
    batch = batches.release(receiver)
    books.settle()
    assert (batches.batch(batch).state, batches.sent_files()) == ("released", {})
    with work(CLERK) as w:
        service_sending.take(w, batch, 1)
    assert (batches.batch(batch).state, batches.states(ready)) == ("sending", ["batched"])
    with pytest.raises(NotAllowed), work(CLERK) as w:
        service_batches.cancel(w, batch, "no", 2)
    with work(CLERK) as w:
        service_sending.confirm_upload(w, batch, False, "The portal is down", 2)
    assert batches.batch(batch).state == "failed"
    with work(CLERK) as w:
        service_batches.retry(w, batch, 3)
    with work(CLERK) as w:
        service_sending.take(w, batch, 4)
    with work(CLERK) as w:
        service_sending.confirm_upload(w, batch, True, "", 5)
    books.settle()
    assert (batches.batch(batch).state, batches.states(ready)) == ("sent", ["transmitted"])
    assert len(books.rows(FILE, FILE.c.door == "sent")) == 1


def test_a_test_file_posts_nothing_to_live_books_and_files_nothing(house: House) -> None:
    receiver = batches.receiver(books.practice(), usage="T")
    [ready] = batches.ready("A1")
    batch = batches.release(receiver)
    books.settle()
    row = batches.batch(batch)
    assert (row.state, row.usage, batches.states(ready)) == ("sent", "T", ["ready"])
    [transaction] = books.rows(TRANSACTION, TRANSACTION.c.file_no == row.file_no)
    assert (transaction.state, transaction.reason) == ("held", "intake.test_file")
    assert len(books.rows(VERSION)) == 1


def test_the_history_of_a_claim_says_it_was_batched_and_sent(house: House) -> None:
    receiver = batches.receiver(books.practice())
    [ready] = batches.ready("A1")
    batches.release(receiver)
    books.settle()
    event = table_of(RebillEvent)
    moves = [row.move for row in books.rows(event, event.c.rebill_id == batches.rebill(ready).id)]
    assert moves[-2:] == ["batch", "transmit"]


def test_whoever_listens_is_told_that_a_file_arrived(house: House) -> None:
    practice = books.practice()
    receiver = batches.receiver(practice)
    batches.listen(practice)
    batches.ready("A1")
    batch = batches.release(receiver)
    books.settle()
    event = table_of(HookEvent)
    [told] = books.rows(event, event.c.kind == "rebill.sent")
    assert (told.subject_public, told.detail) == (batch, {"claims": 1, "usage": "P"})


def test_the_file_imported_by_hand_as_well_is_the_same_file(house: House) -> None:
    receiver = batches.receiver(books.practice(), how="download", place="")
    [ready] = batches.ready("A1")
    batch = batches.release(receiver)
    with work(CLERK) as w:
        service_sending.take(w, batch, 1)
    [offered] = books.take(batches.stored_bytes(batch))
    assert offered.first and len(books.rows(VERSION)) == 2
    with work(CLERK) as w:
        service_sending.confirm_upload(w, batch, True, "", 2)
    books.settle()
    [again] = books.take(batches.stored_bytes(batch))
    assert not again.first and len(books.rows(VERSION)) == 2
    assert (batches.batch(batch).state, batches.states(ready)) == ("sent", ["transmitted"])
    assert books.problems() == []
