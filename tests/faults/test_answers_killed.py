"""Acknowledgements and remits of our own batch, taken in by workers that die: nothing is changed twice.

The same four claims go out, are acknowledged, one of them is rejected by its payer, the others are paid: once
undisturbed, once with a kill at every place the intake passes. Submissions, their history, the batch, proofs
of filing, work for people and the books agree.
"""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.kernel import outbox
from app.kernel.clock import today
from app.kernel.db import table_of
from app.kernel.settings import settings
from app.kernel.work import work
from app.rebill import service_receivers
from app.rebill.lifecycle import How
from app.rebill.models import FilingProof, RebillEvent
from app.worklist.models import WorklistItem
from app.world.partner import Partner
from tests import books, rebills
from tests.conftest import House
from tests.faults import sending
from tests.faults.sending import Worker
from tests.rebills import HELPER, ZONE

_event, _proof, _item = table_of(RebillEvent), table_of(FilingProof), table_of(WorklistItem)
STAGING = ("worker.after_claim", "intake.after_stage", "jobs.before_commit", "jobs.after_commit")
ANSWERS = ("answers.before_commit", "jobs.before_commit", "jobs.after_commit")
REMITS = ("remits.after_rows", "remits.after_consequences", "remits.before_commit", "jobs.after_commit")
"""Where a worker dies on its way through a file, one place after the other; then it is left alone."""

Take = Callable[[bytes, int], None]


def journey(take: Take) -> None:
    """Four claims from their release to their answers; `take` brings each answer in."""
    clinic, waiting = sending.claims_ready(4)
    with work(HELPER) as w:
        receiver = service_receivers.add(w, clinic.public_id, rebills.facts(How.FOLDER, place="out"))
    rebills.release(receiver, *waiting)
    books.settle()
    [path] = (settings().outgoing / "out").glob("*.837")
    partner, day = Partner(), today(ZONE)
    refused = rebills.row(waiting[1]).control
    replies = [*partner.receive(path.read_bytes(), day), *partner.accept(day, f"{refused}=A7:562:85")]
    for number, one in enumerate([*replies, *partner.pay(day)]):
        take(one.content, number)


def plainly(content: bytes, _: int) -> None:
    books.take(content)


def facts() -> dict[str, Any]:
    """What any order of deaths must agree on."""
    rows = {row.id: row.control for row in books.rows(rebills.REBILL)}
    [batch] = rebills.batches()
    return {
        "rebills": sorted((row.control, row.state, row.open, row.version)
                          for row in books.rows(rebills.REBILL)),
        "events": sorted((rows[row.rebill_id], row.move, row.from_state, row.to_state)
                         for row in books.rows(_event)),
        "batch": (batch.state, batch.ta1, batch.syntax, batch.accepted, batch.rejected),
        "proofs": sorted(row.kind for row in books.rows(_proof)),
        "items": sorted((row.queue, row.kind, row.state, int(row.amount)) for row in books.rows(_item)),
        "books": books.content(),
    }  # fmt: skip


@pytest.fixture
def undisturbed(house: House, tmp_path: Path) -> dict[str, Any]:
    """What it comes to where nothing happens."""
    del house
    with books.elsewhere(tmp_path / "undisturbed"):
        journey(plainly)
        return facts()


def dying(worker: Worker, deaths: list[str]) -> Take:
    """Bring a file in with a kill at each of these places, and leave it alone at last."""

    def take(content: bytes, number: int) -> None:
        books.offer(content, f"answer{number}.edi")
        for point in (*STAGING, *(REMITS if b"ST*835*" in content else ANSWERS)):
            if worker.run(f"{point}=kill@1") == -signal.SIGKILL:
                deaths.append(point)
            books.hurry()
        for _ in range(2):
            books.hurry()
            assert worker.run() == 0

    return take


def test_answers_to_a_batch_change_everything_once_whoever_dies(
    house: House, worker: Worker, undisturbed: dict[str, Any]
) -> None:
    del house
    deaths: list[str] = []
    journey(dying(worker, deaths))
    assert len(deaths) >= 24 and set(deaths) == {*STAGING, *ANSWERS, *REMITS}, deaths
    assert outbox.waiting() == 0
    assert facts() == undisturbed
    assert undisturbed["batch"][1:] == ("", "A", 3, 1)
    assert [row[1] for row in undisturbed["rebills"]] == ["answered", "rejected", "answered", "answered"]
    assert books.problems() == []
