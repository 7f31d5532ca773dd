"""Money at the desk: what a payment would pay, a payment taken, a card charged, money put on visits."""

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.pages import pages
from app.accounts.pages_account import show
from app.accounts.pages_acts import done, here
from app.flows import account_acts, desk_acts, patient_paid
from app.kernel.errors import NotFound, Refused
from app.kernel.work import Work, reading, work
from app.patients import queries_guarantors
from app.patients.queries_guarantors import GuarantorRow
from app.web.door import actor


@pages.post("/<public_id>/pay/preview")
def preview_payment(public_id: str) -> str:
    """What a payment would pay, visit by visit; writes nothing."""
    planned, problem = None, None
    with reading(actor()) as w:
        account = queries_guarantors.by_public(w, public_id)
        try:
            planned = desk_acts.preview(w, account, request.form)
        except Refused as refusal:
            problem = refusal
    return render_template("accounts/pay_preview.html", planned=planned, problem=problem)


@pages.post("/<public_id>/pay")
def pay(public_id: str) -> AnyResponse | tuple[str, int]:
    """Take a payment; the same form sent twice is one payment."""
    if desk_acts.by_card(request.form):
        return _charge(public_id)

    def verb(w: Work, account: GuarantorRow) -> None:
        flash(*desk_acts.told(desk_acts.pay(w, account, request.form)))

    return done(public_id, "", verb, "pay")


def _charge(public_id: str) -> AnyResponse | tuple[str, int]:
    """A card, between two transactions: what the bank says is on the receipt."""
    try:
        taken = desk_acts.charge(actor(), public_id, request.form)
    except NotFound:
        raise
    except Refused as problem:
        return show(public_id, problem, "pay"), problem.status
    with work(actor()) as w:
        account = queries_guarantors.by_public(w, public_id)
        account_acts.stand(w, account.entity_id, [account.id])
    flash(*desk_acts.told(taken))
    return redirect(here(public_id), 303)


@pages.post("/<public_id>/apply")
def apply_rest(public_id: str) -> AnyResponse | tuple[str, int]:
    """Put everything unapplied of the account on what is due."""
    counted: list[int] = []

    def verb(w: Work, account: GuarantorRow) -> None:
        counted.append(len(patient_paid.apply_rest(w, account.entity_id, account.id)))

    answer = done(public_id, "", verb, "apply")
    if counted and counted[0]:
        flash("Their money is put on what is due.", "good")
    elif counted:
        flash("None of it could be put on a visit: a person looks at it, or it was meant for others.", "warn")
    return answer
