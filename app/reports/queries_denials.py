"""Denials in figures: how many first remits refuse something, what is open by category and payer, how closed
cases ended; and the lists behind each.

A claim's first remit is the earliest answer of its first payer: no reversal, estimate or secondary remit. A
true duplicate (CARC 18) is no denial of the claim and is counted apart. Cases are as they stand now; the
period picks first remits by their effective day and closed cases by the day they closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, extract, func, select

from app.denials.models import Denial, DenialItem
from app.denials.queries_figures import NOT_ANSWERS
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.paging import Ask, Slice, Sort, page
from app.kernel.work import Work
from app.remits.models import Remit, RemitClaim
from app.reports.queries import View, claim, patient, payer
from app.reports.rules import Rate, month_of, rate

_denial, _item = table_of(Denial), table_of(DenialItem)
_remit, _remit_claim = table_of(Remit), table_of(RemitClaim)
DUPLICATE = "18"
NO_DECISION = ("posting_undone", "true_duplicate", "reversed")
"""Cases that closed without a payer changing its mind or us giving in: they are in no overturn rate."""
FIRST_FILTERS = ("payer", "month", "denied")
CASE_FILTERS = ("category", "payer", "standing", "paid")
STANDINGS = ("open", "closed")


# ---------------------------------------------------------------- first remits


def firsts(w: Work, view: View) -> Any:
    """The first remit of each claim in the period, as something to select from.

    Columns: claim_id, remit_claim_id, payer_id, effective_date, charge, denied (0 or 1), denied_cents.
    """
    place = (
        func.row_number()
        .over(partition_by=_remit_claim.c.claim_id, order_by=(_remit.c.effective_date, _remit_claim.c.id))
        .label("place")
    )
    named = ("claim_id", "id", "payer_id", "charge", "entity_id")
    query = (
        select(*(_remit_claim.c[name] for name in named), _remit.c.effective_date, place)
        .join(_remit, _remit.c.id == _remit_claim.c.remit_id)
        .where(
            view.own(w, _remit_claim.c.entity_id),
            _remit_claim.c.claim_id.is_not(None),
            _remit_claim.c.rank == 1,
            _remit_claim.c.status.not_in(NOT_ANSWERS),
            _remit_claim.c.state.in_(("posted", "reversed")),
        )
    )
    if view.known is not None:
        query = query.where(_remit.c.recorded_at <= view.known)
    ordered = query.subquery("answers")
    refused = _refused(w, view)
    in_period = and_(ordered.c.effective_date >= view.first, ordered.c.effective_date <= view.last)
    return (
        select(
            ordered.c.claim_id, ordered.c.id.label("remit_claim_id"), ordered.c.payer_id,
            ordered.c.effective_date, ordered.c.charge,
            case((refused.c.cents.is_not(None), 1), else_=0).label("denied"),
            func.coalesce(refused.c.cents, 0).label("denied_cents"),
        )
        .outerjoin(refused, refused.c.remit_claim_id == ordered.c.id)
        .where(ordered.c.place == 1, in_period)
        .subquery("firsts")
    )  # fmt: skip


def _refused(w: Work, view: View) -> Any:
    """Charges of denied lines by remit claim; a line refused for two reasons counts once."""
    lines = (
        select(_item.c.remit_claim_id, func.max(_item.c.charge).label("charge"))
        .where(view.own(w, _item.c.entity_id), _item.c.carc != DUPLICATE, _item.c.withdrawn.is_(False))
        .group_by(_item.c.remit_claim_id, _item.c.remit_line_id)
        .subquery("refused_lines")
    )
    query = select(lines.c.remit_claim_id, func.sum(lines.c.charge).label("cents"))
    return query.group_by(lines.c.remit_claim_id).subquery("refused")


@dataclass(frozen=True, slots=True)
class FirstRow:
    """First remits of one payer or one month: claims and charges, and how much of both was denied."""

    key: str
    name: str
    claims: int
    denied: int
    charges: Money
    denied_charges: Money

    @property
    def by_claims(self) -> Rate:
        """The initial denial rate, claims."""
        return rate("denial_claims", self.denied, self.claims)

    @property
    def by_dollars(self) -> Rate:
        """The initial denial rate, dollars."""
        return rate("denial_dollars", self.denied_charges, self.charges)


def _sums(found: Any) -> list[Any]:
    columns = (found.c.denied, found.c.charge, found.c.denied_cents)
    return [func.count(), *(func.coalesce(func.sum(column), 0) for column in columns)]


def _first_row(key: str, name: str, figures: Sequence[Any]) -> FirstRow:
    claims, denied, charges, denied_charges = (int(one) for one in figures)
    return FirstRow(key, name, claims, denied, Money.of_sum(charges), Money.of_sum(denied_charges))


def first_total(w: Work, view: View) -> FirstRow:
    """All first remits of the period."""
    found = firsts(w, view)
    return _first_row("", "All", w.db.execute(select(*_sums(found))).one())


def first_by_month(w: Work, view: View) -> list[FirstRow]:
    """First remits by month of their effective day, oldest first."""
    found = firsts(w, view)
    year, month = (extract(part, found.c.effective_date) for part in ("year", "month"))
    query = select(year, month, *_sums(found)).group_by(year, month).order_by(year, month)
    rows = []
    for one, two, *figures in w.db.execute(query):
        first = date(int(one), int(two), 1)
        rows.append(_first_row(first.isoformat()[:7], f"{first:%b %Y}", figures))
    return rows


def first_by_payer(w: Work, view: View) -> list[FirstRow]:
    """First remits by payer, most claims first."""
    found = firsts(w, view)
    query = (
        select(payer.c.public_id, payer.c.name, *_sums(found))
        .select_from(found)
        .outerjoin(payer, payer.c.id == found.c.payer_id)
        .group_by(payer.c.public_id, payer.c.name)
    )
    rows = [_first_row(key or "", name or "Unknown", figures) for key, name, *figures in w.db.execute(query)]
    return sorted(rows, key=lambda row: (-row.claims, row.name))


@dataclass(frozen=True, slots=True)
class FirstClaim:
    """A claim with its first remit; `denied` are the charges of its denied lines."""

    public_id: str
    control: str
    patient_id: int
    patient: str
    payer: str | None
    remitted: date
    charge: Money
    denied: Money


def first_sorts(found: Any) -> dict[str, Sort]:
    """How the claims may be sorted."""
    return {
        "remitted": Sort(found.c.effective_date, descending=True),
        "charge": Sort(found.c.charge, descending=True),
        "denied": Sort(found.c.denied_cents, descending=True),
    }


FIRST_SORTS = dict.fromkeys(("remitted", "charge", "denied"), Sort(claim.c.id))


def _first_conditions(found: Any, ask: Ask) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if ask.get("payer"):
        wanted.append(payer.c.public_id == ask.get("payer"))
    if ask.get("denied"):
        wanted.append(found.c.denied == (1 if ask.get("denied") == "yes" else 0))
    if ask.get("month"):
        month = month_of(ask.get("month"))
        if month is None:
            raise Refused("A month is written 2026-01.", code="month", field="month")
        wanted += [found.c.effective_date >= month[0], found.c.effective_date < month[1]]
    return wanted


def _first_joined(found: Any, columns: Sequence[Any]) -> Select[Any]:
    joined = select(*columns).select_from(found).join(claim, claim.c.id == found.c.claim_id)
    return joined.outerjoin(payer, payer.c.id == found.c.payer_id)


def first_claims(w: Work, view: View, ask: Ask) -> Slice[FirstClaim]:
    """The claims behind a denial rate; whose patients were shown is noted."""
    found = firsts(w, view)
    columns = [
        claim.c.public_id, claim.c.control, claim.c.patient_id, patient.c.last, patient.c.first,
        payer.c.name.label("payer_name"), found.c.effective_date, found.c.charge, found.c.denied_cents,
    ]  # fmt: skip
    query = _first_joined(found, columns).join(patient, patient.c.id == claim.c.patient_id)
    query = query.where(*_first_conditions(found, ask))
    made = page(w.db, query, ask, sorts=first_sorts(found), key=claim.c.id, row=_first_claim)
    shown = [row.patient_id for row in made.rows]
    w.audit("reports.first_remits", "R", "claim", patients=shown, detail={"rows": len(shown)})
    return made


def _first_claim(row: Any) -> FirstClaim:
    return FirstClaim(
        row.public_id, row.control, row.patient_id, f"{row.last}, {row.first}" if row.first else row.last,
        row.payer_name, row.effective_date, Money.of_sum(int(row.charge)),
        Money.of_sum(int(row.denied_cents)),
    )  # fmt: skip


def first_claims_total(w: Work, view: View, ask: Ask) -> FirstRow:
    """The totals of the whole list."""
    found = firsts(w, view)
    query = _first_joined(found, _sums(found)).where(*_first_conditions(found, ask))
    return _first_row("", "", w.db.execute(query).one())


# ---------------------------------------------------------------- cases


@dataclass(frozen=True, slots=True)
class CaseRow:
    """Denial cases of a category or a payer."""

    key: str
    name: str
    count: int
    denied: Money
    at_stake: Money
    recovered: Money
    paid: int
    closed: int

    @property
    def overturn(self) -> Rate:
        """Closed with a payment, of those closed."""
        return rate("overturn", self.paid, self.closed)

    @property
    def overturn_dollars(self) -> Rate:
        """Recovered, of what was denied, in closed cases only."""
        return (
            rate("overturn_dollars", self.recovered, self.denied) if self.closed else rate("overturn", 0, 0)
        )


def _standing(view: View, standing: str) -> ColumnElement[bool]:
    """Open cases are those of now; closed ones are initial denials a payer or we decided in the period."""
    if standing == "open":
        return _denial.c.state != "closed"
    begin = datetime.combine(view.first, time.min, UTC)
    end = datetime.combine(view.last + timedelta(1), time.min, UTC)
    ended = and_(_denial.c.closed_at >= begin, _denial.c.closed_at < end)
    decided = func.coalesce(_denial.c.outcome, "").not_in(NO_DECISION)
    return and_(_denial.c.state == "closed", _denial.c.origin == "initial", ended, decided)


PAID: ColumnElement[bool] = _denial.c.recovered > 0
"""Closed with a payment: something of what was denied came in."""


def _case_sums(standing: str) -> list[Any]:
    sums = [func.coalesce(func.sum(_denial.c[name]), 0) for name in ("denied", "at_stake", "recovered")]
    closed = func.count() if standing == "closed" else func.count().filter(_denial.c.state == "closed")
    return [func.count(), *sums, func.count().filter(PAID), closed]


def _case_row(key: str, name: str, figures: Sequence[Any]) -> CaseRow:
    count, denied, stake, recovered, paid, closed = (int(one) for one in figures)
    money = (Money.of_sum(denied), Money.of_sum(stake), Money.of_sum(recovered))
    return CaseRow(key, name, count, *money, paid, closed)


def _cases(w: Work, view: View, columns: Sequence[Any], conditions: Sequence[Any]) -> Select[Any]:
    query = select(*columns).select_from(_denial).outerjoin(payer, payer.c.id == _denial.c.payer_id)
    return query.where(view.own(w, _denial.c.entity_id), *conditions)


def cases_by_category(w: Work, view: View, standing: str) -> list[CaseRow]:
    """Cases by category, most at stake (or denied) first."""
    query = _cases(w, view, [_denial.c.category, *_case_sums(standing)], [_standing(view, standing)])
    rows = [
        _case_row(key, key.replace("_", " "), figures)
        for key, *figures in w.db.execute(query.group_by(_denial.c.category))
    ]
    return sorted(rows, key=lambda row: (-row.at_stake, -row.denied, row.name))


def cases_by_payer(w: Work, view: View, standing: str) -> list[CaseRow]:
    """Cases by payer, most at stake (or denied) first."""
    columns = [payer.c.public_id, payer.c.name, *_case_sums(standing)]
    query = _cases(w, view, columns, [_standing(view, standing)])
    grouped = w.db.execute(query.group_by(payer.c.public_id, payer.c.name))
    rows = [_case_row(key or "", name or "Unknown", figures) for key, name, *figures in grouped]
    return sorted(rows, key=lambda row: (-row.at_stake, -row.denied, row.name))


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case behind a figure."""

    public_id: str
    control: str
    patient_id: int | None
    payer: str | None
    category: str
    carc: str
    denied_on: date
    denied: Money
    at_stake: Money
    recovered: Money
    state: str
    outcome: str | None


