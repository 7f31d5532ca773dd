"""The screen Preview: what a decision about a transaction would post, and its button."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.flows import preview as flow
from app.flows.preview import DOINGS, Plan, PlanChanged
from app.kernel.errors import NotFound, Refused
from app.kernel.work import work
from app.ledger.queries import account_name
from app.web.door import actor, can

pages = Blueprint("flows", __name__, url_prefix="/files/transactions", template_folder="templates")
SHOWN = 500
"""So many entries, claims and findings are drawn; the seal speaks for all of them."""


@pages.get("/<public_id>/preview/<any(post, replay, release, undo):doing>")
def preview(public_id: str, doing: str) -> str:
    """What it would do: entries by account and claim, what waits and why, denials, balances."""
    return _shown(flow.preview(actor(), public_id, doing), doing)


def _shown(plan: Plan, doing: str, problem: Refused | None = None) -> str:
    row = plan.transaction
    return render_template(
        "flows/preview.html",
        plan=plan,
        row=row,
        doing=doing,
        about=DOINGS[doing],
        most=SHOWN,
        account=account_name,
        problem=problem,
        parts=problem.parts if isinstance(problem, PlanChanged) else (),
        reason=request.form.get("reason", ""),
        others=[(name, DOINGS[name].label) for name in flow.doings(row) if name != doing],
        allowed=can(DOINGS[doing].right, row.entity_id),
        back=_back(plan),
    )


def _commit(public_id: str, doing: str) -> Any:
    """Post what was seen, or show what is different now."""
    seal, reason = request.form.get("plan", "")[:100], request.form.get("reason", "")[:200]
    try:
        with work(actor()) as w:
            plan = flow.commit(w, public_id, doing, seal=seal, reason=reason)
    except NotFound:
        raise
    except Refused as problem:
        return _shown(flow.preview(actor(), public_id, doing), doing, problem), problem.status
    flash(f"{len(plan.entries)} entries posted, as you saw them.", "good")
    return redirect(_back(plan), 303)


def _back(plan: Plan) -> str:
    row = plan.transaction
    if row.kind == "835":
        return url_for("remits.workspace", public_id=row.public_id)
    return url_for("intake.files", q=row.control)


@pages.post("/<public_id>/commit/post")
def commit_post(public_id: str) -> AnyResponse:
    """Post a staged transaction as it was seen."""
    return _commit(public_id, "post")


@pages.post("/<public_id>/commit/replay")
def commit_replay(public_id: str) -> AnyResponse:
    """Replay and post it as it was seen."""
    return _commit(public_id, "replay")


@pages.post("/<public_id>/commit/release")
def commit_release(public_id: str) -> AnyResponse:
    """Release a held transaction and post it as it was seen."""
    return _commit(public_id, "release")


@pages.post("/<public_id>/commit/undo")
def commit_undo(public_id: str) -> AnyResponse:
    """Take a posting back as it was seen."""
    return _commit(public_id, "undo")
