"""Where patients whom an older release recorded live, read from the stored file of their first claim.

A patient's key is the place of that claim (file and segment), so one walk of each file is enough. Whoever
was opened an account without an address since gets it too.
"""

from typing import Any, Final

from sqlalchemy import select

from app.claims.translate import claims_of
from app.documents import service as documents
from app.intake.models import IntakeTransaction
from app.intake.translate import CLAIM_KINDS
from app.kernel.db import in_chunks, table_of
from app.kernel.ids import unpack
from app.kernel.limits import BATCH_CLAIMS
from app.kernel.outbox import Claimed
from app.kernel.work import Work, system, work
from app.patients import service as patients
from app.patients import service_guarantors as guarantors

JOB: Final = "fill_homes"
RANK = 8
NOTHING = ((), "", "", "")
_transaction = table_of(IntakeTransaction)


def due() -> None:
    """A job for each file that holds the first claims of patients nobody knows the home of."""
    with work(system("schedule")) as w:
        file_no = patients.next_homeless(w)
        if file_no is not None:
            _ask(w, file_no)


def run(w: Work, payload: dict[str, Any]) -> None:
    """Fill in the homes of the patients of one file; then the next file's turn comes."""
    wanted = patients.homeless(w, payload["file"])
    said = _said(w, payload["file"], frozenset(wanted)) if wanted else {}
    _keep(w, wanted, said)


def _keep(w: Work, wanted: list[int], said: dict[int, Any]) -> None:
    for chunk in in_chunks(wanted, BATCH_CLAIMS):
        # A claim that cannot be found again says nothing: that is kept too, or it would be asked for ever.
        patients.keep_homes(w, {key: said.get(key, NOTHING) for key in chunk})
        guarantors.house(w, chunk)
    following = patients.next_homeless(w)
    if following is not None:
        _ask(w, following)


def bury(job: Claimed, reason: str) -> None:
    """A stored file that cannot be read tells nothing of its patients; the files behind it go on."""
    with work(system("supervisor")) as w:
        _keep(w, patients.homeless(w, job.payload["file"]), {})
        w.audit("job", "E", "job", job.key, detail={"dead": reason[:80]}, outcome=8)


def _ask(w: Work, file_no: int) -> None:
    w.job(JOB, f"file:{file_no}", {"file": file_no}, rank=RANK)


def _said(w: Work, file_no: int, wanted: frozenset[int]) -> dict[int, Any]:
    spans = select(_transaction.c.span).where(
        _transaction.c.file_no == file_no, _transaction.c.kind.in_(CLAIM_KINDS)
    )
    found: dict[int, Any] = {}
    with documents.open_file(w, file_no) as stream:
        for span in w.db.execute(spans.order_by(_transaction.c.id)).scalars().all():
            first, after = span["segment_from"], span["segment_from"] + span["segment_count"]
            if not any(first <= unpack(one).segment < after for one in wanted):
                continue
            for billed, _, _ in claims_of(stream, span, file_no).claims():
                if billed.patient.id in wanted:
                    found[billed.patient.id] = billed.patient.lives
    return found
