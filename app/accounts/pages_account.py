"""The page of one account: who speaks, what is owed and why, what may be done now, what comes next."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.pages import pages
from app.accounts.rules_calls import SKIPS
from app.contacts import rules_attempts, rules_holds, service_attempts, service_disputes
from app.contacts.lifecycle import DISPUTE, Direction, DisputeState, Reach
from app.contacts.rules_attempts import Result
from app.flows import account_desk, desk_acts
from app.flows.account_desk import Desk
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.ids import public_id as new_key
from app.kernel.money import Money, total
from app.kernel.typed import read_day
from app.kernel.work import Work, reading, work
from app.patients import queries_guarantors
from app.patients.lifecycle import Channel
from app.web import nav
from app.web.door import actor, can
from app.web.panels import panels

IDENTIFIED, TICKETS = "accounts.identified", "accounts.tickets"
IDENTIFIED_FOR = timedelta(minutes=30)
REMEMBERED = 8
CALLS = ("in", "out")
MARKS = {
    "birth": "Date of birth",
    "zip": "ZIP code",
    "phone": "Last four digits of a telephone",
    "name": "Full name",
    "number": "Account number",
}
"""What a person may be asked; two of them must fit (right_party_marks). What we know stays off the screen."""


FREQUENT = (
    "no_answer", "left_message", "promise", "paid", "plan", "cannot_pay", "refused", "call_back", "disputes",
)  # fmt: skip
KEYS = "123456789abefgiklmoqrtuvwxyz"
CHANNELS = {
    Channel.CALL: "Calls",
    Channel.AUTO: "Calls by machine",
    Channel.SMS: "Texts",
    Channel.EMAIL: "E-mail",
    Channel.STATEMENT: "Statements by e-mail",
}


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
            marks=list(MARKS.items()),
            marks_least=desk.law.number("right_party_marks"),
            problem=problem,
            form=form,
            key=new_key(),
            working=can("accounts.work", desk.head.entity_id),
            over="over" in request.args,
            dialled=public_id in session.get(TICKETS, {}),
            call_nos=[one for way in desk.now if way.label == "Call" for one in way.nos],
            ends_at=next((one.until for one in desk.now if one.label == "Call" and one.until), None),
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
        **forms(desk),
        "offers": _offers(w, desk),
        "why": desk_acts.why(w, desk.head) if can("statements.read", desk.head.entity_id) else None,
        "panels": panels(w, "account", desk.head.id),
    }


def _offers(w: Work, desk: Desk) -> Sequence[Any]:
    """Plans to offer, where something is due that no plan or promise covers."""
    fits = desk.standing.due > 0 and not desk.standing.plan and can("plans.write", desk.head.entity_id)
    return desk_acts.offers(w, desk.head) if fits else ()


def forms(desk: Desk) -> dict[str, Any]:
    """What the small forms offer."""
    calls = {way.value: _ended(way, desk.today) for way in Direction}
    kinds = [one for one in rules_holds.shipped().values() if one.lifts == rules_holds.BY_PERSON]
    words = {True: "yes", False: "no"}
    state = DisputeState(desk.dispute.state) if desk.dispute else None
    moves = [(one.value, one.value.capitalize()) for one in DISPUTE.moves(state)] if state else []
    return {
        "skips": list(SKIPS.items()),
        "results": calls,
        "reasons": [(one.code, one.label) for one in rules_attempts.nonpayment()],
        "kinds": [(one.kind.value, one.label) for one in kinds],
        "tenders": [
            *((f"{desk_acts.CARD}{one.public_id}", f"{one.brand} {one.last4}") for one in desk.cards),
            *desk_acts.TENDERS,
            (desk_acts.NEW_CARD, "Another card, by token"),
        ],
        "outcomes": list(service_disputes.OUTCOMES.items()),
        "moves": moves,
        "channels": [
            (f"{one.value}:{words[said]}", f"{CHANNELS[one]}: {words[said]}")
            for one in Channel
            for said in (True, False)
        ],
    }


def _ended(way: Direction, today: date) -> list[tuple[str, Result]]:
    """How a call may end, each with its key: the same one whoever called, frequent ones at the digits."""
    known = {one.code: one for one in rules_attempts.results()}
    order = [*(code for code in FREQUENT if code in known), *(code for code in known if code not in FREQUENT)]
    keys = zip(KEYS, (known[code] for code in order), strict=False)
    return [(key, one) for key, one in keys if one.fits(Reach.CALL, way, today)]


def linked(endpoint: str, public_id: str, name: str = "public_id") -> str:
    """The address of a record's page, empty while there is none or this person may not open it."""
    open_to_me = endpoint in current_app.view_functions and nav.allowed(endpoint)
    values: dict[str, Any] = {name: public_id}
    return url_for(endpoint, **values) if open_to_me else ""


def identified(public_id: str) -> bool:
    """Did the person on the phone name enough marks a moment ago, to this clerk?"""
    until = session.get(IDENTIFIED, {}).get(public_id, "")
    return bool(until) and datetime.fromisoformat(until) > now()


@pages.post("/<public_id>/identify")
def identify(public_id: str) -> AnyResponse | tuple[str, int]:
    """Check what the person on the phone says of themselves; fits and misses are both on record."""
    given = {name: request.form.get(name, "").strip() for name in MARKS}
    try:
        with work(actor()) as w:
            head = queries_guarantors.by_public(w, public_id)
            given["birth"] = _born(given["birth"], w.today(head.time_zone))
            found = service_attempts.identify(w, head.id, given)
        if not found.fits:
            raise Refused(f"That does not fit. {found.left} more tries today.", code="not_verified")
    except Refused as problem:
        if problem.status == 404:
            raise
        return show(public_id, problem, "identify"), problem.status
    kept = {key: until for key, until in session.get(IDENTIFIED, {}).items() if key != public_id}
    until = (now() + IDENTIFIED_FOR).isoformat()
    session[IDENTIFIED] = dict([*kept.items(), (public_id, until)][-REMEMBERED:])
    back = url_for("accounts.account", public_id=public_id, call=request.form.get("call") or None)
    return redirect(back, 303)


def _born(text: str, today: date) -> str:
    """A birth date as people say it, 3/4/1980 or 1980-03-04, as the check reads it."""
    month, _, rest = text.partition("/")
    day, _, year = rest.partition("/")
    if year:
        text = f"{year:0>4}-{month:0>2}-{day:0>2}"
    return read_day(text, "birth", today).isoformat() if text else ""
