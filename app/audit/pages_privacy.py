"""Privacy: what compliance must look at, who saw a patient, what was disclosed about one; and one event in
words.
"""

from dataclasses import replace
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.audit import queries, queries_looks, service_privacy
from app.audit.service_privacy import BASES
from app.flows import privacy
from app.kernel.clock import today
from app.kernel.errors import NotFound, Refused
from app.kernel.export import Column, Kind
from app.kernel.work import reading, work
from app.web.door import actor, ask_from, download

Answer = AnyResponse | tuple[str, int] | str
SIX_YEARS = timedelta(days=6 * 366)
ACTIONS = {"C": "created", "R": "read", "U": "changed", "D": "removed", "E": "done"}
OUTCOMES = {0: "done", 4: "failed", 8: "refused", 12: "broken"}
PURPOSES = {
    "HPAYMT": "payment", "HOPERAT": "operations", "ETREAT": "emergency", "PATRQT": "the patient asked",
}  # fmt: skip
KINDS = [
    ("emergency", "Emergency access"), ("own_record", "Own record"), ("same_home", "Same address"),
    ("colleague", "Colleague"), ("same_name", "Same last name"), ("after_refusal", "After a refusal"),
    ("no_work", "Looks without work"),
]  # fmt: skip
MATTERS = (
    Column("happened_at", "When", Kind.DAY, value=lambda row: row.happened_at.date()),
    Column("who", "Who"),
    Column("words", "What"),
    Column("patient", "Patient"),
    Column("looks", "Looks", Kind.COUNT, value=lambda row: row.looks or None),
    Column("due", "Judge by", Kind.DAY, sort="due"),
    Column("judged", "Judged", value=lambda row: row.judged or "waits"),
    Column("judged_by", "By", wide=False),
)
VIEWS = (
    Column("recorded", "When", Kind.INSTANT),
    Column("actor", "Who"),
    Column("roles", "As", wide=False),
    Column("type", "What", value=lambda row: row.type.replace("_", " ").replace(".", " ")),
    Column("action", "Kind", value=lambda row: ACTIONS.get(row.action, row.action)),
    Column("subject", "On"),
    Column("purpose", "Why", value=lambda row: PURPOSES.get(row.purpose, row.purpose)),
    Column("door", "Door", wide=False),
    Column("outcome", "Outcome", Kind.STATE, value=lambda row: OUTCOMES.get(row.outcome, str(row.outcome))),
)
DISCLOSED = (
    Column("disclosed_on", "Day", Kind.DAY),
    Column("recipient", "To whom"),
    Column("recipient_address", "Address", wide=False),
    Column("what", "What"),
    Column("basis", "On what ground", value=lambda row: BASES.get(row.basis, row.basis)),
    Column("recorded_by", "Recorded by", wide=False),
    Column("recorded_at", "Recorded", Kind.INSTANT, wide=False),
)


def add_to(pages: Blueprint) -> None:
    """Put these pages beside the trail."""
    pages.get("/events/<int:seq>", endpoint="event")(event)
    pages.get("/privacy", endpoint="privacy")(matters)
    pages.get("/privacy/<public_id>", endpoint="matter")(matter)
    pages.post("/privacy/<public_id>", endpoint="judge")(judge)
    pages.get("/patients/<public_id>", endpoint="patient")(patient)
    pages.get("/patients/<public_id>/disclosures", endpoint="disclosures")(disclosures)
    pages.post("/patients/<public_id>/disclosures", endpoint="disclose")(disclose)


def event(seq: int) -> str:
    """One event, everything it holds, in words."""
    with reading(actor()) as w:
        found = queries.event(w, seq)
    return render_template(
        "audit/event.html",
        event=found,
        row=found.row,
        action=ACTIONS.get(found.row.action, found.row.action),
        outcome=OUTCOMES.get(found.row.outcome, ""),
        purpose=PURPOSES.get(found.row.purpose, found.row.purpose),
    )


