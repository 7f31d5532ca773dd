"""What left the house: print batches and who took them, e-mails and those a person has to decide about."""

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.errors import NotFound, Refused
from app.kernel.paging import Ask
from app.kernel.work import Work, reading, work
from app.statements import queries_sent as queries
from app.statements import service_email, service_print
from app.statements.pages import EMAIL_STATES, pages
from app.web.door import actor, ask_from, can, download, file_answer

MEDIA = {"pdf": "application/pdf", "json": "application/json", "csv": "text/csv"}
SCREEN = [one for one in queries.BATCH_COLUMNS if one.key != "sha256"]


@pages.get("/statements/print")
def print_batches() -> AnyResponse | str:
    """Print batches, the newest first."""
    ask = ask_from(queries.BATCH_SORTS, default="-made", filters=queries.BATCH_FILTERS)
    with reading(actor()) as w:
        if ask.format:
            rows = queries.batches(w, ask.all()).rows
            return download(w, queries.BATCH_COLUMNS, rows, "print-batches", ask.format)
        return render_template("statements/print_batches.html", ask=ask, columns=SCREEN,
                               found=queries.batches(w, ask))  # fmt: skip


@pages.get("/statements/print/<public_id>")
def print_batch(public_id: str) -> tuple[str, int]:
    """One print batch: its counts and hashes, its files, who handed it over."""
    with reading(actor()) as w:
        return _batch(w, public_id)


def _batch(w: Work, public_id: str, problem: Refused | None = None) -> tuple[str, int]:
    row = queries.batch(w, public_id)
    moves = row.moves if can("statements.release", row.entity_id) else []
    shown = render_template("statements/print_batch.html", row=row, moves=moves, problem=problem,
                            form=request.form)  # fmt: skip
    return shown, problem.status if problem else 200


@pages.get("/statements/print/<public_id>/<any(pdf, json, csv):part>")
def print_file(public_id: str, part: str) -> Response:
    """The merged PDF, or its manifest, proven by its hash."""
    with reading(actor()) as w:
        data = service_print.content(w, public_id, part)
    return file_answer(data, f"print-{public_id}.{part}", MEDIA[part])


def _version() -> int:
    version = request.form.get("version", type=int)
    if version is None:
        raise Refused("Look at it first, then decide.", code="version_missing", field="version")
    return version


@pages.post("/statements/print/<public_id>/hand")
def print_hand(public_id: str) -> AnyResponse | tuple[str, int]:
    """Say that the print vendor has it."""
    try:
        with work(actor()) as w:
            service_print.hand_over(w, public_id, _version(), to=request.form.get("to", "").strip()[:40])
    except NotFound:
        raise
    except Refused as problem:
        if problem.status == 403:
            raise
        with reading(actor()) as w:
            return _batch(w, public_id, problem)
    flash("Noted: the print vendor has this batch.", "good")
    return redirect(url_for("statements.print_batch", public_id=public_id), 303)


@pages.get("/statements/emails")
def emails() -> AnyResponse | str:
    """E-mails about statements; first those nobody knows about."""
    ask = ask_from(queries.EMAIL_SORTS, default="-queued", filters=queries.EMAIL_FILTERS)
    with reading(actor()) as w:
        if ask.format:
            rows = queries.emails(w, ask.all()).rows
            return download(w, queries.EMAIL_COLUMNS, rows, "statement-emails", ask.format)
        return _emails(w, ask)


def _emails(w: Work, ask: Ask, problem: Refused | None = None) -> str:
    unknown = queries.emails(w, Ask("queued", limit=50, filters={"state": "unknown"})).rows
    return render_template(
        "statements/emails.html", ask=ask, columns=queries.EMAIL_COLUMNS, found=queries.emails(w, ask),
        unknown=unknown, states=EMAIL_STATES, problem=problem,
    )  # fmt: skip


@pages.post("/statements/emails/<public_id>/decide")
def emails_decide(public_id: str) -> AnyResponse | tuple[str, int]:
    """Say whether an e-mail with an unknown outcome arrived."""
    arrived = request.form.get("arrived") == "yes"
    # Without its version a form is of none; whose e-mail it is about is asked first.
    version = request.form.get("version", 0, type=int)
    try:
        with work(actor()) as w:
            service_email.decide(w, public_id, arrived=arrived, version=version)
    except NotFound:
        raise
    except Refused as problem:
        if problem.status == 403:
            raise
        with reading(actor()) as w:
            return _emails(w, Ask("queued", descending=True), problem), problem.status
    flash(
        "Noted: it arrived." if arrived else "Noted: it did not arrive. Send the statement by mail.", "good"
    )
    return redirect(url_for("statements.emails"), 303)
