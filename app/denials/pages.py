"""The screen Denials: the worklist with its filters, totals, views and what runs out next."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.claims import queries as claims
from app.codes import service as codes
from app.codes.rules import CodeBook
from app.denials import queries, queries_grid, service_undo
from app.denials.lifecycle import Move, State
from app.denials.queries_filters import seal_search
from app.denials.queries_people import workers
from app.denials.rules import taxonomy
from app.denials.rules_acts import PREVENTABLE, ROOT_CAUSES
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.paging import Ask, ask_of
from app.kernel.work import Work, reading, work
from app.web.door import actor, ask_from, can, download
from app.worklist import queries_views, service_views

pages = Blueprint("denials", __name__, template_folder="templates")
LABELS = {
    Move.TRIAGE: "Triage",
    Move.ASK: "Ask for information",
    Move.ANSWER: "Answer came",
    Move.SNOOZE: "Snooze",
    Move.WAKE: "Take up again",
    Move.NOTE_PROMISE: "Payer promised",
    Move.PREPARE_REBILL: "Prepare a rebill",
    Move.REBILL: "Rebilled",
    Move.DRAFT_APPEAL: "Draft an appeal",
    Move.SUBMIT: "Hand in for review",
    Move.RETURN: "Give back",
    Move.SEND: "Appeal sent",
    Move.ACKNOWLEDGE: "Payer acknowledged",
    Move.WIN: "Won",
    Move.WIN_PART: "Won in part",
    Move.LOSE: "Lost",
    Move.GO_ON: "Go to the next level",
    Move.AWAIT_PAYMENT: "Await the payment",
    Move.CONCLUDE: "Close",
    Move.EXCUSE: "Good cause, go on",
}
"""What the buttons say; which of them are there decides the table of the lifecycle."""
STATES = [
    ("open", "Open"),
    ("all", "Open and closed"),
    *((one.value, one.value.replace("_", " ").capitalize()) for one in State),
]
PAGE = "denials"
TOTALS_MOST = 5_000
"""So many cases are added up with the page; beyond, the figures come by themselves a moment later."""


class Reader:
    """Plain labels of codes, as an entity reads them on a day; a book is opened once."""

    def __init__(self, w: Work, today: date):
        self._w, self._today = w, today
        self._books: dict[int, CodeBook] = {}

    def of(self, entity_id: int) -> CodeBook:
        """The book of an entity."""
        if entity_id not in self._books:
            self._books[entity_id] = codes.book(self._w, entity_id, self._today)
        return self._books[entity_id]

    def carc(self, entity_id: int, code: str) -> str:
        """A reason in words."""
        return self.of(entity_id).carc(code).label

    def rarc(self, entity_id: int, code: str | None) -> str:
        """A remark in words; empty without one."""
        return self.of(entity_id).rarc(code).label if code else ""


def today_here() -> date:
    """Today in UTC, for a list that shows several entities."""
    return now().date()


def asked() -> Ask:
    """The list as its address asks for it; open cases unless it says otherwise."""
    ask = ask_from(queries.SORTS, default="-rank", filters=queries.FILTERS)
    return replace(ask, filters={"state": "open", **ask.filters})


def asked_back(values: Mapping[str, str]) -> Ask:
    """The same from a query string kept in a form."""
    ask = ask_of(values, queries.SORTS, default="-rank", filters=queries.FILTERS)
    return replace(ask, filters={"state": "open", **ask.filters}, cursor="", format="")


@pages.get("/denials")
def worklist() -> AnyResponse | tuple[str, int] | str:
    """The denial worklist: most pressing first; opened plainly, it is the view this person chose."""
    with reading(actor()) as w:
        if not request.args and (chosen := queries_views.default_query(w, PAGE)):
            return redirect(url_for("denials.worklist") + "?" + chosen, 303)
        ask, problem = _asked_or_refused()
        if ask.format:
            rows = queries_grid.cases(w, ask.all(), today_here()).rows
            return download(w, queries_grid.EXPORT_COLUMNS, rows, "denials", ask.format)
        try:
            found = queries_grid.cases(w, ask, today_here())
        except Refused as refusal:
            # A mistyped filter is answered beside the list, with what was typed still in its field.
            problem = refusal
            found = queries_grid.cases(w, replace(ask, filters={"state": "open"}), today_here())
        page = _worklist(w, ask, found, problem)
    return (page, problem.status) if problem else page


def _asked_or_refused() -> tuple[Ask, Refused | None]:
    try:
        return asked(), None
    except Refused as refusal:
        if refusal.field == "sort":
            raise
        return Ask("rank", descending=True, filters={"state": "open"}), refusal


def _worklist(w: Work, ask: Ask, found: Any, problem: Refused | None) -> str:
    shown = ask if problem is None else replace(ask, filters={"state": "open"})
    totals = queries.totals(w, shown, today_here(), most=TOTALS_MOST)
    many = sum(one.count for one in totals) > TOTALS_MOST
    session["denials.queue"] = request.query_string.decode("ascii", "ignore")[:1_500]
    return render_template(
        "denials/worklist.html",
        ask=ask,
        problem=problem,
        columns=queries_grid.GRID,
        found=found,
        totals=[] if many else totals,
        many=many,
        categories=[(one, one.replace("_", " ")) for one in sorted(taxonomy())],
        states=STATES,
        views=queries_views.views(w, PAGE),
        expiring=queries.expiring(w, today_here(), days=7),
        causes=[(one, one.replace("_", " ")) for one in queries_grid.root_causes(w, shown)],
        last=service_undo.last_act(w) if can("denials.work") else None,
        **choices(w),
        read=Reader(w, today_here()),
        action=queries_grid.action_words,
        sum=sum,
        query=request.query_string.decode("ascii", "ignore"),
    )


def choices(w: Work) -> dict[str, Any]:
    """What the forms of acts offer."""
    return {
        "payers": [(one.public_id, one.name) for one in claims.payer_choices(w)],
        "people": [(one.public_id, one.name) for one in workers(w)],
        "root_causes": [(one, one.replace("_", " ")) for one in ROOT_CAUSES],
        "preventable": [(one, one) for one in PREVENTABLE],
        "moves": [(one.value, label) for one, label in LABELS.items()],
    }


@pages.get("/denials/totals")
def totals() -> str:
    """The figures of a list too long to add up with its page; the page asks for them when it is there."""
    ask = asked()
    with reading(actor()) as w:
        return render_template(
            "denials/totals.html", totals=queries.totals(w, ask, today_here()), ask=ask, sum=sum
        )


@pages.post("/denials/find")
def find() -> AnyResponse:
    """Search a control number or a patient's name; what was typed goes on sealed, addresses are logged."""
    token = seal_search(request.form.get("q", ""))
    return redirect(url_for("denials.worklist", find=token, state="all"), 303)


