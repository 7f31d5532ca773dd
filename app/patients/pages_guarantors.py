"""The page of a guarantor: who they answer for, where letters go, what may ring, what they said yes to."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.flows import people_acts
from app.kernel.errors import NotFound, Refused
from app.kernel.export import Column, Kind
from app.kernel.typed import read_day
from app.kernel.work import Work, reading, work
from app.patients import queries_people, service_reach
from app.patients.lifecycle import Channel, PointKind, Relation
from app.patients.pages import pages
from app.patients.rules import asked_day
from app.patients.rules_people import HOME_PARTS, LANGUAGES, Home
from app.patients.rules_reach import states
from app.patients.service_people import NewGuarantor, Who
from app.web.door import actor, can, download

RIGHT = "guarantors.write"
Page = AnyResponse | tuple[str, int] | str
RELATIONS = [(one.value, one.value.capitalize()) for one in Relation]
CHANNELS = {
    Channel.CALL.value: "Calls at all",
    Channel.AUTO.value: "Automatic or recorded calls",
    Channel.SMS.value: "Text messages",
    Channel.EMAIL.value: "E-mail",
    Channel.STATEMENT.value: "Statements by e-mail instead of mail",
}
KINDS = [("mobile", "Mobile"), ("phone", "Telephone"), ("email", "E-mail")]
ALIKE_COLUMNS = [
    Column("first", "Account", Kind.CODE, value=lambda row: row.first.number),
    Column("name", "Name", value=lambda row: row.first.name),
    Column("birth", "Born", Kind.DAY, value=lambda row: row.first.birth),
    Column("second", "Other account", Kind.CODE, value=lambda row: row.second.number),
    Column("second_birth", "Born", Kind.DAY, value=lambda row: row.second.birth),
    Column("entity", "Entity", value=lambda row: row.first.entity),
]


@pages.get("/guarantors/alike")
def guarantors_alike() -> AnyResponse | str:
    """Accounts that look like one person."""
    with reading(actor()) as w:
        rows = queries_people.alike(w, request.args.get("entity", ""))
        if file_format := request.args.get("format", ""):
            return download(w, ALIKE_COLUMNS, rows, "alike-guarantors", file_format)
    return render_template("patients/alike.html", rows=rows, columns=ALIKE_COLUMNS)


@pages.get("/guarantors/<public_id>")
def guarantor(public_id: str) -> str:
    """One guarantor."""
    with reading(actor()) as w:
        return _shown(w, public_id)


def _shown(w: Work, public_id: str, problem: Refused | None = None) -> str:
    found = queries_people.told(w, public_id)
    act = (request.endpoint or "").removeprefix("patients.guarantor").lstrip("_")
    return render_template(
        "patients/guarantor.html", act=act or request.args.get("act", ""), found=found, head=found.head,
        problem=problem, form=request.form,
        writes=can(RIGHT, found.head.entity_id), relations=RELATIONS, channels=CHANNELS, kinds=KINDS,
        languages=list(LANGUAGES.items()), states=[(one, one) for one in states()],
    )  # fmt: skip


def _done(public_id: str, words: str, verb: Callable[[Work], object]) -> Page:
    try:
        with work(actor()) as w:
            verb(w)
    except NotFound:
        raise
    except Refused as problem:
        with reading(actor()) as w:
            return _shown(w, public_id, problem), problem.status
    flash(words, "good")
    return redirect(url_for("patients.guarantor", public_id=public_id), 303)


def version_of(text: str) -> int:
    """The version a form was drawn with; `Refused` when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Refused("This is not a version.", code="version", field="version")
    return int(text)


def typed_home() -> Home:
    """The address a form holds."""
    return Home(**{name: request.form.get(name, "").strip() for name in HOME_PARTS})


def _day(name: str, w: Work, zone: str) -> date | None:
    text = request.form.get(name, "").strip()
    return read_day(text, name, w.today(zone)) if text else None


@pages.post("/guarantors/<public_id>/confirm")
def guarantor_confirm(public_id: str) -> Page:
    """This person answers."""
    form = request.form
    return _done(public_id, "Confirmed: statements may go out.", lambda w: people_acts.confirm(
        w, public_id, version_of(form.get("version", ""))))  # fmt: skip


@pages.post("/guarantors/<public_id>/change")
def guarantor_change(public_id: str) -> Page:
    """Name, birth date, relation, language."""
    form = request.form

    def verb(w: Work) -> None:
        said: dict[str, Any] = {
            name: form[name] for name in ("last", "first", "middle", "relation", "language") if name in form
        }
        if "birth" in form:
            said["birth"] = _born(form["birth"])
        people_acts.change(w, public_id, version_of(form.get("version", "")), **said)

    return _done(public_id, "Saved.", verb)


