"""The editor of one claim on its way out: as billed, as answered, as it will go."""

from flask import render_template, session

from app.denials.pages import Reader
from app.kernel.errors import Refused
from app.kernel.work import Work, reading
from app.rebill import queries_case
from app.rebill.pages import QUEUE, choices, pages
from app.web.door import actor, can


@pages.get("/rebill/<public_id>")
def editor(public_id: str) -> str:
    """One submission."""
    with reading(actor()) as w:
        return show(w, public_id)


def show(w: Work, public_id: str, problem: Refused | None = None) -> str:
    """The page of a submission, with a complaint beside the form it is about."""
    view = queries_case.one(w, public_id)
    today = w.today(view.zone)
    return render_template(
        "rebill/editor.html",
        view=view,
        row=view.row,
        read=Reader(w, today),
        today=today,
        problem=problem,
        working=can("rebill.work", view.row.entity_id),
        clinical=can("clinical.read", view.row.entity_id),
        queue=session.get(QUEUE, ""),
        **choices(w),
    )
