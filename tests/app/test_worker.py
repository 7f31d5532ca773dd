"""Jobs are done once, fail with a reason that names nobody, and end on a screen (C3, C4, R8)."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import worker
from app.kernel import clock, outbox
from app.kernel.db import engine, table_of
from app.kernel.errors import Refused, Unavailable
from app.kernel.outbox import Claimed, Job
from app.kernel.work import system, work
from tests.conftest import House

JOB = table_of(Job)
SECRET_NAME = "Quetzalcoatl Abernathy"


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, dict[str, object]]]:
    """Tables of handlers for one test, instead of those of the product."""
    made: dict[str, dict[str, object]] = {"HANDLERS": {}, "WHEN_DEAD": {}, "EVERY": {}}
    monkeypatch.setattr(worker, "table", made.__getitem__)
    yield made
    outbox.ring_with(None)


def promise(*, kind: str = "letter", key: str = "7") -> None:
    with work(system("test")) as w:
        w.job(kind, key, {"id": 7})


def state() -> tuple[str, int, str | None]:
    with engine().connect() as db:
        return tuple(db.execute(select(JOB.c.state, JOB.c.attempt, JOB.c.error)).one())


def make_due(monkeypatch: pytest.MonkeyPatch, *, minutes: int) -> None:
    """Let so many minutes pass for the outbox."""
    later = clock.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(outbox, "now", lambda: later)


def test_a_promised_job_is_done_once(house: House, tables: dict[str, dict[str, object]]) -> None:
    done: list[int] = []

    def handle(job: Claimed) -> None:
        with work(system("test")) as w:
            done.append(job.payload["id"])
            outbox.finish(w.db, job)

    tables["HANDLERS"]["letter"] = handle
    promise()
    assert worker.run_due() == 1
    assert worker.run_due() == 0
    assert done == [7]
    assert state()[0] == "done"


def test_the_same_promise_twice_is_one_job(house: House, tables: dict[str, dict[str, object]]) -> None:
    promise()
    promise()
    assert state() == ("queued", 0, None)


def test_a_failed_job_goes_back_with_a_reason_that_names_nobody(
    house: House, tables: dict[str, dict[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    def handle(job: Claimed) -> None:
        raise ValueError(f"no such patient: {SECRET_NAME}")

    tables["HANDLERS"]["letter"] = handle
    promise()
    assert worker.run_due() == 1
    now_state, attempt, error = state()
    assert (now_state, attempt) == ("queued", 1)
    assert error is not None
    assert error.startswith("ValueError at ")
    assert SECRET_NAME not in error + "".join(capsys.readouterr())


def test_after_the_last_try_the_job_is_buried_and_those_behind_it_go_on(
    house: House, tables: dict[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    buried: list[str] = []

    def handle(job: Claimed) -> None:
        raise Unavailable("the partner does not answer")

    tables["HANDLERS"]["letter"] = handle
    tables["WHEN_DEAD"]["letter"] = lambda job, reason: buried.append(f"{job.key}: {reason.split(' at ')[0]}")
    promise()
    for turn in range(outbox.TRIES):
        make_due(monkeypatch, minutes=10 * turn)
        assert worker.run_due() == 1
    make_due(monkeypatch, minutes=100)
    assert worker.run_due() == 0
    assert state()[:2] == ("dead", outbox.TRIES)
    assert buried == ["7: Unavailable"]


def test_a_job_that_kills_its_worker_each_time_is_buried(
    house: House, tables: dict[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    buried: list[str] = []
    tables["WHEN_DEAD"]["letter"] = lambda job, reason: buried.append(job.key)
    promise()
    for turn in range(outbox.TRIES):
        make_due(monkeypatch, minutes=10 * turn)
        [job_id] = outbox.due(ring_again=False)
        assert outbox.take(job_id) is not None  # and then the worker is gone
    make_due(monkeypatch, minutes=100)
    assert worker.run_due() == 0
    assert buried == ["7"]
    assert state()[0] == "dead"


def test_who_lost_the_lease_changes_nothing(
    house: House, tables: dict[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    effects: list[int] = []

    def slow(job: Claimed) -> None:
        make_due(monkeypatch, minutes=10)
        second = outbox.take(job.id)
        assert second is not None
        with work(system("test")) as w:
            effects.append(second.attempt)
            outbox.finish(w.db, second)
        with work(system("test")) as w:
            outbox.finish(w.db, job)
            effects.append(job.attempt)

    tables["HANDLERS"]["letter"] = slow
    promise()
    worker.run_due()
    assert effects == [2]
    assert state()[0] == "done"


def test_a_job_nobody_handles_says_so(house: House, tables: dict[str, dict[str, object]]) -> None:
    promise(kind="unheard_of")
    worker.run_due()
    assert "Refused (no_handler)" in str(state()[2])


def test_a_broker_that_is_away_costs_a_moment_and_never_a_job(
    house: House, tables: dict[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []

    def away(job_id: int) -> None:
        rung.append(job_id)
        raise Unavailable("the broker does not answer")

    outbox.ring_with(away)
    promise()
    assert len(rung) == 1
    assert state()[0] == "queued"
    assert outbox.due() == rung


def test_the_table_of_handlers_is_found_by_file_name() -> None:
    for name in ("HANDLERS", "WHEN_DEAD", "EVERY"):
        assert all(isinstance(key, str) for key in worker.table(name))
    assert set(worker.table("WHEN_DEAD")) <= set(worker.table("HANDLERS"))


def test_an_error_is_told_by_type_code_and_place() -> None:
    try:
        raise Refused(f"about {SECRET_NAME}", code="stale")
    except Refused as error:
        assert worker.spoken(error).startswith("Refused (stale) at ")
        assert SECRET_NAME not in worker.spoken(error)


def test_the_first_reader_of_the_bell_finds_a_whole_table(house: House) -> None:
    control = house.settings.doorbell / "control"
    worker.configuration()
    assert json.loads((control / "celery.exchange").read_text()) == []
    (control / "celery.exchange").write_text('[["celery", "", "celery"]]')
    worker.configuration()
    assert json.loads((control / "celery.exchange").read_text()) == [["celery", "", "celery"]]
    assert sorted(one.name for one in control.iterdir()) == ["celery.exchange"]
