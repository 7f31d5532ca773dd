"""The screens Patients and Patient account: find somebody, and see the whole story of their balance."""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.flows import name_sources, patient_account
from app.flows.patient_account import LedgerLine, account_name, read_day
from app.kernel.export import Column, Kind
from app.kernel.limits import SEARCH_CHARACTERS
from app.kernel.work import reading
from app.patients import queries
from app.web.door import actor, ask_from, download
from app.web.panels import panels

pages = Blueprint("patients", __name__, template_folder="templates")
COLUMNS = [
    Column("name", "Patient", sort="name"),
    Column("birth", "Born", Kind.DAY, "birth"),
    Column("member", "Member number", Kind.CODE, hint="Its last four signs"),
    Column("entity", "Entity"),
]


def _of(name: str) -> Any:
    return lambda line: getattr(line.entry, name)


def _account(side: str) -> Any:
    def value(line: LedgerLine) -> str:
        return account_name(getattr(line.entry, side), getattr(line.entry, f"{side}_rank"))

    return value


LEDGER_COLUMNS = [
    Column("effective_date", "Effective", Kind.DAY, value=_of("effective_date")),
    Column("control", "Claim", Kind.CODE),
    Column("event", "Event", value=lambda line: line.entry.event.replace("_", " ")),
    Column("debit", "Debit", value=_account("debit")),
    Column("credit", "Credit", value=_account("credit")),
    Column("amount", "Amount", Kind.MONEY, value=_of("amount")),
    Column("payer_after", "Payers owe", Kind.MONEY, hint="Over all visits, after this entry"),
    Column("patient_after", "Patient owes", Kind.MONEY, hint="Over all visits, after this entry"),
    Column("recorded_at", "Recorded", Kind.INSTANT, value=_of("recorded_at")),
]


@pages.get("/patients/")
def patients() -> AnyResponse | str:
    """Everybody the claims name; a search goes by a form, never by an address."""
    ask = ask_from(queries.SORTS, default="name", filters=queries.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            return download(w, COLUMNS, queries.patients(w, ask.all()).rows, "patients", ask.format)
        return render_template(
            "patients/patients.html",
            ask=ask,
            columns=COLUMNS,
            found=queries.patients(w, ask),
            entities=[(one.public_id, one.name) for one in entities.practices(w)],
            text="",
        )


@pages.post("/patients/")
def search() -> str:
    """The patients a name, a birth date or a member number means."""
    text = request.form.get("q", "").strip()[:SEARCH_CHARACTERS]
    with reading(actor()) as w:
        found = queries.search(w, text)
        return render_template(
            "patients/patients.html", ask=None, columns=COLUMNS, found=found, entities=[], text=text
        )


@pages.get("/patients/<public_id>")
def account(public_id: str) -> AnyResponse | str:
    """One patient's account: balances by visit, payments against charges, ledger, open work, history."""
    as_of = read_day(request.args.get("as_of", ""), "as_of")
    with reading(actor()) as w:
        found = patient_account.account(w, public_id, as_of=as_of)
        if file_format := request.args.get("format", ""):
            return download(w, LEDGER_COLUMNS, found.ledger, "account", file_format)
        return render_template(
            "patients/account.html",
            found=found,
            head=found.head,
            names=name_sources.of_entries(w, [one.entry for one in found.ledger]),
            account=account_name,
            panels=panels(w, "patient", found.head.id),
            zone=found.head.time_zone,
        )
