"""How documents left the house: print batches and who took them, e-mails and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.patients.queries_guarantors import seen_of
from app.statements.models import PrintBatch, Run, Statement, StatementEmail

_batch, _run, _entity = table_of(PrintBatch), table_of(Run), table_of(Entity)
_email, _statement, _guarantor = table_of(StatementEmail), table_of(Statement), table_of(Guarantor)
_BATCH = ("id", "public_id", "entity_id", "state", "documents", "pages", "amount", "sha256",
          "manifest_sha256", "made_at", "handed_at", "handed_by", "version")  # fmt: skip
_EMAIL = ("id", "public_id", "entity_id", "state", "answer", "tries", "queued_at", "sent_at", "version")
BATCH_SORTS = {"made": Sort(_batch.c.made_at, descending=True)}
BATCH_FILTERS = ("entity", "state", "run")
EMAIL_SORTS = {"queued": Sort(_email.c.queued_at, descending=True)}
EMAIL_FILTERS = ("entity", "state", "run")


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A print batch of a run. amount: cents; handed_by: who gave it to the vendor, and how."""

    id: int
    public_id: str
    entity_id: int
    state: str
    documents: int
    pages: int
    amount: Money
    sha256: str
    manifest_sha256: str
    made_at: datetime
    handed_at: datetime | None
    handed_by: str
    version: int
    run: str
    run_kind: str
    entity: str
    entity_name: str
    time_zone: str

    @property
    def moves(self) -> list[str]:
        """What a person may do with it now."""
        return ["hand"] if self.state == "made" else []


@dataclass(frozen=True, slots=True)
class EmailRow:
    """An e-mail about a statement; answer: what the server said. The address itself is not shown in lists."""

    id: int
    public_id: str
    entity_id: int
    state: str
    answer: str
    tries: int
    queued_at: datetime
    sent_at: datetime | None
    version: int
    account: str
    account_number: str
    name: str
    statement: str
    statement_number: str
    run: str
    time_zone: str

    @property
    def moves(self) -> list[str]:
        """What a person may do with it now."""
        return ["decide"] if self.state == "unknown" else []


BATCH_COLUMNS = [
    Column("made_at", "Made", Kind.INSTANT, sort="made"),
    Column("run_kind", "Of a run of"),
    Column("entity_name", "Practice"),
    Column("documents", "Documents", Kind.COUNT),
    Column("pages", "Pages", Kind.COUNT),
    Column("amount", "Asked for", Kind.MONEY),
    Column("state", "State", Kind.STATE),
    Column("handed_at", "Handed over", Kind.INSTANT),
    Column("handed_by", "By"),
    Column("sha256", "SHA-256", Kind.CODE),
]
EMAIL_COLUMNS = [
    Column("statement_number", "Statement", Kind.CODE),
    Column("account_number", "Account", Kind.CODE),
    Column("name", "Guarantor"),
    Column("state", "State", Kind.STATE),
    Column("queued_at", "Queued", Kind.INSTANT, sort="queued"),
    Column("sent_at", "Sent", Kind.INSTANT),
    Column("tries", "Tries", Kind.COUNT),
    Column("answer", "What the server said"),
]


def _batches(w: Work) -> Select[Any]:
    named = (_run.c.public_id.label("run"), _run.c.kind.label("run_kind"),
             _entity.c.public_id.label("entity"), _entity.c.name.label("entity_name"),
             _entity.c.time_zone)  # fmt: skip
    query = select(*(_batch.c[name] for name in _BATCH), *named).join(_run, _run.c.id == _batch.c.run_id)
    return query.join(_entity, _entity.c.id == _batch.c.entity_id).where(w.within(_batch.c.entity_id))


def _batch_row(row: Row[Any]) -> BatchRow:
    more = ("run", "run_kind", "entity", "entity_name", "time_zone")
    return BatchRow(**{name: getattr(row, name) for name in (*_BATCH, *more)})


def batches(w: Work, ask: Ask) -> Slice[BatchRow]:
    """Print batches, the newest first; filters entity and run (public ids), state."""
    query = _batches(w)
    for name, column in (
        ("entity", _entity.c.public_id),
        ("state", _batch.c.state),
        ("run", _run.c.public_id),
    ):
        if ask.get(name):
            query = query.where(column == ask.get(name))
    return page(w.db, query, ask, sorts=BATCH_SORTS, key=_batch.c.id, row=_batch_row)


def batch(w: Work, public_id: str) -> BatchRow:
    """One print batch; `NotFound` when there is none of yours."""
    row = w.db.execute(_batches(w).where(_batch.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such print batch.")
    return _batch_row(row)


def batch_of(w: Work, run_public: str) -> BatchRow | None:
    """The print batch of a run; None before it is made, or when nothing of it goes by mail."""
    row = w.db.execute(_batches(w).where(_run.c.public_id == run_public)).one_or_none()
    return _batch_row(row) if row is not None else None


def _emails(w: Work) -> Select[Any]:
    named = (_guarantor.c.public_id.label("account"), _guarantor.c.number.label("account_number"),
             _guarantor.c.last, _guarantor.c.first, _statement.c.public_id.label("statement"),
             _statement.c.number.label("statement_number"), _run.c.public_id.label("run"),
             _entity.c.time_zone)  # fmt: skip
    query = select(*(_email.c[name] for name in _EMAIL), *named)
    query = query.join(_statement, _statement.c.id == _email.c.statement_id)
    query = query.join(_guarantor, _guarantor.c.id == _email.c.account_id)
    query = query.join(_entity, _entity.c.id == _email.c.entity_id)
    return query.outerjoin(_run, _run.c.id == _statement.c.run_id).where(w.within(_email.c.entity_id))


def _email_row(row: Row[Any]) -> EmailRow:
    name = f"{row.last}, {row.first}" if row.first else row.last
    more = ("account", "account_number", "statement", "statement_number", "time_zone")
    return EmailRow(
        **{key: getattr(row, key) for key in (*_EMAIL, *more)}, name=name, run=row.run or ""
    )  # fmt: skip


def emails(w: Work, ask: Ask) -> Slice[EmailRow]:
    """E-mails about statements, the newest first; filters entity and run (public ids), state."""
    query = _emails(w)
    for name, column in (
        ("entity", _entity.c.public_id),
        ("state", _email.c.state),
        ("run", _run.c.public_id),
    ):
        if ask.get(name):
            query = query.where(column == ask.get(name))
    found = page(w.db, query, ask, sorts=EMAIL_SORTS, key=_email.c.id, row=_email_row)
    seen = seen_of(w, [one.account for one in found.rows])
    w.audit("statement_emails.list", "R", "statement_email", patients=seen, detail={"rows": len(found.rows)})
    return found


def email(w: Work, public_id: str) -> EmailRow:
    """One e-mail; `NotFound` when there is none of yours."""
    row = w.db.execute(_emails(w).where(_email.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such e-mail.")
    return _email_row(row)
