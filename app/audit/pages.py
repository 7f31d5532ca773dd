"""The screen Audit trail: who did what, who saw whom, who looks without working, and whether the trail is
whole.
"""

import json

from flask import Blueprint, render_template
from werkzeug.wrappers import Response as AnyResponse

from app.audit import pages_privacy, queries
from app.audit.pages_privacy import ACTIONS, OUTCOMES
from app.audit.verify import Verified, verify
from app.kernel.export import Column, Kind
from app.kernel.work import reading, work
from app.web.door import actor, ask_from, download

pages = Blueprint("audit", __name__, url_prefix="/audit", template_folder="templates")
pages_privacy.add_to(pages)

QUIET = (
    Column("actor", "Who"),
    Column("patients", "Patients", Kind.COUNT),
    Column("looks", "Looks", Kind.COUNT),
)


def words_of(detail: str) -> str:
    """`{"count":3,"format":"csv"}` as a person reads it: `count 3, format csv`."""
    found = json.loads(detail) if detail else {}
    return ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in found.items())


def _value(value: object) -> str:
    return " ".join(str(one) for one in value) if isinstance(value, list) else str(value)


COLUMNS = (
    Column("seq", "No.", Kind.COUNT, sort="seq"),
    Column("recorded", "When", Kind.INSTANT),
    Column("actor", "Who"),
    Column("roles", "As", wide=False),
    Column("door", "Door", hint="page, API, command or job"),
    Column("type", "What", value=lambda row: row.type.replace("_", " ").replace(".", " ")),
    Column("action", "Kind", value=lambda row: ACTIONS.get(row.action, row.action)),
    Column("subject", "On"),
    Column("subject_key", "Key", Kind.CODE),
    Column("patients", "Patients", Kind.COUNT),
    Column("outcome", "Outcome", Kind.STATE, value=lambda row: OUTCOMES.get(row.outcome, str(row.outcome))),
    Column("detail", "Detail", value=lambda row: words_of(row.detail), wide=False),
)


@pages.get("/")
def events() -> AnyResponse | str:
    """The trail, newest first."""
    return _list(None)


@pages.post("/verify")
def check() -> AnyResponse | str:
    """Read the whole trail and say whether anything in it was changed."""
    with work(actor()) as w:
        w.may("audit.verify")
        found = verify(w.db)
        w.audit(
            "audit.verified", "E", "audit", outcome=0 if found.whole else 12, detail={"count": found.events}
        )
    return _list(found)


@pages.get("/quiet")
def quiet() -> str:
    """Who opened the same records again and again in 30 days and did nothing about them."""
    with reading(actor()) as w:
        found = queries.quiet_views(w)
    return render_template("audit/quiet.html", columns=QUIET, found=found)


def _list(verified: Verified | None) -> AnyResponse | str:
    ask = ask_from(queries.SORTS, default="-seq", filters=queries.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            return download(w, COLUMNS, queries.events(w, ask.all()).rows, "audit-trail", ask.format)
        found = queries.events(w, ask)
    return render_template(
        "audit/events.html",
        ask=ask,
        columns=COLUMNS,
        found=found,
        verified=verified,
        actions=ACTIONS,
        outcomes=OUTCOMES,
    )
