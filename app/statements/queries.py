"""Runs, their lines and totals, statements and letters: the lists of the screens, and their exports."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.typed import read_day
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.statements.lifecycle import RUN, RunState
from app.statements.models import CollectionLetter, Run, RunItem, Statement
from app.statements.rules_reasons import Reason, reason

_run, _item, _entity, _guarantor = table_of(Run), table_of(RunItem), table_of(Entity), table_of(Guarantor)
_statement, _letter = table_of(Statement), table_of(CollectionLetter)
RUN_SORTS = {
    "planned": Sort(_run.c.planned_at, descending=True),
    "day": Sort(_run.c.day, descending=True),
    "amount": Sort(_run.c.amount, descending=True),
    "sending": Sort(_run.c.sending, descending=True),
}
RUN_FILTERS = ("entity", "kind", "state")
ITEM_SORTS = {
    "account": Sort(_guarantor.c.number),
    "name": Sort(_guarantor.c.last),
    "asked": Sort(_item.c.asked, descending=True),
    "level": Sort(_item.c.level, descending=True),
    "reason": Sort(_item.c.reason),
}
ITEM_FILTERS = ("outcome", "reason", "stage", "language", "least", "sampled", "way", "fine")
_RUN = (
    "id", "public_id", "entity_id", "kind", "day", "state", "looked", "sending", "skipped", "dropped", "made",
    "amount", "sample", "plan_hash", "author", "author_id", "planned_at", "signed_by", "signed_at",
    "released_by", "released_at", "made_at", "version",
)  # fmt: skip
_ITEM = ("account_id", "outcome", "reason", "stage", "level", "letter", "asked", "way", "language", "sampled",
         "fine", "remark")  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run. looked, sending, skipped, dropped, made: accounts; amount: what it asks for."""

    id: int
    public_id: str
    entity_id: int
    kind: str
    day: date
    state: str
    looked: int
    sending: int
    skipped: int
    dropped: int
    made: int
    amount: Money
    sample: int
    plan_hash: str
    author: str
    author_id: int | None
    planned_at: datetime
    signed_by: str
    signed_at: datetime | None
    released_by: str
    released_at: datetime | None
    made_at: datetime | None
    version: int
    entity: str
    entity_name: str
    time_zone: str

    @property
    def moves(self) -> list[str]:
        """What a person may do with it now; jobs make its documents."""
        return [move.value for move in RUN.moves(RunState(self.state)) if move.value != "make"]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """What a run does with one account and why. asked: cents; document: public id of what was made."""

    account: str
    number: str
    name: str
    outcome: str
    reason: str
    stage: str
    level: int
    letter: str
    asked: Money
    way: str
    language: str
    sampled: bool
    fine: bool | None
    remark: str
    document: str
    told: Reason

    @property
    def words(self) -> str:
        """Why, in words."""
        return self.told.words

    @property
    def who(self) -> str:
        """Whose move it is."""
        return self.told.who

    @property
    def unblock(self) -> str:
        """What ends it."""
        return self.told.unblock


@dataclass(frozen=True, slots=True)
class Sum:
    """The lines of a run with one outcome and reason."""

    outcome: str
    reason: str
    words: str
    who: str
    unblock: str
    accounts: int
    amount: Money


RUN_COLUMNS = [
    Column("entity_name", "Practice"),
    Column("kind", "Kind"),
    Column("day", "Day", Kind.DAY, sort="day"),
    Column("state", "State", Kind.STATE),
    Column("looked", "Looked at", Kind.COUNT),
    Column("sending", "Sending", Kind.COUNT, sort="sending"),
    Column("skipped", "Skipped", Kind.COUNT),
    Column("dropped", "Dropped", Kind.COUNT),
    Column("made", "Made", Kind.COUNT),
    Column("amount", "Amount", Kind.MONEY, sort="amount"),
    Column("author", "Planned by"),
    Column("signed_by", "Signed by"),
    Column("released_by", "Released by"),
]
ITEM_COLUMNS = [
    Column("number", "Account", Kind.CODE, sort="account"),
    Column("name", "Guarantor", sort="name"),
    Column("outcome", "Outcome", Kind.STATE),
    Column("reason", "Reason", Kind.CODE, sort="reason"),
    Column("words", "Why"),
    Column("unblock", "What ends it"),
    Column("who", "Whose move"),
    Column("stage", "Stage", Kind.STATE),
    Column("level", "Level", Kind.COUNT, sort="level"),
    Column("letter", "Letter", Kind.CODE),
    Column("asked", "Asked for", Kind.MONEY, sort="asked"),
    Column("way", "Way", Kind.CODE),
    Column("language", "Language", Kind.CODE),
    Column("sampled", "In the sample", Kind.FLAG),
    Column("remark", "Remark"),
]


