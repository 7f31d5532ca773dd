"""Ageing of what is open: by payer class or payer, and patient, and by age; and the claims behind a figure.

One grouped query over the balances, whatever their number. What a bench holds it against is the same read
without us: balances joined with claim, first payer and its class, summed by class and by a CASE of ages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, null, or_, select

from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.reports.queries import (
    NO_CLASS,
    View,
    balances,
    claim,
    class_of,
    covered,
    first_payer,
    patient,
    payer,
    version,
)
from app.reports.rules import BUCKETS, OVER_90, Rate, bounds, ends, rate

SIDES = ("payer", "patient")
PATIENT = "patient"
ROW_FILTERS = ("side", "class", "payer", "bucket")
MORE_BUCKETS = {"over_90": OVER_90, "debit": tuple(one.key for one in BUCKETS if one.key != "credit")}
"""Buckets that are only asked for together."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many claims, and how much; a claim counts once on each side where something is open."""

    count: int
    cents: Money


@dataclass(frozen=True, slots=True)
class AgeRow:
    """One line of the ageing: `side` and `key` name it in addresses; its cells by bucket."""

    side: str
    key: str
    label: str
    cells: dict[str, Cell]

    @property
    def total(self) -> Cell:
        """The whole line, credits included."""
        return added(self.cells.values())

    @property
    def over_90(self) -> Money:
        """What is open longer than 90 days, credits left out."""
        return added(self.cells[key] for key in OVER_90).cents


@dataclass(frozen=True, slots=True)
class Ageing:
    """Lines for payers, one for patients, and their sums; the whole is what accounts 1100 and 1110 hold."""

    rows: list[AgeRow]
    cells: dict[str, Cell]

    @property
    def total(self) -> Cell:
        """Everything open."""
        return added(self.cells.values())

    def of(self, side: str) -> list[AgeRow]:
        """The lines of one side."""
        return [row for row in self.rows if row.side == side]

    def bucket(self, side: str, key: str) -> Cell:
        """One bucket over all lines of a side."""
        return added(row.cells[key] for row in self.of(side))

    def aged(self, side: str) -> Rate:
        """The share of what is open longer than 90 days; credits on neither side of the line."""
        debit = [row.cells[key] for row in self.of(side) for key in MORE_BUCKETS["debit"]]
        return rate("aged", sum(row.over_90 for row in self.of(side)), added(debit).cents)


def added(cells: Any) -> Cell:
    """The sum of cells."""
    listed = list(cells)
    return Cell(sum(one.count for one in listed), Money.of_sum(sum(int(one.cents) for one in listed)))


def day_of(view: View) -> Any:
    """The day an age counts from: of service (its last day), or of the first sending as eight digits."""
    if view.basis == "billed":
        return func.nullif(version.c.sent, "")
    return func.coalesce(claim.c.service_to, claim.c.service_from)


def _written(view: View, day: date | None) -> Any:
    """A day the way the basis writes it."""
    return day.strftime("%Y%m%d") if day is not None and view.basis == "billed" else day


def _bucket(view: View, day: Any) -> ColumnElement[str]:
    steps = [(day >= _written(view, first), key) for key, first in bounds(view.on) if first is not None]
    last = next(key for key, first in bounds(view.on) if first is None)
    found: ColumnElement[str] = case((day.is_(None), "undated"), *steps, else_=last)
    return found


def _joined(w: Work, view: View, columns: Sequence[Any], *, found: Any) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(found)
        .join(claim, claim.c.id == found.c.claim_id)
        .outerjoin(covered, first_payer())
        .outerjoin(payer, payer.c.id == covered.c.payer_id)
    )
    if view.basis == "billed":
        query = query.join(version, version.c.id == claim.c.id)
    return query.where(view.own(w, found.c.entity_id))


def ageing(w: Work, view: View) -> Ageing:
    """The ageing in one statement. Classes and payers are those of each claim's first payer."""
    found = balances(w, view)
    who = (payer.c.public_id, payer.c.name) if view.by == "payer" else (class_of, null())
    bucket = _bucket(view, day_of(view)).label("bucket")
    sums = []
    for side in SIDES:
        open_ = found.c[side]
        for kind in (open_ > 0, open_ < 0):
            sums += [func.count().filter(kind), func.sum(case((kind, open_), else_=0))]
    columns = [*(column.label(f"who_{at}") for at, column in enumerate(who)), bucket, *sums]
    query = _joined(w, view, columns, found=found).where(or_(found.c.payer != 0, found.c.patient != 0))
    grouped = query.group_by(*(columns[:1] if view.by == "class" else columns[:2]), bucket)
    lines: dict[tuple[str, str, str], dict[str, Cell]] = {}
    for key, name, kind, *figures in w.db.execute(grouped):
        _add(lines, ("payer", key or NO_CLASS, name or ""), kind, figures[:4])
        _add(lines, (PATIENT, PATIENT, ""), kind, figures[4:])
    rows = [AgeRow(side, key, name, cells) for (side, key, name), cells in lines.items()]
    rows = sorted((row for row in rows if row.total.count), key=lambda row: (row.side != "payer",
                  -row.total.cents, row.key))  # fmt: skip
    return Ageing(rows, {one.key: added(row.cells[one.key] for row in rows) for one in BUCKETS})


