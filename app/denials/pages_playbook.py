"""The playbook and its editor: what each refusal means, dated, with what a change would have decided."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.codes import service as codes
from app.codes.pages import reading_for
from app.codes.rules import NEXT_ACTIONS
from app.denials import queries_playbook as queries
from app.denials import service_playbook as service
from app.denials.pages import pages
from app.denials.queries_filters import read_day
from app.denials.queries_playbook import PlayRow, WhatIf
from app.denials.rules import ANSWERS, CONDITIONS, playbook, taxonomy
from app.entities import queries as entities
from app.entities.rules import Practice
from app.kernel.errors import NotFound, Refused
from app.kernel.export import Column, Kind
from app.kernel.paging import Ask
from app.kernel.work import Work, reading, work
from app.payers.rules import PayerClass
from app.web.door import actor, can, download

FILTERS = ("payer", "group", "carc", "rarc", "category", "source", "entity")
GROUPS = ("CO", "PR", "OA", "PI", "CR")
HARDNESS = ("soft", "hard")
SCREEN = [one for one in queries.COLUMNS if one.key not in ("letter", "evidence", "author", "reason")]
TAXONOMY = (
    Column("category", "Category", value=lambda one: one.category.replace("_", " ")),
    Column("stage", "Stage"),
    Column("hardness", "Hard or soft"),
    Column("preventable", "Preventable"),
    Column("recovery", "Usual recovery", Kind.PERCENT, value=lambda one: int(one.recovery * 100)),
    Column("effort", "Effort"),
)


def practice_of(w: Work, public_id: str) -> Practice:
    """The entity asked for; the first in scope when none was named."""
    found = entities.practices(w)
    for one in found:
        if one.public_id == public_id or not public_id:
            return one
    raise NotFound("There is no such billing entity.")


def choices() -> dict[str, list[tuple[str, str]]]:
    """What may stand in each field of a row, as (value, words)."""

    def plain(names: Any) -> list[tuple[str, str]]:
        return [(name, name.replace("_", " ")) for name in names]

    letters = sorted({one.letter for one in playbook() if one.letter})
    return {
        "payer": plain(one.value for one in PayerClass),
        "group": [(one, one) for one in GROUPS],
        "category": plain(taxonomy()),
        "next_action": plain(sorted(NEXT_ACTIONS)),
        "letter": plain(letters),
        "hardness": plain(HARDNESS),
        "source": [("own", "Ours"), ("shipped", "Shipped")],
    }


@pages.get("/playbook", endpoint="playbook")
def playbook_rows() -> AnyResponse | str:
    """Every row in force or ahead, the most specific first."""
    wanted = {name: request.args[name].strip() for name in FILTERS if request.args.get(name, "").strip()}
    with reading(actor()) as w:
        practice = reading_for(w, wanted.get("entity", ""))
        today = w.today(practice.time_zone)
        rows = queries.rows(w, practice.id, today, wanted)
        if request.args.get("format"):
            return download(w, queries.COLUMNS, rows, "playbook", request.args["format"])
        return render_template(
            "denials/playbook.html",
            rows=rows,
            screen_columns=SCREEN,
            ask=Ask(sort="", filters=wanted),
            choices=choices(),
            practice=practice,
            practices=[(one.public_id, one.name) for one in entities.practices(w)],
            book=codes.book(w, practice.id, today),
            taxonomy=list(taxonomy().values()),
            taxonomy_columns=TAXONOMY,
            writes=practice.id > 0 and can("playbook.write", practice.id),
        )


@pages.get("/playbook/row")
def playbook_row() -> str:
    """One row: what it says, what we wrote over it and when, and the form to change it."""
    return _row(request.args)


def _row(given: Mapping[str, str], *, effect: WhatIf | None = None, problem: Refused | None = None) -> str:
    match = {name: given.get(name, "").strip()[:24] for name in CONDITIONS if given.get(name, "").strip()}
    with reading(actor()) as w:
        practice = reading_for(w, given.get("entity", ""))
        today = w.today(practice.time_zone)
        written = queries.same_match(queries.written(w, practice.id, today), match)
        shipped = queries.same_match([PlayRow(one, "shipped") for one in playbook()], match)
        now = next((one for one in (*written, *shipped) if one.state == "in_force"), None)
        form = dict(given)
        if request.method == "GET":
            form = match | ({name: getattr(now.play, name) for name in ANSWERS} if now else {})
        return render_template(
            "denials/play.html",
            match=match,
            form=form,
            now=now,
            written=written,
            shipped=shipped,
            choices=choices(),
            practice=practice,
            practices=[(one.public_id, one.name) for one in entities.practices(w)],
            writes=practice.id > 0 and can("playbook.write", practice.id),
            effect=effect,
            problem=problem,
            today=today,
            answers=ANSWERS,
            conditions=CONDITIONS,
        )


@pages.post("/playbook/row")
def playbook_row_change() -> AnyResponse | tuple[str, int] | str:
    """Show what the change would have decided (`step` try), or write it (`step` save)."""
    form = request.form
    try:
        match, answers = service.read_row(form)
        if form.get("step") != "save":
            with reading(actor()) as w:
                practice = practice_of(w, form.get("entity", ""))
                today = w.today(practice.time_zone)
                days_of(form, today)
                effect = queries.what_if(w, practice.id, codes.book(w, practice.id, today), match, answers)
            return _row(form, effect=effect)
        with work(actor()) as w:
            practice = practice_of(w, form.get("entity", ""))
            days = days_of(form, w.today(practice.time_zone))
            service.save(w, practice.id, match, answers, days=days, reason=form.get("reason", "").strip())
    except NotFound:
        raise
    except Refused as problem:
        return _row(form, problem=problem), problem.status
    flash("The row is written. It reads refusals from its first day on.", "good")
    return redirect(url_for("denials.playbook", entity=form.get("entity") or None), 303)


@pages.post("/playbook/row/end")
def playbook_row_end() -> AnyResponse | tuple[str, int] | str:
    """A row of our own ends on a day, or is withdrawn before it began."""
    form = request.form
    try:
        match = {name: form[name].strip() for name in CONDITIONS if form.get(name, "").strip()}
        with work(actor()) as w:
            practice = practice_of(w, form.get("entity", ""))
            today = w.today(practice.time_zone)
            since = read_day(form.get("since", ""), "since", today)
            on = read_day(form.get("on", "").strip() or "t", "on", today)
            why = form.get("why", "")
            done = service.end(w, practice.id, match, since, on=on, today=today, reason=why)
    except NotFound:
        raise
    except Refused as problem:
        return _row(form, problem=problem), problem.status
    flash("The row is withdrawn." if done == "withdrawn" else "The row ends on that day.", "good")
    return redirect(url_for("denials.playbook", entity=form.get("entity") or None), 303)


def days_of(form: Mapping[str, str], today: date) -> tuple[date, date | None]:
    """From which day on a row holds, and the first day it no longer does (None: it stays)."""
    since, until = (form.get(name, "").strip() for name in ("effective_from", "effective_to"))
    if not since:
        raise Refused("Say from which day it holds.", code="no_first_day", field="effective_from")
    return (
        read_day(since, "effective_from", today),
        read_day(until, "effective_to", today) if until else None,
    )
