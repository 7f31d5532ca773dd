"""An 835 was undone: the EOBs it had put out of force stand again, with what follows from a posting."""

from collections.abc import Sequence

from sqlalchemy import select

from app.codes import service as codes
from app.documents import service as documents
from app.flows.receive_remit import AFTER_POSTING
from app.intake.models import IntakeTransaction
from app.kernel.db import table_of
from app.kernel.ids import unpack
from app.kernel.work import Work
from app.remits import service as remits
from app.remits import service_fhir as fhir
from app.remits.models import Remit
from app.remits.translate import explanation

_transaction, _remit = table_of(IntakeTransaction), table_of(Remit)


def restore_eobs(w: Work, undone: Sequence[int]) -> None:
    """The EOBs these remit claims had put out of force; the ledger gives their entries back by itself."""
    for key in fhir.restore(w, undone):
        remit = w.db.execute(select(_remit).where(_remit.c.id == key)).one()
        span = w.db.execute(select(_transaction.c.span).where(_transaction.c.id == key)).scalar_one()
        with documents.open_file(w, unpack(key).file_no) as stream:
            said = explanation(stream, span)
        book = codes.book(w, remit.entity_id, remit.effective_date)
        meanings = fhir.Careful(book, evidence=said.evidence)
        posted = remits.posted_again(w, remit, said.claim, meanings)
        for consequence in AFTER_POSTING:
            consequence(w, posted)
