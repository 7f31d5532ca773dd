"""The screen Receivers: where claims go, how, and which payer's claims go where."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.gateways import sftp
from app.gateways.handing import Outcome
from app.kernel.errors import Refused
from app.kernel.settings import settings
from app.kernel.work import Work, reading, work
from app.payers.rules_terms import read_day
from app.rebill import queries_receivers, rules_batches, service_receivers
from app.rebill.pages import pages
from app.rebill.queries_receivers import ReceiverView
from app.rebill.rules_batches import QUALIFIERS, USAGES, ReceiverFacts
from app.web.door import actor, can

HOWS = [(one.value, words) for one, words in rules_batches.HOWS.items()]
TEXTS = (
    "name", "how", "usage", "sender_qualifier", "sender", "receiver_qualifier", "receiver", "submitter_name",
    "submitter_number", "contact_name", "contact_phone", "receiver_name", "receiver_number", "place", "host",
    "username",
)  # fmt: skip
FRESH: dict[str, Any] = {
    "how": "download", "usage": "P", "sender_qualifier": "ZZ", "receiver_qualifier": "ZZ", "port": "22",
    "first_number": "1", "is_default": "",
}  # fmt: skip


@pages.get("/rebill/receivers")
def receivers() -> str:
    """Every receiver, and what is missing before it can be sent to."""
    with reading(actor()) as w:
        return render_template(
            "rebill/receivers.html", receivers=queries_receivers.receivers(w), hows=dict(HOWS)
        )


def number_of(text: str, field: str) -> int:
    """A number as a form carries it; `Refused` when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Refused("This is a number.", code=field, field=field)
    return int(text)


def facts_of(form: Mapping[str, str]) -> ReceiverFacts:
    """What a form says of a receiver."""
    texts = {name: form.get(name, "") for name in TEXTS}
    port = number_of(form.get("port") or "22", "port")
    return ReceiverFacts(**texts, port=port, is_default=form.get("is_default") == "yes")


def _form(page: str, problem: Refused | None, **values: Any) -> tuple[str, int]:
    shown = render_template(
        page, problem=problem, hows=HOWS, usages=list(USAGES.items()),
        qualifiers=[(one, one) for one in QUALIFIERS], outgoing=settings().outgoing, **values,
    )  # fmt: skip
    return shown, problem.status if problem else 200


@pages.route("/rebill/receivers/new", methods=["GET", "POST"])
def receivers_add() -> AnyResponse | tuple[str, int]:
    """Name a receiver for a practice."""
    form, problem = request.form, None
    if request.method == "POST":
        try:
            facts = facts_of(form)
            first = number_of(form.get("first_number") or "1", "first_number")
            with work(actor()) as w:
                made = service_receivers.add(
                    w, form.get("entity", ""), facts, secret=form.get("secret", ""), first_number=first
                )
        except Refused as refusal:
            problem = refusal
        else:
            flash("Added. Try the connection before the first batch.", "good")
            return redirect(url_for("rebill.receivers_one", public_id=made), 303)
    with reading(actor()) as w:
        practices = [(one.public_id, one.name) for one in entities.practices(w)]
    return _form("rebill/receiver_add.html", problem, form=form if problem else FRESH, practices=practices)


@pages.get("/rebill/receivers/<public_id>")
def receivers_one(public_id: str) -> tuple[str, int]:
    """One receiver: its facts, the key of its server, the payers routed to it."""
    with reading(actor()) as w:
        return _one(w, public_id)


def _one(
    w: Work, public_id: str, problem: Refused | None = None, *, shown_key: str = "", tried: Any = None
) -> tuple[str, int]:
    row = queries_receivers.receiver(w, public_id)
    typed = request.form if problem and "name" in request.form else None
    return _form(
        "rebill/receiver.html",
        problem,
        row=row,
        form=typed or _facts(row),
        writes=can("rebill.receivers", row.entity_id),
        routes=queries_receivers.routes(w, row.id),
        payers=queries_receivers.payer_choices(w, row.entity_id),
        today=w.today(row.time_zone),
        shown_key=shown_key,
        tried=tried,
        arrived=Outcome.ARRIVED,
    )


def _facts(row: ReceiverView) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in (*TEXTS, "port")}
    return facts | {"is_default": "yes" if row.is_default else ""}


def _version() -> int:
    return number_of(request.form.get("version", ""), "version")


def _changed(w: Work, public_id: str, doing: str) -> str:
    form, version = request.form, _version()
    if doing == "change":
        secret = form.get("secret", "")
        service_receivers.change(w, public_id, facts_of(form), secret=secret, version=version)
        return "Saved."
    if doing == "switch":
        on = form.get("active") == "yes"
        service_receivers.switch(w, public_id, active=on, version=version)
        return "It is used again." if on else "It is used no more."
    if doing == "key":
        service_receivers.confirm_key(w, public_id, form.get("host_key", ""), version=version)
        return "Confirmed. Only a server with this key is spoken to."
    today = w.today(queries_receivers.receiver(w, public_id).time_zone)
    day = read_day(form.get("day", "") or "t", "day", today)
    if doing == "route":
        service_receivers.route(w, public_id, form.get("payer", ""), since=day, version=version)
        return "Routed."
    service_receivers.end_route(w, public_id, form.get("payer", ""), until=day, version=version)
    return "The route ends; its claims go to the default receiver again."


@pages.post("/rebill/receivers/<public_id>/<any(change, switch, key, route, unroute):doing>")
def receivers_change(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Change a receiver, switch it off or on, confirm the key of its server, route a payer or end that."""
    try:
        with work(actor()) as w:
            words = _changed(w, public_id, doing)
    except Refused as problem:
        if problem.status == 404:
            raise
        with reading(actor()) as w:
            return _one(w, public_id, problem)
    flash(words, "good")
    return redirect(url_for("rebill.receivers_one", public_id=public_id), 303)


@pages.post("/rebill/receivers/<public_id>/look")
def receivers_look(public_id: str) -> tuple[str, int]:
    """The key the server shows now, for a person to compare and confirm; nobody signs in."""
    with reading(actor()) as w:
        row, problem, key = queries_receivers.receiver(w, public_id), None, ""
    try:
        key = sftp.shown_key(row.host, row.port)
    except Refused as refusal:
        problem = refusal
    with reading(actor()) as w:
        return _one(w, public_id, problem, shown_key=key)


@pages.post("/rebill/receivers/<public_id>/try")
def receivers_try(public_id: str) -> tuple[str, int]:
    """Connect, sign in and look at the folder; uploads nothing."""
    with reading(actor()) as w:
        way = service_receivers.way(w, queries_receivers.receiver(w, public_id).id)
    handed = way.try_out()
    with reading(actor()) as w:
        return _one(w, public_id, tried=handed)
