"""Rules of law and of the house, and the log of what the guards refused."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.codes.pages import practice_of, reading_for
from app.contacts import queries_law, queries_story, rules_guards, service_law
from app.contacts.lifecycle import Act
from app.contacts.rules_law import STATES, known
from app.entities import queries as entities
from app.kernel.errors import NotFound, Refused
from app.kernel.export import Column
from app.kernel.paging import Ask
from app.kernel.typed import read_day
from app.kernel.work import reading, work
from app.web.door import actor, ask_from, can, download

pages = Blueprint("contacts", __name__, template_folder="templates")
FILTERS = ("q", "state", "origin", "stands", "entity")
SHOWN = ("label", "state", "value", "shipped", "origin", "stands", "effective_from", "effective_to")
SCREEN: list[Column] = [one for name in SHOWN for one in queries_law.COLUMNS if one.key == name]
STANDS = ("in_force", "ahead", "ended", "replaced", "overruled")
ACTS = {"sms": "Text", "email": "E-mail", "place": "Placement", "report": "Credit report"}
DOORS = ("page", "api", "job", "cli")


@pages.get("/rules/collection")
def law() -> AnyResponse | str:
    """Every limit, ours beside what was shipped, and the form that changes one."""
    return _law(None)


def _law(problem: Refused | None) -> AnyResponse | str:
    given = request.args
    wanted = {name: given[name].strip() for name in FILTERS if given.get(name, "").strip()}
    with reading(actor()) as w:
        practice = reading_for(w, request.values.get("entity", ""))
        today = w.today(practice.time_zone)
        rows = queries_law.rows(w, practice.id, today, wanted)
        if given.get("format"):
            return download(w, queries_law.COLUMNS, rows, "collection-rules", given["format"])
        code = request.values.get("code", "")
        return render_template(
            "contacts/law.html",
            rows=rows,
            columns=SCREEN,
            ask=Ask(sort="", filters=wanted),
            written=[one for one in queries_law.written(w, practice.id, today) if one.code == code],
            rule=known().get(code),
            holds=[one for one in rows if one.code == code],
            states=[(one, one) for one in sorted(STATES)],
            stands=[(one, one.replace("_", " ")) for one in STANDS],
            practice=practice,
            practices=[(one.public_id, one.name) for one in entities.practices(w)],
            writes=practice.id > 0 and can("law.write", practice.id),
            form=request.form or {},
            problem=problem,
            today=today,
        )


@pages.post("/rules/collection")
def change_law() -> AnyResponse | tuple[AnyResponse | str, int]:
    """Let a rule be another from a day on."""
    form: Any = request.form
    try:
        with work(actor()) as w:
            practice = practice_of(w, form.get("entity", ""))
            today = w.today(practice.time_zone)
            since = read_day(form.get("since", "").strip() or "t", "since", today)
            until = read_day(form["until"], "until", today) if form.get("until", "").strip() else None
            names = ("code", "state", "value", "source", "reason")
            said = {name: str(form.get(name, "")) for name in names}
            service_law.change(w, practice.id, days=(since, until), **said)
    except NotFound:
        raise
    except Refused as problem:
        return _law(problem), problem.status
    flash("The rule is written. The row before stays.", "good")
    return redirect(url_for("contacts.law", entity=practice.public_id, code=form.get("code")), 303)


@pages.post("/rules/collection/end")
def end_law() -> AnyResponse | tuple[AnyResponse | str, int]:
    """A rule of ours ends on a day; what was shipped holds again."""
    form: Any = request.form
    try:
        with work(actor()) as w:
            today = w.today(practice_of(w, form.get("entity", "")).time_zone)
            on = read_day(form.get("on", "").strip() or "t", "on", today)
            done = service_law.end(w, form.get("id", ""), on=on, reason=form.get("why", ""))
    except NotFound:
        raise
    except Refused as problem:
        return _law(problem), problem.status
    flash("The rule is withdrawn." if done == "withdrawn" else "The rule ends on that day.", "good")
    return redirect(url_for("contacts.law", entity=form.get("entity") or None, code=form.get("code")), 303)


@pages.get("/refusals")
def refusals() -> AnyResponse | str:
    """Everything a guard refused, newest first, with its rule."""
    ask = ask_from(queries_story.SORTS, default="-at", filters=("act", "rule", "door"))
    with reading(actor()) as w:
        w.audit("guards.refusals", "R", "refusal")
        if ask.format:
            rows = queries_story.refusals(w, ask.all()).rows
            return download(w, queries_story.COLUMNS, rows, "refusals", ask.format)
        return render_template(
            "contacts/refusals.html",
            found=queries_story.refusals(w, ask),
            columns=queries_story.COLUMNS,
            ask=ask,
            acts=[(one.value, ACTS.get(one.value, one.value.capitalize())) for one in Act],
            doors=[(one, {"api": "API", "cli": "Shell"}.get(one, one.capitalize())) for one in DOORS],
            said=rules_guards.said,
        )
