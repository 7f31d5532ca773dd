"""Runs, their lines and totals: the lists of the screens, and their exports."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from app.accounts.models import Standing
from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.patients.models import Guarantor
from app.patients.queries_guarantors import seen_of
from app.statements.lifecycle import RUN, RunState
from app.statements.models import CollectionLetter, Dunning, Run, RunItem, Statement
from app.statements.queries_find import find as find
from app.statements.rules_reasons import Reason, reason

_run, _item, _entity, _guarantor = table_of(Run), table_of(RunItem), table_of(Entity), table_of(Guarantor)
_statement, _letter = table_of(Statement), table_of(CollectionLetter)
_standing, _dunning = table_of(Standing), table_of(Dunning)
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
ITEM_FILTERS = (
    "outcome", "reason", "stage", "language", "least", "sampled", "way", "fine", "account", "sent",
)  # fmt: skip
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
    """What a run does with one account and why. asked: cents; document: public id of what was made.

    total, waiting, on_plan: everything of theirs that is open, what insurance still has to answer for, what
    a plan covers; as the books stand now. statement_on: the last statement before.
    """

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
    total: Money
    waiting: Money
    on_plan: Money
    statement_on: date | None
    told: Reason

    @property
    def bill(self) -> str:
        """What goes to them: a statement, or a letter by its name."""
        return self.letter or "statement"

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
    Column("bill", "Bill"),
    Column("way", "Way"),
    Column("language", "Language"),
    Column("statement_on", "Last statement", Kind.DAY),
    Column("total", "Total", Kind.MONEY),
    Column("waiting", "Less insurance", Kind.MONEY),
    Column("on_plan", "On a plan", Kind.MONEY),
    Column("asked", "Amount due", Kind.MONEY, sort="asked"),
    Column("stage", "Stage", Kind.STATE),
    Column("level", "Level", Kind.COUNT, sort="level"),
    Column("outcome", "Outcome", Kind.STATE),
    Column("reason", "Reason", Kind.CODE, sort="reason"),
    Column("words", "Why"),
    Column("unblock", "What ends it"),
    Column("who", "Whose move"),
    Column("sampled", "In the sample", Kind.FLAG),
    Column("fine", "Fine", Kind.FLAG),
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


_OPEN = _standing.c.due + _standing.c.waiting + _standing.c.held
_MONEY = (func.coalesce(_OPEN, 0).label("total"), func.coalesce(_standing.c.waiting, 0).label("waiting"),
          func.coalesce(_standing.c.on_plan, 0).label("on_plan"))  # fmt: skip


def _items(w: Work, one: RunRow, ask: Ask) -> Select[Any]:
    document = func.coalesce(_statement.c.public_id, _letter.c.public_id, "").label("document")
    query = (
        select(
            *(_item.c[name] for name in _ITEM), _guarantor.c.public_id.label("account"), _guarantor.c.number,
            _guarantor.c.last, _guarantor.c.first, document, *_MONEY, _dunning.c.statement_on,
        )
        .join(_guarantor, _guarantor.c.id == _item.c.account_id)
        .outerjoin(_standing, _standing.c.account_id == _item.c.account_id)
        .outerjoin(_dunning, _dunning.c.account_id == _item.c.account_id)
        .outerjoin(_statement, _statement.c.id == _item.c.statement_id)
        .outerjoin(_letter, _letter.c.id == _item.c.letter_id)
        .where(_item.c.run_id == one.id, w.within(_item.c.entity_id))
    )  # fmt: skip
    for name in ("outcome", "reason", "stage", "language", "way"):
        if ask.get(name):
            query = query.where(_item.c[name] == ask.get(name))
    if ask.get("least"):
        query = query.where(_item.c.asked >= int(Money.parse(ask.get("least"))))
    if ask.get("account"):
        query = query.where(_guarantor.c.public_id == ask.get("account"))
    if ask.get("sent"):
        made = _item.c.statement_id.is_not(None) | _item.c.letter_id.is_not(None)
        query = query.where(made if ask.get("sent") == "yes" else ~made)
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
        books: dict[str, Any] = {
            key: Money(int(getattr(row, key))) for key in ("total", "waiting", "on_plan")
        }
        return ItemRow(**plain, **books, statement_on=row.statement_on, name=name,
                       told=reason(row.reason, one.day))  # fmt: skip

    found = page(w.db, _items(w, one, ask), ask, sorts=ITEM_SORTS, key=_item.c.account_id, row=shown)
    detail = {"rows": len(found.rows)}
    seen = seen_of(w, [each.account for each in found.rows])
    w.audit("run.items", "R", "statement_run", one.public_id, entity_id=one.entity_id, patients=seen,
            detail=detail)  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Totals:
    """What the lines of a run come to under the filters, over all pages."""

    rows: int
    asked: Money


def item_totals(w: Work, one: RunRow, ask: Ask) -> Totals:
    """How many lines fit the filters, and what they ask for."""
    inner = _items(w, one, ask).subquery()
    count, cents = w.db.execute(select(func.count(), func.coalesce(func.sum(inner.c.asked), 0))).one()
    return Totals(int(count), Money(int(cents)))


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
