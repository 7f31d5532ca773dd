"""The screen Dashboards: what the books say in figures, each figure with the list behind it."""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.work import reading
from app.reports import queries_whole
from app.reports.queries import BASES, view_of
from app.reports.queries_behind import BEHIND
from app.reports.queries_lag import STAGES
from app.reports.queries_whole import WHOLE
from app.reports.rules import BUCKETS
from app.web.door import actor, ask_from, download

pages = Blueprint("reports", __name__, template_folder="templates")


@pages.get("/dashboards")
def dashboards() -> str:
    """Every report in a glance."""
    return _report("dashboards")


@pages.get("/dashboards/<any(ageing, denials, collection, payments, lag, rejections):name>")
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
            stages=STAGES,
            entities=queries_whole.entity_choices(w),
        )


@pages.get("/reports/<any(ageing, first_remits, cases, cohort, priced, lag, sent):name>/rows")
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
