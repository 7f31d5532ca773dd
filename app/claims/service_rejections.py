"""Working a rejection: whose it is, what was said about it, how it ended."""

from typing import Any

from sqlalchemy import select

from app.claims.queries_rejections import QUEUE
from app.contacts import service as contacts
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.work import Work
from app.worklist import service as worklist
from app.worklist.models import WorklistItem

_item = table_of(WorklistItem)
SUBJECT = "rejection"
OUTCOMES = {
    "sent_again": "Sent again as a new claim",
    "corrected_elsewhere": "Corrected at the clearinghouse",
    "not_billable": "Not to be billed",
    "duplicate": "Already accepted under another number",
    "acknowledged_elsewhere": "Acknowledged outside of Reclaim",
    "other": "Something else",
}
"""How a person may end a rejection, in the order of the form; a later acceptance or remit ends it too."""


def _locked(w: Work, public_id: str) -> Any:
    mine = (w.within(_item.c.entity_id), _item.c.queue == QUEUE, _item.c.public_id == public_id)
    row = w.db.execute(select(_item).where(*mine)).one_or_none()
    if row is None:
        raise NotFound("There is no such rejection.")
    return row


def assign(w: Work, public_id: str, *, owner_id: int | None, version: int) -> int:
    """Give a rejection to a person, or to nobody; returns the new version."""
    _locked(w, public_id)
    return worklist.assign(w, public_id, owner_id=owner_id, version=version)


def finish(w: Work, public_id: str, *, outcome: str, version: int) -> int:
    """A person has dealt with it; returns the new version. It opens again when the claim is refused again."""
    _locked(w, public_id)
    if outcome not in OUTCOMES:
        raise Refused("Choose what became of it.", code="unknown_outcome", field="outcome")
    return worklist.finish(w, public_id, outcome=outcome, version=version)


def note(w: Work, public_id: str, text: str) -> int:
    """Write a note about a rejection; returns its key."""
    w.may("worklist.work")
    row = _locked(w, public_id)
    return contacts.note(w, row.entity_id, SUBJECT, row.id, text, patient_id=row.patient_id)


def log_call(w: Work, public_id: str, **said: Any) -> int:
    """Write down a call with the payer or clearinghouse; `said` as `contacts.log_call` takes it."""
    w.may("worklist.work")
    row = _locked(w, public_id)
    return contacts.log_call(
        w, row.entity_id, row.payer_id, SUBJECT, row.id, patient_id=row.patient_id, **said
    )
