"""Claims ready to go out, receivers that take them, and what became of a batch; for tests of sending."""

from datetime import timedelta
from typing import Any

from app.claims.models import Claim
from app.documents import service as documents
from app.entities.rules import Practice
from app.hooks import service as hooks
from app.kernel.clock import now
from app.kernel.db import table_of
from app.kernel.settings import settings
from app.kernel.work import Actor, reading, work
from app.payers.models import Payer
from app.rebill import service, service_batches, service_holds, service_receivers
from app.rebill.lifecycle import Kind
from app.rebill.models import BatchAttempt, Rebill, RebillBatch, Receiver
from app.rebill.rules_batches import ReceiverFacts
from app.worklist.models import WorklistItem
from tests import answers, books
from tests.books import CLERK
from tests.era import NPI, TAX_ID, bill, billed

REBILL, BATCH, ATTEMPT = table_of(Rebill), table_of(RebillBatch), table_of(BatchAttempt)
RECEIVER, CLAIM, ITEM = table_of(Receiver), table_of(Claim), table_of(WorklistItem)
FACTS: dict[str, Any] = dict(
    name="Clearinghouse", how="folder", usage="P", sender_qualifier="ZZ", sender="CLINIC",
    receiver_qualifier="ZZ", receiver="CLEARING", submitter_name="Example Clinic", submitter_number="CLINIC",
    contact_name="Billing", contact_phone="(555) 555-0101", receiver_name="Clearinghouse",
    receiver_number="CLEARING", place="clearing", is_default=True,
)  # fmt: skip


def receiver(practice: Practice, *, secret: str = "", actor: Actor = CLERK, **other: Any) -> str:
    """A receiver of this practice: a folder, unless told otherwise; returns its public id."""
    with work(actor) as w:
        return service_receivers.add(w, practice.public_id, ReceiverFacts(**FACTS | other), secret=secret)


def sftp_receiver(practice: Practice, at: Any, *, secret: str = "", key: str = "", **other: Any) -> str:
    """A receiver at a server of `tests.sftp`, its key confirmed."""
    facts = dict(how="sftp", host=at.host, port=at.port, username=at.login, place="/in") | other
    made = receiver(practice, secret=secret or at.password, **facts)
    with work(CLERK) as w:
        service_receivers.confirm_key(w, made, key or at.host_key, version=1)
    return made


def ready(*controls: str, npi: str = "", tax_id: str = "") -> list[str]:
    """Claims billed, rejected on their way and corrected as new ones; the public ids of what is ready."""
    whose: dict[str, Any] = {"npi": npi or NPI, "tax_id": tax_id or TAX_ID}
    lines, day = ("99214 300", "93000 100"), (now() - timedelta(days=20)).strftime("%Y%m%d")
    people = [billed(one, *lines, patient=f"DOE*{one}", member=f"M{one}", day=day) for one in controls]
    books.take(bill(*people, **whose))
    books.take(answers.report(*(f"{one} A7:562:85" for one in controls)))
    return [finished(one) for one in controls]


def finished(control: str) -> str:
    """A new claim in place of a rejected one, checked and ready."""
    [claim] = [row for row in books.rows(CLAIM) if row.control == control]
    with work(CLERK) as w:
        made = service.open_one(w, claim.public_id, kind=Kind.NEW)
    with work(CLERK) as w:
        service.finish(w, made, 1)
    return made


def release(receiver_public: str, *publics: str, actor: Actor = CLERK) -> str:
    """Release what is ready, or these; returns the batch's public id."""
    with work(actor) as w:
        return service_batches.release(w, receiver_public, list(publics) or None)


def batch(public: str) -> Any:
    """The row of a batch."""
    [row] = books.rows(BATCH, BATCH.c.public_id == public)
    return row


def rebill(public: str) -> Any:
    """The row of a submission."""
    [row] = books.rows(REBILL, REBILL.c.public_id == public)
    return row


def attempts(public: str) -> list[tuple[str, bool]]:
    """(outcome, has it ended) of each try, oldest first."""
    rows = books.rows(ATTEMPT, ATTEMPT.c.batch_id == batch(public).id)
    return [(row.outcome, row.ended_at is not None) for row in rows]


def items() -> list[tuple[str, str]]:
    """(reason, state) of the items about batches."""
    rows = books.rows(ITEM, ITEM.c.queue == service_batches.QUEUE)
    return [(row.reason, row.state) for row in rows]


def payer_of(public: str) -> str:
    """The payer a submission goes to, by its public id."""
    table = table_of(Payer)
    [row] = books.rows(table, table.c.id == rebill(public).payer_id)
    return str(row.public_id)


def hold(public: str) -> None:
    """Keep a submission back for a week."""
    day = now().date() + timedelta(days=7)
    with work(CLERK) as w:
        service_holds.hold(w, public, rebill(public).version, reason="records", until=day)


def listen(practice: Practice) -> None:
    """Somebody wants to be told about everything of this practice."""
    with work(CLERK) as w:
        hooks.add(w, practice.public_id, "https://example.com/hook", [])


def sent_files(place: str = "clearing") -> dict[str, bytes]:
    """What lies in a receiver's folder."""
    folder = settings().outgoing / place
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())} if folder.exists() else {}


def states(*publics: str) -> list[str]:
    """Where submissions stand."""
    return [rebill(one).state for one in publics]


def stored_bytes(public: str) -> bytes:
    """The bytes of a batch as they were released."""
    with reading(CLERK) as w:
        row = batch(public)
        return documents.read_range(w, row.file_no, 0, row.size)
