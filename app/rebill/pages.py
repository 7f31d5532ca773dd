"""The screen Rebill: claims on their way out, the nearest limit first."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, render_template, request, session, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from app.claims import queries as claims
from app.denials.queries_people import workers
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.paging import Ask, ask_of
from app.kernel.work import Work, reading
from app.rebill import queries, queries_filters, queries_set
from app.rebill.lifecycle import State
from app.web.door import actor, ask_from, download

pages = Blueprint("rebill", __name__, template_folder="templates")
QUEUE = "rebill.queue"
STATES = [
    (queries_filters.WORK, "To work on"),
    ("open", "Open"),
    (queries_filters.ON_THE_WAY, "On its way"),
    (queries_filters.ANY, "Open and closed"),
    *((one.value, one.value.capitalize()) for one in State),
]
PROBLEMS = [("errors", "With errors"), ("none", "Without errors")]


def asked() -> Ask:
    """The list as its address asks for it; what a person has to work on unless it says otherwise."""
    return _open_only(ask_from(queries.SORTS, default="file_by", filters=queries_filters.FILTERS))


def asked_back(values: Any) -> Ask:
    """The same from a query string kept in a form."""
    ask = ask_of(values, queries.SORTS, default="file_by", filters=queries_filters.FILTERS)
    return replace(_open_only(ask), cursor="", format="")


def _open_only(ask: Ask) -> Ask:
    return replace(ask, filters={"state": queries_filters.WORK, **ask.filters})


@pages.get("/rebill")
def worklist() -> AnyResponse | tuple[str, int] | str:
    """Claims to correct and to send, the nearest last day first."""
    plain = Ask("file_by", filters={"state": queries_filters.WORK})
    with reading(actor()) as w:
        problem: Refused | None = None
        try:
            ask = asked()
            if ask.format:
                rows = queries.rebills(w, ask.all()).rows
                return download(w, queries.COLUMNS, rows, "rebill", ask.format)
            found = queries.rebills(w, ask)
        except Refused as refusal:
            # A mistyped filter is answered beside the list, with what was typed still in its field.
            if refusal.field in ("sort", "cursor", "limit", "format", None):
                raise
            problem, ask = refusal, plain
            found = queries.rebills(w, plain)
        session[QUEUE] = request.query_string.decode("ascii", "ignore")[:1_500]
        page = _worklist(w, ask, found, problem)
    return (page, problem.status) if problem else page


def _worklist(w: Work, ask: Ask, found: Any, problem: Refused | None) -> str:
    return render_template(
        "rebill/worklist.html",
        ask=ask,
        problem=problem,
        columns=queries.GRID,
        found=found,
        totals=queries_set.totals(w, ask),
        states=STATES,
        problems=PROBLEMS,
        query=request.query_string.decode("ascii", "ignore"),
        today=now().date(),
        sum=sum,
        **choices(w),
    )


def choices(w: Work) -> dict[str, Any]:
    """What filters and forms offer."""
    return {
        "kinds": [(one.value, words) for one, words in queries.KINDS.items()],
        "causes": [(one.value, words) for one, words in queries.CAUSES.items()],
        "holds": [(one.value, words) for one, words in queries.HOLDS.items()],
        "payers": [(one.public_id, one.name) for one in claims.payer_choices(w)],
        "people": [(one.public_id, one.name) for one in workers(w, "rebill.work")],
    }


def back_to_list(query: str) -> str:
    """The list as it was: its own query string and nothing else of what came."""
    query = query[:1_500]
    plain = query.isascii() and query.isprintable() and query
    return url_for("rebill.worklist") + ("?" + query if plain else "")


def version_of(text: str) -> int:
    """The version a form was made from; `Refused` when it is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refused("This form is not complete. Load the page again.", code="version", field="version")
    return int(text)


def queue_of(query: str) -> Ask:
    """The filters of a queue; what cannot be read any more is no filter."""
    try:
        return asked_back(MultiDict(parse_qsl(query[:1_500])))
    except Refused:
        return Ask("file_by", filters={"state": queries_filters.WORK})