def _born(text: str) -> date | None:
    if not text.strip():
        return None
    day = asked_day(text.strip())
    if day is None:
        raise Refused("A birth date is typed as 01/31/1970.", code="birth", field="birth")
    return day


@pages.post("/guarantors/<public_id>/address")
def guarantor_address(public_id: str) -> Page:
    """A new address; the old one ends and stays."""
    form = request.form

    def verb(w: Work) -> None:
        zone = queries_people.told(w, public_id).head.time_zone
        version, since = version_of(form.get("version", "")), _day("effective_from", w, zone)
        people_acts.add_address(w, public_id, typed_home(), version=version, effective_from=since)

    return _done(public_id, "Letters go there from now on.", verb)


@pages.post("/guarantors/<public_id>/point")
def guarantor_point(public_id: str) -> Page:
    """Another number or e-mail address."""
    form = request.form

    def verb(w: Work) -> None:
        kind = form.get("kind", "")
        if kind not in {one.value for one in PointKind}:
            raise Refused("Choose what it is.", code="kind", field="kind")
        service_reach.add_point(
            w, public_id, PointKind(kind), form.get("value", ""), work=form.get("work") == "yes"
        )

    return _done(public_id, "Added.", verb)


@pages.post("/guarantors/<public_id>/point/<point_id>/end")
def guarantor_point_end(public_id: str, point_id: str) -> Page:
    """A number nobody may use any more."""
    form = request.form

    def verb(w: Work) -> None:
        # The address names both: a number of somebody else is no number of theirs.
        if point_id not in {one.public_id for one in queries_people.told(w, public_id).points}:
            raise NotFound("There is no such number.")
        service_reach.end_point(w, point_id, version=version_of(form.get("version", "")))

    return _done(public_id, "Not used any more.", verb)


@pages.post("/guarantors/<public_id>/consent")
def guarantor_consent(public_id: str) -> Page:
    """A yes or a no."""
    form = request.form

    def verb(w: Work) -> None:
        channel = form.get("channel", "")
        if channel not in CHANNELS or form.get("said") not in ("yes", "no"):
            raise Refused("Choose to what, and yes or no.", code="channel", field="channel")
        service_reach.consent(
            w, public_id, Channel(channel), form["said"] == "yes", point_public=form.get("point", ""),
            proof=form.get("proof", ""),
        )  # fmt: skip

    return _done(public_id, "Written down; the last word counts.", verb)


@pages.post("/guarantors/<public_id>/confidential")
def guarantor_confidential(public_id: str) -> Page:
    """A second account whose mail is kept apart."""
    form, made = request.form, []

    def verb(w: Work) -> None:
        home = typed_home()
        made.append(
            people_acts.confidential(
                w, public_id, reason=form.get("reason", ""), home=home if any(_parts(home)) else None,
                version=version_of(form.get("version", "")),
            )
        )  # fmt: skip

    answer = _done(public_id, "This account's mail is kept apart.", verb)
    return redirect(url_for("patients.guarantor", public_id=made[0]), 303) if made else answer


def _parts(home: Home) -> list[str]:
    return [getattr(home, name) for name in HOME_PARTS]


@pages.post("/guarantors/<public_id>/answers")
def guarantor_answers(public_id: str) -> Page:
    """Another guarantor for one of the patients, from a day of service on."""
    form, made = request.form, []

    def verb(w: Work) -> None:
        told = queries_people.told(w, public_id)
        patient = form.get("patient", "")
        if patient not in {one.public_id for one in told.patients}:
            raise Refused("Choose the patient.", code="patient", field="patient")
        since = _day("from_day", w, told.head.time_zone)
        if since is None:
            raise Refused("Say from which day of service on.", code="from_day", field="from_day")
        why = form.get("reason", "")
        made.append(people_acts.set_guarantor(w, patient, _who(), from_day=since, reason=why))

    answer = _done(public_id, "They answer from that day on.", verb)
    return redirect(url_for("patients.guarantor", public_id=made[0]), 303) if made else answer


def _who() -> Who:
    form, home = request.form, typed_home()
    if form.get("relation") not in {one.value for one in Relation}:
        raise Refused("Choose the relation.", code="relation", field="relation")
    return NewGuarantor(
        last=form.get("last", ""), first=form.get("first", ""), middle=form.get("middle", ""),
        birth=_born(form.get("birth", "")), relation=Relation(form["relation"]),
        home=home if any(_parts(home)) else None,
    )  # fmt: skip
