"""Write-offs: asked on the case, decided by another person from the list of all that wait."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.denials import queries, queries_case, queries_grid, service_writeoff
from app.denials.lifecycle import Decision
from app.denials.pages import pages, today_here, version_of
from app.denials.pages_case import show
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.work import reading, work
from app.web.door import actor


@pages.post("/denials/<public_id>/writeoff")
def ask_writeoff(public_id: str) -> AnyResponse | tuple[str, int]:
    """Ask to give up what a case denied."""
    form = request.form
    try:
        amount = form.get("amount", "").strip()
        with work(actor()) as w:
            service_writeoff.request(
                w, public_id, version=version_of(form.get("version", "")), reason=form.get("reason", ""),
                words=form.get("words", ""), amount=Money.parse(amount) if amount else None,
            )  # fmt: skip
    except NotFound:
        raise
    except Refused as problem:
        return show(public_id, problem), problem.status
    flash("Asked. Somebody else decides; the case waits for them.", "good")
    return redirect(url_for("denials.case", public_id=public_id), 303)


@pages.get("/denials/writeoffs")
def writeoffs() -> str:
    """Every request that waits for a decision, with its case."""
    return _list(None)


def _list(problem: Refused | None) -> str:
    with reading(actor()) as w:
        waiting = queries_case.writeoffs(w)
        rows = queries.rows_named(w, [one.denial for one in waiting])
        cases = {one.public_id: one for one in queries_grid.on_claim(w, rows, today_here())}
        return render_template(
            "denials/writeoffs.html", waiting=waiting, cases=cases, problem=problem,
            reasons=service_writeoff.REASONS,
        )  # fmt: skip


@pages.post("/denials/writeoffs/<public_id>")
def decide_writeoff(public_id: str) -> AnyResponse | tuple[str, int]:
    """Approve or decline one request."""
    form = request.form
    try:
        verb = form.get("decision", "")
        if verb not in (Decision.APPROVE.value, Decision.DECLINE.value):
            raise Refused("Approve it or decline it.", code="unknown_decision", field="decision")
        with work(actor()) as w:
            service_writeoff.decide(
                w, public_id, Decision(verb), version=version_of(form.get("version", "")),
                answer=form.get("answer", ""), reviewed=form.get("reviewed") == "yes",
            )  # fmt: skip
    except NotFound:
        raise
    except Refused as problem:
        return _list(problem), problem.status
    flash(
        "Approved and posted." if verb == Decision.APPROVE.value else "Declined: back with the clerk.", "good"
    )
    return redirect(url_for("denials.writeoffs"), 303)
