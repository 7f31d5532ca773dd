"""The page of one account: who speaks, what is owed and why, what may be done now, what comes next."""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.pages import pages
from app.flows import account_desk
from app.flows.account_desk import Desk
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.ids import public_id as new_key
from app.kernel.money import Money, total
from app.kernel.work import Work, reading, work
from app.patients import queries_guarantors
from app.web import nav
from app.web.door import actor, can
from app.web.panels import panels

IDENTIFIED = "accounts.identified"
IDENTIFIED_FOR = timedelta(minutes=30)
REMEMBERED = 8
CALLS = ("in", "out")
MARKS = (
    ("name", "Full name"),
    ("birth", "Date of birth"),
    ("street", "Street and number"),
    ("zip", "ZIP code"),
    ("number", "Account number"),
)
"""What a person may know of themselves; two of them are enough (right_party_marks)."""


@pages.get("/<public_id>")
def account(public_id: str) -> str:
    """One account; `?call=in` or `out` shows nothing of it before the person is identified."""
    return show(public_id)


def show(public_id: str, problem: Refused | None = None, form: str = "") -> str:
    """The page, with a complaint beside the form it is about."""
    call = request.values.get("call", "")
    call = call if call in CALLS else ""
    with reading(actor()) as w:
        desk = account_desk.desk(w, public_id)
        return render_template(
            "accounts/account.html",
            desk=desk,
            head=desk.head,
            call=call,
            hidden=bool(call) and not identified(public_id),
            known=identified(public_id),
            marks=_marks(desk),
            marks_least=desk.law.number("right_party_marks"),
            problem=problem,
            form=form,
            key=new_key(),
            working=can("accounts.work", desk.head.entity_id),
            queue=session.get("accounts.queue", ""),
            **_parts(w, desk),
        )


def _parts(w: Work, desk: Desk) -> dict[str, Any]:
    """Sums of the visits, what each payment put where, links to what others keep of this account."""
    figures = [one.figures for one in desk.visits]
    matrix: dict[int, dict[int, Money]] = {}
    for payment_id, parts in desk.parts.items():
        put = matrix.setdefault(payment_id, {})
        for part in parts:
            put[part.claim_id] = put.get(part.claim_id, Money(0)) + part.amount
    paid = {claim_id for put in matrix.values() for claim_id in put}
    return {
        "totals": {
            "charges": total(one.charges for one in figures),
            "insurance": total(one.insurance_paid + one.insurance_adjusted for one in figures),
            "balance": total(one.balance for one in figures),
            "payer_open": total(one.payer_open for one in figures),
            "due": total(one.due for one in desk.visits),
        },
        "matrix": matrix,
        "paid_visits": [one for one in desk.visits if one.claim_id in paid],
        "link": linked,
        "panels": panels(w, "account", desk.head.id),
    }


def linked(endpoint: str, public_id: str) -> str:
    """The address of a record's page, empty while there is none or this person may not open it."""
    open_to_me = endpoint in current_app.view_functions and nav.allowed(endpoint)
    return url_for(endpoint, public_id=public_id) if open_to_me else ""


def identified(public_id: str) -> bool:
    """Did the person on the phone name enough marks a moment ago, to this clerk?"""
    until = session.get(IDENTIFIED, {}).get(public_id, "")
    return bool(until) and datetime.fromisoformat(until) > now()


def _marks(desk: Desk) -> list[tuple[str, str, str]]:
    """What to ask for, with the answer that fits; what we do not know ourselves is not asked."""
    head, home = desk.head, desk.address
    answers = {
        "name": head.full_name,
        "birth": head.birth.strftime("%m/%d/%Y") if head.birth else "",
        "street": home.street if home else "",
        "zip": home.zip[:5] if home else "",
        "number": head.number,
    }
    return [(code, words, answers[code]) for code, words in MARKS if answers[code]]


@pages.post("/<public_id>/identify")
def identify(public_id: str) -> AnyResponse | tuple[str, int]:
    """The person on the phone named enough marks, or did not: either is on record."""
    named = [code for code, _ in MARKS if code in request.form.getlist("mark")]
    wrong = request.form.get("verdict") == "no"
    try:
        with work(actor()) as w:
            _identify(w, public_id, named, wrong=wrong)
    except Refused as problem:
        if problem.status == 404:
            raise
        return show(public_id, problem, "identify"), problem.status
    back = url_for("accounts.account", public_id=public_id, call=request.form.get("call") or None)
    if wrong:
        flash("Tell nothing about this account. Log the call (c) with what happened.", "warn")
        return redirect(back, 303)
    kept = {key: until for key, until in session.get(IDENTIFIED, {}).items() if key != public_id}
    until = (now() + IDENTIFIED_FOR).isoformat()
    session[IDENTIFIED] = dict([*kept.items(), (public_id, until)][-REMEMBERED:])
    return redirect(back, 303)


def _identify(w: Work, public_id: str, named: list[str], *, wrong: bool) -> None:
    w.may("accounts.work")
    head = queries_guarantors.by_public(w, public_id)
    desk_law = account_desk.law(w, head.entity_id, w.today(head.time_zone))
    least = desk_law.number("right_party_marks")
    if not wrong and len(named) < least:
        raise Refused(f"Ask for {least} of these; both must fit.", code="marks", field="mark")
    kind = "accounts.not_identified" if wrong else "accounts.identified"
    w.audit(kind, "E", "account", public_id, entity_id=head.entity_id, detail={"marks": named})
