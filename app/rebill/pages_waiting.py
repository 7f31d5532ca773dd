"""The tab of claims that wait for a payer to forward them."""

from flask import render_template
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.clock import now
from app.kernel.export import Column
from app.kernel.work import reading
from app.rebill import queries_waiting
from app.rebill.pages import pages, tabs
from app.web.door import actor, ask_from, can, download

ACT = Column("act", "")


@pages.get("/rebill/waiting")
def waiting() -> AnyResponse | str:
    """Claims a payer said it forwarded, the first to be billed by us on top."""
    ask = ask_from(queries_waiting.SORTS, default="due_on")
    with reading(actor()) as w:
        if ask.format:
            rows = queries_waiting.waiting(w, ask.all()).rows
            return download(w, queries_waiting.COLUMNS, rows, "waiting-for-crossover", ask.format)
        count, charge = queries_waiting.total(w)
        return render_template(
            "rebill/waiting.html",
            ask=ask,
            columns=[*queries_waiting.COLUMNS, *([ACT] if can("rebill.work") else [])],
            found=queries_waiting.waiting(w, ask),
            count=count,
            charge=charge,
            tabs=tabs(w, queries_waiting.WAITING),
            today=now().date(),
        )
