"""The EOB of one claim for people: page and PDF."""

from flask import render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.work import reading
from app.remits import queries, service_eob
from app.remits.pages import pages
from app.remits.rules_words import reason_words
from app.web.door import actor, file_answer

METHODS = {"ACH": "EFT", "CHK": "Check", "FWT": "Wire", "BOP": "Bank draft", "NON": "No payment"}
STANDING = {
    "reversal": "The payer takes back an earlier answer: its amounts are negative.",
    "reversed": "The payer took this answer back later; it no longer stands.",
    "undone": "Its posting was undone; it no longer counts.",
    "parked": "Not posted yet: this answer waits for a person.",
    "estimate": "An estimate: no money moved.",
    "not_ours": "This payment was not for a claim of ours.",
    "split": "This payment was divided among several claims.",
}


@pages.get("/remits/claims/<public_id>/eob")
def eob(public_id: str) -> str:
    """What one payer said of one claim, each line beside the segments it was read from."""
    with reading(actor()) as w:
        found = service_eob.eob(w, public_id)
    one, head = found.claim, found.head
    here = {each.number for each in (*found.raw_header, *found.raw_claim)}
    here |= {each.number for line in found.lines for each in line.raw}
    return render_template(
        "remits/eob.html", eob=found, one=one, head=head, here=here, methods=METHODS,
        standing=STANDING.get(found.standing, ""), reason_words=reason_words, statuses=queries.STATUSES,
        back=url_for("remits.workspace", public_id=head.remit or head.transaction, claim=one.public_id),
    )  # fmt: skip


@pages.get("/remits/claims/<public_id>/eob.pdf")
def eob_pdf(public_id: str) -> AnyResponse:
    """The same as a tagged PDF (PDF/UA); `?lang=es` in Spanish."""
    with reading(actor()) as w:
        made = service_eob.pdf(w, public_id, lang=request.args.get("lang", "en"))
    return file_answer(made, f"eob-{public_id}.pdf", "application/pdf")
