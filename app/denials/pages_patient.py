"""Moving what was refused in group PR to whoever owes it next, and bringing it back."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.denials import service_patient
from app.denials.pages import pages, version_of
from app.denials.pages_case import show
from app.denials.rules_patient import TO_PATIENT
from app.kernel.errors import NotFound, Refused
from app.kernel.work import work
from app.web.door import actor


@pages.post("/denials/<public_id>/patient")
def to_patient(public_id: str) -> AnyResponse | tuple[str, int]:
    """Reviewed: ask the next payer, else the patient, for what was refused in group PR."""
    form = request.form
    try:
        with work(actor()) as w:
            asked = service_patient.move(
                w, public_id, version=version_of(form.get("version", "")), reason=form.get("reason", ""),
                basis=form.get("basis", ""), document=form.get("document", ""),
            )  # fmt: skip
    except NotFound:
        raise
    except Refused as problem:
        return show(public_id, problem), problem.status
    whom = "the patient" if asked.to == TO_PATIENT else "the next payer"
    rest = "" if asked.closed else " The rest of the case goes on."
    flash(f"{asked.cents} moved to {whom}.{rest} u takes it back.", "good")
    return redirect(url_for("denials.case", public_id=public_id), 303)


@pages.post("/denials/<public_id>/patient/back")
def bring_back(public_id: str) -> AnyResponse | tuple[str, int]:
    """Take the money back into the payer's receivable, and the case up again."""
    form = request.form
    try:
        with work(actor()) as w:
            cents = service_patient.bring_back(
                w, public_id, version=version_of(form.get("version", "")), reason=form.get("reason", "")
            )
    except NotFound:
        raise
    except Refused as problem:
        return show(public_id, problem), problem.status
    flash(f"{cents} is back with the payer; the case is taken up again.", "good")
    return redirect(url_for("denials.case", public_id=public_id), 303)
