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
from app.rebill import queries, queries_filters, queries_set, queries_waiting
from app.rebill.lifecycle import State
from app.web.door import actor, ask_from, download

pages = Blueprint("rebill", __name__, template_folder="templates")
QUEUE = "rebill.queue"
TABS = [
    (queries_filters.WORK, "To work on"),
    (State.READY.value, "Ready"),
    (queries_filters.ON_THE_WAY, "Under way"),
    (queries_filters.FLAGS, "Flags"),
    (queries_waiting.WAITING, "Waiting for a crossover"),
    (queries_filters.ANY, "All"),
]
"""The lists of the screen, by the state they ask for; one waits without being a submission yet."""
SAID = {
    queries_filters.WORK: "Claims to correct and send again, the nearest last day first.",
    State.READY.value: "Finished: they wait for the next batch, or for a hold to end.",
    queries_filters.ON_THE_WAY: "Batched or sent, and not answered by a remit yet.",
    queries_filters.FLAGS: "Sent, and something happened since that only a person can settle.",
    queries_filters.ANY: "Every submission, open and closed.",
}
"""What a tab holds."""
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
        tab=_tab(ask),
        said=SAID[_tab(ask)],
        tabs=tabs(w, _tab(ask)),
        problems=PROBLEMS,
        query=request.query_string.decode("ascii", "ignore"),
        today=now().date(),
        sum=sum,
        **choices(w),
    )


def _tab(ask: Ask) -> str:
    """The tab a list belongs to: its own, or the one that holds the state it asks for."""
    state = ask.get("state")
    if state in SAID:
        return state
    narrow = (queries_filters.WORK, queries_filters.ON_THE_WAY)
    return next((tab for tab in narrow if state in queries_filters.GROUPS[tab]), queries_filters.ANY)


def tabs(w: Work, here: str) -> list[tuple[str, str, bool]]:
    """The lists of the screen with how much each holds: label, address, whether one stands there."""
    counts = queries_waiting.counts(w)
    found = []
    for name, label in TABS:
        if name == queries_waiting.WAITING:
            address = url_for("rebill.waiting")
        else:
            address = url_for("rebill.worklist", state=None if name == queries_filters.WORK else name)
        found.append((f"{label} {counts[name]:,}", address, name == here))
    return found


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
