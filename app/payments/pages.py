"""The screens Payments, one payment, small balances."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.flows import patient_paid, payment_desk
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.paging import Ask
from app.kernel.work import Work, reading, work
from app.patients import queries_guarantors
from app.payers.rules_terms import read_day
from app.payments import queries, queries_list, rules, service, service_receipt, service_reverse
from app.payments.lifecycle import Mode, Reversal, Tender
from app.payments.service_reverse import Return
from app.web.door import actor, ask_from, can, download, file_answer

pages = Blueprint("payments", __name__, url_prefix="/payments", template_folder="templates")
TONES = {"posted": "good", "reversed": "bad", "declined": "bad", "unknown": "warn", "pending": "info"}
WHYS = {
    Reversal.NSF: "Not enough money (NSF)",
    Reversal.STOPPED: "Payment stopped",
    Reversal.UNAUTHORIZED: "Not authorised",
    Reversal.CHARGEBACK: "Card chargeback",
    Reversal.ERROR: "Keyed by mistake",
}
MODES = {
    Mode.OLDEST_FIRST: "Oldest first",
    Mode.PROPORTIONAL: "In proportion",
}


@pages.get("")
def payments() -> AnyResponse | tuple[str, int] | str:
    """What patients paid, the newest first; a file of the list."""
    with reading(actor()) as w:
        problem: Refused | None = None
        try:
            ask = ask_from(queries_list.SORTS, default=queries_list.DEFAULT, filters=queries_list.FILTERS)
            if ask.format:
                rows = queries_list.page_of(w, ask.all()).rows
                return download(w, queries_list.FILE_COLUMNS, rows, "payments", ask.format)
            found, totals = queries_list.page_of(w, ask), queries_list.totals(w, ask)
        except Refused as refusal:
            # A mistyped filter is answered beside the list, with what was typed still in its field.
            if refusal.field not in ("received_from", "received_to"):
                raise
            problem, plain = refusal, Ask("received", descending=True)
            found, totals = queries_list.page_of(w, plain), queries_list.totals(w, plain)
        shown = render_template(
            "payments/payments.html",
            ask=ask,
            found=found,
            totals=totals,
            problem=problem,
            columns=queries_list.COLUMNS,
            shows=list(rules.SHOWS.items()),
            tenders=[(one.value, one.value.replace("_", " ").capitalize()) for one in Tender],
            entities=[(one.public_id, one.name) for one in entities.practices(w)],
            tones=TONES,
        )
    return (shown, problem.status) if problem else shown


@pages.get("/<public_id>")
def payments_one(public_id: str) -> str:
    """A payment: what it paid, what waits, what happened to it, what may be done."""
    with reading(actor()) as w:
        return _one(w, public_id)


def _one(w: Work, public_id: str, problem: Refused | None = None) -> str:
    row = queries.payment(w, public_id)
    parts = queries.parts(w, [row.id]).get(row.id, [])
    w.audit("payment.read", "R", service.SUBJECT, public_id, entity_id=row.entity_id,
            patients={one.patient_id for one in parts})  # fmt: skip
    whys = [(one.value, words) for one, words in WHYS.items() if Tender(row.tender) in rules.WHYS[one]]
    return render_template(
        "payments/payment.html",
        row=row,
        parts=parts,
        events=queries.events(w, row.id),
        fee=service_reverse.fee_entry(w, row.id) is not None,
        whys=whys,
        modes=[(one.value, words) for one, words in MODES.items()],
        may_post=can("payments.post", row.entity_id),
        may_reverse=can("payments.reverse", row.entity_id),
        problem=problem,
        form=request.form,
        tones=TONES,
    )


@pages.get("/<public_id>/receipt")
def payments_receipt(public_id: str) -> AnyResponse:
    """The receipt, to print or to send."""
    with reading(actor()) as w:
        number = queries.payment(w, public_id).number
        return file_answer(service_receipt.pdf(w, public_id), f"receipt-{number}.pdf", "application/pdf")


def _version() -> int:
    version = request.form.get("version", type=int)
    if version is None:
        raise Refused("Open the payment first, then decide.", code="version_missing", field="version")
    return version


def _apply(w: Work, public_id: str) -> str:
    mode = Mode(request.form.get("mode") or Mode.OLDEST_FIRST)
    parts = patient_paid.apply(w, public_id, mode=mode, version=_version())
    return f"It pays {len(parts)} visits now."


def _off(w: Work, public_id: str) -> str:
    patient_paid.take_off(w, public_id, reason=request.form.get("reason", ""), version=_version())
    return "Taken off its visits: the money waits, unapplied."


def _identify(w: Work, public_id: str) -> str:
    found = queries_guarantors.found_by(w, request.form.get("account", "").strip()[:80])
    if len(found) != 1:
        raise Refused("Type the account's number as it stands on its statement.", code="account",
                      field="account")  # fmt: skip
    payment_desk.identify(w, public_id, found[0].public_id, version=_version())
    return "It has its account, and pays what is due there."


def _keep(w: Work, public_id: str) -> str:
    patient_paid.clear_review(w, public_id, reason=request.form.get("reason", ""), version=_version())
    return "Kept: it pays what is due."


def _reverse(w: Work, public_id: str) -> str:
    form = request.form
    day = read_day(form["day"], "day", now().date()) if form.get("day", "").strip() else None
    told = Return(
        why=Reversal(form.get("why", "")), day=day, code=form.get("code", "").strip().upper()[:3],
        words=form.get("words", ""), fee=form.get("fee") == "yes",
    )  # fmt: skip
    done = payment_desk.reverse(w, public_id, told, version=_version())
    fee = "The fee is on the account." if done.fee else done.fee_words
    return f"Taken back: what it paid is open again. {fee}".strip()


def _waive(w: Work, public_id: str) -> str:
    patient_paid.waive_fee(w, public_id, reason=request.form.get("reason", ""), version=_version())
    return "The fee is taken back."


DOES: dict[str, Callable[[Work, str], str]] = {
    "apply": _apply,
    "off": _off,
    "identify": _identify,
    "keep": _keep,
    "reverse": _reverse,
    "waive": _waive,
}


def _act(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Do one thing to a payment, for the version that was looked at."""
    try:
        with work(actor()) as w:
            words = DOES[doing](w, public_id)
    except Refused as problem:
        if problem.status == 404:
            raise
        with reading(actor()) as w:
            return _one(w, public_id, problem), problem.status
    except ValueError:
        raise Refused("Choose one of the list.", code="choice", field="why") from None
    flash(words, "good")
    return redirect(url_for("payments.payments_one", public_id=public_id), 303)


@pages.post("/<public_id>/<any(apply, identify):doing>")
def payments_apply(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Apply what is unapplied, say whose a receipt is."""
    return _act(public_id, doing)


@pages.post("/<public_id>/<any(off, keep, reverse, waive):doing>")
def payments_reverse(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Take it off its visits, keep it after a look, take it back, waive its fee."""
    return _act(public_id, doing)