def matters() -> AnyResponse | str:
    """The queue of compliance: emergencies and odd looks, until they are signed off."""
    if item := request.args.get("item"):
        return redirect(url_for("audit.matter", public_id=item[:20]), 303)
    ask = ask_from(privacy.SORTS, default="-rank", filters=("kind", "state"))
    with reading(actor()) as w:
        if ask.format:
            return download(w, MATTERS, privacy.matters(w, ask.all()).rows, "privacy", ask.format)
        found = privacy.matters(w, ask)
    return render_template("audit/privacy.html", ask=ask, columns=MATTERS, found=found, kinds=KINDS)


def matter(public_id: str) -> str:
    """One of them: what happened, what was seen, and the judgement."""
    return _matter(public_id, None)


def _matter(public_id: str, problem: Refused | None) -> str:
    with reading(actor()) as w:
        one = privacy.matter(w, public_id)
        seen = privacy.what_they_saw(w, one)
    return render_template("audit/matter.html", one=one, seen=seen, columns=VIEWS, problem=problem)


def judge(public_id: str) -> Answer:
    """Sign it off: it had a reason, or it was misuse."""
    form = request.form
    try:
        with work(actor()) as w:
            if form.get("judged") not in ("justified", "misused"):
                raise Refused("Say whether it was justified.", code="judged", field="judged")
            fine = form.get("judged") == "justified"
            privacy.judge(w, public_id, fine=fine, remark=form.get("remark", ""))
    except NotFound:
        raise
    except Refused as problem:
        return _matter(public_id, problem), problem.status
    flash("Signed off.", "good")
    return redirect(url_for("audit.privacy"), 303)


def patient(public_id: str) -> AnyResponse | str:
    """Who saw or touched this patient's records, newest first (RSEC-14)."""
    ask = ask_from(queries.SORTS, default="-seq", filters=())
    with reading(actor()) as w:
        about = privacy.patient(w, public_id)
        if ask.format:
            rows = queries.views_of(w, about.id, ask.all()).rows
            return download(w, VIEWS, rows, "who-saw-this-patient", ask.format)
        found = queries.views_of(w, about.id, ask)
    columns = tuple(replace(one, sort="seq" if one.key == "recorded" else "") for one in VIEWS)
    return render_template("audit/patient.html", about=about, ask=ask, columns=columns, found=found)


def disclosures(public_id: str) -> AnyResponse | str:
    """The accounting of disclosures: six years, on demand (RSEC-13)."""
    with reading(actor()) as w:
        about = privacy.patient(w, public_id)
        rows = queries_looks.disclosures_of(w, about.id, w.now.date() - SIX_YEARS)
        if wanted := request.args.get("format"):
            return download(w, DISCLOSED, rows, "accounting-of-disclosures", wanted)
    return _disclosures(about, rows, None)


def _disclosures(
    about: privacy.Subject, rows: list[queries_looks.DisclosureRow], problem: Refused | None
) -> str:
    return render_template(
        "audit/disclosures.html",
        about=about,
        columns=DISCLOSED,
        rows=rows,
        bases=BASES.items(),
        form=request.form,
        problem=problem,
    )


def disclose(public_id: str) -> Answer:
    """Record a disclosure."""
    form = request.form
    try:
        with work(actor()) as w:
            about = privacy.patient(w, public_id)
            words = {name: form.get(name, "") for name in ("recipient", "address", "what", "basis")}
            service_privacy.record_disclosure(
                w,
                about.entity_id,
                about.id,
                on=_day(form.get("on", "")),
                today=today(about.time_zone),
                words=words,
            )
    except NotFound:
        raise
    except Refused as problem:
        with reading(actor()) as w:
            about = privacy.patient(w, public_id)
            rows = queries_looks.disclosures_of(w, about.id, w.now.date() - SIX_YEARS)
        return _disclosures(about, rows, problem), problem.status
    flash("Recorded.", "good")
    return redirect(url_for("audit.disclosures", public_id=public_id), 303)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("A day is written 2026-01-31.", code="day_unreadable", field="on") from None
