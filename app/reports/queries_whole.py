"""Whole reports: everything one page shows, read once; what was asked, in words; each report's own table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select

from app.claims.queries import entity_choices as entities_of
from app.kernel import kept
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Ask
from app.kernel.work import Work
from app.reports import (
    queries_ageing,
    queries_books,
    queries_denials,
    queries_lag,
    queries_rejections,
    queries_variances,
)
from app.reports.queries import BASES, View, claim, payer
from app.reports.queries_ageing import Ageing, AgeRow, Cell
from app.reports.queries_books import Cohort, Revenue
from app.reports.queries_denials import CaseRow, FirstRow
from app.reports.queries_lag import LagRow
from app.reports.queries_rejections import SentRow
from app.reports.queries_variances import PaidRow, Recovery
from app.reports.rules import BUCKETS, Rate

GOOD_FOR, JUST_NOW = timedelta(minutes=5), timedelta(seconds=5)
WHOLE = {
    "dashboards": ("ageing", "denials", "collection", "paid", "lag", "sent"),
    "ageing": ("ageing",),
    "denials": ("denials",),
    "collection": ("ageing", "collection"),
    "payments": ("paid",),
    "lag": ("lag",),
    "rejections": ("sent",),
}
"""What each page reads."""


@dataclass(frozen=True, slots=True)
class Denials:
    """Denials in figures over a period."""

    total: FirstRow
    months: list[FirstRow]
    payers: list[FirstRow]
    open: list[CaseRow]
    open_payers: list[CaseRow]
    closed: list[CaseRow]

    @property
    def at_stake(self) -> Money:
        """What we may expect of all open cases."""
        return Money.of_sum(sum(int(one.at_stake) for one in self.open))

    @property
    def open_count(self) -> int:
        """Open cases."""
        return sum(one.count for one in self.open)

    @property
    def outcome(self) -> CaseRow:
        """All closed cases of the period as one."""
        sums = [sum(int(getattr(one, name)) for one in self.closed)
                for name in ("count", "denied", "at_stake", "recovered", "paid", "closed")]  # fmt: skip
        money = [Money.of_sum(one) for one in sums[1:4]]
        return CaseRow("", "All", sums[0], money[0], money[1], money[2], sums[4], sums[5])


@dataclass(frozen=True, slots=True)
class Collection:
    """Days in A/R and collection rates."""

    revenue: Revenue
    months: list[Cohort]
    ripe: Cohort
    all: Cohort


@dataclass(frozen=True, slots=True)
class Paid:
    """Paid against expected."""

    total: PaidRow
    months: list[PaidRow]
    payers: list[PaidRow]
    recovery: Recovery


@dataclass(frozen=True, slots=True)
class Sent:
    """Claims sent, and turned away."""

    total: SentRow
    payers: list[SentRow]


@dataclass(frozen=True, slots=True)
class Found:
    """What a page shows; a part it does not show is None."""

    ageing: Ageing | None = None
    denials: Denials | None = None
    collection: Collection | None = None
    paid: Paid | None = None
    lag: list[LagRow] | None = None
    sent: Sent | None = None
    counted_at: datetime | None = None

    @property
    def receivable(self) -> Money:
        """Everything open, credits included."""
        return self.ageing.total.cents if self.ageing else Money(0)

    @property
    def without_credits(self) -> Money:
        """Everything open, credits left out."""
        if self.ageing is None:
            return Money(0)
        return self.receivable - self.ageing.cells["credit"].cents

    @property
    def days(self) -> list[Rate]:
        """Days in A/R, its variants named."""
        if self.collection is None:
            return []
        return queries_books.days_in_ar(self.collection.revenue, self.receivable, self.without_credits)


def read(w: Work, view: View, parts: Sequence[str]) -> Found:
    """The parts of a page; over very many claims those of the last five minutes, and since when."""
    size, oldest = _size(w), w.now
    made: dict[str, Any] = {}
    for name in parts:
        part = kept.counted(
            ("report", name, w.scope, view.named),
            partial(_READ[name], w, view),
            rows=lambda _: size,
            good_for=GOOD_FOR,
        )
        made[name], oldest = part.answer, min(oldest, part.at)
    made["counted_at"] = oldest if oldest < w.now - JUST_NOW else None
    w.audit("reports.read", "R", "report", "+".join(parts), detail={"as_of": view.on.isoformat()})
    return Found(**made)


def _size(w: Work) -> int:
    """How many claims a figure may go over, at most as many as matter for keeping it."""
    some = select(claim.c.id).where(w.within(claim.c.entity_id)).limit(kept.KEEP_FROM).subquery()
    return int(w.db.execute(select(func.count()).select_from(some)).scalar_one())


def _denials(w: Work, view: View) -> Denials:
    return Denials(
        total=queries_denials.first_total(w, view),
        months=queries_denials.first_by_month(w, view),
        payers=queries_denials.first_by_payer(w, view),
        open=queries_denials.cases_by_category(w, view, "open"),
        open_payers=queries_denials.cases_by_payer(w, view, "open"),
        closed=queries_denials.cases_by_category(w, view, "closed"),
    )


def _collection(w: Work, view: View) -> Collection:
    months = queries_books.cohorts(w, view)
    ripe, whole = (queries_books.together(months, ripe=ripe) for ripe in (True, False))
    return Collection(queries_books.revenue(w, view), months, ripe, whole)


def _paid(w: Work, view: View) -> Paid:
    return Paid(
        total=queries_variances.total(w, view),
        months=queries_variances.by_month(w, view),
        payers=queries_variances.by_payer(w, view),
        recovery=queries_variances.recovery(w, view),
    )


def _sent(w: Work, view: View) -> Sent:
    return Sent(queries_rejections.total(w, view), queries_rejections.by_payer(w, view))


_READ: dict[str, Any] = {
    "paid": _paid,
    "sent": _sent,
    "ageing": queries_ageing.ageing,
    "denials": _denials,
    "collection": _collection,
    "lag": queries_lag.lags,
}


def measures(found: Found) -> list[Rate]:
    """The rates of a report, each with what it is made of."""
    rates = list(found.days)
    if found.ageing is not None:
        rates += [found.ageing.aged("payer"), found.ageing.aged("patient")]
    if found.denials is not None:
        first, ended = found.denials.total, found.denials.outcome
        rates += [first.by_claims, first.by_dollars, ended.overturn, ended.overturn_dollars]
    if found.collection is not None:
        rates += [found.collection.ripe.net, found.collection.ripe.gross]
    if found.paid is not None:
        rates.append(found.paid.recovery.rate)
    if found.sent is not None:
        rates.append(found.sent.total.rate)
    return rates


# ---------------------------------------------------------------- what was asked


def entity_choices(w: Work) -> list[tuple[str, str]]:
    """The billing entities in scope."""
    return [(one.public_id, one.name) for one in entities_of(w)]


def said(w: Work, view: View, ask: Ask) -> list[tuple[str, str]]:
    """What picked the rows of a list, in words."""
    found = []
    if view.asked.get("entity"):
        names = dict(entity_choices(w))
        found.append(("Entity", names.get(view.asked["entity"], "")))
    for name, text in ask.filters.items():
        found.append((name.capitalize(), _word(w, name, text)))
    if "bucket" in ask.filters:
        found.append(("Aged by", BASES[view.basis]))
    return found


def _word(w: Work, name: str, text: str) -> str:
    if name == "payer":
        query = select(payer.c.name).where(payer.c.public_id == text, w.within(payer.c.entity_id))
        return str(w.db.execute(query).scalar() or "no payer")
    if name == "bucket":
        labels = {one.key: one.label for one in BUCKETS} | {"over_90": "over 90", "debit": "all but credits"}
        return labels.get(text, text)
    if name == "stage":
        return queries_lag.STAGES.get(text, text)
    return text.replace("_", " ")


# ---------------------------------------------------------------- files


def _cell(bucket: str) -> Any:
    return lambda row: row.cells[bucket].cents


AGE_COLUMNS = [
    Column("side", "Owed by"),
    Column("key", "Class or payer", value=lambda row: row.label or row.key.replace("_", " ")),
    *(Column(one.key, one.label, Kind.MONEY, value=_cell(one.key)) for one in BUCKETS),
    Column("total", "Total", Kind.MONEY, value=lambda row: row.total.cents),
    Column("count", "Claims", Kind.COUNT, value=lambda row: row.total.count),
]


def _kept(value: Rate) -> str:
    return str(value.kept) if value.kept is not None else "n/a"


FIRST_COLUMNS = [
    Column("name", "Month"), Column("claims", "Claims remitted", Kind.COUNT),
    Column("denied", "Claims denied", Kind.COUNT), Column("charges", "Charges", Kind.MONEY),
    Column("denied_charges", "Denied charges", Kind.MONEY),
    Column("by_claims", "Rate, claims", value=lambda row: _kept(row.by_claims)),
    Column("by_dollars", "Rate, dollars", value=lambda row: _kept(row.by_dollars)),
]  # fmt: skip
COHORT_COLUMNS = [
    Column("name", "Service month"), Column("claims", "Claims", Kind.COUNT),
    Column("charges", "Charges", Kind.MONEY), Column("contractual", "Contractual", Kind.MONEY),
    Column("payments", "Payments", Kind.MONEY),
    Column("net", "Net collection rate", value=lambda row: _kept(row.net)),
    Column("gross", "Gross collection rate", value=lambda row: _kept(row.gross)),
    Column("ripe", "Ripe", Kind.FLAG),
]  # fmt: skip


def _days(stage: str, part: str) -> Any:
    def value(row: LagRow) -> str:
        found = getattr(row.stages[stage], part)
        return "" if found is None else str(found)

    return value


LAG_COLUMNS = [
    Column("name", "Payer"),
    Column("count", "Claims", Kind.COUNT),
    *(
        Column(f"{stage}_{part}", f"{label}, {part}", value=_days(stage, part))
        for stage, label in queries_lag.STAGES.items()
        for part in ("median", "p90")
    ),
]


PAID_COLUMNS = [
    Column("name", "Payer"), Column("lines", "Priced lines", Kind.COUNT),
    Column("expected", "Expected", Kind.MONEY), Column("actual", "Allowed", Kind.MONEY),
    Column("unders", "Lines under", Kind.COUNT), Column("under", "Missing", Kind.MONEY),
    Column("overs", "Lines over", Kind.COUNT), Column("over", "Too much", Kind.MONEY),
]  # fmt: skip
SENT_COLUMNS = [
    Column("name", "Payer"), Column("claims", "Claims sent", Kind.COUNT),
    Column("rejected", "Rejected", Kind.COUNT), Column("charges", "Charges", Kind.MONEY),
    Column("rejected_charges", "Rejected charges", Kind.MONEY),
    Column("rate", "Rejection rate", value=lambda row: _kept(row.rate)),
]  # fmt: skip


def table(name: str, found: Found) -> tuple[list[Column], list[Any]]:
    """A report's main table as a file; rates to four decimals."""
    if name in ("dashboards", "ageing") and found.ageing is not None:
        whole = AgeRow("all", "total", "Total", found.ageing.cells)
        return AGE_COLUMNS, [*found.ageing.rows, whole]
    if found.denials is not None:
        return FIRST_COLUMNS, [*found.denials.months, found.denials.total]
    if found.collection is not None:
        return COHORT_COLUMNS, [*found.collection.months, found.collection.all]
    if found.paid is not None:
        return PAID_COLUMNS, [*found.paid.payers, found.paid.total]
    if found.sent is not None:
        return SENT_COLUMNS, [*found.sent.payers, found.sent.total]
    return LAG_COLUMNS, list(found.lag or ())


__all__ = ["WHOLE", "Cell", "Found", "entity_choices", "read", "said", "table"]