def _runs(w: Work) -> Select[Any]:
    named = (_entity.c.public_id.label("entity"), _entity.c.name.label("entity_name"), _entity.c.time_zone)
    joined = select(*(_run.c[name] for name in _RUN), *named).join(_entity, _entity.c.id == _run.c.entity_id)
    return joined.where(w.within(_run.c.entity_id))


def _run_row(row: Row[Any]) -> RunRow:
    more = ("entity", "entity_name", "time_zone")
    return RunRow(**{name: getattr(row, name) for name in (*_RUN, *more)})


def runs(w: Work, ask: Ask) -> Slice[RunRow]:
    """Runs, the newest first; filters entity (public id), kind, state."""
    query = _runs(w)
    for name, column in (("entity", _entity.c.public_id), ("kind", _run.c.kind), ("state", _run.c.state)):
        if ask.get(name):
            query = query.where(column == ask.get(name))
    return page(w.db, query, ask, sorts=RUN_SORTS, key=_run.c.id, row=_run_row)


def run(w: Work, public_id: str) -> RunRow:
    """One run; `NotFound` when there is none of yours."""
    row = w.db.execute(_runs(w).where(_run.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such run.")
    return _run_row(row)


def _items(w: Work, one: RunRow, ask: Ask) -> Select[Any]:
    document = func.coalesce(_statement.c.public_id, _letter.c.public_id, "").label("document")
    query = (
        select(
            *(_item.c[name] for name in _ITEM), _guarantor.c.public_id.label("account"), _guarantor.c.number,
            _guarantor.c.last, _guarantor.c.first, document,
        )
        .join(_guarantor, _guarantor.c.id == _item.c.account_id)
        .outerjoin(_statement, _statement.c.id == _item.c.statement_id)
        .outerjoin(_letter, _letter.c.id == _item.c.letter_id)
        .where(_item.c.run_id == one.id, w.within(_item.c.entity_id))
    )  # fmt: skip
    for name in ("outcome", "reason", "stage", "language", "way"):
        if ask.get(name):
            query = query.where(_item.c[name] == ask.get(name))
    if ask.get("least"):
        query = query.where(_item.c.asked >= int(Money.parse(ask.get("least"))))
    if ask.get("sampled"):
        query = query.where(_item.c.sampled.is_(ask.get("sampled") == "yes"))
    if ask.get("fine"):
        wanted = {
            "yes": _item.c.fine.is_(True),
            "no": _item.c.fine.is_(False),
            "open": _item.c.fine.is_(None),
        }
        query = query.where(wanted.get(ask.get("fine"), _item.c.fine.is_(None)))
    return query


def items(w: Work, one: RunRow, ask: Ask) -> Slice[ItemRow]:
    """The lines of a run; filters of ITEM_FILTERS. Who is shown is audited as patients' account holders."""

    def shown(row: Row[Any]) -> ItemRow:
        name = f"{row.last}, {row.first}" if row.first else row.last
        plain = {key: getattr(row, key) for key in (*_ITEM[1:], "account", "number", "document")}
        return ItemRow(**plain, name=name, told=reason(row.reason, one.day))

    found = page(w.db, _items(w, one, ask), ask, sorts=ITEM_SORTS, key=_item.c.account_id, row=shown)
    detail = {"rows": len(found.rows)}
    w.audit("run.items", "R", "statement_run", one.public_id, entity_id=one.entity_id, detail=detail)
    return found


def totals(w: Work, one: RunRow) -> list[Sum]:
    """The lines of a run by outcome and reason, what is sent first; they add up to what was looked at."""
    query = select(_item.c.outcome, _item.c.reason, func.count(), func.sum(_item.c.asked)).where(
        _item.c.run_id == one.id, w.within(_item.c.entity_id)
    )
    found = []
    for outcome, code, count, cents in w.db.execute(query.group_by(_item.c.outcome, _item.c.reason)):
        told = reason(code, one.day)
        found.append(Sum(outcome, code, told.words, told.who, told.unblock, int(count), Money(int(cents))))
    order = {"send": 0, "dropped": 1, "held": 2, "skip": 3}
    return sorted(found, key=lambda one: (order[one.outcome], -one.accounts, one.reason))


# ---------------------------------------------------------------- documents


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A statement or letter as issued. kind: statement, itemised_bill, or the name of a letter."""

    id: int
    public_id: str
    entity_id: int
    account_id: int
    account: str
    account_number: str
    name: str
    number: str
    kind: str
    stage: str
    day: date
    amount: Money
    language: str
    way: str
    state: str
    template: str
    sha256: str
    facts_hash: str
    file_no: int
    pages: int
    reason: str


DOCUMENT_SORTS = {
    "day": Sort(_statement.c.day, descending=True),
    "number": Sort(_statement.c.number, descending=True),
    "amount": Sort(_statement.c.amount, descending=True),
}
DOCUMENT_FILTERS = ("entity", "account", "kind", "stage", "language", "from", "to", "number")
DOCUMENT_COLUMNS = [
    Column("number", "Number", Kind.CODE, sort="number"),
    Column("day", "Day", Kind.DAY, sort="day"),
    Column("account_number", "Account", Kind.CODE),
    Column("name", "Guarantor"),
    Column("kind", "Kind", Kind.CODE),
    Column("stage", "Stage", Kind.STATE),
    Column("amount", "Asked for", Kind.MONEY, sort="amount"),
    Column("language", "Language", Kind.CODE),
    Column("way", "Way", Kind.CODE),
    Column("state", "State", Kind.STATE),
    Column("sha256", "SHA-256", Kind.CODE),
]
_SAME = ("id", "public_id", "entity_id", "account_id", "number", "stage", "day", "amount", "language", "way",
         "state", "template", "sha256", "facts_hash", "file_no", "pages")  # fmt: skip


def _documents(w: Work, letters: bool) -> Select[Any]:
    table = _letter if letters else _statement
    more = (
        (_letter.c.letter.label("kind"), _letter.c.reason)
        if letters
        else (_statement.c.kind, _statement.c.number.label("reason"))
    )
    named = (_guarantor.c.public_id.label("account"), _guarantor.c.number.label("account_number"),
             _guarantor.c.last, _guarantor.c.first)  # fmt: skip
    joined = select(*(table.c[name] for name in _SAME), *more, *named)
    return joined.join(_guarantor, _guarantor.c.id == table.c.account_id).where(w.within(table.c.entity_id))


def _document_row(row: Row[Any]) -> DocumentRow:
    name = f"{row.last}, {row.first}" if row.first else row.last
    same = {key: getattr(row, key) for key in (*_SAME, "kind", "account", "account_number")}
    return DocumentRow(**same, name=name, reason="" if row.reason == row.number else row.reason)


def statements(w: Work, ask: Ask) -> Slice[DocumentRow]:
    """Statements as issued, the newest first."""
    query = _documents(w, letters=False)
    if ask.get("entity"):
        query = query.where(_statement.c.entity_id.in_(
            select(_entity.c.id).where(_entity.c.public_id == ask.get("entity"))))  # fmt: skip
    for name, column in (("account", _guarantor.c.public_id), ("kind", _statement.c.kind),
                         ("stage", _statement.c.stage), ("language", _statement.c.language),
                         ("number", _statement.c.number)):  # fmt: skip
        if ask.get(name):
            query = query.where(column == ask.get(name))
    if ask.get("from"):
        query = query.where(_statement.c.day >= read_day(ask.get("from"), "from", w.now.date()))
    if ask.get("to"):
        query = query.where(_statement.c.day <= read_day(ask.get("to"), "to", w.now.date()))
    found = page(w.db, query, ask, sorts=DOCUMENT_SORTS, key=_statement.c.id, row=_document_row)
    w.audit("statements.list", "R", "statement", detail={"rows": len(found.rows)})
    return found


def document(w: Work, public_id: str) -> DocumentRow:
    """One statement, itemised bill or letter; `NotFound` when there is none of yours."""
    for letters in (False, True):
        table = _letter if letters else _statement
        row = w.db.execute(_documents(w, letters).where(table.c.public_id == public_id)).one_or_none()
        if row is not None:
            return _document_row(row)
    raise NotFound("There is no such document.")


def of_accounts(w: Work, account_ids: Collection[int]) -> dict[int, list[DocumentRow]]:
    """Every document accounts got, the newest first. The caller notes what it told."""
    found: dict[int, list[DocumentRow]] = {}
    for letters in (False, True):
        table = _letter if letters else _statement
        for row in w.db.execute(_documents(w, letters).where(table.c.account_id.in_(list(account_ids)))):
            found.setdefault(row.account_id, []).append(_document_row(row))
    return {key: sorted(rows, key=lambda one: (one.day, one.number), reverse=True) for key, rows in
            found.items()}  # fmt: skip


def export_statements(w: Work, as_of: date | None = None) -> tuple[list[Column], Iterator[DocumentRow]]:
    """Every statement, for `export statements`; as_of: issued up to and on that day."""
    query = _documents(w, letters=False)
    if as_of is not None:
        query = query.where(_statement.c.day <= as_of)
    rows = w.db.execute(query.order_by(_statement.c.id))
    w.audit("statements.export", "R", "statement")
    return DOCUMENT_COLUMNS, (_document_row(row) for row in rows)