def _add(
    lines: dict[tuple[str, str, str], dict[str, Cell]], line: tuple[str, str, str], bucket: str, found: Any
) -> None:
    cells = lines.setdefault(line, {one.key: Cell(0, Money(0)) for one in BUCKETS})
    owed, cents, backs, back = (int(one or 0) for one in found)
    cells[bucket] = added((cells[bucket], Cell(owed, Money.of_sum(cents))))
    cells["credit"] = added((cells["credit"], Cell(backs, Money.of_sum(back))))


# ---------------------------------------------------------------- the claims behind a figure


@dataclass(frozen=True, slots=True)
class OpenRow:
    """An open claim. `age` in days, None without a date; `cents` is what the asked side owes, else both."""

    public_id: str
    control: str
    patient_id: int
    patient: str
    payer: str | None
    service: date | None
    age: int | None
    payer_open: Money
    patient_open: Money
    cents: Money


def _amount(found: Any, ask: Ask) -> Any:
    side = ask.get("side")
    if side and side not in SIDES:
        raise Refused("A side is payer or patient.", code="side", field="side")
    if side:
        return found.c[side]
    if not ask.get("bucket"):
        return found.c.payer + found.c.patient
    # Of both sides only what belongs to the bucket counts: a credit of one hides no debt of the other.
    parts = [found.c[one] < 0 if ask.get("bucket") == "credit" else found.c[one] > 0 for one in SIDES]
    first, second = (case((part, found.c[one]), else_=0) for part, one in zip(parts, SIDES, strict=True))
    return first + second


def row_sorts(amount: Any) -> dict[str, Sort]:
    """How the claims may be sorted; the amount is of the side that was asked."""
    return {
        "amount": Sort(amount, descending=True),
        "service": Sort(func.coalesce(claim.c.service_to, claim.c.service_from), nullable=True),
        "control": Sort(claim.c.control),
    }


SORTS = row_sorts(claim.c.id)
"""The names of the sorts, for whoever reads a request."""


def _conditions(view: View, ask: Ask, found: Any) -> list[ColumnElement[bool]]:
    amount, wanted = _amount(found, ask), []
    if ask.get("class"):
        wanted.append(class_of == ask.get("class"))
    if ask.get("payer") == NO_CLASS:
        wanted.append(payer.c.id.is_(None))
    elif ask.get("payer"):
        wanted.append(payer.c.public_id == ask.get("payer"))
    if ask.get("bucket"):
        wanted.append(_in_bucket(view, ask.get("bucket"), amount))
    elif ask.get("side"):
        wanted.append(amount != 0)
    else:
        wanted.append(or_(found.c.payer != 0, found.c.patient != 0))
    return wanted


def _in_bucket(view: View, key: str, amount: Any) -> ColumnElement[bool]:
    if key in MORE_BUCKETS:
        return or_(*(_in_bucket(view, one, amount) for one in MORE_BUCKETS[key]))
    if key not in {one.key for one in BUCKETS}:
        raise Refused("There is no such age.", code="bucket", field="bucket")
    if key == "credit":
        below: ColumnElement[bool] = amount < 0
        return below
    day = day_of(view)
    if key == "undated":
        return and_(amount > 0, day.is_(None))
    first, until = ends(view.on, key)
    found = [amount > 0, day.is_not(None)]
    found += [day >= _written(view, first)] if first is not None else []
    found += [day < _written(view, until)] if until is not None else []
    return and_(*found)


def rows(w: Work, view: View, ask: Ask) -> Slice[OpenRow]:
    """The claims behind a figure of the ageing; whose patients were shown is noted."""
    found = balances(w, view)
    amount = _amount(found, ask)
    columns = [
        claim.c.public_id, claim.c.control, claim.c.patient_id, patient.c.last, patient.c.first,
        payer.c.name.label("payer_name"), day_of(view).label("day"), found.c.payer, found.c.patient,
        amount.label("amount"),
    ]  # fmt: skip
    query = _joined(w, view, columns, found=found).join(patient, patient.c.id == claim.c.patient_id)
    query = query.where(*_conditions(view, ask, found))
    made = page(w.db, query, ask, sorts=row_sorts(amount), key=claim.c.id, row=lambda row: _open(view, row))
    shown = [row.patient_id for row in made.rows]
    w.audit("reports.ageing", "R", "claim", patients=shown, detail={"rows": len(shown)})
    return made


def _open(view: View, row: Row[Any]) -> OpenRow:
    day = row.day
    if isinstance(day, str):
        day = date.fromisoformat(day[:8]) if day[:8].isdigit() and len(day) >= 8 else None
    return OpenRow(
        row.public_id, row.control, row.patient_id, f"{row.last}, {row.first}" if row.first else row.last,
        row.payer_name, day, (view.on - day).days if day else None, Money.of_sum(int(row.payer)),
        Money.of_sum(int(row.patient)), Money.of_sum(int(row.amount)),
    )  # fmt: skip


def row_total(w: Work, view: View, ask: Ask) -> Cell:
    """The total of the whole list, not of one page."""
    found = balances(w, view)
    columns = [func.count(), func.coalesce(func.sum(_amount(found, ask)), 0)]
    query = _joined(w, view, columns, found=found)
    count, cents = w.db.execute(query.where(*_conditions(view, ask, found))).one()
    return Cell(int(count), Money.of_sum(int(cents)))
