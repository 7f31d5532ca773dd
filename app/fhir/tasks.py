"""The job that asks for a second opinion on EOBs, when nobody waits for their posting any more.

validate_eobs   fhir.resources' view of the EOBs of a file, as warnings
"""

from importlib import import_module

from sqlalchemy import select

from app.documents import service as documents
from app.intake import service_opinion as opinions
from app.intake.models import IntakeTransaction
from app.intake.translate import EOB, Found
from app.kernel import outbox
from app.kernel.db import table_of
from app.kernel.outbox import Claimed
from app.kernel.work import Work, reading, system, work

_transaction = table_of(IntakeTransaction)
SAMPLE = 200
"""So many of a file are looked at: 300 a second, and a large file is wrong in one way throughout."""


def _opinion(w: Work, file_no: int) -> list[Found]:
    opinion = import_module("app.fhir.validation")
    spans = select(_transaction.c.span).where(_transaction.c.file_no == file_no, _transaction.c.kind == EOB)
    found = []
    with documents.open_file(w, file_no) as stream:
        for span in w.db.execute(spans.order_by(_transaction.c.id).limit(SAMPLE)).scalars():
            stream.seek(span["byte_from"])
            raw = stream.read(span["byte_to"] - span["byte_from"])
            place = (span["segment_from"], span["byte_from"], 0)
            found += [
                Found("fhir.guide", "warn", *place, f"Second opinion: {words}")
                for words in opinion.objections(raw)
            ]
    return found


def _validate(job: Claimed) -> None:
    """It thinks between two transactions, never in one."""
    actor = system(f"job:{job.kind}")
    with reading(actor) as w:
        found = _opinion(w, job.payload["file"])
    with work(actor) as w:
        opinions.keep_opinion(w, job.payload["file"], found)
        outbox.finish(w.db, job)


HANDLERS = {"validate_eobs": _validate}
