"""Opening a submission with one key, wherever the reason for it is seen; it stands in the editor then."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.errors import NotFound, Refused
from app.kernel.work import Work, reading, work
from app.rebill import queries_offers, queries_open
from app.rebill.pages import pages
from app.rebill.queries_open import Target
from app.rebill.service_opening import kind_of, open_or_find, rank_of
from app.web.door import actor

BACK = {
    "denial": "denials.case",
    "rejection": "claims.rejection",
    "silent": "claims.silent_claim",
    "claim": "denials.claim",
}
"""Where somebody stands who was refused."""


@pages.post("/rebill/open/denial/<public_id>")
def from_denial(public_id: str) -> AnyResponse:
    """Correct and rebill what a payer refused."""
    return _open("denial", public_id, lambda w: queries_open.of_denial(w, public_id))


@pages.post("/rebill/open/rejection/<public_id>")
def fix_rejection(public_id: str) -> AnyResponse:
    """Fix what was rejected on its way, and send it again."""
    return _open("rejection", public_id, lambda w: queries_open.of_rejection(w, public_id))


@pages.post("/rebill/open/silent/<public_id>")
def bill_again(public_id: str) -> AnyResponse:
    """Bill a claim again that nobody answered."""
    return _open("silent", public_id, lambda w: queries_open.of_silence(w, public_id))


@pages.post("/rebill/open/claim/<public_id>")
def from_claim(public_id: str) -> AnyResponse:
    """Open the kind of submission somebody chose for a claim."""

    def target(w: Work) -> Target:
        return queries_open.of_claim(w, public_id, rank_of(request.form.get("rank", "1")))

    return _open("claim", public_id, target)


def _open(what: str, public_id: str, target: Callable[[Work], Target]) -> AnyResponse:
    try:
        with work(actor()) as w:
            found = target(w)
            opened = open_or_find(w, found, kind_of(request.form.get("kind", "")))
    except NotFound:
        raise
    except Refused as problem:
        flash(problem.message, "bad")
        return redirect(url_for(BACK[what], public_id=public_id), 303)
    field, line = (found.place.field, found.place.line) if found.place else (None, None)
    return redirect(url_for("rebill.editor", public_id=opened, field=field, line=line or None), 303)


@pages.get("/rebill/offer/<public_id>")
def offer(public_id: str) -> str:
    """What may be sent of a claim, to which payer, with the kind its latest state asks for."""
    with reading(actor()) as w:
        found = queries_offers.offers(w, public_id)
        return render_template("rebill/offer.html", offers=found, claim=public_id)
