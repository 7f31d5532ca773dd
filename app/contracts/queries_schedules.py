"""Schedules, their rows, imports and terms as people read them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select

from app.contracts.models import ContractTerm, FeeImport, FeeRow, FeeSchedule
from app.contracts.rules import usual_terms
from app.entities.models import Entity
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work

_row, _schedule = table_of(FeeRow), table_of(FeeSchedule)
_import, _term, _entity = table_of(FeeImport), table_of(ContractTerm), table_of(Entity)
ROW_SORTS = {
    "code": Sort(_row.c.code),
    "allowed": Sort(_row.c.allowed, descending=True),
    "from": Sort(_row.c.effective_from, descending=True),
}
ROW_FILTERS = ("code", "modifier", "setting", "on", "standing")
ROW_COLUMNS = [
    Column("code_type", "Type", Kind.CODE),
    Column("code", "Code", Kind.CODE, "code"),
    Column("modifier", "Modifier", Kind.CODE),
    Column("setting", "Setting"),
    Column("allowed", "Allowed", Kind.MONEY, "allowed"),
    Column("effective_from", "From", Kind.DAY, "from"),
    Column("effective_to", "Through", Kind.DAY, hint="Empty: until further notice"),
    Column("line", "Row of the file", Kind.COUNT),
    Column("state", "State", Kind.STATE),
]
TERM_WORDS = {
    "method": "Method", "percent": "Share of the charge", "unlisted_percent": "Unlisted codes",
    "lesser_of": "Lesser of price and charge", "multiple": "Multiple procedures", "npp": "Non-physicians",
    "assistant": "Assistant surgeon", "assistant_npp": "Assistant, non-physician",
    "co_surgeon": "Co-surgeon", "sequestration": "Sequestration", "withhold": "Withhold",
    "dispute_days": "Days to dispute", "line_tolerance": "Tolerance of a line",
    "line_tolerance_share": "Tolerance, share of expected", "claim_tolerance": "Tolerance of a claim",
    "workable": "Worked from", "pattern_workable": "Patterns worked from", "chase_days": "Asked again after",
    "chase_answer_days": "Asked again after an answer", "dispute_approval": "Disputes approved above",
    "post_contractual_up_to_expected": "Post contractual up to expected",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A version of a payer's schedule: how many of its rows stand, and the days they cover."""

    public_id: str
    payer: str
    number: int
    name: str
    entity: str
    rows: int
    standing: int
    first: date | None
    last: date | None
    author: str
    recorded_at: datetime


SCHEDULE_COLUMNS = [
    Column("payer", "Payer number", Kind.CODE),
    Column("number", "Version", Kind.COUNT),
    Column("name", "File"),
    Column("entity", "Billing entity"),
    Column("rows", "Rows", Kind.COUNT),
    Column("standing", "In force", Kind.COUNT, hint="Rows no later file has corrected"),
    Column("first", "From", Kind.DAY),
    Column("last", "Through", Kind.DAY, hint="Empty: until further notice"),
    Column("author", "Loaded by"),
    Column("recorded_at", "Loaded", Kind.INSTANT),
]


def schedules(w: Work) -> list[ScheduleRow]:
    """Every version of every schedule, by payer, the newest first."""
    stands = _row.c.replaced_at.is_(None)
    query = (
        select(
            _schedule.c.public_id, _schedule.c.payer_label, _schedule.c.number, _schedule.c.name,
            _entity.c.name,
            func.count(_row.c.id), func.count(_row.c.id).filter(stands),
            func.min(_row.c.effective_from), func.max(func.coalesce(_row.c.effective_to, date.max)),
            _schedule.c.author, _schedule.c.recorded_at,
        )
        .join(_entity, _entity.c.id == _schedule.c.entity_id)
        .outerjoin(_row, _row.c.schedule_id == _schedule.c.id)
        .where(w.within(_schedule.c.entity_id))
        .group_by(_schedule.c.id, _entity.c.name)
        .order_by(_schedule.c.payer_label, _schedule.c.number.desc(), _schedule.c.id)
    )  # fmt: skip
    return [_schedule_row(*row) for row in w.db.execute(query.limit(1_000))]


def _schedule_row(*row: Any) -> ScheduleRow:
    values = list(row)
    values[8] = _last(row[8])
    return ScheduleRow(*values)


