"""The screen Files: take files in, see what became of each, and release, replay or undo a transaction."""

from dataclasses import replace
from typing import Any, BinaryIO, NamedTuple, cast

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from app.documents import service as documents
from app.flows import receive_file, resolve
from app.intake import queries, queries_file, queries_jobs, queries_replies, service_jobs
from app.intake.rules import Offered
from app.kernel.errors import NotAllowed, Refused
from app.kernel.export import Column
from app.kernel.settings import settings
from app.kernel.work import Work, reading, work
from app.web.door import actor, ask_from, can, download, file_answer
from app.web.panels import panels

pages = Blueprint("intake", __name__, url_prefix="/files", template_folder="templates")


class Doing(NamedTuple):
    """A decision about a transaction: its right, its verb, what it is called and what it will do."""

    right: str
    verb: Any
    label: str
    past: str
    words: str


DOINGS = {
    "release": Doing("holds.release", resolve.release, "Release", "Released",
                     "It posts as the payer sent it, although its counts or totals do not agree. "
                     "Nothing is plugged: what the claims do not explain stays open."),
    "replay": Doing("files.replay", resolve.replay, "Replay", "Replayed",
                    "The same bytes are read again, with what you know today: a new entity, a claim that "
                    "arrived, a corrected code. What posts, posts once."),
    "undo": Doing("remits.undo", resolve.undo, "Undo", "Undone",
                  "One reversing batch takes back every entry of this posting. Nothing is deleted, and the "
                  "transaction can be replayed."),
}  # fmt: skip


