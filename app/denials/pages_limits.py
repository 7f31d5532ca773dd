"""The limits of the desk: what holds, who changed it and why, and a form for those who may."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.codes.pages import practice_of, reading_for
from app.denials import queries_limits, rules_limits, service_limits
from app.denials.pages import pages
from app.denials.queries_filters import read_day
from app.entities import queries as entities
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.work import reading, work
from app.web.door import actor, can

WORDS = {one.name: one.name.replace("_", " ") for one in rules_limits.shipped()} | {
    "snooze_count": "How often a case may be put aside",
    "snooze_days": "Longest a case is put aside, days",
    "snooze_margin_days": "Back before our own day, days",
    "hold_minutes": "Kept from others while on a screen, minutes",
    "writeoff_cents": "Write-off a role may approve",
    "document_bytes": "Largest document, bytes",
    "case_documents": "Documents of one case",
    "filing_warn_days": "Filing limit: work is asked for, days before",
    "hold_claim_days": "Longest hold of a claim before it goes out, days",
    "filing_escalate_days": "Filing limit: goes to a supervisor, days before",
}


@pages.get("/denials/limits")
def limits() -> str:
    """Every limit as it holds today, and its history."""
    return _limits(None)


def _limits(problem: Refused | None) -> str:
    with reading(actor()) as w:
        practice = reading_for(w, request.values.get("entity", ""))
        today = w.today(practice.time_zone)
        return render_template(
            "denials/limits.html",
            rows=queries_limits.in_force(w, practice.id, today),
            history=queries_limits.history(w, practice.id),
            practice=practice,
            practices=[(one.public_id, one.name) for one in entities.practices(w)],
            words=WORDS,
            shown=shown,
            choices=[(f"{one.name}.{one.role}", _named(one)) for one in rules_limits.shipped()],
            working=practice.id > 0 and can("denials.approve", practice.id),
            problem=problem,
        )


def _named(one: rules_limits.Limit) -> str:
    whose = one.role.replace("_", " ")
    return f"{WORDS[one.name]}, {whose}" if whose else WORDS[one.name]


def shown(name: str, amount: int) -> str:
    """A limit in its own unit: cents as dollars."""
    return str(Money(amount)) if name.endswith("_cents") else f"{amount:,}"


@pages.post("/denials/limits")
def change_limit() -> AnyResponse | tuple[str, int]:
    """Let a limit be another from a day on."""
    form = request.form
    try:
        name, _, role = form.get("limit", "").partition(".")
        with work(actor()) as w:
            practice = practice_of(w, form.get("entity", ""))
            since: date = read_day(form.get("since", "").strip() or "t", "since", w.now.date())
            amount = _amount(name, form.get("amount", ""))
            service_limits.change(
                w,
                practice.id,
                name=name,
                role=role,
                amount=amount,
                since=since,
                reason=form.get("reason", ""),
            )
    except NotFound:
        raise
    except Refused as problem:
        return _limits(problem), problem.status
    flash("The limit is written. The one before stays in the history.", "good")
    return redirect(url_for("denials.limits", entity=practice.public_id), 303)


def _amount(name: str, text: str) -> int:
    plain = text.strip().replace(",", "")
    if name.endswith("_cents"):
        return int(Money.parse(plain))
    if not plain.isascii() or not plain.isdigit() or len(plain) > 13:
        raise Refused("A limit is a whole number from 0.", code="bad_limit", field="amount")
    return int(plain)
