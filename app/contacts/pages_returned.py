"""The screen Returned mail: a piece taken in with two fields, the search for an address, mailing again."""

from collections.abc import Callable, Mapping

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.contacts import queries_returned
from app.contacts.pages import pages
from app.contacts.rules_returned import SOURCES, STATE_WORDS, Action, on_day
from app.entities import queries as entities
from app.flows import returned_mail
from app.kernel.errors import NotFound, Refused
from app.kernel.paging import Ask
from app.kernel.typed import read_day
from app.kernel.work import Work, reading, work
from app.patients.rules_people import HOME_PARTS, Home
from app.patients.rules_reach import states
from app.web.door import actor, ask_from, can, download

RIGHT = "guarantors.write"
Page = AnyResponse | tuple[str, int] | str
DONE = {
    Action.BAD.value: "Mail to this account is stopped; somebody has to look for an address.",
    Action.HOLD.value: "Mail waits until they are back.",
    Action.DECEASED.value: "Everything stops until the death is reviewed.",
    Action.KEEP.value: "Refused or unclaimed mail was delivered: mailing goes on.",
    Action.UPDATE.value: "The new address is used from now on.",
}
NEW = "new"
"""In the form: no letter of the post office, but a new address on the label."""
STATES = [("open", "To work on"), *((one.value, words) for one, words in STATE_WORDS.items())]


@pages.get("/returned-mail")
def returned() -> AnyResponse | str:
    """Pieces that came back, those to work on first."""
    ask = ask_from(queries_returned.SORTS, default="-recorded", filters=queries_returned.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            rows = queries_returned.returned(w, ask.all()).rows
            return download(w, queries_returned.COLUMNS, rows, "returned-mail", ask.format)
        return _list(w, ask)


def _list(w: Work, ask: Ask, problem: Refused | None = None, form: Mapping[str, str] | None = None) -> str:
    known = on_day(w.now.date())
    return render_template(
        "contacts/returned.html", ask=ask, columns=queries_returned.COLUMNS, problem=problem, form=form or {},
        found=queries_returned.returned(w, ask), list_states=STATES, states=[(one, one) for one in states()],
        codes=[(one.code or NEW, f"{one.code or 'none'}: {one.meaning}") for one in known.values()],
        entities=[(one.public_id, one.name) for one in entities.practices(w)], writes=can(RIGHT),
    )  # fmt: skip


def _code(text: str) -> str:
    """The letter a form names; nothing chosen is not the same as no letter on the envelope."""
    if not text:
        raise Refused("Choose the reason on the envelope.", code="code", field="code")
    return "" if text == NEW else text


@pages.post("/returned-mail")
def returned_take_in() -> Page:
    """Take a piece in: the number on it and the letter of the post office."""
    form = request.form
    try:
        with work(actor()) as w:
            chosen = entities.chosen(w, form.get("entity", ""))
            zone = entities.practices(w)[0].time_zone if entities.practices(w) else "UTC"
            day = form.get("returned_on", "").strip()
            done = returned_mail.take_in(
                w, form.get("number", ""), _code(form.get("code", "")),
                returned_on=read_day(day, "returned_on", w.today(zone)) if day else None,
                home=_home() if form.get("street") else None, entity_id=chosen[0] if chosen else None,
            )  # fmt: skip
    except Refused as problem:
        with reading(actor()) as w:
            return _list(w, Ask("recorded", descending=True), problem, form), problem.status
    flash(
        "A piece of this account is being worked on already; this one is noted there."
        if done.again
        else DONE[done.action],
        "good",
    )
    if done.action == Action.BAD.value:
        return redirect(url_for("contacts.returned_one", public_id=done.public_id), 303)
    return redirect(url_for("contacts.returned"), 303)


@pages.get("/returned-mail/<public_id>")
def returned_one(public_id: str) -> str:
    """One piece: what came back, what was asked, what can be done now."""
    with reading(actor()) as w:
        return _one(w, public_id)


def _one(w: Work, public_id: str, problem: Refused | None = None) -> str:
    row = queries_returned.one(w, public_id)
    return render_template(
        "contacts/returned_one.html", row=row, steps=queries_returned.steps(w, row.id), problem=problem,
        form=request.form, sources=list(SOURCES.items()), states=[(one, one) for one in states()],
        writes=can(RIGHT, row.entity_id),
    )  # fmt: skip


def _home() -> Home:
    return Home(**{name: request.form.get(name, "").strip() for name in HOME_PARTS})


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Refused("This is not a version.", code="version", field="version")
    return int(text)


def _done(public_id: str, words: str, verb: Callable[[Work], object]) -> Page:
    try:
        with work(actor()) as w:
            verb(w)
    except NotFound:
        raise
    except Refused as problem:
        with reading(actor()) as w:
            return _one(w, public_id, problem), problem.status
    flash(words, "good")
    return redirect(url_for("contacts.returned_one", public_id=public_id), 303)


@pages.post("/returned-mail/<public_id>/search")
def returned_search(public_id: str) -> Page:
    """A source knew nothing."""
    form = request.form
    return _done(public_id, "Noted.", lambda w: returned_mail.search(
        w, public_id, form.get("source", ""), note=form.get("note", ""), version=_version()))  # fmt: skip


@pages.post("/returned-mail/<public_id>/find")
def returned_find(public_id: str) -> Page:
    """An address that may be theirs."""
    form = request.form
    return _done(public_id, "Noted: look at it once more.", lambda w: returned_mail.find(
        w, public_id, _home(), form.get("source", ""), version=_version()))  # fmt: skip


@pages.post("/returned-mail/<public_id>/verify")
def returned_verify(public_id: str) -> Page:
    """It looks right on a second look."""
    form = request.form
    return _done(public_id, "The address looks right: mail again.", lambda w: returned_mail.verify(
        w, public_id, zip_again=form.get("zip", ""), version=_version()))  # fmt: skip


@pages.post("/returned-mail/<public_id>/reject")
def returned_reject(public_id: str) -> Page:
    """It is not theirs."""
    form = request.form
    return _done(public_id, "The search goes on.", lambda w: returned_mail.reject(
        w, public_id, why=form.get("why", ""), version=_version()))  # fmt: skip


@pages.post("/returned-mail/<public_id>/resume")
def returned_resume(public_id: str) -> Page:
    """Mail again."""
    form = request.form
    return _done(public_id, "Mail goes on where it stopped.", lambda w: returned_mail.resume(
        w, public_id, why=form.get("why", ""), version=_version()))  # fmt: skip
