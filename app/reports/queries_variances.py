"""Paid against expected: what contracts owe for the lines payers answered, what they allowed, and the
difference; and the lines behind a figure.

Only lines with a price and a told difference count; a denied line is no underpayment. The period picks lines
by the day of their remit; a line stands as it stood on the day that is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, extract, func, select

from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.reports.queries import View, claim, payer
from app.reports.rules import Rate, month_of, rate
from app.underpayments.models import Underpayment, Variance
from app.underpayments.queries_exports import standing

_variance, _case = table_of(Variance), table_of(Underpayment)
ROW_FILTERS = ("payer", "month", "way")
WAYS = ("under", "over")


@dataclass(frozen=True, slots=True)
class PaidRow:
    """Priced lines of a payer or a month: what was owed, what was allowed, and how far they differ.

    under: what payers allowed too little, positive; over: what they allowed too much, negative.
    """

    key: str
    name: str
    lines: int
    expected: Money
    actual: Money
    unders: int
    under: Money
    overs: int
    over: Money


@dataclass(frozen=True, slots=True)
class Recovery:
    """Underpayments people work: what was missing at first, and what came since."""

    cases: int
    identified: Money
    recovered: Money

    @property
    def rate(self) -> Rate:
        """Recovered of identified."""
        return rate("recovery", self.recovered, self.identified)


def _sums() -> list[Any]:
    told, money = _variance.c.variance, (_variance.c.expected, _variance.c.actual)
    found: list[Any] = [func.count(), *(func.coalesce(func.sum(one), 0) for one in money)]
    for way in (told > 0, told < 0):
        found += [func.count().filter(way), func.coalesce(func.sum(case((way, told), else_=0)), 0)]
    return found


def _row(key: str, name: str, figures: Sequence[Any]) -> PaidRow:
    lines, expected, actual, unders, under, overs, over = (int(one) for one in figures)
    money = [Money.of_sum(one) for one in (expected, actual, under, over)]
    return PaidRow(key, name, lines, money[0], money[1], unders, money[2], overs, money[3])


def _priced(w: Work, view: View, columns: Sequence[Any], *more: Any) -> Select[Any]:
    query = select(*columns).select_from(_variance).outerjoin(payer, payer.c.id == _variance.c.payer_id)
    query = query.join(claim, claim.c.id == _variance.c.claim_id)
    told = (_variance.c.variance.is_not(None), _variance.c.expected.is_not(None))
    when = (_variance.c.remit_on >= view.first, _variance.c.remit_on <= view.last)
    known = (_variance.c.computed_at <= view.known,) if view.known is not None else ()
    return query.where(view.own(w, _variance.c.entity_id), *standing(view.as_of), *told, *when, *known, *more)


def by_payer(w: Work, view: View) -> list[PaidRow]:
    """Priced lines by payer, most missing first."""
    named = [payer.c.public_id, payer.c.name]
    query = _priced(w, view, [*named, *_sums()]).group_by(*named)
    rows = [_row(key or "", name or "Unknown", figures) for key, name, *figures in w.db.execute(query)]
    return sorted(rows, key=lambda row: (-row.under, row.name))


def by_month(w: Work, view: View) -> list[PaidRow]:
    """Priced lines by month of their remit, oldest first."""
    year, month = (extract(part, _variance.c.remit_on) for part in ("year", "month"))
    query = _priced(w, view, [year, month, *_sums()]).group_by(year, month).order_by(year, month)
    rows = []
    for one, two, *figures in w.db.execute(query):
        first = date(int(one), int(two), 1)
        rows.append(_row(first.isoformat()[:7], f"{first:%b %Y}", figures))
    return rows


def total(w: Work, view: View) -> PaidRow:
    """All priced lines of the period."""
    return _row("", "All", w.db.execute(_priced(w, view, _sums())).one())


def recovery(w: Work, view: View) -> Recovery:
    """The underpayments whose remit is of the period, as they stand now."""
    sums = [func.coalesce(func.sum(one), 0) for one in (_case.c.identified, _case.c.recovered)]
    query = select(func.count(), *sums).where(
        view.own(w, _case.c.entity_id), _case.c.kind == "underpaid", _case.c.remit_on >= view.first,
        _case.c.remit_on <= view.last,
    )  # fmt: skip
    count, identified, recovered = w.db.execute(query).one()
    return Recovery(int(count), Money.of_sum(int(identified)), Money.of_sum(int(recovered)))


# ---------------------------------------------------------------- the lines behind a figure


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One priced line of an answer; variance is expected less actual."""

    public_id: str
    control: str
    patient_id: int
    payer: str | None
    remit_on: date
    code: str
    expected: Money
    actual: Money
    variance: Money
    cause: str


SORTS = {
    "variance": Sort(_variance.c.variance, descending=True),
    "remit": Sort(_variance.c.remit_on, descending=True),
    "expected": Sort(_variance.c.expected, descending=True),
}


def _conditions(ask: Ask) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if ask.get("payer"):
        wanted.append(payer.c.public_id == ask.get("payer"))
    if ask.get("way"):
        if ask.get("way") not in WAYS:
            raise Refused("Lines are paid under or over.", code="way", field="way")
        wanted.append(_variance.c.variance > 0 if ask.get("way") == "under" else _variance.c.variance < 0)
    if ask.get("month"):
        month = month_of(ask.get("month"))
        if month is None:
            raise Refused("A month is written 2026-01.", code="month", field="month")
        wanted += [_variance.c.remit_on >= month[0], _variance.c.remit_on < month[1]]
    return wanted


def lines(w: Work, view: View, ask: Ask) -> Slice[PricedLine]:
    """The lines behind a figure; whose patients were shown is noted."""
    same = ("remit_on", "code", "modifiers", "expected", "actual", "variance", "cause")
    columns = [
        claim.c.public_id, claim.c.control, claim.c.patient_id, payer.c.name.label("payer"),
        *(_variance.c[name] for name in same),
    ]  # fmt: skip
    query = _priced(w, view, columns, *_conditions(ask))
    made = page(w.db, query, ask, sorts=SORTS, key=_variance.c.id, row=_line)
    shown = [row.patient_id for row in made.rows]
    w.audit("reports.variances", "R", "claim", patients=shown, detail={"rows": len(shown)})
    return made


def _line(row: Any) -> PricedLine:
    code = f"{row.code}-{row.modifiers}" if row.modifiers else row.code
    return PricedLine(
        row.public_id, row.control, row.patient_id, row.payer, row.remit_on, code, row.expected, row.actual,
        row.variance, row.cause.replace("_", " "),
    )  # fmt: skip


def line_total(w: Work, view: View, ask: Ask) -> PaidRow:
    """The totals of the whole list."""
    return _row("", "", w.db.execute(_priced(w, view, _sums(), *_conditions(ask))).one())
