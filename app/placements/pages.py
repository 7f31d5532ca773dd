"""The screen Placements: accounts an agency could have, with the lights of their scrub."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.kernel.work import reading
from app.placements import queries
from app.web.door import actor, ask_from, download

pages = Blueprint("placements", __name__, url_prefix="/placements", template_folder="templates")
DEFAULT = "-due"


@pages.get("/")
def placements() -> AnyResponse | str:
    """Accounts in pre-collection, the largest due first, with what stands against an agency."""
    with reading(actor()) as w:
        ask = ask_from(queries.SORTS, default=DEFAULT, filters=queries.FILTERS)
        if ask.format:
            rows = queries.candidates(w, ask.all()).rows
            return download(w, queries.FILE_COLUMNS, rows, "placements", ask.format)
        found, sums = queries.candidates(w, ask), queries.totals(w, ask)
        choices = [(one.public_id, one.name) for one in entities.practices(w)]
    return render_template(
        "placements/placements.html",
        ask=ask,
        found=found,
        sums=sums,
        columns=queries.COLUMNS,
        shows=list(queries.SHOWS.items()),
        entities=choices,
    )


@pages.get("/<string:public_id>")
def scrub(public_id: str) -> str:
    """One account's scrub, light by light."""
    with reading(actor()) as w:
        found = queries.one(w, public_id)
    return render_template("placements/scrub.html", found=found)
