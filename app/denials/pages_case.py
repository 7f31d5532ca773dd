"""One denial case on its tabs: what to do next and why, its lines, what payers said, calls, papers, story."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from flask import current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.claims import queries_versions
from app.contacts import queries as contacts
from app.contacts import service as contacts_service
from app.contacts.queries import keep_rates
from app.contacts.rules import OUTCOMES
from app.denials import (
    queries,
    queries_case,
    queries_claim,
    queries_grid,
    service,
    service_acts,
    service_documents,
    service_next,
    service_patient,
    service_undo,
    service_writeoff,
)
from app.denials.lifecycle import DENIAL, Move, State
from app.denials.pages import LABELS, Reader, back_to_list, choices, pages, version_of
from app.denials.pages_acts import queue_of, wanted_from
from app.denials.queries import DenialView
from app.denials.queries_filters import read_day
from app.denials.rules import APPEAL_ACTIONS, CLAIM_ACTIONS
from app.denials.rules_acts import FOLLOW_UPS, RESULTS, Act
from app.denials.rules_patient import Basis
from app.denials.service_next import Call
from app.entities import queries as entities
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.work import Work, reading, work
from app.web.door import actor, can, file_answer
from app.web.panels import panels

MOVE_BASES = {
    Basis.PAYER.value: "the payer says so in group PR",
    Basis.WAIVER.value: "the patient signed a notice",
}
TABS = ("overview", "lines", "claim", "playbook", "calls", "documents", "timeline")


@pages.get("/denials/<public_id>")
def case(public_id: str) -> str:
    """One case; `?tab=` chooses which part of it."""
    return show(public_id)


def show(public_id: str, problem: Refused | None = None) -> str:
    """The page of a case, with a complaint beside the form it is about."""
    tab = request.args.get("tab", "overview")
    tab = tab if tab in TABS else "overview"
    with reading(actor()) as w:
        view = queries.case(w, public_id)
        zone = entities.get(w, view.entity_id).time_zone
        today = w.today(zone)
        said = contacts.about(w, "denial", view.id)
        working = can("denials.work", view.entity_id)
        return render_template(
            "denials/case.html",
            view=view,
            case=view.row,
            row=queries_grid.on_claim(w, [view.row], today)[0],
            places=queries_grid.places(w, public_id),
            clock=queries_grid.deadline_words(view.deadline),
            story=queries_case.story(view.events, said),
            calls=said,
            rounds=queries_case.rounds(w, view.id),
            writeoffs=queries_case.writeoffs(w, view.id),
            filing_open=service_writeoff.filing_open(view.row, today),
            steps=_steps(view.moves),
            can_write_off=Move.ASK_WRITEOFF in DENIAL.moves(service_acts.after_triage(State(view.row.state))),
            can_move=Move.TO_PATIENT in DENIAL.moves(service_acts.after_triage(State(view.row.state))),
            offer=service_patient.offer(w, view.id) if working else None,
            suggested=_suggested(view.row.next_action, view.moves),
            read=Reader(w, today),
            today=today,
            problem=problem,
            action=queries_grid.action_words(view.row.next_action),
            zone=zone,
            tab=tab,
            tabs=TABS,
            working=working,
            clinical=can("clinical.read", view.entity_id),
            mine=queries_grid.owned_by(w, public_id, w.actor.person_id),
            held=_held(w, view),
            last=service_undo.last_act(w) if working else None,
            queue=session.get("denials.queue", ""),
            panels=panels(w, "denial", view.id),
            **_forms(w) if working else {},
            **_of_tab(w, tab, view),
        )


def _held(w: Work, view: DenialView) -> bool:
    """Has somebody else this case on the screen right now?"""
    until = view.held_until
    return until is not None and until > w.now and view.held_by != w.actor.person_id


def _forms(w: Work) -> dict[str, Any]:
    return {
        **choices(w),
        "outcomes": list(OUTCOMES.items()),
        "results": [(key, words) for key, (words, _, _) in RESULTS.items()],
        "follow_ups": list(FOLLOW_UPS.items()),
        "move_bases": list(MOVE_BASES.items()),
        "writeoff_reasons": list(service_writeoff.REASONS.items()),
        "document_kinds": list(service_documents.KINDS.items()),
    }


def _of_tab(w: Work, tab: str, view: DenialView) -> dict[str, Any]:
    if tab == "lines":
        answers = queries_claim.answers(w, view.claim_id)
        latest = {one.remit_claim for one in queries_case.rounds(w, view.id)}
        return {"answers": [one for one in answers if one.public_id in latest]}
    if tab == "claim":
        return {"versions": queries_versions.versions(w, view.claim_id)}
    if tab == "playbook":
        filing, payer_class = queries_case.payer_terms_key(w, view.id)
        return {"decided": queries_case.decided_by(w, view, filing, payer_class), "payer_class": payer_class}
    if tab == "calls":
        return {"rates": keep_rates(w, view.payer_id) if view.payer_id else []}
    if tab == "documents":
        return {"documents": service_documents.of_case(w, view.id)}
    return {}


def _steps(moves: Sequence[Move]) -> list[tuple[str, str]]:
    """The steps that have no key of their own in the bar of acts."""
    return [(one.value, LABELS[one]) for one in moves if one is not Move.SNOOZE]


def _suggested(action: str, moves: Sequence[Move]) -> str:
    """The step the playbook leads to, if the state allows it."""
    if Move.TRIAGE in moves:
        return Move.TRIAGE.value
    step = Move.PREPARE_REBILL if action in CLAIM_ACTIONS else Move.DRAFT_APPEAL
    return step.value if step in moves and action in CLAIM_ACTIONS | APPEAL_ACTIONS else ""


def eob_href(remit_claim: str) -> str:
    """The page of one claim's EOB, while there is one."""
    if "remits.eob" not in current_app.view_functions:
        return ""
    return url_for("remits.eob", public_id=remit_claim)


