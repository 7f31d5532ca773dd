"""Acts over the list of claims on their way out, and the next one of a queue."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.denials.queries_people import workers
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.typed import read_day
from app.kernel.work import Work, reading, work
from app.rebill import queries, queries_set, service_bulk
from app.rebill.pages import QUEUE, back_to_list, choices, pages, queue_of, version_of
from app.rebill.rules_acts import DONE, MOST, SHOWN_FIRST, Act, Outcome, Wanted
from app.web.door import actor

SAMPLE_ROWS = 10


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
def act() -> AnyResponse | tuple[str, int] | str:
    """Do one thing to the selected submissions; what cannot be taken back is shown first."""
    form, back = request.form, request.form.get("back", "")
    seen: dict[str, int] = {}
    try:
        seen = _whole(back) if form.get("all") == "yes" else selected(form)
        if not seen:
            raise Refused("Select a claim first: x, or *, or stand on it.", code="nothing_selected")
        wanted = form.get("act", "")
        many = len(seen) > 1 or form.get("all") == "yes"
        careful = many and wanted in {one.value for one in SHOWN_FIRST}
        if careful and form.get("confirmed") != "yes":
            return _preview(seen, back)
        with work(actor()) as w:
            asked_for = wanted_from(w, form)
            outcome = service_bulk.act(w, seen, asked_for)
    except Refused as problem:
        if form.get("confirmed") == "yes" and seen:
            return _preview(seen, back, problem), problem.status
        flash(problem.message, "bad")
        return redirect(back_to_list(back), 303)
    _tell(outcome, asked_for.act)
    return redirect(back_to_list(back), 303)


def _whole(back: str) -> dict[str, int]:
    with reading(actor()) as w:
        found = queries_set.versions(w, queue_of(back), MOST)
    if len(found) > MOST:
        raise Refused(f"At most {MOST} claims at once; narrow the filters.", code="too_many")
    return found


def wanted_from(w: Work, form: Mapping[str, str]) -> Wanted:
    """The act a form asks for; days may be typed `t+14`, the owner is `me`, `nobody` or a person."""
    name = form.get("act", "")
    if name == "mine":
        return Wanted(Act.ASSIGN, owner_id=w.actor.person_id)
    if name not in {one.value for one in Act}:
        raise Refused("Choose what to do.", code="unknown_act", field="act")
    until = form.get("until", "").strip()
    return Wanted(
        Act(name),
        owner_id=owner_of(w, form.get("owner", "")) if name == Act.ASSIGN.value else None,
        hold=form.get("reason", ""),
        until=read_day(until, "until", w.now.date()) if until and name == Act.HOLD.value else None,
        text=form.get("note", "") if name == Act.HOLD.value else form.get("why", ""),
    )


def _tell(outcome: Outcome, done: Act) -> None:
    if outcome.done:
        claims = "1 claim" if outcome.done == 1 else f"{outcome.done:,} claims"
        flash(f"{claims} {DONE[done]}.", "good")
    if outcome.skipped:
        why = Counter(one.reason for one in outcome.skipped)
        words = "; ".join(f"{reason} ({count})" for reason, count in why.most_common(5))
        flash(f"{len(outcome.skipped):,} left as they were: {words}", "warn")


def _preview(seen: Mapping[str, int], back: str, problem: Refused | None = None) -> str:
    """What an act would touch: how many, what they are worth, the first of them."""
    with reading(actor()) as w:
        rows = queries.these(w, list(seen))
        return render_template(
            "rebill/set.html",
            rows=rows[:SAMPLE_ROWS],
            count=len(rows),
            charge=sum(row.charge for row in rows),
            expected=sum(row.expected for row in rows),
            errors=sum(1 for row in rows if row.errors),
            held=sum(1 for row in rows if row.on_hold),
            selected=[f"{one}.{version}" for one, version in seen.items()],
            back=back,
            wanted=request.form.get("act", ""),
            filled=request.form,
            problem=problem,
            today=now().date(),
            **choices(w),
        )


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
