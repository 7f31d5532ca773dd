"""A patient like nobody else is billed again: what we send lies with its receiver and nowhere else (D1)."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.kernel import failpoints
from app.kernel.clock import now
from app.kernel.settings import settings
from app.kernel.work import work
from app.rebill import service, service_edit, service_holds, service_owner
from app.rebill.service_edit import Edit
from tests import answers, batches, books
from tests.canary.test_canary import (
    BIRTH,
    BIRTHS,
    CANARY,
    NAMES,
    NUMBERS,
    STREET,
    files_below,
    rows_as_text,
    said,
)
from tests.conftest import House
from tests.era import bill, billed

NOTE = f"{NAMES[0]} moved house"
SAFE = (
    "job", "audit_event", "worklist_item", "rebill", "rebill_event", "rebill_hold", "rebill_batch",
    "batch_attempt", "receiver", "receiver_route", "rebill_set", "filing_proof", "intake_finding",
    "ledger_entry", "ledger_batch",
)  # fmt: skip


def sent_again(receiver: str) -> str:
    """Billed, rejected, corrected, noted, held, let go and released to a folder; the batch."""
    day = (now() - timedelta(days=20)).strftime("%Y%m%d")
    made = bill(billed("K1", "99214 200", birth=BIRTH, street=STREET, day=day, **CANARY))
    books.take(made)
    books.take(answers.report("K1 A7:562:85"))
    public = batches.finished("K1")
    with work(books.CLERK) as w:
        version = service.reopen(w, public, batches.rebill(public).version)
        version = service_edit.edit(w, public, version, [Edit("note", 0, 0, "CORRECTED")])
        service_owner.note(w, public, NOTE)
        until = now().date() + timedelta(days=5)
        version = service_holds.hold(
            w, public, version, reason="records", until=until, note="They ask for it"
        )
        version = service_holds.lift(w, public, version, why="It came")
        service.finish(w, public, version)
    return batches.release(receiver)


@pytest.mark.parametrize("fault", ["", "rebill.while_sending"])
def test_a_claim_sent_again_speaks_of_its_patient_to_the_receiver_only(
    house: House, capfd: pytest.CaptureFixture[str], fault: str
) -> None:
    batch = sent_again(batches.receiver(books.practice()))
    with failpoints.armed(f"{fault}=raise@1" if fault else ""):
        books.settle()
    if fault:
        books.hurry()
        books.settle()
    outgoing = settings().outgoing
    with_receiver = files_below(outgoing)
    assert said({"sent": b"".join(with_receiver.values())}, NAMES[:1]) != [], "nothing was sent"
    everything, tables = NAMES + NUMBERS + BIRTHS, rows_as_text()
    output = capfd.readouterr()
    places = {name: tables[name] for name in SAFE} | {"log": (output.out + output.err).encode()}
    places |= {"names": " ".join(with_receiver).encode() + batches.batch(batch).file_name.encode()}
    kept = {name: found for name, found in files_below(house.folder).items() if "sqlite3" not in name}
    places |= {name: found for name, found in kept.items() if not Path(name).is_relative_to(outgoing)}
    assert said(places, everything) == []
    assert said(tables, NUMBERS) == []
