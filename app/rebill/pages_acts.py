"""Acts over the list of claims on their way out, and the next one of a queue."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.denials.queries_people import workers
from app.kernel.errors import Refused
from app.kernel.work import Work, work
from app.rebill import queries_set, service_owner
from app.rebill.pages import QUEUE, back_to_list, pages, queue_of, version_of
from app.rebill.rules_acts import MOST
from app.web.door import actor


def owner_of(w: Work, text: str) -> int | None:
    """`me`, `nobody` or a person's public id as the key of whoever gets it."""
    if text in ("me", ""):
        return w.actor.person_id
    if text == "nobody":
        return None
    found = next((one.key for one in workers(w, "rebill.work") if one.public_id == text), None)
    if found is None:
        raise Refused("Choose a person from the list.", code="unknown_person", field="owner")
    return found


def selected(form: Any) -> dict[str, int]:
    """The submissions ticked in a list, with the versions that were shown."""
    found: dict[str, int] = {}
    for chosen in form.getlist("rebill")[:MOST]:
        public_id, _, version = chosen.partition(".")
        found[public_id] = version_of(version)
    return found


@pages.post("/rebill/act")
def act() -> AnyResponse:
    """Do one thing to the selected submissions."""
    form, back = request.form, request.form.get("back", "")
    try:
        seen = selected(form)
        if not seen:
            raise Refused("Select a claim first: x, or *, or stand on it.", code="nothing_selected")
        with work(actor()) as w:
            words = _do(w, seen, form)
    except Refused as problem:
        flash(problem.message, "bad")
    else:
        flash(words, "good")
    return redirect(back_to_list(back), 303)


def _do(w: Work, seen: Mapping[str, int], form: Mapping[str, str]) -> str:
    if form.get("act") not in ("mine", "assign"):
        raise Refused("Choose what to do.", code="unknown_act", field="act")
    owner = owner_of(w, "me" if form.get("act") == "mine" else form.get("owner", ""))
    count = service_owner.assign_many(w, seen, owner)
    return f"{'1 claim' if count == 1 else f'{count} claims'} assigned."


@pages.post("/rebill/next")
def next_one() -> AnyResponse:
    """The next claim of the list I last looked at."""
    query = request.form.get("back") or session.get(QUEUE, "")
    with work(actor()) as w:
        found = queries_set.following(w, queue_of(query), request.form.get("leaving", "")[:20])
    if found is None:
        flash("Nothing else in this list waits for you: it is done, held, or somebody has it.", "info")
        return redirect(back_to_list(query), 303)
    return redirect(url_for("rebill.editor", public_id=found), 303)
