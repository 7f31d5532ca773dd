"""The screen of dunning policies: versions, their steps, a draft, what it would do, a second person's yes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.typed import read_day
from app.kernel.work import Work, reading, work
from app.statements import queries_policies, service_policies, service_why
from app.statements.lifecycle import RunKind
from app.statements.pages import BILLS, KINDS, SENT_STAGES, STAGES, pages
from app.statements.queries_policies import PolicyRow
from app.statements.rules_policy import LETTERS, LEVELS_MOST, MESSAGES, Plan, Step
from app.web.door import actor, can, download


@pages.get("/statements/policies")
def policies() -> AnyResponse | str:
    """Every version of every policy."""
    with reading(actor()) as w:
        rows = queries_policies.policies(w)
        if request.args.get("format"):
            return download(w, queries_policies.COLUMNS, rows, "dunning-policies", request.args["format"])
        return render_template(
            "statements/policies.html", rows=rows, columns=queries_policies.COLUMNS,
            today={one.public_id: w.today(one.time_zone) for one in rows},
            practices=[(one.public_id, one.name) for one in entities.practices(w)],
        )  # fmt: skip


@pages.get("/statements/policies/<public_id>")
def policies_one(public_id: str) -> tuple[str, int]:
    """One version: its steps, and for a draft the form, what it would do, and the approval."""
    with reading(actor()) as w:
        return _policy(w, public_id)


def _policy(
    w: Work, public_id: str, problem: Refused | None = None, effect: service_why.WhatIf | None = None
) -> tuple[str, int]:
    row = queries_policies.policy(w, public_id)
    form: Mapping[str, str] = request.form if request.form.get("name") else filled(row)
    shown = render_template(
        "statements/policy.html", row=row, form=form, problem=problem, effect=effect, kinds=KINDS,
        kind=request.form.get("kind", RunKind.STATEMENTS.value), moves=_moves(row),
        writes=can("policies.write", row.entity_id), levels=range(1, LEVELS_MOST + 1),
        stages=[(one, words) for one, words in STAGES if one in list(SENT_STAGES)],
        letters=[(one, BILLS[one] if one else "No letter") for one in LETTERS],
        messages=[(one, one.replace("_", " ") or "none") for one in MESSAGES],
        today=w.today(row.time_zone),
    )  # fmt: skip
    return shown, problem.status if problem else 200


def _moves(row: PolicyRow) -> list[str]:
    rights = {"change": "policies.write", "retire": "policies.write", "approve": "policies.approve"}
    return [one for one in row.moves if can(rights[one], row.entity_id)]


def filled(row: PolicyRow) -> dict[str, str]:
    """The fields of the form as a version has them."""
    found = {"name": row.name, "minimum": str(row.minimum), "cycle_days": str(row.cycle_days),
             "due_days": str(row.due_days), "households": "yes" if row.households else ""}  # fmt: skip
    for step in row.steps:
        for name in ("stage", "after_days", "wait_days", "letter", "message"):
            found[f"{name}-{step.number}"] = str(getattr(step, name))
        found[f"minimum-{step.number}"] = str(Money(step.minimum))
        for name in ("statement", "review"):
            found[f"{name}-{step.number}"] = "yes" if getattr(step, name) else ""
    return found


def _number(text: str, field: str) -> int:
    text = text.strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise Refused("This is a number of days.", code=field, field=field)
    return int(text)


def _amount(text: str, field: str) -> int:
    try:
        return int(Money.parse(text.strip().lstrip("$") or "0"))
    except Refused as problem:
        raise Refused(problem.message, code=problem.code, field=field) from None


def read(form: Mapping[str, str]) -> tuple[Plan, list[Step]]:
    """A policy as typed: a step stands in each row whose stage is chosen; `Refused` names the field."""
    steps: list[Step] = []
    for place in range(1, LEVELS_MOST + 1):
        stage = form.get(f"stage-{place}", "")
        if not stage:
            continue
        steps.append(Step(
            number=len(steps) + 1,
            stage=stage,
            after_days=_number(form.get(f"after_days-{place}", ""), f"after_days-{place}"),
            wait_days=_number(form.get(f"wait_days-{place}", ""), f"wait_days-{place}"),
            minimum=_amount(form.get(f"minimum-{place}", ""), f"minimum-{place}"),
            statement=form.get(f"statement-{place}") == "yes",
            letter=form.get(f"letter-{place}", ""),
            review=form.get(f"review-{place}") == "yes",
            message=form.get(f"message-{place}", ""),
        ))  # fmt: skip
    if any(one.stage not in list(SENT_STAGES) for one in steps):
        raise Refused("Choose a stage of the list.", code="bad_steps", field="steps")
    plan = Plan(0, form.get("name", "").strip(), _amount(form.get("minimum", ""), "minimum"),
                _number(form.get("cycle_days", ""), "cycle_days"),
                _number(form.get("due_days", ""), "due_days"), form.get("households") == "yes",
                tuple(steps))  # fmt: skip
    return plan, steps


def _version(form: Any) -> int:
    version: int | None = form.get("version", type=int)
    if version is None:
        raise Refused("Open the policy first, then decide.", code="version_missing", field="version")
    return version


@pages.post("/statements/policies/<public_id>/draft")
def policies_draft(public_id: str) -> AnyResponse:
    """The next version of a policy, as a draft with the steps of this one."""
    with work(actor()) as w:
        row = queries_policies.policy(w, public_id)
        made = service_policies.draft(w, row.entity, row.plan, row.steps)
    flash("A draft with the same steps. Change it, see what it would do, then somebody else approves it.",
          "good")  # fmt: skip
    return redirect(url_for("statements.policies_one", public_id=made), 303)


@pages.post("/statements/policies/<public_id>/what_if")
def policies_try(public_id: str) -> tuple[str, int]:
    """What a version would do today against the one in force; nothing is kept."""
    with reading(actor()) as w:
        kind = request.form.get("kind", "")
        if kind not in list(RunKind):
            problem = Refused("Choose statements or letters.", code="kind", field="kind")
            return _policy(w, public_id, problem)
        return _policy(w, public_id, effect=service_why.what_if(w, public_id, kind))


@pages.post("/statements/policies/<public_id>/<any(change, retire):doing>")
def policies_change(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Write a draft anew; discard or retire a version."""
    return _done(public_id, doing)


@pages.post("/statements/policies/<public_id>/<any(approve):doing>")
def policies_approve(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Make a draft live from a day on."""
    return _done(public_id, doing)


def _done(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    try:
        with work(actor()) as w:
            words = _doing(w, public_id, doing)
    except NotFound:
        raise
    except Refused as problem:
        if problem.status == 403:
            raise
        with reading(actor()) as w:
            return _policy(w, public_id, problem)
    flash(words, "good")
    return redirect(url_for("statements.policies_one", public_id=public_id), 303)


def _doing(w: Work, public_id: str, doing: str) -> str:
    form = request.form
    if doing == "change":
        service_policies.change(w, public_id, *read(form), _version(form))
        return "Kept. See what it would do before somebody approves it."
    if doing == "approve":
        row = queries_policies.policy(w, public_id)
        on: date = read_day(form.get("effective_from", "").strip() or "t", "effective_from",
                            w.today(row.time_zone))  # fmt: skip
        service_policies.approve(w, public_id, on, _version(form))
        return f"Approved: runs go by it from {on:%m/%d/%Y}."
    service_policies.retire(w, public_id, _version(form))
    return "It is not used any more."
