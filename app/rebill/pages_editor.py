"""The editor of one claim on its way out: as billed, as decided, as it will go."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, session, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.contacts import queries as contacts
from app.denials.pages import Reader
from app.kernel.errors import NotFound, Refused
from app.kernel.work import Work, reading, work
from app.rebill import queries_case, queries_proofs, service, service_edit, translate_editor
from app.rebill.lifecycle import Kind
from app.rebill.pages import QUEUE, choices, pages, version_of
from app.rebill.queries_case import RebillView
from app.rebill.rules_edit import COPY, LINE, REMOVE, Edit
from app.rebill.rules_filing import DELAY_REASONS
from app.rebill.rules_seen import Difference, differences
from app.rebill.schemas_editor import CheckedView, EditsRequest, LookRequest
from app.rebill.service_edit import Checked
from app.web.door import actor, can
from app.web.panels import panels

EVENTS = {"service_date": "Day of service", "remit_date": "Day of the remit"}
SUBJECT = "rebill"


@pages.get("/rebill/<public_id>")
def editor(public_id: str) -> str:
    """One submission; `?field=` and `?line=` say where the cursor is wanted."""
    with reading(actor()) as w:
        return show(w, public_id)


def show(w: Work, public_id: str, problem: Refused | None = None) -> str:
    """The page of a submission, with a complaint beside the form it is about."""
    view = queries_case.one(w, public_id)
    today = w.today(view.zone)
    at = service.load(w, public_id, lock=False)
    clinical = can("clinical.read", view.row.entity_id)
    checked = _checked(w, view)
    form = translate_editor.form(at.whole, at.base, checked.problems, Kind(view.row.kind), clinical=clinical)
    return render_template(
        "rebill/editor.html",
        view=view,
        row=view.row,
        form=form,
        problems=checked.problems,
        changes=checked.changes,
        segments=_segments(checked.changes),
        charge=checked.charge,
        moves=[one.value for one in view.moves],
        clock=clock_words(view.clock),
        proofs=queries_proofs.of(w, view.row.claim_id),
        delay_words=DELAY_REASONS.get(view.delay_reason, "unknown"),
        said=[one for one in contacts.about(w, SUBJECT, view.row.id) if not one.struck],
        read=Reader(w, today),
        today=today,
        problem=problem,
        focus=(request.args.get("field", "")[:30], request.args.get("line", "0")[:3]),
        working=can("rebill.work", view.row.entity_id),
        raw=can("files.raw", view.row.entity_id),
        queue=session.get(QUEUE, ""),
        panels=panels(w, SUBJECT, view.row.id),
        **choices(w),
    )


def _checked(w: Work, view: RebillView) -> Checked:
    """What is wrong now, guards and all; of what went out, what was known then."""
    found = service_edit.preview(w, view.row.public_id, [])
    problems = found.problems if view.at_work else tuple(dict(one) for one in view.row.problems)
    shown = _seen(found.changes, view.row.entity_id)
    return Checked(problems, shown, found.charge)


def _seen(changes: Sequence[Any], entity_id: int | None = None) -> tuple[Difference, ...]:
    raw = can("files.raw", entity_id)
    return differences(changes, clinical=can("clinical.read", entity_id), raw=raw)


def _segments(changes: Sequence[Difference]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((one.segment_before, one.segment_after) for one in changes))


def clock_words(clock: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How the last day was counted, as pairs of a step and what it gave; empty without a limit."""
    if not clock:
        return []
    event = EVENTS.get(str(clock["event"]), str(clock["event"]).replace("_", " "))
    return [
        (event, _us(clock["start"])),
        ("Days allowed", str(clock["days"])),
        ("Last day", _us(clock["last"])),
        ("Rule", str(clock["rule"]).replace("_", " ").replace(":", ": ")),
    ]


def _us(day: str) -> str:
    return date.fromisoformat(day).strftime("%m/%d/%Y")


# ---------------------------------------------------------------- as one types


@pages.post("/rebill/<public_id>/check")
def check(public_id: str) -> AnyResponse:
    """What is wrong with what is typed, and what it changes; keeps nothing."""

    def verb() -> dict[str, Any]:
        with reading(actor()) as w:
            edits = translate_editor.ordered(_edits(LookRequest().load(_json())))
            return _said(service_edit.preview(w, public_id, edits))

    return _answered(verb)


@pages.post("/rebill/<public_id>/keep")
def keep(public_id: str) -> AnyResponse:
    """Keep what is typed; the answer says what is wrong with it, and the version it is now."""

    def verb() -> dict[str, Any]:
        with work(actor()) as w:
            given = EditsRequest().load(_json())
            edits = translate_editor.ordered(_edits(given))
            version = service_edit.edit(w, public_id, given["version"], edits)
            said = _said(service_edit.preview(w, public_id, []))
            return {**said, "version": version, "again": translate_editor.moves_up(edits)}

    return _answered(verb)


def _json() -> Any:
    return request.get_json(silent=True) or {}


def _edits(given: Mapping[str, Any]) -> list[Edit]:
    return [Edit(one["field"], one["line"], one["index"], one["value"]) for one in given["edits"]]


def _said(found: Checked) -> dict[str, Any]:
    """A check as the page draws it."""
    said: dict[str, Any] = CheckedView().dump(Checked(found.problems, _seen(found.changes), found.charge))
    return said


def _answered(verb: Any) -> AnyResponse:
    try:
        return jsonify(verb())
    except NotFound:
        raise
    except ValidationError:
        answer = jsonify({"message": "This form is not complete. Load the page again.", "field": None})
        answer.status_code = 422
        return answer
    except Refused as problem:
        answer = jsonify({"message": problem.message, "field": problem.field, "code": problem.code})
        answer.status_code = problem.status
        return answer


# ---------------------------------------------------------------- without script


@pages.post("/rebill/<public_id>/edit")
def edit(public_id: str) -> AnyResponse | tuple[str, int]:
    """Keep the form as it stands, and add or take out a line."""
    form = request.form
    try:
        with work(actor()) as w:
            at = service.load(w, public_id, lock=False)
            edits = translate_editor.differing(at.whole, _typed(form))
            for name, verb in (("remove", REMOVE), ("add", COPY)):
                if form.get(name):
                    edits.append(Edit(LINE, version_of(form[name]), 0, verb))
            if edits:
                service_edit.edit(w, public_id, version_of(form.get("version", "")), edits)
    except NotFound:
        raise
    except Refused as problem:
        with reading(actor()) as w:
            return show(w, public_id, problem), problem.status
    flash("Kept and checked." if edits else "Nothing was changed. Checked.", "good")
    return redirect(url_for("rebill.editor", public_id=public_id), 303)


def _typed(form: Mapping[str, str]) -> dict[tuple[str, int, int], str]:
    """What stands in the fields of the form."""
    typed = {}
    for key, value in form.items():
        mark, _, rest = key.partition(":")
        field, _, place = rest.partition(":")
        line, _, index = place.partition(":")
        if mark == "f" and line.isdecimal() and index.isdecimal() and len(place) < 8:
            typed[field, int(line), int(index)] = value[:300]
    return typed
