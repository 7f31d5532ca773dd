"""A set of denials whose claims go out again together: looked at, opened, taken back."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.denials.pages import back_to_list
from app.denials.pages_acts import chosen
from app.kernel.errors import NotFound, Refused
from app.kernel.work import reading, work
from app.rebill import queries_sets, rules_sets, service_sets
from app.rebill.pages import pages
from app.web.door import actor


@pages.post("/rebill/sets/look")
def set_look() -> tuple[str, int] | str:
    """What would be opened for the chosen denials, before anything is."""
    return _look(None)


def _look(problem: Refused | None) -> tuple[str, int] | str:
    form = request.form
    found, denials = None, []
    try:
        with reading(actor()) as w:
            denials = form.getlist("denial") or chosen(w, form, service_sets.MOST)
            correction = None if problem else _correction()
            found = service_sets.preview(w, denials, correction)
    except NotFound:
        raise
    except Refused as refusal:
        problem = problem or refusal
    page = render_template(
        "rebill/set_look.html",
        found=found,
        denials=denials,
        fields=rules_sets.choices(),
        form=form,
        back=form.get("back", "")[:1_500],
        back_href=back_to_list(form.get("back", "")),
        problem=problem,
        most=service_sets.MOST,
    )
    return (page, problem.status) if problem else page


def _correction() -> rules_sets.Correction | None:
    form = request.form
    return rules_sets.read(form.get("field", ""), form.get("value", ""), form.get("procedure", ""))


@pages.post("/rebill/sets")
def set_open() -> AnyResponse | tuple[str, int] | str:
    """Open the set as it was shown."""
    form = request.form
    try:
        with work(actor()) as w:
            done = service_sets.open_set(
                w, form.getlist("denial")[: service_sets.MOST + 1], _correction(),
                reason=form.get("reason", ""),
            )  # fmt: skip
    except NotFound:
        raise
    except Refused as problem:
        return _look(problem)
    if not done.public_id:
        flash("Nothing was opened: each of them is kept back for the reason shown before.", "info")
        return redirect(back_to_list(form.get("back", "")), 303)
    left = f" {len(done.blocked)} denials stay as they are." if done.blocked else ""
    flash(f"{done.claims} claims are drafts now.{left}", "good")
    return redirect(url_for("rebill.set_one", public_id=done.public_id), 303)


@pages.get("/rebill/sets/<public_id>")
def set_one(public_id: str) -> str:
    """A set that was opened, and where its claims stand."""
    with reading(actor()) as w:
        return render_template("rebill/set_one.html", found=queries_sets.one(w, public_id))


@pages.post("/rebill/sets/<public_id>/undo")
def set_undo(public_id: str) -> AnyResponse:
    """Take a set back: what was not sent nor changed since is cancelled."""
    try:
        with work(actor()) as w:
            cancelled, left = service_sets.undo_set(w, public_id, request.form.get("reason", ""))
    except NotFound:
        raise
    except Refused as problem:
        flash(problem.message, "bad")
    else:
        rest = f" {left} were sent or changed since and stay." if left else ""
        flash(f"{cancelled} claims are cancelled and their denials are back.{rest}", "good")
    return redirect(url_for("rebill.set_one", public_id=public_id), 303)
