"""The screen Claims: search by control number, payer, day, amount, and who owes. A claim's own page is with
denials."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response as AnyResponse

from app.claims import queries
from app.claims.queries_states import STATES
from app.kernel.export import Column, Kind
from app.kernel.work import reading
from app.web.door import actor, ask_from, download

pages = Blueprint("claims", __name__, template_folder="templates")
KINDS = {"P": "professional", "I": "institutional", "D": "dental"}
STANDINGS = {
    "with_payer": "With the payer",
    "with_patient": "With the patient",
    "with_both": "With both",
    "settled": "Settled",
    "credit": "Credit",
    "undone": "Undone",
}
COLUMNS = [
    Column("control", "Claim", Kind.CODE, "control"),
    Column("patient", "Patient"),
    Column("payer", "Payer"),
    Column("service_from", "Service from", Kind.DAY, "service"),
    Column("service_to", "to", Kind.DAY, wide=False),
    Column("kind", "Kind", value=lambda row: KINDS.get(row.kind, row.kind), wide=False),
    Column("charge", "Charge", Kind.MONEY, "charge"),
    Column("payer_balance", "Payers owe", Kind.MONEY, "payer_balance", hint="Open receivable of all payers"),
    Column("patient_balance", "Patient owes", Kind.MONEY, "patient_balance"),
    Column("state", "State", Kind.STATE, hint="Where it is on its way to payment"),
    Column("since", "Since", Kind.DAY, wide=False),
    Column("standing", "Standing", Kind.STATE),
]
EXPORT_COLUMNS = [
    *COLUMNS,
    Column("entity", "Billing entity"),
    Column("provider_npi", "Provider NPI", Kind.CODE),
]


@pages.get("/claims")
def claims() -> AnyResponse | str:
    """Every claim on the books, last recorded first."""
    ask = ask_from(queries.SORTS, default="-recorded", filters=queries.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            return download(w, EXPORT_COLUMNS, queries.claims(w, ask.all()).rows, "claims", ask.format)
        entities = queries.entity_choices(w)
        totals = queries.totals(w, ask)
        return render_template(
            "claims/claims.html",
            ask=ask,
            columns=COLUMNS,
            found=queries.claims(w, ask),
            totals=totals.answer,
            counted_at=None if totals.fresh else totals.at,
            payers=[(one.public_id, one.name) for one in queries.payer_choices(w)],
            entities=[(one.public_id, one.name) for one in entities],
            standings=list(STANDINGS.items()),
            states=[(one, one.replace("_", " ").capitalize()) for one in STATES],
        )