pages.app_template_global("eob_href")(eob_href)

# ---------------------------------------------------------------- acts on one case


def _answer(public_id: str, problem: Refused) -> tuple[str, int]:
    if isinstance(problem, NotFound):
        raise problem
    return show(public_id, problem), problem.status


def _home(public_id: str, tab: str = "") -> AnyResponse:
    return redirect(url_for("denials.case", public_id=public_id, tab=tab or None), 303)


@pages.post("/denials/<public_id>/assign")
def assign(public_id: str) -> AnyResponse | tuple[str, int]:
    """Give the case to me, to a person, or to nobody."""
    try:
        version = version_of(request.form.get("version", ""))
        with work(actor()) as w:
            wanted = wanted_from(w, {**request.form.to_dict(), "act": Act.ASSIGN.value})
            service.assign(w, public_id, owner_id=wanted.owner_id, version=version)
            mine = wanted.owner_id is not None and wanted.owner_id == w.actor.person_id
    except Refused as problem:
        return _answer(public_id, problem)
    nobody = wanted.owner_id is None
    flash(
        "The case is yours." if mine else f"The case belongs to {'nobody' if nobody else 'them'} now.", "good"
    )
    return _home(public_id)


@pages.post("/denials/<public_id>/move")
def move(public_id: str) -> AnyResponse | tuple[str, int]:
    """Take one step of the lifecycle."""
    form = request.form
    try:
        step = _move(form.get("move", ""))
        version, until = version_of(form.get("version", "")), form.get("until", "").strip()
        with work(actor()) as w:
            day = read_day(until, "until", w.now.date()) if until else None
            service.advance(w, public_id, step, version=version, reason=form.get("reason", ""), until=day)
    except Refused as problem:
        return _answer(public_id, problem)
    flash(f"{LABELS[step]}: noted. u takes it back.", "good")
    return _home(public_id)


def _move(text: str) -> Move:
    if text not in {one.value for one in LABELS}:
        raise Refused("There is no such step.", code="unknown_move", field="move")
    return Move(text)


