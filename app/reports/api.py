"""Figures for programs: the reports of the dashboards, and the lists behind their figures."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel.errors import NotFound
from app.kernel.export import Column, plain
from app.kernel.paging import ask_of
from app.kernel.work import reading
from app.reports import queries_whole
from app.reports.queries import view_of
from app.reports.queries_behind import BEHIND
from app.reports.queries_whole import WHOLE
from app.reports.schemas import LISTS, REPORTS, ReportRequest, ReportView, RowsRequest, RowsView
from app.web.door import actor

api = Blueprint(
    "reports_api", __name__, url_prefix="/reports", description="Figures and the lists behind them"
)
NAMED = {"first": "from", "last": "to", "class_": "class"}


def _asked(given: Mapping[str, Any]) -> dict[str, str]:
    """What a request asks, written the way addresses write it."""
    return {
        NAMED.get(name, name): value.isoformat() if isinstance(value, date) else str(value)
        for name, value in given.items()
    }


def _cells(columns: Sequence[Column], rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [{column.key: plain(column.of(row), column.kind) for column in columns} for row in rows]


@api.route("/<string:name>")
class Report(MethodView):
    """One report."""

    @api.arguments(ReportRequest, location="query")
    @api.response(200, ReportView)
    def get(self, given: dict[str, Any], name: str) -> Any:
        """A report by name: ageing, denials, collection, payments, lag or rejections."""
        if name not in REPORTS:
            raise NotFound("There is no such report.")
        with reading(actor()) as w:
            view = view_of(w, _asked(given))
            found = queries_whole.read(w, view, WHOLE[name])
            columns, rows = queries_whole.table(name, found)
            return {"report": name, "as_of": view.on, "rows": _cells(columns, rows),
                    "measures": queries_whole.measures(found)}  # fmt: skip


@api.route("/<string:name>/rows")
class ReportRows(MethodView):
    """The list behind a figure."""

    @api.arguments(RowsRequest, location="query")
    @api.response(200, RowsView)
    def get(self, given: dict[str, Any], name: str) -> Any:
        """A list by name: ageing, first_remits, cases, cohort, priced, lag or sent."""
        if name not in LISTS:
            raise NotFound("There is no such list.")
        about, asked = BEHIND[name], _asked(given)
        ask = ask_of(asked, about.sorts, default=about.default, filters=about.filters)
        with reading(actor()) as w:
            view = view_of(w, asked)
            found = about.rows(w, view, ask)
            count, totals = about.totals(w, view, ask)
            rows = [
                {"id": row.public_id, **cells}
                for row, cells in zip(found.rows, _cells(about.columns, found.rows), strict=True)
            ]
            return {"rows": rows, "count": count, "totals": totals, "next": found.next}