def _last(end: Any) -> date | None:
    """The last day in force of a range that ends before `end`."""
    day = date.fromisoformat(end) if isinstance(end, str) else end
    return None if day is None or day.year >= 9000 else date.fromordinal(day.toordinal() - 1)


@dataclass(frozen=True, slots=True)
class FeeView:
    """A row of a schedule; `effective_to` is its last day."""

    id: int
    code_type: str
    code: str
    modifier: str
    setting: str
    allowed: Money
    effective_from: date
    effective_to: date | None
    line: int
    state: str


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A version with its head."""

    id: int
    public_id: str
    entity_id: int
    payer: str
    number: int
    name: str
    author: str
    recorded_at: datetime


def schedule(w: Work, public_id: str) -> ScheduleView:
    """One version; `NotFound` when there is none or it is not yours."""
    query = select(_schedule).where(w.within(_schedule.c.entity_id), _schedule.c.public_id == public_id)
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return ScheduleView(
        row.id,
        row.public_id,
        row.entity_id,
        row.payer_label,
        row.number,
        row.name,
        row.author,
        row.recorded_at,
    )


def rows(w: Work, schedule_id: int, ask: Ask) -> Slice[FeeView]:
    """The rows of a version by keyset."""
    query = select(_row).where(w.within(_row.c.entity_id), _row.c.schedule_id == schedule_id)
    for name in ("code", "modifier", "setting"):
        if ask.get(name):
            query = query.where(
                _row.c[name] == ask.get(name).upper()
                if name != "setting"
                else _row.c.setting == ask.get(name)
            )
    if ask.get("standing") != "all":
        query = query.where(_row.c.replaced_at.is_(None))
    if ask.get("on"):
        day = _day(ask.get("on"))
        query = query.where(
            _row.c.effective_from <= day, or_(_row.c.effective_to.is_(None), _row.c.effective_to > day)
        )
    return page(w.db, query, ask, sorts=ROW_SORTS, key=_row.c.id, row=_fee)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound("A day is written 2026-01-31.", code="day_unreadable", field="on") from None


def _fee(row: Any) -> FeeView:
    state = "replaced" if row.replaced_at else "in force"
    return FeeView(
        row.id, row.code_type, row.code, row.modifier, row.setting, row.allowed, row.effective_from,
        _last(row.effective_to), row.line, state,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportView:
    """What a file did."""

    public_id: str
    name: str
    rows: int
    added: int
    changed: int
    same: int
    bad: int
    findings: list[Any]
    author: str
    recorded_at: datetime


def imports(w: Work, *, limit: int = 50) -> list[ImportView]:
    """The newest imports."""
    named = list(ImportView.__dataclass_fields__)
    query = select(*(_import.c[name] for name in named)).where(w.within(_import.c.entity_id))
    return [ImportView(*row) for row in w.db.execute(query.order_by(_import.c.id.desc()).limit(limit))]


def one_import(w: Work, public_id: str) -> ImportView:
    """One import with its findings."""
    named = list(ImportView.__dataclass_fields__)
    query = select(*(_import.c[name] for name in named)).where(
        w.within(_import.c.entity_id), _import.c.public_id == public_id
    )
    row = w.db.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return ImportView(*row)


@dataclass(frozen=True, slots=True)
class TermView:
    """A row of terms of our own."""

    public_id: str
    payer: str
    terms: dict[str, Any]
    effective_from: date
    effective_to: date | None
    author: str
    recorded_at: datetime

    @property
    def words(self) -> list[tuple[str, str]]:
        """Its terms, named as people say them."""
        return [(TERM_WORDS.get(name, name), told(value)) for name, value in sorted(self.terms.items())]


def told(value: Any) -> str:
    """A term's value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value).replace("_", " ") or "not priced"


def terms(w: Work) -> list[TermView]:
    """The terms of our own that stand, by payer, the newest first."""
    query = select(_term).where(w.within(_term.c.entity_id), _term.c.replaced_at.is_(None))
    order = query.order_by(_term.c.payer_label, _term.c.effective_from.desc(), _term.c.id)
    return [
        TermView(
            row.public_id,
            row.payer_label,
            row.terms,
            row.effective_from,
            row.effective_to,
            row.author,
            row.recorded_at,
        )
        for row in w.db.execute(order.limit(500))
    ]


def usual(on: date) -> list[tuple[str, str]]:
    """The usual terms of a day in words."""
    return [(TERM_WORDS.get(name, name), told(value)) for name, value in usual_terms(on).items()]
