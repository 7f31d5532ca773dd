"""The screens of payment plans: the list, one plan, a plan made while the guarantor is on the phone."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.flows import plan_acts
from app.kernel.errors import Refused
from app.kernel.money import ZERO, Money
from app.kernel.work import Work, reading, work
from app.patients import queries_guarantors
from app.payers.rules_terms import read_day
from app.plans import queries_list, queries_whole, service, service_agreement
from app.plans.lifecycle import State
from app.plans.rules import Line
from app.plans.rules_shown import SHOWS
from app.plans.service import Wish
from app.plans.service_change import Consent
from app.web.door import actor, ask_from, can, download, file_answer

pages = Blueprint("plans", __name__, url_prefix="/plans", template_folder="templates")
CHANGED = {
    "activate": "Signed. The plan runs and dunning waits.",
    "cancel": "Ended. What is open is due again.",
    "change": "The new schedule holds.",
    "add": "The new balances are in the plan.",
    "re_establish": "The plan is set up again.",
    "write": "The agreement is made anew.",
}


@pages.get("/")
def plans() -> AnyResponse | str:
    """Plans, the latest ones first."""
    ask = ask_from(queries_list.SORTS, default=queries_list.DEFAULT, filters=queries_list.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            rows = queries_list.plans(w, ask.all()).rows
            return download(w, queries_list.COLUMNS, rows, "plans", ask.format)
        count, total = queries_list.sums(w, ask)
        show = ask.get("show") or "all"
        return render_template(
            "plans/plans.html", ask=ask, columns=queries_list.COLUMNS, found=queries_list.plans(w, ask),
            count=count, total=total, show=show, shows=SHOWS,
        )  # fmt: skip


def _number(text: str, field: str) -> int:
    if not text.strip():
        return 0
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= 3):
        raise Refused("This is a number.", code=field, field=field)
    return int(text)


def _amount(text: str, field: str) -> Money:
    try:
        found = Money.parse(text.strip().replace(",", "").lstrip("$")) if text.strip() else ZERO
    except Refused as problem:
        raise Refused(problem.message, code=problem.code, field=field) from None
    if found < 0:
        raise Refused("This is an amount above zero.", code=field, field=field)
    return found


def wish_of(form: Mapping[str, str], today: date, visits: list[str]) -> Wish:
    """What a form asks for; `Refused` names the field it cannot read."""
    first, income = form.get("first_due", "").strip(), form.get("income", "")
    return Wish(
        count=_number(form.get("count", ""), "count"), amount=_amount(form.get("amount", ""), "amount"),
        down=_amount(form.get("down", ""), "down"), due_day=_number(form.get("due_day", ""), "due_day"),
        first_due=read_day(first, "first_due", today) if first else None,
        income=_amount(income, "income") if income.strip() else None, visits=tuple(visits),
    )  # fmt: skip


def _form(w: Work, account: str, problem: Refused | None = None, *, part: bool = False) -> tuple[str, int]:
    """The form with its offers and, where something is asked for, its schedule; a refusal by its field."""
    plain = Wish()
    found = service.offer(w, account, plain)
    today = w.today(found.account.time_zone)
    lines: list[Line] = []
    # An offer that was chosen on the account page comes in the address.
    form = request.form or request.args
    if form and problem is None:
        try:
            wish = wish_of(form, today, form.getlist("visit"))
            found = service.offer(w, account, wish)
            if wish.count or wish.amount:
                found, lines = service.preview(w, account, wish)
        except Refused as refusal:
            problem = refusal
    shown = render_template(
        "plans/schedule.html" if part else "plans/new.html", found=found, account=found.account, lines=lines,
        form=form, problem=problem, today=today,
    )  # fmt: skip
    return shown, problem.status if problem and not part else 200


@pages.get("/new/<account>")
def new(account: str) -> tuple[str, int]:
    """A plan for an account: what fits, best first."""
    with reading(actor()) as w:
        return _form(w, account)


@pages.post("/new/<account>/schedule")
def schedule(account: str) -> tuple[str, int]:
    """Offers and the schedule of what is typed so far; a part of the page, or all of it without script."""
    with reading(actor()) as w:
        return _form(w, account, part=request.headers.get("X-Part") == "yes")


@pages.post("/new/<account>")
def draft(account: str) -> AnyResponse | tuple[str, int]:
    """Write the plan and its agreement."""
    form = request.form
    try:
        with work(actor()) as w:
            today = w.today(queries_guarantors.by_public(w, account).time_zone)
            wish = wish_of(form, today, form.getlist("visit"))
            made = plan_acts.draft(w, account, wish, reason=form.get("reason", ""))
    except Refused as refusal:
        if refusal.status == 404:
            raise
        with reading(actor()) as w:
            return _form(w, account, refusal)
    flash("Written. Print the agreement, have it signed, then note the signature.", "good")
    return redirect(url_for("plans.plan", public_id=made), 303)


@pages.get("/<public_id>")
def plan(public_id: str) -> tuple[str, int]:
    """One plan: its schedule, visits and history, and what may be done with it."""
    with reading(actor()) as w:
        return _plan(w, public_id)


def _plan(w: Work, public_id: str, problem: Refused | None = None) -> tuple[str, int]:
    found = queries_whole.whole(w, public_id)
    shown = render_template(
        "plans/plan.html", found=found, plan=found.plan, account=found.account, problem=problem,
        form=request.form, writes=can("plans.write", found.plan.entity_id),
        again=can("plans.longer", found.plan.entity_id), draft=found.plan.state is State.DRAFT,
    )  # fmt: skip
    return shown, problem.status if problem else 200


@pages.get("/<public_id>/agreement")
def agreement(public_id: str) -> AnyResponse:
    """The stored PDF of the schedule in force."""
    with reading(actor()) as w:
        return file_answer(service_agreement.pdf(w, public_id), "plan-agreement.pdf", "application/pdf")


@pages.post("/<public_id>/<any(activate, cancel, change, add, re_establish, write):doing>")
def plan_act(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Note the signature, change the schedule, add balances, set it up again, end it, print it anew."""
    try:
        with work(actor()) as w:
            _act(w, public_id, doing)
    except Refused as problem:
        if problem.status == 404:
            raise
        with reading(actor()) as w:
            return _plan(w, public_id, problem)
    flash(CHANGED[doing], "good")
    return redirect(url_for("plans.plan", public_id=public_id), 303)


def _act(w: Work, public_id: str, doing: str) -> None:
    form, found = request.form, queries_whole.whole(w, public_id)
    version = _version(form.get("version", ""))
    if doing == "write":
        plan_acts.write(w, public_id, version)
        return
    if doing == "cancel":
        plan_acts.cancel(w, public_id, version, reason=form.get("reason", ""))
        return
    signed_on = read_day(form.get("signed_on") or "t", "signed_on", found.today)
    witness = form.get("witness", "")
    if doing == "activate":
        plan_acts.activate(w, public_id, version, signed_on=signed_on, witness=witness)
        return
    wish, consent = wish_of(form, found.today, []), Consent(signed_on, witness)
    if doing == "re_establish":
        plan_acts.re_establish(w, public_id, version, wish, consent, reason=form.get("reason", ""))
    else:
        does = plan_acts.add if doing == "add" else plan_acts.change
        does(w, public_id, version, wish, consent)


def _version(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Refused("Look again: the form is not whole.", code="version", field="version")
    return int(text)
