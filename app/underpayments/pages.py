"""The screen Underpayments: the list by cause, one with its calculation and its like, patterns."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.contacts import queries as contacts
from app.contacts.rules import OUTCOMES
from app.entities import queries as entities
from app.kernel.clock import now
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.export import Column, Kind
from app.kernel.work import reading, work
from app.ledger.queries import read_day
from app.underpayments import queries, queries_choices, queries_patterns, service_bulk, service_work
from app.underpayments.lifecycle import Move, State
from app.underpayments.rules import CAUSES
from app.web.door import actor, ask_from, can, download
from app.web.panels import panels

pages = Blueprint("underpayments", __name__, template_folder="templates")
LABELS = {
    Move.VALIDATE: "Confirm",
    Move.INVALIDATE: "Our contract is wrong",
    Move.TOLERATE: "Too small",
    Move.UNGROUP: "Take out of its project",
    Move.SEND: "Dispute sent",
    Move.ACKNOWLEDGE: "Payer acknowledged",
    Move.AGREE: "Payer agreed",
    Move.REFUSE: "Payer refused",
    Move.REPROCESS: "Being reprocessed",
    Move.ESCALATE: "Escalate",
    Move.CLOSE: "Close",
    Move.REOPEN: "Take up again",
}
"""What the buttons say; which of them are there decides the table of the lifecycle."""
KEYS = {Move.VALIDATE: "v", Move.INVALIDATE: "i", Move.SEND: "l", Move.CLOSE: "z"}
STATES = [
    ("open", "Open"),
    ("all", "Open and closed"),
    *((one.value, one.value.replace("_", " ").capitalize()) for one in State),
]
PATTERN_COLUMNS = [
    Column("payer", "Payer"),
    Column("code", "Code", Kind.CODE),
    Column("modifiers", "Modifiers", Kind.CODE),
    Column("setting", "Setting"),
    Column("cause_words", "Likely cause"),
    Column("lines", "Lines", Kind.COUNT, hint="In the 90 days measured"),
    Column("underpaid", "Underpaid", Kind.COUNT),
    Column("ratio", "Ratio", Kind.CODE, hint="Allowed over expected, mean of the underpaid lines"),
    Column("total", "Short", Kind.MONEY),
    Column("systematic", "Systematic", Kind.FLAG, hint="5 lines or more, 80% of them short, all alike"),
    Column("measured_on", "Measured", Kind.DAY),
]


@pages.get("/underpayments")
def worklist() -> AnyResponse | str:
    """Underpayments, dearest first, grouped by cause above the list."""
    ask = ask_from(queries.SORTS, default="-amount", filters=queries.FILTERS)
    ask = replace(ask, filters={"state": "open", **ask.filters})
    with reading(actor()) as w:
        if ask.format:
            rows = queries.cases(w, ask.all()).rows
            return download(w, queries.COLUMNS, rows, "underpayments", ask.format)
        return render_template(
            "underpayments/worklist.html",
            ask=ask,
            columns=queries.GRID,
            found=queries.cases(w, ask),
            totals=queries.totals(w, ask),
            payers=queries_choices.payers(w),
            projects=queries_choices.projects(w),
            causes=[(name, words) for name, words in CAUSES.items() if name],
            kinds=queries.KINDS,
            states=STATES,
            today=now().date(),
            last=service_bulk.last(w) if can("underpayments.work") else None,
            sum=sum,
        )


@pages.get("/underpayments/patterns")
def patterns() -> AnyResponse | str:
    """Systematic or one-off: what lines paid short have in common."""
    with reading(actor()) as w:
        rows = queries_patterns.patterns(w)
        if file_format := request.args.get("format"):
            return download(w, PATTERN_COLUMNS, rows, "underpayment-patterns", file_format)
        return render_template("underpayments/patterns.html", rows=rows, columns=PATTERN_COLUMNS)


def list_again() -> str:
    """The list as it was: its own query string and nothing else of what came."""
    query = request.form.get("back", "")[:1_000]
    plain = query.isascii() and query.isprintable() and query
    return url_for("underpayments.worklist") + ("?" + query if plain else "")


def version_of(text: str) -> int:
    """The version a form was made from; `Refused` when it is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refused("This form is not complete. Load the page again.", code="version", field="version")
    return int(text)


@pages.get("/underpayments/<public_id>")
def case(public_id: str) -> AnyResponse | str:
    """One with its calculation, its like and its history; as a file the lines to show the payer."""
    if file_format := request.args.get("format"):
        with reading(actor()) as w:
            rows = queries.like(w, public_id, limit=0)
            return download(w, queries.COLUMNS, rows, f"evidence-{public_id}", file_format)
    return show(public_id)


def show(public_id: str, problem: Refused | None = None) -> str:
    """The page of one underpayment, with what was wrong about the last form."""
    with reading(actor()) as w:
        view = queries.one(w, public_id)
        zone = entities.get(w, view.row.entity_id).time_zone
        return render_template(
            "underpayments/case.html",
            view=view,
            case=view.row,
            like=[one for one in queries.like(w, public_id) if one.public_id != public_id],
            moves=[(one.value, LABELS[one], KEYS.get(one, "")) for one in view.moves],
            panels=panels(w, "underpayment", view.id),
            calls=contacts.about(w, "underpayment", view.id),
            outcomes=list(OUTCOMES.items()),
            today=w.today(zone),
            zone=zone,
            problem=problem,
            working=can("underpayments.work", view.row.entity_id),
        )


@pages.post("/underpayments/<public_id>/assign")
def assign(public_id: str) -> AnyResponse | tuple[str, int]:
    """Give it to me, or to nobody."""
    mine = request.form.get("owner") == "me"
    try:
        with work(actor()) as w:
            owner_id = w.actor.person_id if mine else None
            version = version_of(request.form.get("version", ""))
            service_work.assign(w, public_id, owner_id=owner_id, version=version)
    except Stale as problem:
        return show(public_id, problem), problem.status
    flash("It is yours." if mine else "It belongs to nobody now.", "good")
    return redirect(url_for("underpayments.case", public_id=public_id), 303)


@pages.post("/underpayments/<public_id>/move")
def move(public_id: str) -> AnyResponse | tuple[str, int]:
    """Take one step of the lifecycle, or put it into a project."""
    form = request.form
    try:
        version = version_of(form.get("version", ""))
        with work(actor()) as w:
            if form.get("move") == Move.GROUP.value:
                service_work.group(w, [(public_id, version)], name=form.get("name", ""))
            else:
                step, until = _move(form.get("move", "")), read_day(form.get("until", ""), "until")
                reason = form.get("reason", "").strip()[:200]
                service_work.advance(w, public_id, step, version=version, reason=reason, until=until)
    except NotFound:
        raise
    except Refused as problem:
        return show(public_id, problem), problem.status
    flash("Noted.", "good")
    return redirect(url_for("underpayments.case", public_id=public_id), 303)


def _move(text: str) -> Move:
    if text not in {one.value for one in LABELS}:
        raise Refused("There is no such step.", code="unknown_move", field="move")
    return Move(text)
