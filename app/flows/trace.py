"""From an amount in the ledger back to the byte of the file that says it (N1)."""

from typing import Any

from sqlalchemy import or_, select

from app.claims.models import Claim
from app.documents import service as documents
from app.intake.models import IntakeFile, IntakeTransaction
from app.intake.translate import element_at
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.ids import unpack
from app.kernel.work import Work
from app.ledger.accounts import NAMES
from app.ledger.models import LedgerBatch, LedgerEntry
from app.ledger.service import PLACE_BITS
from app.payments.service_papers import SPAN

_entry, _batch, _claim = table_of(LedgerEntry), table_of(LedgerBatch), table_of(Claim)
_file, _transaction = table_of(IntakeFile), table_of(IntakeTransaction)
MOST = 10_000
OWN_PAPER = ("a receipt of our own", [SPAN])
"""What an entry points to that came in through no door."""


def trace(w: Work, name: str) -> list[dict[str, Any]]:
    """The entries of a claim (control number, public id) or batch (public id), each with its raw segment."""
    rows = w.db.execute(_entries(w, name)).all()
    if not rows:
        raise NotFound(f"Nothing in the ledger is called {name[:40]!r}: give a claim number or a batch id.")
    claims = {row.claim_id for row in rows if row.claim_id}
    patients = w.db.execute(select(_claim.c.patient_id).where(_claim.c.id.in_(claims))).scalars().all()
    w.audit("trace", "R", "claim", name if len(name) == 20 else "", patients=patients)
    spans = _spans(w, {unpack(row.source).file_no for row in rows})
    return [_step(w, row, spans) for row in rows]


def _entries(w: Work, name: str) -> Any:
    claims = select(_claim.c.id).where(
        or_(_claim.c.control == name, _claim.c.public_id == name), w.within(_claim.c.entity_id)
    )
    batch = w.db.execute(
        select(_batch.c.id).where(_batch.c.public_id == name, w.within(_batch.c.entity_id))
    ).scalar()
    if batch is None:
        which = _entry.c.claim_id.in_(claims)
    else:
        which = (_entry.c.id >= batch << PLACE_BITS) & (_entry.c.id < (batch + 1) << PLACE_BITS)
    return select(_entry).where(which).order_by(_entry.c.id).limit(MOST)


def _spans(w: Work, files: set[int]) -> dict[int, tuple[str, list[dict[str, Any]]]]:
    query = select(_file.c.file_no, _file.c.name, _transaction.c.span)
    query = query.join(_transaction, _transaction.c.file_no == _file.c.file_no).where(
        _file.c.file_no.in_(files)
    )
    found: dict[int, tuple[str, list[dict[str, Any]]]] = {}
    for row in w.db.execute(query):
        found.setdefault(row.file_no, (row.name, []))[1].append(row.span)
    return found


def _step(w: Work, row: Any, spans: dict[int, tuple[str, list[dict[str, Any]]]]) -> dict[str, Any]:
    place = unpack(row.source)
    name, stored = spans.get(place.file_no, OWN_PAPER)
    span = next(one for one in stored if one["byte_from"] <= row.byte < one["byte_to"])
    with documents.open_file(w, place.file_no) as stream:
        raw, start, end = element_at(stream, span, row.byte, row.element)
    shown = raw[:start] + b"[" + raw[start:end] + b"]" + raw[end:]
    return {
        "event": row.event.replace("_", " "),
        "amount": str(row.amount),
        "debit": f"{row.debit} {NAMES[row.debit]}",
        "credit": f"{row.credit} {NAMES[row.credit]}",
        "effective": row.effective_date.isoformat(),
        "file": name,
        "segment": place.segment,
        "element": row.element,
        "byte": row.byte + start,
        "raw": shown.decode("utf-8", "replace"),
    }
