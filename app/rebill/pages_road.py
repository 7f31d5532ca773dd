"""Proofs of timely filing, for people."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.work import reading, work
from app.rebill import service_proofs
from app.rebill.pages import pages
from app.web.door import actor, file_answer


@pages.get("/rebill/proofs/<public_id>")
def proof(public_id: str) -> AnyResponse:
    """A proof of timely filing as a PDF."""
    with reading(actor()) as w:
        row, content = service_proofs.shown(w, public_id)
        name = f"proof-of-timely-filing-{row.day.isoformat()}.pdf"
        return file_answer(content, name, "application/pdf")


@pages.post("/rebill/proofs/of/<claim_id>")
def collect_proofs(claim_id: str) -> AnyResponse:
    """Look for everything that shows a claim was filed in time."""
    with work(actor()) as w:
        found = service_proofs.collect(w, claim_id)
    flash(
        "No document shows that it was filed." if not found else f"{found[0].words}, {found[0].day:%m/%d/%Y}."
    )
    return redirect(url_for("denials.claim", public_id=claim_id) + "#road")
