"""The screen Rejections: what was refused before anybody decided on it, and what to do about each."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.claims import queries, queries_rejections, service_rejections
from app.claims.pages import pages
from app.contacts import queries as contacts
from app.contacts import rules as contact_rules
from app.kernel.errors import Refused
from app.kernel.export import Column, Kind
from app.kernel.money import Money
from app.kernel.paging import Panel
from app.kernel.work import Work, reading, work
from app.ledger.queries import read_day
from app.web.door import actor, ask_from, download
from app.web.panels import panels

COLUMNS = [
    Column("subject", "Claim or file", Kind.CODE),
    Column("patient", "Patient"),
    Column("payer", "Payer"),
    Column("code", "Code", Kind.CODE, "code"),
    Column("words", "What it says"),
    Column("action", "What to do"),
    Column("amount", "Charge", Kind.MONEY, "amount"),
    Column("age", "Days", Kind.COUNT, hint="Since it came in"),
    Column("due", "Send by", Kind.DAY, "due", hint="Last day of timely filing by the payer's terms"),
    Column("owner", "Owner", wide=False),
]
EXPORT_COLUMNS = [
    Column("entity", "Billing entity"),
    *COLUMNS,
    Column("kind", "Kind"),
    Column("instruction", "How"),
    Column("opened_at", "Opened", Kind.INSTANT),
    Column("resubmitted_on", "Sent again", Kind.DAY),
    Column("state", "State"),
    Column("outcome", "Outcome"),
]


@pages.get("/claims/rejections")
def rejections() -> AnyResponse | str:
    """What was refused on its way to the payer, most pressing first."""
    ask = ask_from(queries_rejections.SORTS, default="-rank", filters=queries_rejections.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            rows = queries_rejections.rejections(w, ask.all()).rows
            return download(w, EXPORT_COLUMNS, rows, "rejections", ask.format)
        return render_template(
            "claims/rejections.html",
            ask=ask,
            columns=COLUMNS,
            found=queries_rejections.rejections(w, ask),
            totals=queries_rejections.totals(w, ask),
            kinds=list(queries_rejections.KINDS.items()),
            item_states=list(queries_rejections.ITEM_STATES.items()),
            payers=[(one.public_id, one.name) for one in queries.payer_choices(w)],
            entities=[(one.public_id, one.name) for one in queries.entity_choices(w)],
        )


@pages.get("/claims/rejections/<public_id>")
def rejection(public_id: str) -> str:
    """One rejection: what was objected to, what to do, what was said about it."""
    with reading(actor()) as w:
        return _page(w, public_id)


def _page(w: Work, public_id: str, problem: Refused | None = None) -> str:
    row = queries_rejections.rejection(w, public_id)
    details, document, own_words = queries_rejections.details(w, row)
    return render_template(
        "claims/rejection.html",
        row=row,
        kind=queries_rejections.KINDS.get(row.kind, row.kind),
        details=details,
        document=document,
        own_words=own_words,
        said=contacts.about(w, service_rejections.SUBJECT, row.item_id),
        outcomes=list(service_rejections.OUTCOMES.items()),
        call_outcomes=list(contact_rules.OUTCOMES.items()),
        problem=problem,
        next=_next(w, public_id),
        panels=_panels(w, row.claim_public),
    )


def _panels(w: Work, claim_public: str | None) -> list[Panel]:
    """What others show about a rejected claim; a refused file has none."""
    return panels(w, "rejection", queries.by_public(w, claim_public).id) if claim_public else []


def _next(w: Work, public_id: str) -> str:
    """The open rejection after this one, from the top again after the last; empty when there is no other."""
    return queries_rejections.following(w, public_id)


def _done(public_id: str, words: str, verb: Any) -> AnyResponse | tuple[str, int]:
    try:
        with work(actor()) as w:
            verb(w)
    except Refused as problem:
        if problem.status == 404:
            raise
        with reading(actor()) as w:
            return _page(w, public_id, problem), problem.status
    flash(words, "good")
    return redirect(url_for("claims.rejection", public_id=public_id), 303)


def _version() -> int:
    return request.form.get("version", 0, type=int)


@pages.post("/claims/rejections/<public_id>/assign")
def assign_rejection(public_id: str) -> AnyResponse | tuple[str, int]:
    """Take it, or give it back."""
    mine = request.form.get("owner") == "me"

    def verb(w: Work) -> None:
        owner = w.actor.person_id if mine else None
        service_rejections.assign(w, public_id, owner_id=owner, version=_version())

    return _done(public_id, "It is yours." if mine else "It is nobody's again.", verb)


@pages.post("/claims/rejections/<public_id>/finish")
def finish_rejection(public_id: str) -> AnyResponse | tuple[str, int]:
    """Say what became of it."""
    outcome = request.form.get("outcome", "")
    return _done(
        public_id,
        "Done. It opens again should the claim be refused again.",
        lambda w: service_rejections.finish(w, public_id, outcome=outcome, version=_version()),
    )


@pages.post("/claims/rejections/<public_id>/note")
def note_rejection(public_id: str) -> AnyResponse | tuple[str, int]:
    """Write a note."""
    text = request.form.get("text", "")
    return _done(public_id, "Noted.", lambda w: service_rejections.note(w, public_id, text))


@pages.post("/claims/rejections/<public_id>/call")
def call_rejection(public_id: str) -> AnyResponse | tuple[str, int]:
    """Write down a call."""

    def verb(w: Work) -> None:
        service_rejections.log_call(w, public_id, **call_of_form())

    return _done(public_id, "The call is written down.", verb)


def call_of_form() -> dict[str, Any]:
    """What the form of a call says, as `contacts.log_call` takes it."""
    form = request.form
    amount = form.get("promised_amount", "").strip()
    return {
        "representative": form.get("representative", ""),
        "reference": form.get("reference", ""),
        "outcome": form.get("call_outcome", "other"),
        "promised_on": read_day(form.get("promised_on", ""), "promised_on"),
        "promised_amount": Money.parse(amount) if amount else None,
        "note": form.get("note", ""),
    }
