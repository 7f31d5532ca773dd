"""Reads of intake: what came in and what became of it, one file with its findings and offers, how far a
reading is.

A row of the list is one transaction in its file, because a biller works checks, not files; a file that
holds none (still to be read, refused, an archive) is a row of its own.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select

from app.intake.lifecycle import State
from app.intake.models import IntakeFile, IntakeTransaction
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.export import Column, Kind
from app.kernel.ids import SEGMENT_BITS, SLOT_BITS
from app.kernel.money import Money
from app.kernel.paging import Ask, Hit, Slice, Sort, page
from app.kernel.work import ALL, Work

_file, _transaction = table_of(IntakeFile), table_of(IntakeTransaction)
PARKED = "parked"
"""Not a state of its own: posted, and some of its claims wait for a person."""

_key = func.coalesce(_transaction.c.id, _file.c.file_no * (1 << (SEGMENT_BITS + SLOT_BITS)))
_state = case(
    (_file.c.kind == "zip", "unpacked"),
    else_=func.coalesce(_transaction.c.state, _file.c.state),
)
_kind = func.coalesce(_transaction.c.kind, _file.c.kind)
SORTS = {
    "received": Sort(_file.c.received_at, descending=True),
    "name": Sort(_file.c.name),
    "payer": Sort(_transaction.c.payer_name, nullable=True),
    "paid": Sort(_transaction.c.paid, nullable=True, descending=True),
    "claims": Sort(func.coalesce(_transaction.c.claims, 0), descending=True),
    "parked": Sort(func.coalesce(_transaction.c.parked, 0), descending=True),
}
FILTERS = ("state", "kind", "payer", "received_from", "received_to", "paid_from", "paid_to", "q")
STATES = ("posted", PARKED, "held", "quarantined", "refused", "staged", "received", "ignored", "undone",
          "kept", "unpacked")  # fmt: skip
KINDS = ("835", "837P", "837I", "837D", "fhir", "999", "277CA", "TA1", "zip")
METHODS = {"ACH": "EFT", "CHK": "check", "FWT": "wire", "BOP": "bank draft", "NON": "no payment"}


@dataclass(frozen=True, slots=True)
class FileRow:
    """A transaction in its file; without one, `transaction` is empty and the money is absent.

    `payer` and `trace` are the payer's words; paid and charge are whole cents; `state` is the transaction's,
    or the file's; `parked` counts the claims that wait for a person.
    """

    received_at: datetime
    file: str
    name: str
    door: str
    kind: str
    transaction: str
    control: str
    payer: str | None
    trace: str | None
    method: str
    paid: Money | None
    effective_date: date | None
    charge: Money | None
    claims: int | None
    parked: int | None
    state: str
    why: str | None
    version: int


COLUMNS = (
    Column("received_at", "Received", Kind.INSTANT, sort="received"),
    Column("name", "File", sort="name"),
    Column("kind", "Kind", Kind.CODE),
    Column("payer", "Payer", sort="payer"),
    Column("trace", "Check / TRN", Kind.CODE),
    Column("method", "Method", wide=False),
    Column("paid", "Paid", Kind.MONEY, sort="paid"),
    Column("claims", "Claims", Kind.COUNT, sort="claims"),
    Column("parked", "Parked", Kind.COUNT, sort="parked", hint="Claims that wait for a person"),
    Column("state", "State", Kind.STATE),
)
EXPORT_COLUMNS = (
    *COLUMNS,
    Column("control", "ST control", Kind.CODE),
    Column("charge", "Charge", Kind.MONEY),
    Column("effective_date", "Payment date", Kind.DAY),
    Column("why", "Reason"),
)


def visible(w: Work) -> ColumnElement[bool]:
    """The transactions an actor may see: of their entities, and unassigned ones for who takes files in."""
    own = w.within(_transaction.c.entity_id)
    if {"*", "files.import"} & w.actor.permissions:
        return or_(own, _transaction.c.entity_id.is_(None))
    return own


def seen(w: Work) -> ColumnElement[bool]:
    """The rows of the list an actor may see. What belongs to nobody yet is seen by whoever brought it, by
    those who answer for every entity, and, from the folder, by whoever takes files in.
    """
    return or_(
        and_(_transaction.c.id.is_not(None), visible(w)), and_(_transaction.c.id.is_(None), brought(w))
    )


def brought(w: Work) -> ColumnElement[bool]:
    """The files that belong to nobody yet and that this actor may see."""
    if w.scope is ALL:
        return _file.c.file_no.is_not(None)
    mine = _file.c.person_id == (w.actor.person_id or 0)
    if {"*", "files.import"} & w.actor.permissions:
        return or_(mine, _file.c.person_id.is_(None))
    return mine


_SHOWN = (
    _file.c.received_at, _file.c.public_id.label("file"), _file.c.name, _file.c.door, _kind.label("kind"),
    func.coalesce(_transaction.c.public_id, "").label("transaction"),
    func.coalesce(_transaction.c.control, "").label("control"),
    _transaction.c.payer_name.label("payer"), _transaction.c.trace, _transaction.c.method,
    _transaction.c.paid, _transaction.c.effective_date, _transaction.c.charge, _transaction.c.claims,
    _transaction.c.parked, _state.label("state"),
    func.coalesce(_transaction.c.explanation, _file.c.reason).label("why"),
    func.coalesce(_transaction.c.version, 0).label("version"),
)  # fmt: skip


def files(w: Work, ask: Ask) -> Slice[FileRow]:
    """One page of what came in, newest first by default; `ask.all()` gives the whole list for an export."""
    query = _listed(w, ask).with_only_columns(*_SHOWN)
    found = page(w.db, query, ask, sorts=SORTS, key=_key, row=_file_row)
    w.audit("files.list", "R", "intake_file", detail={"rows": len(found.rows)})
    return found


def _file_row(row: Row[Any]) -> FileRow:
    values = {name: getattr(row, name) for name in FileRow.__dataclass_fields__}
    values["method"] = METHODS.get(row.method or "", row.method or "")
    if row.kind not in ("835", "837P", "837I", "837D") or row.state in ("held", "staged"):
        # Nothing has been counted: a zero would say that there is nothing inside.
        values["claims"] = values["parked"] = None
    return FileRow(**values)


def _listed(w: Work, ask: Ask) -> Select[Any]:
    joined = select(_file.c.file_no).outerjoin(_transaction, _transaction.c.file_no == _file.c.file_no)
    return joined.where(seen(w), *_conditions(ask))


def _conditions(ask: Ask) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    state = ask.get("state")
    if state == PARKED:
        found += [_transaction.c.parked > 0, _transaction.c.state == State.POSTED.value]
    elif state:
        found.append(_state == state)
    if ask.get("kind"):
        found.append(_kind == ask.get("kind"))
    if ask.get("payer"):
        found.append(_transaction.c.payer_name == ask.get("payer"))
    if first := _day(ask, "received_from"):
        found.append(_file.c.received_at >= datetime(first.year, first.month, first.day, tzinfo=UTC))
    if last := _day(ask, "received_to"):
        end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
        found.append(_file.c.received_at < end)
    if (least := _money(ask, "paid_from")) is not None:
        found.append(_transaction.c.paid >= least)
    if (most := _money(ask, "paid_to")) is not None:
        found.append(_transaction.c.paid <= most)
    if text := ask.get("q"):
        columns = (_file.c.name, _transaction.c.trace, _transaction.c.control, _transaction.c.payer_name)
        found.append(or_(*(func.lower(one).contains(text.lower(), autoescape=True) for one in columns)))
    return found


def _day(ask: Ask, name: str) -> date | None:
    text = ask.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("A day is written 2026-01-31.", code="day_unreadable", field=name) from None


def _money(ask: Ask, name: str) -> Money | None:
    text = ask.get(name).replace(",", "").removeprefix("$")
    return Money.parse(text) if text else None


@dataclass(frozen=True, slots=True)
class Totals:
    """The line under the list: rows, and the sums of all pages."""

    rows: int
    paid: Money
    claims: int
    parked: int


def totals(w: Work, ask: Ask) -> Totals:
    """The totals of the whole list that `ask` describes, whatever page is shown."""
    sums = (func.sum(_transaction.c.paid), func.sum(_transaction.c.claims), func.sum(_transaction.c.parked))
    row = w.db.execute(_listed(w, ask).with_only_columns(func.count(), *sums)).one()
    return Totals(int(row[0]), Money.of_sum(int(row[1] or 0)), int(row[2] or 0), int(row[3] or 0))


def payers(w: Work) -> list[str]:
    """The payers named by what came in, for the filter."""
    names = select(_transaction.c.payer_name).where(visible(w), _transaction.c.payer_name.is_not(None))
    return list(w.db.execute(names.distinct().order_by(_transaction.c.payer_name).limit(300)).scalars())


def find(w: Work, text: str) -> list[Hit]:
    """The search: files by name, payments by check or trace number or by `=amount`."""
    if not ({"*", "files.read"} & w.actor.permissions):
        return []
    query = select(*_SHOWN).outerjoin(_transaction, _transaction.c.file_no == _file.c.file_no).where(seen(w))
    if text.startswith("="):
        try:
            query = query.where(_transaction.c.paid == Money.parse(text[1:].replace(",", "").strip()))
        except Refused:
            return []
    else:
        like = (
            func.lower(one).contains(text.lower(), autoescape=True)
            for one in (_file.c.name, _transaction.c.trace)
        )
        query = query.where(or_(*like))
    rows = w.db.execute(query.order_by(_file.c.received_at.desc()).limit(20))
    return [
        Hit(f"{row.kind} file", row.trace or row.name, f"{row.payer or row.name}, {row.state}", "intake.one",
            {"public_id": row.file})
        for row in rows
    ]  # fmt: skip