# ---------------------------------------------------------------- views


@pages.post("/denials/views")
def save_view() -> AnyResponse:
    """Keep the filters and the order of the list under a name."""
    form = request.form
    with work(actor()) as w:
        options = {"shared": form.get("shared") == "yes", "default": form.get("default") == "yes"}
        service_views.save(w, PAGE, form.get("name", ""), form.get("query", ""), **options)
    flash("The view is kept.", "good")
    return redirect(back_to_list(form.get("query", "")), 303)


@pages.post("/denials/views/<public_id>")
def change_view(public_id: str) -> AnyResponse:
    """Open my list with a view, with none, or throw a view of mine away."""
    with work(actor()) as w:
        if request.form.get("verb") == "forget":
            service_views.forget(w, public_id)
        elif request.form.get("verb") == "plain":
            service_views.choose(w, None, PAGE)
        else:
            service_views.choose(w, public_id)
    return redirect(url_for("denials.worklist", state="open"), 303)


def back_to_list(query: str) -> str:
    """The list as it was: its own query string and nothing else of what came."""
    query = query[:1_500]
    return url_for("denials.worklist") + (
        "?" + query if query.isascii() and query.isprintable() and query else ""
    )


def version_of(text: str) -> int:
    """The version a form was made from."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refused("This form is not complete. Load the page again.", code="version", field="version")
    return int(text)
