"""The lists behind figures: for each its columns, its order, its rows and its totals."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from app.kernel.export import Column, Kind
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
from app.reports.queries import View

PLAIN = Column("control", "Claim", Kind.CODE)
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


def _priced_total(w: Work, view: View, ask: Ask) -> tuple[int, dict[str, Any]]:
    found = queries_variances.line_total(w, view, ask)
    return found.lines, {"expected": found.expected, "actual": found.actual,
                         "variance": found.under + found.over}  # fmt: skip


def _sent_total(w: Work, view: View, ask: Ask) -> tuple[int, dict[str, Any]]:
    found = queries_rejections.claims_total(w, view, ask)
    return found.claims, {"charge": found.charges}


BEHIND: Mapping[str, Behind] = {
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
        [*CLAIM, Column("remitted", "First remit", Kind.DAY, "remitted"),
         Column("charge", "Charge", Kind.MONEY, "charge"),
         Column("denied", "Denied lines", Kind.MONEY, "denied")],
        queries_denials.FIRST_SORTS, "-remitted", queries_denials.FIRST_FILTERS,
        queries_denials.first_claims, _first_total, "denials",
    ),
    "cases": Behind(
        "Denial cases",
        [PLAIN, CLAIM[2],
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
    "priced": Behind(
        "Priced lines",
        [PLAIN, CLAIM[2], Column("remit_on", "Remit", Kind.DAY, "remit"),
         Column("code", "Code", Kind.CODE), Column("expected", "Expected", Kind.MONEY, "expected"),
         Column("actual", "Allowed", Kind.MONEY), Column("variance", "Variance", Kind.MONEY, "variance"),
         Column("cause", "Cause")],
        queries_variances.SORTS, "-variance", queries_variances.ROW_FILTERS, queries_variances.lines,
        _priced_total, "payments",
    ),
    "sent": Behind(
        "Claims sent",
        [*CLAIM, Column("service", "Service", Kind.DAY, "service"),
         Column("charge", "Charge", Kind.MONEY, "charge"), Column("rejected", "Rejected", Kind.FLAG)],
        queries_rejections.SORTS, "-service", queries_rejections.ROW_FILTERS, queries_rejections.claims,
        _sent_total, "rejections",
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
