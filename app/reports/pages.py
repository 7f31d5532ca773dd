"""The screen Dashboards: what the books say in figures, each figure with the list behind it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.export import Column, Kind
from app.kernel.paging import Ask
from app.kernel.work import Work, reading
from app.reports import queries_ageing, queries_books, queries_denials, queries_lag, queries_whole
from app.reports.queries import BASES, View, view_of
from app.reports.queries_whole import WHOLE
from app.reports.rules import BUCKETS
from app.web.door import actor, ask_from, download

pages = Blueprint("reports", __name__, template_folder="templates")
CLAIM = [
    Column("control", "Claim", Kind.CODE, "control"),
    Column("patient", "Patient"),
    Column("payer", "Payer"),
]


class Behind(NamedTuple):
    """A list behind figures: its title, its columns, how it is read, and what its totals are.

    totals: gives {column key: value} of the whole list and how many rows it has.
    """

    title: str
    columns: list[Column]
    sorts: Any
    default: str
    filters: tuple[str, ...]
    rows: Callable[[Work, View, Ask], Any]
    totals: Callable[[Work, View, Ask], tuple[int, dict[str, Any]]]
    back: str


def _open_total(w: Work, view: View, ask: Ask) -> tuple[int, dict[str, Any]]:
    found = queries_ageing.row_total(w, view, ask)
    return found.count, {"cents": found.cents}


def _first_total(w: Work, view: View, ask: Ask) -> tuple[int, dict[str, Any]]:
    found = queries_denials.first_claims_total(w, view, ask)
    return found.claims, {"charge": found.charges, "denied": found.denied_charges}


def _case_total(w: Work, view: View, ask: Ask) -> tuple[int, dict[str, Any]]:
    found = queries_denials.case_total(w, view, ask)
    return found.count, {"denied": found.denied, "at_stake": found.at_stake, "recovered": found.recovered}


def _cohort_total(w: Work, view: View, ask: Ask) -> tuple[int, dict[str, Any]]:
    found = queries_books.cohort_total(w, view, ask)
    money = {"charges": found.charges, "contractual": found.contractual, "payments": found.payments}
    return found.claims, money


def _lag_total(w: Work, view: View, ask: Ask) -> tuple[int, dict[str, Any]]:
    return queries_lag.count(w, view, ask), {}


BEHIND = {
    "ageing": Behind(
        "Open claims",
        [*CLAIM, Column("service", "Counted from", Kind.DAY, "service"), Column("age", "Age", Kind.COUNT),
         Column("payer_open", "Payers owe", Kind.MONEY), Column("patient_open", "Patient owes", Kind.MONEY),
         Column("cents", "In this figure", Kind.MONEY, "amount")],
        queries_ageing.SORTS, "-amount", queries_ageing.ROW_FILTERS, queries_ageing.rows, _open_total,
        "ageing",
    ),
    "first_remits": Behind(
        "Claims remitted for the first time",
        [*CLAIM[:1], *CLAIM[1:], Column("remitted", "First remit", Kind.DAY, "remitted"),
         Column("charge", "Charge", Kind.MONEY, "charge"),
         Column("denied", "Denied lines", Kind.MONEY, "denied")],
        queries_denials.FIRST_SORTS, "-remitted", queries_denials.FIRST_FILTERS,
        queries_denials.first_claims, _first_total, "denials",
    ),
    "cases": Behind(
        "Denial cases",
        [Column("control", "Claim", Kind.CODE), Column("payer", "Payer"),
         Column("category", "Category", value=lambda row: row.category.replace("_", " ")),
         Column("carc", "CARC", Kind.CODE), Column("denied_on", "Denied on", Kind.DAY, "denied_on"),
         Column("denied", "Denied", Kind.MONEY, "denied"),
         Column("at_stake", "At stake", Kind.MONEY, "at_stake"),
         Column("recovered", "Recovered", Kind.MONEY), Column("state", "State", Kind.STATE),
         Column("outcome", "Outcome", value=lambda row: (row.outcome or "").replace("_", " "))],
        queries_denials.CASE_SORTS, "-at_stake", queries_denials.CASE_FILTERS, queries_denials.case_lines,
        _case_total, "denials",
    ),
    "cohort": Behind(
        "Claims of a service month",
        [*CLAIM, Column("service", "Service", Kind.DAY, "service"), Column("charges", "Charges", Kind.MONEY),
         Column("contractual", "Contractual", Kind.MONEY), Column("payments", "Payments", Kind.MONEY)],
        queries_books.COHORT_SORTS, "-service", queries_books.COHORT_FILTERS, queries_books.cohort_claims,
        _cohort_total, "collection",
    ),
    "lag": Behind(
        "Claims and the days they took",
        [*CLAIM, Column("service", "Service", Kind.DAY, wide=False),
         Column("billed_on", "Billed", Kind.DAY, wide=False),
         Column("remitted_on", "Remit", Kind.DAY, "remitted"), Column("posted_on", "Posted", Kind.DAY),
         *(Column(key, label, Kind.COUNT, hint="Days") for key, label in queries_lag.STAGES.items())],
        queries_lag.SORTS, "-remitted", queries_lag.ROW_FILTERS, queries_lag.claims, _lag_total, "lag",
    ),
}  # fmt: skip
"""The lists behind figures, by the name they have in addresses."""


@pages.get("/dashboards")
def dashboards() -> str:
    """Every report in a glance."""
    return _report("dashboards")


@pages.get("/dashboards/<any(ageing, denials, collection, lag):name>")
def report(name: str) -> AnyResponse | str:
    """One report whole; as a file, its main table."""
    return _report(name)


def _report(name: str) -> Any:
    with reading(actor()) as w:
        view = view_of(w, request.args)
        found = queries_whole.read(w, view, WHOLE[name])
        if file_format := request.args.get("format", ""):
            columns, rows = queries_whole.table(name, found)
            return download(w, columns, rows, name, file_format)
        return render_template(
            f"reports/{name}.html",
            name=name,
            view=view,
            found=found,
            buckets=BUCKETS,
            bases=list(BASES.items()),
            stages=queries_lag.STAGES,
            entities=queries_whole.entity_choices(w),
        )


@pages.get("/reports/<any(ageing, first_remits, cases, cohort, lag):name>/rows")
def rows(name: str) -> AnyResponse | str:
    """The list behind a figure; its total is the figure."""
    about = BEHIND[name]
    ask = ask_from(about.sorts, default=about.default, filters=about.filters)
    with reading(actor()) as w:
        view = view_of(w, request.args)
        if ask.format:
            return download(w, about.columns, about.rows(w, view, ask.all()).rows, name, ask.format)
        count, totals = about.totals(w, view, ask)
        return render_template(
            "reports/rows.html",
            name=name,
            about=about,
            view=view,
            ask=ask,
            found=about.rows(w, view, ask),
            count=count,
            totals=totals,
            chosen=queries_whole.said(w, view, ask),
        )
