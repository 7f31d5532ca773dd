"""The screen Webhooks: which programs are told what, and whether the messages arrived."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.gateways import web_post
from app.hooks import queries, service
from app.hooks.rules import KINDS, DeliveryState
from app.kernel.errors import Refused
from app.kernel.export import Column, Kind
from app.kernel.work import reading, work
from app.web.door import actor, ask_from, download

pages = Blueprint("hooks", __name__, url_prefix="/webhooks", template_folder="templates")
COLUMNS = (
    Column("made_at", "Made", Kind.INSTANT, sort="made"),
    Column("url", "Receiver"),
    Column("events", "Events", Kind.COUNT),
    Column("state", "State", Kind.STATE),
    Column("tries", "Tries", Kind.COUNT),
    Column("status", "Last answer", Kind.COUNT, wide=False),
    Column("problem", "Problem"),
    Column("next_at", "Next try", Kind.INSTANT, wide=False),
)


@pages.get("/")
def webhooks() -> AnyResponse | str:
    """Receivers, and their messages; a file of the messages."""
    ask = ask_from(queries.SORTS, default="-made", filters=queries.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            return download(w, COLUMNS, queries.deliveries(w, ask.all()).rows, "deliveries", ask.format)
        return render_template(
            "hooks/webhooks.html",
            hooks=queries.hooks(w),
            names={one.public_id: one.name for one in entities.practices(w)},
            columns=COLUMNS,
            found=queries.deliveries(w, ask),
            ask=ask,
            states=[(one.value, one.value.replace("_", " ").capitalize()) for one in DeliveryState],
        )


@pages.route("/new", methods=["GET", "POST"])
def add() -> AnyResponse | tuple[str, int] | str:
    """Name a receiver; the secret is shown once, on this page only."""
    form, problem = request.form, None
    if request.method == "POST":
        try:
            web_post.checked(form.get("url", ""))
            with work(actor()) as w:
                made = service.add(w, form.get("entity", ""), form.get("url", ""), form.getlist("kinds"))
            return render_template("hooks/once.html", made=made)
        except Refused as refusal:
            problem = refusal
    with reading(actor()) as w:
        places = [(one.public_id, one.name) for one in entities.practices(w)]
    shown = render_template("hooks/add.html", form=form, problem=problem, places=places, kinds=KINDS)
    return (shown, problem.status) if problem else shown


@pages.post("/<public_id>/switch")
def switch(public_id: str) -> AnyResponse:
    """Pause a receiver, or go on."""
    try:
        with work(actor()) as w:
            known, on = queries.one(w, public_id), request.form.get("active") == "yes"
            version = int(request.form.get("version") or 0) if known else 0
            service.change(w, public_id, url=known.url, kinds=known.kinds, active=on, version=version)
        flash("Messages go out again." if on else "No more messages go there.", "good")
    except (Refused, ValueError) as refusal:
        flash(refusal.message if isinstance(refusal, Refused) else "Load the page again.", "bad")
    return redirect(url_for("hooks.webhooks"), 303)


@pages.post("/deliveries/<public_id>/replay")
def replay(public_id: str) -> AnyResponse:
    """Deliver a finished message once more."""
    with work(actor()) as w:
        service.replay(w, public_id)
    flash("The message goes out once more.", "good")
    return redirect(url_for("hooks.webhooks"), 303)
