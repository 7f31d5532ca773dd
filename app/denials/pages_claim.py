"""A claim with all that ever happened to it."""

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.denials import queries_claim, queries_grid
from app.denials.pages import Reader, pages
from app.flows import name_sources
from app.kernel.export import Column, Kind
from app.kernel.work import reading
from app.ledger.queries import account_name
from app.web.door import actor, can, download
from app.web.panels import panels

RANKS = {1: "Primary", 2: "Secondary", 3: "Tertiary"}
ENTRY_COLUMNS = [
    Column("effective", "Effective", Kind.DAY, value=lambda one: one.entry.effective_date),
    Column("event", "Event", value=lambda one: one.entry.event.replace("_", " ")),
    Column("debit", "Debit", value=lambda one: account_name(one.entry.debit, one.entry.debit_rank)),
    Column("credit", "Credit", value=lambda one: account_name(one.entry.credit, one.entry.credit_rank)),
    Column("amount", "Amount", Kind.MONEY, value=lambda one: one.entry.amount),
    Column("payer_after", "Payers owe", Kind.MONEY, hint="After this entry"),
    Column("patient_after", "Patient owes", Kind.MONEY, hint="After this entry"),
    Column("segment", "Segment", Kind.COUNT, value=lambda one: one.entry.segment),
    Column("batch", "Batch", Kind.COUNT, value=lambda one: one.entry.chain_no),
    Column("recorded", "Recorded", Kind.INSTANT, value=lambda one: one.entry.recorded_at, wide=False),
]


@pages.get("/claims/<public_id>")
def claim(public_id: str) -> AnyResponse | str:
    """A claim: as billed, as answered, what was refused, its ledger, its history; a file of its entries."""
    with reading(actor()) as w:
        found = queries_claim.claim(w, public_id)
        today = w.today(found.head.time_zone)
        names = name_sources.of_entries(w, [one.entry for one in found.entries])
        if file_format := request.args.get("format"):
            return download(w, ENTRY_COLUMNS, found.entries, f"claim-{found.head.control}", file_format)
        return render_template(
            "denials/claim.html",
            page=found,
            head=found.head,
            figures=found.figures,
            cases=queries_grid.on_claim(w, found.denials, today),
            names=names,
            panels=panels(w, "claim", found.head.id),
            payer_facts=[(RANKS.get(one.rank, f"Payer {one.rank}"), one.payer) for one in found.payers],
            account=account_name,
            columns=ENTRY_COLUMNS,
            read=Reader(w, today),
            clinical=can("clinical.read", found.head.entity_id),
            zone=found.head.time_zone,
        )
