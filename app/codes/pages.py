"""The code books: what each code means on a day, and our own rows over the shipped ones."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.codes import queries, service
from app.codes.rules import NEXT_ACTIONS
from app.codes.translate import rows_on
from app.entities import queries as entities
from app.entities.rules import Practice
from app.entities.service import DEFAULT_ZONE
from app.kernel.errors import NotFound, Refused
from app.kernel.paging import Ask
from app.kernel.work import Work, reading, work
from app.web.door import actor, can, download

pages = Blueprint("codes", __name__, template_folder="templates")
FILTERS = ("q", "category", "ours", "on", "entity")


NOBODYS = Practice(0, "", "", DEFAULT_ZONE, test=False, post_on_era=False)
"""Stands for no entity: what is shipped can be read before the first one is there."""


def reading_for(w: Work, public_id: str) -> Practice:
    """Whose reading to show: as `practice_of`, and the shipped one while there is no entity."""
    return practice_of(w, public_id) if public_id or entities.practices(w) else NOBODYS


def practice_of(w: Work, public_id: str) -> Practice:
    """The entity asked for; the first in scope when none was named."""
    found = entities.practices(w)
    for one in found:
        if one.public_id == public_id or not public_id:
            return one
    raise NotFound("There is no such billing entity.")


def day_of(text: str, today: date, field: str = "on") -> date:
    """A day as an address holds it; today when empty."""
    if text in ("", "t"):
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("A day is written 2026-01-31.", code="day_unreadable", field=field) from None


def known_list(name: str) -> str:
    """A list there is; `NotFound` for another."""
    if name not in queries.LISTS:
        raise NotFound("There is no such code list.")
    return name


@pages.get("/codes")
def codes() -> AnyResponse | str:
    """One list on a day, with a search."""
    list_name = known_list(request.args.get("list") or "carc")
    asked = {name: request.args[name].strip() for name in FILTERS if request.args.get(name, "").strip()}
    with reading(actor()) as w:
        practice = reading_for(w, asked.get("entity", ""))
        on = day_of(asked.get("on", ""), w.today(practice.time_zone))
        book = service.book(w, practice.id, on)
        found = queries.codes(w, practice.id, book, list_name, asked)
        columns = queries.columns(list_name)
        if request.args.get("format"):
            return download(w, columns, found, list_name, request.args["format"])
        rows = queries.rows_of(book, list_name).values()
        categories = sorted({row.get("category", "") for row in rows} - {""})
        return render_template(
            "codes/codes.html",
            list_name=list_name,
            lists=queries.LISTS,
            ask=Ask(sort="", filters=asked),
            found=found,
            columns=columns,
            on=on,
            categories=[(one, one.replace("_", " ")) for one in categories],
            practices=[(one.public_id, one.name) for one in entities.practices(w)],
        )


@pages.get("/codes/<list_name>/<code>")
def codes_code(list_name: str, code: str) -> str:
    """One code: as shipped, as read today, our rows, and the form to read it differently."""
    return _code(list_name, code, request.args)


def _code(list_name: str, code: str, given: Mapping[str, str], problem: Refused | None = None) -> str:
    known_list(list_name)
    with reading(actor()) as w:
        practice = reading_for(w, given.get("entity", ""))
        today = w.today(practice.time_zone)
        book = service.book(w, practice.id, today)
        shipped = rows_on(list_name, today).get(code, {})
        row = queries.rows_of(book, list_name).get(code, shipped)
        history = [queries.own_row(one, today) for one in service.history(w, practice.id, list_name, code)]
        if not row and not history:
            raise NotFound("There is no such code.")
        return render_template(
            "codes/code.html",
            list_name=list_name,
            lists=queries.LISTS,
            code=code,
            row=row,
            shipped=shipped,
            history=history[::-1],
            attributes=attributes_of(list_name, today),
            practice=practice,
            practices=[(one.public_id, one.name) for one in entities.practices(w)],
            writes=practice.id > 0 and can("codes.write", practice.id),
            today=today,
            form=given,
            problem=problem,
        )


def attributes_of(list_name: str, on: date) -> dict[str, list[tuple[str, str]]]:
    """What may be changed of a list: closed ones with their values, open ones with none."""
    rows: Any = list(rows_on(list_name, on).values())
    found: dict[str, list[tuple[str, str]]] = {}
    for name in rows[0] if rows else ():
        if name in service.FIXED:
            continue
        values: set[str] = set()
        if name in service.CLOSED:
            values = {row[name] for row in rows} | set(NEXT_ACTIONS if name == "next_action" else ())
        found[name] = [(one, one.replace("_", " ")) for one in sorted(values) if one]
    return found


@pages.post("/codes/<list_name>/<code>")
def codes_change(list_name: str, code: str) -> AnyResponse | tuple[str, int]:
    """Read this code differently from a day on."""
    form = request.form
    known_list(list_name)
    try:
        with work(actor()) as w:
            practice = practice_of(w, form.get("entity", ""))
            today = w.today(practice.time_zone)
            reason = form.get("reason", "").strip()
            if not reason:
                raise Refused(
                    "Say why, so that others can follow it later.", code="no_reason", field="reason"
                )
            until = form.get("effective_to", "").strip()
            service.change(
                w,
                practice.id,
                list_name,
                code,
                attributes=said(form, attributes_of(list_name, today)),
                effective_from=day_of(form.get("effective_from", "").strip(), today, "effective_from"),
                effective_to=day_of(until, today, "effective_to") if until else None,
                reason=reason,
            )
    except NotFound:
        raise
    except Refused as problem:
        return _code(list_name, code, form, problem), problem.status
    flash("The row is written. The code reads so from its first day on.", "good")
    return redirect(
        url_for("codes.codes_code", list_name=list_name, code=code, entity=form.get("entity") or None), 303
    )


def said(form: Mapping[str, str], known: Mapping[str, Any]) -> dict[str, str]:
    """The attributes a form changes; empty ones are left as they are."""
    return {name: form[f"a_{name}"].strip()[:200] for name in known if form.get(f"a_{name}", "").strip()}
