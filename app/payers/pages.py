"""The screen Payers: who pays, under which names, on which terms; and the changes a lead makes to them."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.flows import change_terms, payer_work
from app.flows.change_terms import Change, Effect, NewClass
from app.kernel.errors import NotFound, Refused
from app.kernel.export import Column, Kind
from app.kernel.paging import Ask
from app.kernel.work import reading, work
from app.payers import queries, queries_alike, service, service_alias
from app.payers.rules import PayerClass
from app.payers.rules_terms import read_day
from app.web.door import actor, ask_from, can, download

pages = Blueprint("payers", __name__, template_folder="templates")
CLASS_WORDS = {one.value: one.value.replace("_", " ").capitalize() for one in PayerClass} | {
    "bcbs": "Blue Cross Blue Shield",
    "tricare": "TRICARE",
    "medicare_advantage": "Medicare Advantage",
    "workers_comp": "Workers' compensation",
}
CLASSES = list(CLASS_WORDS.items())
SCOPES = [("payer", "This payer"), ("class", "Every payer of its class"), ("every", "Every payer")]
TERM_WORDS = {
    "allowed_ratio": "Usual share of the charge allowed",
    "margin_mailed_days": "Business days in hand, mailed",
    "margin_portal_days": "Business days in hand, portal",
    "corrected_claim_restarts": "A corrected claim restarts the appeal clock",
    "late_charges": "Takes late charges by themselves (frequency 5)",
    "pr_denial_review": "Review PR denials before billing the patient",
}


WORK_COLUMNS = (
    Column("claims", "Claims", Kind.COUNT, hint="Claims this payer pays first"),
    Column("denials", "Open denials", Kind.COUNT),
    Column("at_stake", "At stake", Kind.MONEY, hint="In its open denials"),
)


def term_words(name: str) -> str:
    """A term in words."""
    return TERM_WORDS.get(name, name.replace("_", " ").capitalize())


@pages.get("/payers")
def payers() -> AnyResponse | str:
    """Every payer met, by name; several records that are one payer once."""
    ask = ask_from(queries.SORTS, default="name", filters=queries.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            return download(w, queries.COLUMNS, queries.payers(w, ask.all()).rows, "payers", ask.format)
        found = queries.payers(w, ask)
        return render_template(
            "payers/payers.html",
            ask=ask,
            columns=(*queries.COLUMNS[:3], *WORK_COLUMNS, *queries.COLUMNS[3:]),
            found=found,
            counted=payer_work.work_of(w, [row.id for row in found.rows]),
            classes=CLASSES,
            class_words=CLASS_WORDS,
            entities=[(one.public_id, one.name) for one in entities.practices(w)],
        )


@pages.get("/payers/<public_id>")
def payer(public_id: str) -> str:
    """One payer: names and numbers, terms in force with their source, our rows, the records that are it."""
    return _payer(public_id, {})


def _payer(
    public_id: str, form: Mapping[str, str], *, effect: Effect | None = None, problem: Refused | None = None
) -> str:
    with reading(actor()) as w:
        page = queries.payer(w, public_id)
        row = page.row
        today = w.today(page.time_zone)
        terms = service.terms(w, row.id, today, entity_id=row.entity_id)
        own = queries.own_terms(w, row.entity_id, queries.family(w, row.id), row.class_, today)
        shown, levels = queries.terms_shown(terms, row.class_, today, own)
        if effect is not None:
            seen = [one.patient_id for one in effect.samples if one.patient_id]
            w.audit("payers.effect", "R", "denial", patients=seen, detail={"rows": len(effect.samples)})
        like = _like(form.get("like", "") or request.args.get("like", ""))
        return render_template(
            "payers/payer.html",
            page=page,
            row=row,
            terms=shown,
            levels=levels,
            own=own,
            today=today,
            form=form,
            effect=effect,
            problem=problem,
            term_words=term_words,
            class_words=CLASS_WORDS,
            kind_words=queries.KIND_WORDS,
            term_choices=[
                *((f"level:{one.clock.level}", f"Appeal level {one.clock.level}: days") for one in levels),
                *((one.name, term_words(one.name)) for one in shown),
            ],
            scopes=SCOPES,
            writes=can("payers.write", row.entity_id),
            others=[one for one in queries.payers(w, like).rows if one.id != row.id] if like else [],
            like=like.get("q") if like else "",
            alike=queries_alike.alike(w, row.id, row.entity_id),
            counted=payer_work.work_of(w, [row.id])[row.id],
            classes=[one for one in CLASSES if one[0] != PayerClass.UNKNOWN.value],
        )


def _like(text: str) -> Ask | None:
    return Ask(sort="name", limit=10, filters={"q": text[:80]}) if text.strip() else None


@pages.post("/payers/<public_id>/terms")
def payer_terms(public_id: str) -> AnyResponse | tuple[str, int] | str:
    """Show what a changed term would move (`step` try), or write it and let open cases follow (save)."""
    form = request.form
    try:
        with reading(actor()) as w:
            today = w.today(queries.payer(w, public_id).time_zone)
        change = read_change(public_id, form, today)
        if form.get("step") != "save":
            return _payer(public_id, form, effect=change_terms.try_out(actor(), change))
        with work(actor()) as w:
            effect = change_terms.save(w, change)
    except NotFound:
        raise
    except Refused as problem:
        return _payer(public_id, form, problem=problem), problem.status
    flash(f"The terms are written; {effect.cases} open cases have a new date.", "good")
    return redirect(url_for("payers.payer", public_id=public_id), 303)


@pages.post("/payers/<public_id>/class")
def payer_class(public_id: str) -> AnyResponse | tuple[str, int] | str:
    """Show what another class would move (`step` try), or set it and let open cases follow (save)."""
    form = request.form
    change = NewClass(
        public_id, form.get("class", ""), form.get("why", "").strip()[:200], form.get("version", type=int)
    )
    try:
        if form.get("step") != "save":
            return _payer(public_id, form, effect=change_terms.try_class(actor(), change))
        with work(actor()) as w:
            effect = change_terms.save_class(w, change)
    except NotFound:
        raise
    except Refused as problem:
        return _payer(public_id, form, problem=problem), problem.status
    flash(f"The class is changed; {effect.cases} open cases have a new date.", "good")
    return redirect(url_for("payers.payer", public_id=public_id), 303)


def read_change(public_id: str, form: Mapping[str, str], today: date) -> Change:
    """A change as typed; `Refused` names the field that cannot be read."""
    scope, since, until = (form.get(name, "").strip() for name in ("scope", "effective_from", "effective_to"))
    if scope not in dict(SCOPES):
        raise Refused("Say whom it is about.", code="bad_scope", field="scope")
    if not since:
        raise Refused("Say from which day it holds.", code="no_first_day", field="effective_from")
    return Change(
        public_id=public_id,
        scope=scope,
        term=form.get("term", ""),
        value=form.get("value", "").strip(),
        since=read_day(since, "effective_from", today),
        until=read_day(until, "effective_to", today) if until else None,
        reason=form.get("reason", "").strip()[:200],
    )


@pages.post("/payers/<public_id>/merge")
def payer_merge(public_id: str) -> AnyResponse | tuple[str, int]:
    """Another record is this payer too."""
    try:
        with work(actor()) as w:
            service_alias.merge(w, public_id, request.form.get("other", ""))
    except NotFound:
        raise
    except Refused as problem:
        return _payer(public_id, request.form, problem=problem), problem.status
    flash("The two are one payer now.", "good")
    return redirect(url_for("payers.payer", public_id=public_id), 303)


@pages.post("/payers/<public_id>/separate")
def payer_separate(public_id: str) -> AnyResponse | tuple[str, int]:
    """This record is a payer of its own again."""
    with work(actor()) as w:
        service_alias.separate(w, public_id)
    flash("This record is a payer of its own again.", "good")
    return redirect(url_for("payers.payer", public_id=public_id), 303)
