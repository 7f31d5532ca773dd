"""Documents of a case: records, letters, screenshots. The bytes are sealed in the file store."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, BinaryIO

from sqlalchemy import func, insert, select, update

from app.denials import queries_limits, rules_limits, service_acts
from app.denials import service_rows as rows
from app.denials.models import Denial, DenialDocument
from app.denials.service_rows import Told
from app.documents import service as documents
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.ids import public_id as new_public_id
from app.kernel.work import Work

_denial, _document = table_of(Denial), table_of(DenialDocument)
KINDS = {
    "record": "Medical record",
    "authorization": "Authorization",
    "eligibility": "Eligibility answer",
    "timely_proof": "Proof of timely filing",
    "letter_in": "Letter of the payer",
    "letter_out": "Letter to the payer",
    "screenshot": "Portal screenshot",
    "waiver": "Signed notice of the patient",
    "other": "Something else",
}
MEDIA = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}
"""What a document may be, by its first bytes: what it says of itself is not believed."""
NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document of a case."""

    public_id: str
    name: str
    kind: str
    media: str
    size: int
    actor: str
    added_at: datetime


def attach(w: Work, public_id: str, content: IO[bytes], *, name: str, kind: str) -> str:
    """Keep a document with a case; returns its public id. Clinical papers need the right to read them.

    Refused: another kind of file than PDF, PNG, JPEG, TIFF; an empty one; one above the limit; a case that
    holds as many as it may.
    """
    w.may("denials.work")
    w.may("clinical.read")
    row = _case(w, public_id)
    if kind not in KINDS:
        raise Refused("Say what it is.", code="unknown_kind", field="kind")
    own, today = queries_limits.own(w, row.entity_id), service_acts.today_of(w, row.entity_id)
    media = _media(content)
    size = content.seek(0, 2)
    if not 0 < size <= rules_limits.most(own, "document_bytes", today):
        raise Refused("This file is empty or larger than a document may be.", code="size", field="file")
    held = select(func.count()).where(_document.c.denial_id == row.id, _document.c.removed_at.is_(None))
    if w.db.execute(held).scalar_one() >= rules_limits.most(own, "case_documents", today):
        raise Refused("This case holds as many documents as it may.", code="too_many", field="file")
    file_no, _, size, _ = documents.put(w, content)
    key, public = w.numbers("denial_document"), new_public_id()
    w.db.execute(
        insert(_document).values(
            id=key, public_id=public, entity_id=row.entity_id, denial_id=row.id, file_no=file_no,
            name=_name(name), kind=kind, media=media, size=size, actor=w.actor.name[:80], added_at=w.now,
        )
    )  # fmt: skip
    _touch(w, row, "document", kind)
    _audit(w, "C", row, public, kind)
    return public


def _media(content: IO[bytes]) -> str:
    content.seek(0)
    start = content.read(8)
    found = next((media for magic, media in MEDIA.items() if start.startswith(magic)), "")
    if not found:
        raise Refused("A document is a PDF, PNG, JPEG or TIFF.", code="media", field="file")
    return found


def _name(text: str) -> str:
    plain = re.sub(r"[^\w .()+,-]", "_", text.replace("\\", "/").rpartition("/")[2]).strip(" .")
    return plain[:NAME_CHARACTERS] or "document"


def remove(w: Work, public_id: str, document: str) -> None:
    """Take a document off a case; its bytes and its line in the history stay."""
    w.may("denials.work")
    w.may("clinical.read")
    row = _case(w, public_id)
    mine = (_document.c.denial_id == row.id, _document.c.public_id == document)
    live = (*mine, _document.c.removed_at.is_(None))
    if w.db.execute(update(_document).where(*live).values(removed_at=w.now)).rowcount != 1:
        raise NotFound("There is no such document.")
    _touch(w, row, "document_removed", "")
    _audit(w, "D", row, document, "")


def of_case(w: Work, denial_id: int) -> list[DocumentRow]:
    """The documents of a case, newest first."""
    query = (
        select(_document)
        .where(w.within(_document.c.entity_id), _document.c.denial_id == denial_id)
        .where(_document.c.removed_at.is_(None))
        .order_by(_document.c.id.desc())
    )
    names = DocumentRow.__dataclass_fields__
    return [DocumentRow(*(getattr(row, name) for name in names)) for row in w.db.execute(query)]


def open_document(w: Work, public_id: str, document: str) -> tuple[DocumentRow, BinaryIO]:
    """A document and its bytes, for whoever may read clinical papers."""
    w.may("clinical.read")
    row = _case(w, public_id)
    query = select(_document).where(
        _document.c.denial_id == row.id,
        _document.c.public_id == document,
        _document.c.removed_at.is_(None),
    )
    found = w.db.execute(query).one_or_none()
    if found is None:
        raise NotFound("There is no such document.")
    _audit(w, "R", row, document, found.kind)
    told = DocumentRow(*(getattr(found, name) for name in DocumentRow.__dataclass_fields__))
    return told, documents.open_file(w, found.file_no)


def _case(w: Work, public_id: str) -> Any:
    named = ("id", "public_id", "entity_id", "patient_id", "state")
    query = select(*(_denial.c[name] for name in named)).where(
        w.within(_denial.c.entity_id), _denial.c.public_id == public_id
    )
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row


def _touch(w: Work, row: Any, move: str, kind: str) -> None:
    w.db.execute(update(_denial).where(_denial.c.id == row.id).values(touched_at=w.now))
    detail = {"kind": kind} if kind else None
    rows.log(w, [Told(row.entity_id, row.id, move, row.state, row.state, "", detail)])


def _audit(w: Work, action: str, row: Any, document: str, kind: str) -> None:
    patients = [row.patient_id] if row.patient_id else []
    w.audit("denials.document", action, "denial_document", document, entity_id=row.entity_id,
            patients=patients, detail={"denial": row.public_id, "kind": kind})  # fmt: skip
