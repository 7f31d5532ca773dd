"""The screens Denials and Claim: the worklist, one case, and a claim with all that ever happened to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.codes import service as codes
from app.codes.rules import CodeBook
from app.denials import queries, queries_claim, queries_grid, service
from app.denials.lifecycle import Move, State
from app.denials.queries import EventView
from app.denials.queries_claim import Happening
from app.denials.rules import APPEAL_ACTIONS, CLAIM_ACTIONS
from app.entities import queries as entities
from app.flows import name_sources
from app.kernel.clock import now
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.export import Column, Kind
from app.kernel.work import Work, reading, work
from app.ledger.queries import account_name, read_day
from app.web.door import actor, ask_from, can, download
from app.web.panels import panels

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
    Move.TO_PATIENT: "Move to the patient",
    Move.CONCLUDE: "Close",
    Move.EXCUSE: "Good cause, go on",
}
"""What the buttons say; which of them are there decides the table of the lifecycle."""
KEYS = {Move.TRIAGE: "t", Move.SNOOZE: "s", Move.DRAFT_APPEAL: "a", Move.PREPARE_REBILL: "b"}
RANKS = {1: "Primary", 2: "Secondary", 3: "Tertiary"}
ENTRY_COLUMNS = [
    Column("effective", "Effective", Kind.DAY, value=lambda one: one.entry.effective_date),
    Column("event", "Event", value=lambda one: one.entry.event.replace("_", " ")),
    Column("debit", "Debit", value=lambda one: account_name(one.entry.debit, one.entry.debit_rank)),
    Column("credit", "Credit", value=lambda one: account_name(one.entry.credit, one.entry.credit_rank)),
    Column("amount", "Amount", Kind.MONEY, value=lambda one: one.entry.amount),
    Column("payer_after", "Payers owe", Kind.MONEY, hint="After this entry"),
    Column("patient_after", "Patient owes", Kind.MONEY, hint="After this entry"),
    Column("segment", "Segment", Kind.COUNT, value=lambda one: one.entry.segment),
    Column("batch", "Batch", Kind.COUNT, value=lambda one: one.entry.chain_no),
    Column("recorded", "Recorded", Kind.INSTANT, value=lambda one: one.entry.recorded_at, wide=False),
]
STATES = [
    ("open", "Open"),
    ("all", "Open and closed"),
    *((one.value, one.value.replace("_", " ").capitalize()) for one in State),
]


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


def _today() -> date:
    return now().date()


@pages.get("/denials")
def worklist() -> AnyResponse | str:
    """The denial worklist: most pressing first."""
    ask = ask_from(queries.SORTS, default="-rank", filters=queries.FILTERS)
    ask = replace(ask, filters={"state": "open", **ask.filters})
    with reading(actor()) as w:
        if ask.format:
            rows = queries_grid.cases(w, ask.all(), _today()).rows
            return download(w, queries_grid.EXPORT_COLUMNS, rows, "denials", ask.format)
        totals = queries.totals(w, ask, _today())
        return render_template(
            "denials/worklist.html",
            ask=ask,
            columns=queries_grid.GRID,
            found=queries_grid.cases(w, ask, _today()),
            totals=totals,
            payers=[(one.public_id, one.name) for one in queries_grid.payer_choices(w)],
            categories=[(one, one.replace("_", " ")) for one in queries_grid.categories(w)],
            states=STATES,
            read=Reader(w, _today()),
            action=queries_grid.action_words,
            sum=sum,
        )


@pages.post("/denials/mine")
def take_many() -> AnyResponse:
    """Assign the selected cases to me; those somebody else changed meanwhile stay as they are."""
    taken, missed = 0, 0
    for chosen in request.form.getlist("case")[:200]:
        public_id, _, version = chosen.partition(".")
        try:
            with work(actor()) as w:
                service.assign(w, public_id, owner_id=w.actor.person_id, version=_version(version))
            taken += 1
        except Stale:
            missed += 1
    flash(f"{taken} cases are yours now.", "good" if taken else "info")
    if missed:
        flash(f"{missed} were changed by somebody else in the meantime; look at them again.", "warn")
    return redirect(_back(), 303)


def _back() -> str:
    """The list as it was: its own query string and nothing else of what came."""
    query = request.form.get("back", "")[:1_000]
    return url_for("denials.worklist") + (
        "?" + query if query.isascii() and query.isprintable() and query else ""
    )


def _version(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refused("This form is not complete. Load the page again.", code="version", field="version")
    return int(text)


@pages.get("/denials/<public_id>")
def case(public_id: str) -> str:
    """One case with its proof, its playbook and its history."""
    return _case(public_id)


def _case(public_id: str, problem: Refused | None = None) -> str:
    with reading(actor()) as w:
        view = queries.case(w, public_id)
        zone = entities.get(w, view.entity_id).time_zone
        today = w.today(zone)
        return render_template(
            "denials/case.html",
            view=view,
            case=view.row,
            row=queries_grid.on_claim(w, [view.row], today)[0],
            places=queries_grid.places(w, public_id),
            clock=queries_grid.deadline_words(view.deadline),
            events=[_event(one) for one in reversed(view.events)],
            moves=[(one.value, LABELS[one], KEYS.get(one, "")) for one in view.moves],
            suggested=_suggested(view.row.next_action, view.moves),
            read=Reader(w, today),
            today=today,
            problem=problem,
            action=queries_grid.action_words(view.row.next_action),
            zone=zone,
            working=can("denials.work", view.entity_id),
            mine=view.row.owner is not None and queries_grid.owned_by(w, public_id, w.actor.person_id),
        )


def _suggested(action: str, moves: Sequence[Move]) -> str:
    """The step the playbook leads to, if the state allows it."""
    if Move.TRIAGE in moves:
        return Move.TRIAGE.value
    step = Move.PREPARE_REBILL if action in CLAIM_ACTIONS else Move.DRAFT_APPEAL
    return step.value if step in moves and action in CLAIM_ACTIONS | APPEAL_ACTIONS else ""


def _event(one: EventView) -> Happening:
    title = one.move.replace("_", " ").capitalize()
    if one.before != one.after:
        title += f": {one.before.replace('_', ' ')} → {one.after.replace('_', ' ')}"
    tone = {"open": "bad", "deny_again": "bad", "pay": "good", "win": "good"}.get(one.move, "mute")
    return Happening(one.at, title, one.reason, one.actor, tone=tone)


@pages.post("/denials/<public_id>/assign")
def assign(public_id: str) -> AnyResponse | tuple[str, int]:
    """Give the case to me, or to nobody."""
    mine = request.form.get("owner") == "me"
    try:
        with work(actor()) as w:
            owner_id = w.actor.person_id if mine else None
            service.assign(w, public_id, owner_id=owner_id, version=_version(request.form.get("version", "")))
    except Stale as problem:
        return _case(public_id, problem), problem.status
    flash("The case is yours." if mine else "The case belongs to nobody now.", "good")
    return redirect(url_for("denials.case", public_id=public_id), 303)


@pages.post("/denials/<public_id>/move")
def move(public_id: str) -> AnyResponse | tuple[str, int]:
    """Take one step of the lifecycle."""
    form = request.form
    try:
        step = _move(form.get("move", ""))
        until = read_day(form.get("until", ""), "until")
        with work(actor()) as w:
            reason = form.get("reason", "").strip()[:200]
            version = _version(form.get("version", ""))
            service.advance(w, public_id, step, version=version, reason=reason, until=until)
    except NotFound:
        raise
    except Refused as problem:
        return _case(public_id, problem), problem.status
    flash(f"{LABELS[step]}: noted.", "good")
    return redirect(url_for("denials.case", public_id=public_id), 303)


def _move(text: str) -> Move:
    if text not in {one.value for one in LABELS}:
        raise Refused("There is no such step.", code="unknown_move", field="move")
    return Move(text)


# ---------------------------------------------------------------- a claim as a whole


@pages.get("/claims/<public_id>")
def claim(public_id: str) -> AnyResponse | str:
    """A claim: as billed, as answered, what was refused, its ledger, its history; a file of its entries."""
    with reading(actor()) as w:
        found = queries_claim.claim(w, public_id)
        today = w.today(found.head.time_zone)
        names = name_sources.of_entries(w, [one.entry for one in found.entries])
        if file_format := request.args.get("format"):
            return download(w, ENTRY_COLUMNS, found.entries, f"claim-{found.head.control}", file_format)
        return render_template(
            "denials/claim.html",
            page=found,
            head=found.head,
            figures=found.figures,
            cases=queries_grid.on_claim(w, found.denials, today),
            names=names,
            panels=panels(w, "claim", found.head.id),
            payer_facts=[(RANKS.get(one.rank, f"Payer {one.rank}"), one.payer) for one in found.payers],
            account=account_name,
            columns=ENTRY_COLUMNS,
            read=Reader(w, today),
            clinical=can("clinical.read", found.head.entity_id),
            zone=found.head.time_zone,
        )
