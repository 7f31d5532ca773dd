"""The screen Small balances: proposed with a preview by one person, decided by another."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.flows import small_balances
from app.kernel.errors import Refused
from app.kernel.paging import Ask
from app.kernel.work import Work, reading, work
from app.payments import queries_small
from app.payments.api_cards import entity_of
from app.payments.lifecycle import SmallState
from app.payments.pages import pages
from app.web.door import actor, ask_from, can, download

STATES = [(one.value, one.value.replace("_", " ").capitalize()) for one in SmallState]


@pages.get("/small")
def small() -> AnyResponse | str:
    """What could be proposed, what was, and what became of it; a file of the list."""
    ask = ask_from(queries_small.SORTS, default=queries_small.DEFAULT, filters=queries_small.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            rows = queries_small.smalls(w, ask.all()).rows
            return download(w, queries_small.COLUMNS, rows, "small-balances", ask.format)
        return _list(w, ask)


def _list(w: Work, ask: Ask, problem: Refused | None = None) -> str:
    may_ask = can("payments.small")
    previews: list[Any] = []
    for one in entities.practices(w) if may_ask and w.actor.permissions & {"*", "payments.small"} else ():
        previews.append((one.name, one.public_id, small_balances.preview(w, one.id)))
    seen = [each.patient_id for _, _, found in previews for each in found.sample]
    w.audit("small.preview", "R", "small_balance", patients=seen)
    return render_template(
        "payments/small.html",
        ask=ask,
        found=queries_small.smalls(w, ask),
        totals=queries_small.totals(w, ask),
        columns=queries_small.COLUMNS,
        previews=previews,
        states=STATES,
        may_ask=may_ask,
        may_decide=can("payments.small_approve"),
        problem=problem,
    )


def _refused(problem: Refused) -> tuple[str, int]:
    with reading(actor()) as w:
        return _list(w, Ask("asked", descending=True), problem), problem.status


@pages.post("/small/propose")
def small_propose() -> AnyResponse | tuple[str, int]:
    """Propose what was previewed."""
    form = request.form
    try:
        with work(actor()) as w:
            entity_id = entity_of(w, form.get("entity", ""))
            count, cents = form.get("count", 0, type=int), form.get("cents", 0, type=int)
            made = small_balances.propose(w, entity_id, count=count, cents=cents)
    except Refused as problem:
        return _refused(problem)
    flash(f"{made} proposed. Another person decides about them.", "good")
    return redirect(url_for("payments.small"), 303)


@pages.post("/small/decide")
def small_decide() -> AnyResponse | tuple[str, int]:
    """Write the chosen ones off, or decline them."""
    form = request.form
    pairs = [one.partition(":") for one in form.getlist("chosen")][:500]
    chosen = [(public, int(version)) for public, _, version in pairs if version.isdecimal()]
    approve = form.get("approve") == "yes"
    try:
        if not chosen:
            raise Refused("Choose what to decide about.", code="nothing_chosen")
        with work(actor()) as w:
            entity_id = queries_small.small(w, chosen[0][0]).entity_id
            made = small_balances.decide(w, entity_id, chosen, approve=approve)
    except Refused as problem:
        return _refused(problem)
    flash(f"{made} {'written off' if approve else 'declined'}.", "good")
    return redirect(url_for("payments.small"), 303)
