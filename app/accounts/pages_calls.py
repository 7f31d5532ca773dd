"""The call list: one account at a time for whoever calls, the whole list for whoever looks after it."""

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import queries_calls, service_calls
from app.accounts.pages import pages
from app.accounts.queries_calls import split_zones, zone_sets
from app.accounts.rules_calls import REASONS
from app.entities import queries as entities
from app.kernel.errors import Refused
from app.kernel.paging import Ask, ask_of
from app.kernel.work import Work, reading, work
from app.web.door import actor, ask_from, download

FILTERED = "accounts.calls"
KEPT = ("entity", "zone", "reason", "least")
"""Filters that also narrow what the next account is taken from."""


@pages.get("/calls")
def calls() -> AnyResponse | tuple[str, int] | str:
    """The call list, ranked, with the reasons of every place."""
    with reading(actor()) as w:
        problem: Refused | None = None
        try:
            ask = ask_from(queries_calls.SORTS, default="-score", filters=queries_calls.FILTERS)
            if ask.format:
                rows = queries_calls.places(w, ask.all()).rows
                return download(w, queries_calls.COLUMNS, rows, "call-list", ask.format)
            found, counts = queries_calls.places(w, ask), queries_calls.counts(w, ask)
        except Refused as refusal:
            if refusal.field in ("sort", "cursor", "limit", "format", None):
                raise
            problem, plain = refusal, Ask("score", descending=True)
            found, counts = queries_calls.places(w, plain), queries_calls.counts(w, plain)
        session[FILTERED] = {name: ask.get(name) for name in KEPT if ask.get(name)}
        page = render_template(
            "accounts/calls.html",
            ask=ask,
            found=found,
            counts=counts,
            problem=problem,
            columns=queries_calls.COLUMNS,
            mine=queries_calls.held_by_me(w),
            now_at=w.now,
            zones=_zones(w),
            reasons=list(REASONS.items()),
            whens=list(queries_calls.WHENS.items()),
            entities=[(one.public_id, one.name) for one in entities.practices(w)],
        )
    return (page, problem.status) if problem else page


def _zones(w: Work) -> list[tuple[str, str]]:
    found = {text for one in entities.practices(w) for text in zone_sets(w, one.id) if text}
    return [
        (text, ", ".join(zone.rpartition("/")[2].replace("_", " ") for zone in split_zones(text)))
        for text in sorted(found)
    ]


@pages.post("/calls/next")
def next_call() -> AnyResponse:
    """The next account that may be called now; mine is wrapped up first, or skipped with a reason."""
    leaving = request.form.get("leaving", "")
    try:
        with work(actor()) as w:
            found = service_calls.take_next(w, _queue(), leaving=leaving, skip=request.form.get("skip", ""))
    except Refused as problem:
        if problem.status == 404 or not leaving:
            raise
        flash(problem.message, "warn")
        return redirect(url_for("accounts.account", public_id=leaving, call="out"), 303)
    if not found.public_id:
        later = f" The first may be called at {found.later:%m/%d/%Y %H:%M} UTC." if found.later else ""
        flash(f"Nobody on the list may be called now.{later}", "info")
        return redirect(url_for("accounts.calls"), 303)
    return redirect(url_for("accounts.account", public_id=found.public_id, call="out"), 303)


def _queue() -> Ask:
    """The filters the list was last seen with; what cannot be read any more is no filter."""
    kept = MultiDict(session.get(FILTERED, {}))
    try:
        return ask_of(kept, queries_calls.SORTS, default="-score", filters=KEPT)
    except Refused:
        return Ask("score", descending=True)