@pages.post("/denials/<public_id>/act")
def act_here(public_id: str) -> AnyResponse | tuple[str, int]:
    """Triage, put aside or note this case."""
    try:
        version = version_of(request.form.get("version", ""))
        with work(actor()) as w:
            wanted = wanted_from(w, request.form)
            service_acts.act_on_one(w, public_id, version, wanted)
    except Refused as problem:
        return _answer(public_id, problem)
    flash("Noted. u takes it back.", "good")
    return _home(public_id)


@pages.post("/denials/<public_id>/call")
def call(public_id: str) -> AnyResponse | tuple[str, int]:
    """Write down a call with the payer."""
    form = request.form
    try:
        with work(actor()) as w:
            service_next.call(w, public_id, _call(w, form))
    except Refused as problem:
        return _answer(public_id, problem)
    flash("The call is kept. u takes it back.", "good")
    return _home(public_id, "calls")


def _call(w: Work, form: Mapping[str, str]) -> Call:
    day, amount = form.get("promised_on", "").strip(), form.get("promised_amount", "").strip()
    return Call(
        outcome=form.get("outcome", ""),
        representative=form.get("representative", ""),
        reference=form.get("reference", ""),
        promised_on=_promised(day, w.now.date()),
        promised_amount=Money.parse(amount) if amount else None,
        note=form.get("note", ""),
        wait=form.get("wait") == "yes",
    )


def _promised(text: str, today: date) -> date | None:
    return read_day(text, "promised_on", today) if text else None


@pages.post("/denials/<public_id>/wrap")
def wrap(public_id: str) -> AnyResponse | tuple[str, int]:
    """Result, follow-up, next: a case is ended for now and the next one comes."""
    form = request.form
    queue = session.get("denials.queue", "")
    try:
        version = version_of(form.get("version", ""))
        with work(actor()) as w:
            done = service_next.wrap(
                w, public_id, version=version, result=form.get("result", ""),
                follow_up=form.get("follow_up", ""), said=form, queue=queue_of(queue),
            )  # fmt: skip
    except Refused as problem:
        return _answer(public_id, problem)
    flash("Wrapped up. u takes it back.", "good")
    if not done.next:
        flash("That was the last case of this queue.", "info")
        return redirect(back_to_list(queue), 303)
    return _home(done.next)


@pages.post("/denials/<public_id>/strike")
def strike(public_id: str) -> AnyResponse:
    """Take a note or a call of this case back; it stays, struck."""
    with work(actor()) as w:
        found = contacts.about(w, "denial", queries.case(w, public_id).id)
        keys = [one.key for one in found if one.public_id == request.form.get("contact", "")]
        if not keys:
            raise NotFound("There is no such entry.")
        contacts_service.strike(w, keys)
    flash("Taken back. It stays in the history.", "good")
    return _home(public_id, "calls")


# ---------------------------------------------------------------- papers


@pages.post("/denials/<public_id>/documents")
def add_document(public_id: str) -> AnyResponse | tuple[str, int]:
    """Attach a document."""
    try:
        given = request.files.get("file")
        if given is None or not given.filename:
            raise Refused("Choose a file first.", code="file_missing", field="file")
        with work(actor()) as w:
            content = cast(Any, given.stream)
            service_documents.attach(
                w, public_id, content, name=given.filename, kind=request.form.get("kind", "")
            )
    except Refused as problem:
        return _answer(public_id, problem)
    flash("The document is kept.", "good")
    return _home(public_id, "documents")


@pages.get("/denials/<public_id>/documents/<document_id>")
def document(public_id: str, document_id: str) -> AnyResponse:
    """A document, as a file to save."""
    with reading(actor()) as w:
        found, content = service_documents.open_document(w, public_id, document_id)
        with content:
            return file_answer(content.read(), found.name, found.media)


@pages.post("/denials/<public_id>/documents/<document_id>")
def remove_document(public_id: str, document_id: str) -> AnyResponse:
    """Take a document off the case."""
    with work(actor()) as w:
        service_documents.remove(w, public_id, document_id)
    flash("Taken off the case.", "good")
    return _home(public_id, "documents")
