"""Acts from the list and over whole sets: shown with count, dollars and sample rows before they are done."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from app.denials import queries, queries_grid, queries_set, service_acts, service_next, service_undo
from app.denials.lifecycle import Move
from app.denials.pages import Reader, asked_back, back_to_list, choices, pages, today_here, version_of
from app.denials.queries_filters import read_day
from app.denials.queries_people import workers
from app.denials.rules_acts import Act, Wanted
from app.denials.service_acts import Outcome
from app.kernel.errors import Refused, Stale
from app.kernel.paging import Ask
from app.kernel.work import Work, reading, work
from app.web.door import actor, can

PAST = {
    Act.ASSIGN: "assigned", Act.SNOOZE: "put aside", Act.TRIAGE: "triaged", Act.MOVE: "moved",
    Act.NOTE: "noted",
}  # fmt: skip
SAMPLE_ROWS = 10
MINE = "mine"
"""The button that gives cases to whoever presses it, without a form."""


def wanted_from(w: Work, form: Mapping[str, str]) -> Wanted:
    """The act a form asks for; days may be typed `t+14`, the owner is `me`, `nobody` or a person."""
    name = form.get("act", "")
    if name == MINE:
        return Wanted(act=Act.ASSIGN, owner_id=w.actor.person_id)
    if name not in {one.value for one in Act}:
        raise Refused("Choose what to do.", code="unknown_act", field="act")
    act, move = Act(name), form.get("move", "")
    if act is Act.MOVE and move not in {one.value for one in Move}:
        raise Refused("There is no such step.", code="unknown_move", field="move")
    until = form.get("until", "").strip()
    return Wanted(
        act=act,
        owner_id=_owner(w, form.get("owner", "")) if act is Act.ASSIGN else None,
        move=Move(move) if act is Act.MOVE else None,
        reason=form.get("reason", ""),
        until=read_day(until, "until", w.now.date()) if until and act in (Act.SNOOZE, Act.MOVE) else None,
        root_cause=form.get("root_cause", ""),
        preventable=form.get("preventable", ""),
        text=form.get("text", ""),
    )


def _owner(w: Work, text: str) -> int | None:
    if text == "me":
        return w.actor.person_id
    if text == "nobody":
        return None
    found = next((one.key for one in workers(w) if one.public_id == text), None)
    if found is None:
        raise Refused("Choose a person from the list.", code="unknown_person", field="owner")
    return found


@pages.post("/denials/act")
def act() -> AnyResponse | tuple[str, int] | str:
    """Do one thing to the selected cases. A whole filter, and a step of many, are shown first."""
    form, back = request.form, request.form.get("back", "")
    try:
        whole = form.get("all") == "yes"
        seen = _selected(form) if not whole else {}
        if not whole and not seen:
            raise Refused("Select a case first: x, or *, or stand on it.", code="nothing_selected")
        careful = whole or (form.get("act") == Act.MOVE.value and len(seen) > 1)
        if careful and form.get("confirmed") != "yes":
            return _preview(_set_of(back) if whole else None, seen, back)
        with work(actor()) as w:
            wanted = wanted_from(w, form)
            if whole:
                seen = _as_shown(w, _set_of(back), form)
            outcome = service_acts.act(w, seen, wanted)
    except Stale as problem:
        return _preview(_set_of(back), {}, back, problem), problem.status
    except Refused as problem:
        if form.get("confirmed") == "yes":
            whole_set = _set_of(back) if form.get("all") == "yes" else None
            return _preview(whole_set, _selected(form), back, problem), problem.status
        flash(problem.message, "bad")
        return redirect(back_to_list(back), 303)
    _tell(outcome, wanted.act)
    return redirect(back_to_list(back), 303)


def _selected(form: Any) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for chosen in form.getlist("case")[: service_acts.CASES_MOST]:
        public_id, _, version = chosen.partition(".")
        found[public_id] = version_of(version)
    return found


def chosen(w: Work, form: Any, most: int) -> list[str]:
    """The cases a form of the list is about: those selected, or with `all` everything its filters find; one
    more than `most` when there are more.
    """
    if form.get("all") == "yes":
        return queries_set.publics(w, _set_of(form.get("back", "")), most)
    return [one.partition(".")[0] for one in form.getlist("case")[: most + 1]]


def _set_of(query: str) -> Ask:
    return replace(asked_back(MultiDict(parse_qsl(query[:1_500]))), limit=SAMPLE_ROWS)


def _as_shown(w: Work, ask: Ask, form: Mapping[str, str]) -> dict[str, int | None]:
    """The cases of a filter, if they are still those that were shown."""
    found = queries_set.measure(w, ask)
    if (str(found.count), str(int(found.at_stake))) != (form.get("count"), form.get("cents")):
        raise Stale(f"The set changed meanwhile: it is {found.count:,} cases now. Look again, then decide.")
    return dict.fromkeys(queries_set.publics(w, ask, service_acts.CASES_MOST))


def _tell(outcome: Outcome, act: Act) -> None:
    if outcome.done:
        cases = "1 case" if outcome.done == 1 else f"{outcome.done:,} cases"
        flash(f"{cases} {PAST[act]}. u takes it back.", "good")
    if outcome.skipped:
        why = Counter(one.reason for one in outcome.skipped)
        words = "; ".join(f"{reason} ({count})" for reason, count in why.most_common(5))
        flash(f"{len(outcome.skipped):,} left as they were: {words}", "warn")


# ---------------------------------------------------------------- a whole set, shown first


@pages.get("/denials/set")
def whole_set() -> str:
    """Everything the filters find, before anything is done with it."""
    return _preview(_set_of(request.query_string.decode("ascii", "ignore")), {},
                    request.query_string.decode("ascii", "ignore"))  # fmt: skip


@pages.get("/denials/<public_id>/same")
def same_cause(public_id: str) -> AnyResponse:
    """The open cases with the payer and the reason of this one (N8: one cause, one batch)."""
    with reading(actor()) as w:
        filters = queries_set.same_cause(w, public_id, code=request.args.get("code") == "yes")
    return redirect(url_for("denials.whole_set") + "?" + urlencode(filters), 303)


def _preview(
    ask: Ask | None, seen: Mapping[str, int | None], back: str, problem: Refused | None = None
) -> str:
    with reading(actor()) as w:
        if ask is None:
            found = queries_set.these(w, list(seen))
            rows = queries_grid.on_claim(w, queries.rows_named(w, list(seen)[:SAMPLE_ROWS]), today_here())
        else:
            found = queries_set.measure(w, ask)
            rows = list(queries_grid.cases(w, ask, today_here()).rows)
        return render_template(
            "denials/set.html",
            whole=ask is not None,
            ask=ask,
            found=found,
            rows=rows,
            selected=[f"{one}.{version}" for one, version in seen.items()],
            back=back,
            problem=problem,
            most=service_acts.CASES_MOST,
            filled=request.form,
            read=Reader(w, today_here()),
            working=can("denials.work"),
            **choices(w),
        )


# ---------------------------------------------------------------- next, and back


@pages.post("/denials/next")
def next_case() -> AnyResponse:
    """The next account of my queue: the list I last looked at."""
    query = request.form.get("back") or session.get("denials.queue", "")
    with work(actor()) as w:
        public_id = service_next.take_next(w, queue_of(query), leaving=request.form.get("leaving", "")[:20])
    if public_id is None:
        flash(
            "Nothing in this queue waits for you: all of it is done, put aside, or somebody has it.", "info"
        )
        return redirect(back_to_list(query), 303)
    return redirect(url_for("denials.case", public_id=public_id), 303)


def queue_of(query: str) -> Ask:
    """The filters of a queue; what cannot be read any more is no filter."""
    try:
        return _set_of(query)
    except Refused:
        return Ask("rank", descending=True)


@pages.post("/denials/undo")
def undo() -> AnyResponse:
    """Take back my last act, or the one named, as a whole."""
    back = request.form.get("back", "")
    try:
        with work(actor()) as w:
            undone = service_undo.undo(w, request.form.get("bulk", "")[:20])
    except Refused as problem:
        flash(problem.message, "bad")
        return redirect(_where(back), 303)
    cases = "1 case stands" if undone.done == 1 else f"{undone.done:,} cases stand"
    flash(f"{cases} as before.", "good")
    if undone.stale:
        flash(f"{len(undone.stale):,} were changed since and stay as they are.", "warn")
    return redirect(_where(back), 303)


def _where(back: str) -> str:
    if back.startswith("case:") and back[5:].isalnum():
        return url_for("denials.case", public_id=back[5:25])
    return back_to_list(back)
