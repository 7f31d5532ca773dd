"""The screen Silent claims: ask the payer, write down what it says, put a claim aside until a day."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.claims import queries, queries_silent, service_silent
from app.claims.lifecycle import Track
from app.claims.pages import KINDS, pages
from app.claims.pages_rejections import call_of_form
from app.contacts import queries as contacts
from app.contacts import rules as contact_rules
from app.kernel.errors import Refused
from app.kernel.export import Column, Kind
from app.kernel.work import Work, reading, work
from app.ledger.queries import read_day
from app.web.door import actor, ask_from, download

COLUMNS = [
    Column("claim", "Claim", Kind.CODE),
    Column("payer", "Carrier", sort="payer"),
    Column("kind", "Type", value=lambda row: KINDS.get(row.kind, row.kind), wide=False),
    Column("patient", "Patient"),
    Column("service_from", "Service", Kind.DAY, wide=False),
    Column("sent", "Sent", Kind.DAY, "sent"),
    Column("first_sent", "First sent", Kind.DAY, "first_sent", wide=False),
    Column("amount", "Amount", Kind.MONEY, "amount"),
    Column("days", "Days", Kind.COUNT, hint="Since it was last sent"),
    Column("expected_by", "Expected by", Kind.DAY, "expected"),
    Column("track", "Status", Kind.STATE),
    Column("owner", "Owner", wide=False),
]
EXPORT_COLUMNS = [
    Column("entity", "Billing entity"),
    *COLUMNS,
    Column("provider_npi", "Provider NPI", Kind.CODE),
    Column("waited", "Why by then"),
    Column("escalate_on", "Escalate on", Kind.DAY),
    Column("track_on", "Status since", Kind.DAY),
    Column("suppressed_until", "Put aside until", Kind.DAY),
    Column("suppressed_reason", "Put aside because"),
]


@pages.get("/claims/silent")
def silent() -> AnyResponse | str:
    """Claims no remit has answered in the time their payer takes, longest overdue first."""
    ask = ask_from(queries_silent.SORTS, default="expected", filters=queries_silent.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            rows = queries_silent.silent(w, ask.all()).rows
            return download(w, EXPORT_COLUMNS, rows, "silent-claims", ask.format)
        return render_template(
            "claims/silent.html",
            ask=ask,
            columns=COLUMNS,
            found=queries_silent.silent(w, ask),
            totals=queries_silent.totals(w, ask),
            tracks=list(queries_silent.TRACKS.items()),
            since=list(queries_silent.SINCE.items()),
            aside=list(queries_silent.SUPPRESSED.items()),
            payers=[(one.public_id, one.name) for one in queries.payer_choices(w)],
            entities=[(one.public_id, one.name) for one in queries.entity_choices(w)],
        )


@pages.get("/claims/silent/<public_id>")
def silent_claim(public_id: str) -> str:
    """One silent claim: why it was expected, what the payer said, what was done."""
    with reading(actor()) as w:
        return _page(w, public_id)


def _page(w: Work, public_id: str, problem: Refused | None = None) -> str:
    row = queries_silent.one(w, public_id)
    return render_template(
        "claims/silent_claim.html",
        row=row,
        kind=KINDS.get(row.kind, row.kind),
        hint=queries_silent.hint(w, row.claim_id),
        said=contacts.about(w, service_silent.SUBJECT, row.claim_id),
        tracks=[(one.value, one.value.capitalize()) for one in Track if one is not Track.CALLED],
        call_outcomes=list(contact_rules.OUTCOMES.items()),
        problem=problem,
    )


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
    return redirect(url_for("claims.silent_claim", public_id=public_id), 303)


def _version() -> int:
    return request.form.get("version", 0, type=int)


@pages.post("/claims/silent/<public_id>/assign")
def assign_silent(public_id: str) -> AnyResponse | tuple[str, int]:
    """Take it, or give it back."""
    mine = request.form.get("owner") == "me"

    def verb(w: Work) -> None:
        service_silent.assign(w, public_id, owner_id=w.actor.person_id if mine else None)

    return _done(public_id, "It is yours." if mine else "It is nobody's again.", verb)


@pages.post("/claims/silent/<public_id>/track")
def track_silent(public_id: str) -> AnyResponse | tuple[str, int]:
    """Say what was done about it."""
    status = request.form.get("status", "")
    return _done(
        public_id,
        "Noted.",
        lambda w: service_silent.track(w, public_id, status=status, version=_version()),
    )


@pages.post("/claims/silent/<public_id>/suppress")
def suppress_silent(public_id: str) -> AnyResponse | tuple[str, int]:
    """Put it aside until a day."""

    def verb(w: Work) -> None:
        until = read_day(request.form.get("until", ""), "until")
        reason = request.form.get("reason", "")
        service_silent.suppress(w, public_id, until=until, reason=reason, version=_version())

    return _done(public_id, "Put aside. It comes back by itself after that day.", verb)


@pages.post("/claims/silent/<public_id>/note")
def note_silent(public_id: str) -> AnyResponse | tuple[str, int]:
    """Write a note."""
    text = request.form.get("text", "")
    return _done(public_id, "Noted.", lambda w: service_silent.note(w, public_id, text))


@pages.post("/claims/silent/<public_id>/call")
def call_silent(public_id: str) -> AnyResponse | tuple[str, int]:
    """Write down a call."""

    def verb(w: Work) -> None:
        service_silent.log_call(w, public_id, **call_of_form())

    return _done(public_id, "The call is written down.", verb)