@pages.get("/")
def files() -> AnyResponse | tuple[str, int]:
    """What came in, newest first, with what became of it."""
    ask = ask_from(queries.SORTS, default="-received", filters=queries.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            rows = queries.files(w, ask.all()).rows
            return download(w, queries.EXPORT_COLUMNS, rows, "files", ask.format)
        asked, problem = ask, None
        try:
            totals = queries.totals(w, ask)
        except Refused as refusal:
            # A mistyped filter is answered beside the list, with what was typed still in its field.
            asked, problem = replace(ask, filters={}), refusal
            totals = queries.totals(w, asked)
        page = render_template(
            "intake/files.html",
            ask=ask,
            problem=problem,
            columns=queries.COLUMNS,
            found=queries.files(w, asked),
            totals=totals,
            payers=[(name, name) for name in queries.payers(w)],
            states=[(one, one.replace("_", " ").capitalize()) for one in queries.STATES],
            kinds=[(one, one) for one in queries.KINDS],
            limit=settings().upload_bytes,
        )
        return page, problem.status if problem else 200


@pages.post("/")
def take() -> AnyResponse | str:
    """Take files in. A script sends them one by one and gets a line for each; a plain form gets its list."""
    offered = [one for one in request.files.getlist("file") if one.filename]
    by_script = "HX-Request" in request.headers
    if not offered:
        raise Refused("Choose a file first.", code="file_missing", field="file")
    look = "look_first" in request.form
    lines = [_take_one(one, look_first=look) for one in offered]
    if by_script:
        return render_template("intake/line.html", lines=lines)
    for line in lines:
        flash(f"{line['name']}: {line['words']}", "bad" if line["refused"] else "good")
    return redirect(url_for("intake.files"), 303)


def _take_one(one: FileStorage, *, look_first: bool) -> dict[str, Any]:
    name = one.filename or "unnamed"
    try:
        taken: Offered = receive_file.offer(actor(), cast(BinaryIO, one.stream), name, look_first=look_first)
    except Refused as problem:
        return {"name": name, "words": problem.message, "refused": True, "file": "", "first": True}
    return {
        "name": name,
        "words": taken.words,
        "refused": False,
        "file": taken.public_id,
        "first": taken.first,
    }


@pages.get("/<public_id>/progress")
def progress(public_id: str) -> str:
    """How far a file is; asked again by the page itself until it is done, which keeps no session alive."""
    with reading(actor()) as w:
        return render_template("intake/progress.html", at=queries_file.progress(w, public_id))


@pages.get("/<public_id>")
def one(public_id: str) -> AnyResponse | str:
    """A file: its transactions, its findings, every time it was offered."""
    ask = ask_from(queries_file.TRANSACTION_SORTS, default="place")
    with reading(actor()) as w:
        head = queries_file.file(w, public_id)
        if ask.format:
            rows = queries_file.transactions(w, head.file_no, ask.all()).rows
            return download(w, queries_file.TRANSACTION_COLUMNS, rows, "transactions", ask.format)
        w.audit("file.read", "R", "intake_file", public_id)
        ours, guide = (queries_file.findings(w, head.file_no, origin=origin) for origin in ("ours", "guide"))
        return render_template(
            "intake/file.html",
            head=head,
            ask=ask,
            columns=(*queries_file.TRANSACTION_COLUMNS, Column("moves", "Decide")),
            found=queries_file.transactions(w, head.file_no, ask),
            ours=ours,
            guide=guide,
            offers=queries_file.offers(w, head.file_no),
            doings=_offered_doings,
            replies=queries_replies.replies(w, head.file_no),
            panels=panels(w, "file", head.file_no),
        )


def _offered_doings(row: queries_file.TransactionRow) -> list[tuple[str, str]]:
    """The decisions this person may take on a transaction: (name, label)."""
    return [(name, DOINGS[name].label) for name in row.moves if can(DOINGS[name].right, row.entity_id)]


@pages.get("/<public_id>/raw")
def raw(public_id: str) -> Response:
    """The bytes as they came, for those who may have them and see everything in them."""
    with reading(actor()) as w:
        head = queries_file.file(w, public_id)
        if not head.whole:
            raise NotAllowed("This file also holds transactions of entities you do not work for.",
                             code="not_all_yours")  # fmt: skip
        w.audit("file.raw", "R", "intake_file", public_id, detail={"bytes": head.size})
        data = documents.read_range(w, head.file_no, 0, head.size)
    return file_answer(data, head.name, "application/octet-stream")


@pages.get("/<public_id>/acknowledgements/<reply_id>")
def reply(public_id: str, reply_id: str) -> Response:
    """A 999 or TA1 of ours about this file, to be sent by whoever sends such files."""
    with reading(actor()) as w:
        head = queries_file.file(w, public_id)
        one = queries_replies.reply(w, head.file_no, reply_id)
        w.audit("file.reply", "R", "intake_reply", reply_id, detail={"kind": one.kind})
        data = documents.read_range(w, one.document_no, 0, one.size)
    return file_answer(data, one.name, "application/edi-x12")


@pages.get("/jobs")
def jobs() -> AnyResponse | str:
    """What waits, runs or failed at every try."""
    ask = ask_from(queries_jobs.SORTS, default="-run_at", filters=queries_jobs.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            return download(w, queries_jobs.COLUMNS, queries_jobs.jobs(w, ask.all()).rows, "jobs", ask.format)
        return render_template(
            "intake/jobs.html",
            ask=ask,
            columns=queries_jobs.COLUMNS,
            found=queries_jobs.jobs(w, ask),
            counts=queries_jobs.counts(w),
            states=[(one, one.capitalize()) for one in queries_jobs.STATES],
            kinds=queries_jobs.kinds(w),
        )


@pages.post("/jobs/again")
def jobs_again() -> AnyResponse:
    """Queue what failed at every try once more."""
    with work(actor()) as w:
        count = service_jobs.again(w)
    flash(f"{count} jobs are queued again.", "good")
    return redirect(url_for("intake.jobs"), 303)


@pages.get("/transactions/<public_id>/<any(release, replay, undo):doing>")
def ask_before(public_id: str, doing: str) -> str:
    """What a decision would do, and the reason it needs."""
    with reading(actor()) as w:
        return _decision(w, public_id, doing)


def _decision(w: Work, public_id: str, doing: str, problem: Refused | None = None) -> str:
    row = queries_file.transaction(w, public_id)
    w.audit("transaction.read", "R", "intake_transaction", public_id, entity_id=row.entity_id)
    found, _ = queries_file.findings(w, row.file_no, origin="ours", transaction_id=row.id)
    return render_template(
        "intake/decide.html", row=row, doing=doing, about=DOINGS[doing], problem=problem,
        reason=request.form.get("reason", ""), findings=found[:20], back=_back(row),
        allowed=doing in row.moves and can(DOINGS[doing].right, row.entity_id),
    )  # fmt: skip


def _back(row: queries_file.TransactionRow) -> str:
    if row.kind == "835" and "remits.workspace" in current_app.view_functions:
        return url_for("remits.workspace", public_id=row.public_id)
    return url_for("intake.files", q=row.control)


def _decide(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Do it, once, for the version that was looked at; a refusal comes back with the form."""
    version = request.form.get("version", type=int)
    if version is None:
        raise Refused("Open the transaction first, then decide.", code="version_missing", field="version")
    try:
        with work(actor()) as w:
            DOINGS[doing].verb(w, public_id, reason=request.form.get("reason", ""), version=version)
    except Refused as problem:
        if problem.status == 404:
            raise
        with reading(actor()) as w:
            return _decision(w, public_id, doing, problem), problem.status
    flash(f"{DOINGS[doing].past}. Your reason is on the record.", "good")
    with reading(actor()) as w:
        return redirect(_back(queries_file.transaction(w, public_id)), 303)


@pages.post("/transactions/<public_id>/release")
def release(public_id: str) -> AnyResponse | tuple[str, int]:
    """A supervisor lets a held transaction post as it is."""
    return _decide(public_id, "release")


@pages.post("/transactions/<public_id>/replay")
def replay(public_id: str) -> AnyResponse | tuple[str, int]:
    """Read the same bytes again."""
    return _decide(public_id, "replay")


@pages.post("/transactions/<public_id>/undo")
def undo(public_id: str) -> AnyResponse | tuple[str, int]:
    """Take a posting back."""
    return _decide(public_id, "undo")
