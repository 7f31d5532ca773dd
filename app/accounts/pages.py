"""The screen Accounts: who owes what, since when, and what keeps us from asking."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.flows import account_list
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.limits import SEARCH_CHARACTERS
from app.kernel.paging import Ask
from app.kernel.work import Work, reading
from app.patients import queries_guarantors
from app.web.door import actor, ask_from, download

pages = Blueprint("accounts", __name__, url_prefix="/accounts", template_folder="templates")
QUEUE = "accounts.queue"
DEFAULT = "-due"


@pages.get("/")
def accounts() -> AnyResponse | tuple[str, int] | str:
    """Accounts, the largest due first; a search by name goes by a form, never by an address."""
    with reading(actor()) as w:
        problem: Refused | None = None
        try:
            ask = ask_from(account_list.SORTS, default=DEFAULT, filters=account_list.FILTERS)
            if ask.format:
                rows = account_list.accounts(w, ask.all()).rows
                return download(w, account_list.FILE_COLUMNS, rows, "accounts", ask.format)
            found, sums = account_list.accounts(w, ask), account_list.sums(w, ask)
        except Refused as refusal:
            # A mistyped filter is answered beside the list, with what was typed still in its field.
            if refusal.field in ("sort", "cursor", "limit", "format", None):
                raise
            problem, plain = refusal, Ask("due", descending=True)
            found, sums = account_list.accounts(w, plain), account_list.sums(w, plain)
        session[QUEUE] = request.query_string.decode("ascii", "ignore")[:1_500]
        page = render_template(
            "accounts/accounts.html",
            ask=ask,
            found=found,
            sums=sums,
            problem=problem,
            text="",
            today=now().date(),
            columns=account_list.COLUMNS,
            **choices(w),
        )
    return (page, problem.status) if problem else page


def choices(w: Work) -> dict[str, Any]:
    """What the filters offer."""
    return {
        "shows": list(account_list.SHOWS.items()),
        "stages": account_list.STAGES,
        "plans": list(account_list.PLANS.items()),
        "promises": list(account_list.PROMISES.items()),
        "holds": list(account_list.HOLDS.items()),
        "ages": list(account_list.AGES.items()),
        "entities": [(one.public_id, one.name) for one in entities.practices(w)],
    }


@pages.post("/")
def find() -> AnyResponse | str:
    """The accounts a number, a name or a birth date means; one alone is opened."""
    text = request.form.get("q", "").strip()[:SEARCH_CHARACTERS]
    with reading(actor()) as w:
        found = queries_guarantors.search(w, text)
        if len(found) == 1:
            return redirect(url_for("accounts.account", public_id=found[0].public_id), 303)
        return render_template("accounts/found.html", found=found, text=text)