CASE_SORTS = {
    "at_stake": Sort(_denial.c.at_stake, descending=True),
    "denied": Sort(_denial.c.denied, descending=True),
    "denied_on": Sort(_denial.c.denied_on, descending=True),
}


def _case_conditions(view: View, ask: Ask) -> list[ColumnElement[bool]]:
    standing = ask.get("standing") or "open"
    if standing not in STANDINGS:
        raise Refused("Cases are open or closed.", code="standing", field="standing")
    wanted = [_standing(view, standing)]
    if ask.get("category"):
        wanted.append(_denial.c.category == ask.get("category"))
    if ask.get("payer"):
        wanted.append(payer.c.public_id == ask.get("payer"))
    if ask.get("paid"):
        wanted.append(PAID if ask.get("paid") == "yes" else ~PAID)
    return wanted


def case_lines(w: Work, view: View, ask: Ask) -> Slice[CaseLine]:
    """The cases behind a figure; whose patients were shown is noted."""
    same = ("public_id", "patient_id", "category", "carc", "denied_on", "denied", "at_stake", "recovered",
            "state", "outcome")  # fmt: skip
    columns = [*(_denial.c[name] for name in same), claim.c.control, payer.c.name.label("payer")]
    query = _cases(w, view, columns, _case_conditions(view, ask))
    query = query.outerjoin(claim, claim.c.id == _denial.c.claim_id)

    def line(row: Any) -> CaseLine:
        return CaseLine(control=row.control or "", payer=row.payer,
                        **{name: getattr(row, name) for name in same})  # fmt: skip

    made = page(w.db, query, ask, sorts=CASE_SORTS, key=_denial.c.id, row=line)
    shown = [row.patient_id for row in made.rows if row.patient_id]
    w.audit("reports.denials", "R", "denial", patients=shown, detail={"rows": len(made.rows)})
    return made


def case_total(w: Work, view: View, ask: Ask) -> CaseRow:
    """The totals of the whole list."""
    standing = ask.get("standing") or "open"
    query = _cases(w, view, _case_sums(standing), _case_conditions(view, ask))
    return _case_row("", "", w.db.execute(query).one())
