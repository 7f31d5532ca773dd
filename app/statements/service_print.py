"""Print batches: what a run sends by mail, as one PDF with a manifest; made once, handed over once (H13)."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import insert, select, update

from app.documents import service as documents
from app.kernel.bulk import among
from app.kernel.crypto import keyring
from app.kernel.db import in_chunks, table_of
from app.kernel.errors import Broken, NotAllowed, NotFound, Stale
from app.kernel.ids import public_id
from app.kernel.work import Work
from app.patients.models import Guarantor, GuarantorAddress
from app.patients.queries_reach import ADDRESS
from app.patients.rules_people import home_of
from app.statements import rules_print, translate_print
from app.statements.lifecycle import BatchState, DocumentState, RunState, Way
from app.statements.models import CollectionLetter, PrintBatch, Run, Statement
from app.statements.rules_print import Document

JOB = "print_batch"
_batch, _run = table_of(PrintBatch), table_of(Run)
_statement, _letter = table_of(Statement), table_of(CollectionLetter)
_guarantor, _address = table_of(Guarantor), table_of(GuarantorAddress)
CHUNK = 1_000


def promise(w: Work, run_id: int) -> None:
    """Have the print batch of a run made, once its last document is; after it stopped, again."""
    w.job(JOB, f"run:{run_id}", {"run": run_id})


def make(w: Work, run_id: int) -> str:
    """Make the print batch of a run whose documents exist; returns its public id.

    Twice is once: what was made is returned as it is. Empty when nothing of the run goes by mail.
    """
    mine = (_run.c.id == run_id, w.within(_run.c.entity_id))
    run = w.db.execute(select(_run).where(*mine).with_for_update()).one_or_none()
    if run is None:
        raise NotFound("There is no such run.")
    known = w.db.execute(select(_batch.c.public_id).where(_batch.c.run_id == run_id)).scalar()
    if known is not None:
        return str(known)
    if run.state != RunState.MADE:
        raise NotAllowed("The documents of this run are not all made yet.", code="not_possible_now")
    found = rules_print.in_order(_documents(w, run_id))
    if not found:
        return ""
    name = public_id()
    data = translate_print.merged(_contents(w, found))
    file_no, sha256, _, _ = documents.put(w, io.BytesIO(data))
    manifest_no, manifest_sha, _, _ = documents.put(w, io.BytesIO(rules_print.manifest(name, found, sha256)))
    key = w.numbers("print_batch")
    values = dict(
        id=key, public_id=name, entity_id=run.entity_id, run_id=run_id, state=BatchState.MADE.value,
        documents=len(found), pages=sum(one.pages for one in found), amount=sum(one.amount for one in found),
        file_no=file_no, sha256=sha256, manifest_file_no=manifest_no, manifest_sha256=manifest_sha,
        made_at=w.now, handed_at=None, handed_by="", version=1,
    )  # fmt: skip
    w.db.execute(insert(_batch).values(**values))
    for table in (_statement, _letter):
        of = (table.c.run_id == run_id, table.c.way == Way.MAIL.value, w.within(table.c.entity_id))
        w.db.execute(update(table).where(*of).values(batch_id=key))
    detail = {"documents": len(found), "pages": values["pages"]}
    w.audit("print.make", "C", "print_batch", name, entity_id=run.entity_id, detail=detail)
    return name


def _documents(w: Work, run_id: int) -> Iterator[Document]:
    for table, kind in ((_statement, _statement.c.kind), (_letter, _letter.c.letter)):
        query = (
            select(table.c.number, _guarantor.c.number.label("account"), kind.label("kind"), table.c.pages,
                   table.c.sha256, table.c.amount, table.c.file_no, table.c.address_id)
            .join(_guarantor, _guarantor.c.id == table.c.account_id)
            .where(table.c.run_id == run_id, table.c.way == Way.MAIL.value, w.within(table.c.entity_id))
        )  # fmt: skip
        rows = w.db.execute(query).all()
        zips = _zips(w, [row.address_id for row in rows if row.address_id is not None])
        for row in rows:
            yield Document(zips.get(row.address_id, ""), row.number, row.account, row.kind, row.pages,
                           row.sha256, int(row.amount), row.file_no)  # fmt: skip


def _zips(w: Work, address_ids: Sequence[int]) -> dict[int, str]:
    found, ring = {}, keyring()
    for chunk in in_chunks(sorted(set(address_ids)), CHUNK):
        query = select(_address.c.id, _address.c.sealed).where(
            w.within(_address.c.entity_id), among(w.db, _address.c.id, chunk)
        )
        for row in w.db.execute(query):
            found[row.id] = home_of(ring.open(bytes(row.sealed), ADDRESS)).zip
    return found


def _contents(w: Work, found: Sequence[Document]) -> Iterator[tuple[bytes, int]]:
    for one in found:
        with documents.open_file(w, one.file_no) as content:
            yield content.read(), one.pages


# ---------------------------------------------------------------- handing over


def hand_over(w: Work, public: str, version: int, *, to: str = "") -> int:
    """Say that the print vendor has the batch; who said so is kept. Returns the new version.

    to: how it was handed over, when not by a person who took the file away.
    """
    w.may("statements.release")
    row = _locked(w, public, version)
    if row.state != BatchState.MADE:
        raise NotAllowed("This batch was handed over already.", code="not_possible_now")
    by = f"{w.actor.name} ({to})" if to else w.actor.name
    held = (_batch.c.id == row.id, _batch.c.version == row.version)
    values = {"state": BatchState.HANDED.value, "handed_at": w.now, "handed_by": by[:80]}
    if w.db.execute(update(_batch).where(*held).values(**values, version=row.version + 1)).rowcount != 1:
        raise Stale()
    for table in (_statement, _letter):
        of = (table.c.batch_id == row.id, table.c.state == DocumentState.ISSUED.value)
        w.db.execute(update(table).where(*of).values(state=DocumentState.HANDED.value))
    w.audit("print.hand", "U", "print_batch", public, entity_id=row.entity_id)
    return int(row.version) + 1


def _locked(w: Work, public: str, version: int) -> Any:
    mine = (_batch.c.public_id == public, w.within(_batch.c.entity_id))
    row = w.db.execute(select(_batch).where(*mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such print batch.")
    if row.version != version:
        raise Stale()
    return row


def content(w: Work, public: str, part: str) -> bytes:
    """The bytes of a batch, proved by its hashes. part: pdf, json or csv (of the manifest)."""
    w.may("statements.read")
    mine = (_batch.c.public_id == public, w.within(_batch.c.entity_id))
    row = w.db.execute(select(_batch).where(*mine)).one_or_none()
    if row is None:
        raise NotFound("There is no such print batch.")
    with documents.open_file(w, row.file_no if part == "pdf" else row.manifest_file_no) as stored:
        data = stored.read()
    if hashlib.sha256(data).hexdigest() != (row.sha256 if part == "pdf" else row.manifest_sha256):
        raise Broken("a print batch is not the one that was made")
    w.audit("print.read", "R", "print_batch", public, entity_id=row.entity_id, detail={"part": part})
    return rules_print.as_csv(data) if part == "csv" else data
