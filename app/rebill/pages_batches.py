"""The screens Release and Batches: what goes out to whom, what was sent, and what its receiver said."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.documents import service as documents
from app.entities import queries as entities
from app.kernel.errors import Refused
from app.kernel.paging import Ask
from app.kernel.work import Work, reading, work
from app.rebill import queries_batches, queries_receivers, service_batches, service_ready, service_sending
from app.rebill.lifecycle import BatchState
from app.rebill.pages import pages
from app.rebill.queries import KINDS
from app.rebill.rules_batches import ANSWERS, SAID, UNDERWAY
from app.rebill.service_ready import Group
from app.web.door import actor, ask_from, can, download, file_answer

STATES = [
    (UNDERWAY, "Not settled"),
    *((one.value, one.value.capitalize()) for one in BatchState),
]
TONES = {"released": "info", "sending": "info", "sent": "good", "unknown": "warn", "failed": "bad",
         "arrived": "good", "not_sent": "bad"}  # fmt: skip
BLOCKED_SHOWN = 50


@pages.get("/rebill/batches")
def batches() -> AnyResponse | tuple[str, int] | str:
    """Every batch, the newest first; a file of the list."""
    ask = ask_from(queries_batches.SORTS, default="-released", filters=queries_batches.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            rows = queries_batches.batches(w, ask.all()).rows
            return download(w, queries_batches.EXPORT_COLUMNS, rows, "batches", ask.format)
        problem: Refused | None = None
        try:
            found, totals = queries_batches.batches(w, ask), queries_batches.totals(w, ask)
        except Refused as refusal:
            if refusal.field == "cursor":
                raise
            # A mistyped filter is answered beside the list, with what was typed still in its field.
            problem, plain = refusal, Ask(ask.sort, ask.descending)
            found, totals = queries_batches.batches(w, plain), queries_batches.totals(w, plain)
        shown = render_template(
            "rebill/batches.html",
            ask=ask,
            problem=problem,
            columns=queries_batches.COLUMNS,
            found=found,
            totals=totals,
            states=STATES,
            answers=list(ANSWERS.items()),
            receivers=[(one.public_id, one.name) for one in queries_receivers.receivers(w)],
            said_words=SAID,
            tones=TONES,
        )
        return (shown, problem.status) if problem else shown


@pages.get("/rebill/batches/<public_id>")
def batches_one(public_id: str) -> AnyResponse | str:
    """A batch: its claims, every try to hand it over, what may be done."""
    ask = ask_from(queries_batches.CLAIM_SORTS, default="place")
    with reading(actor()) as w:
        row = queries_batches.batch(w, public_id)
        if ask.format:
            rows = queries_batches.claims(w, row.id, ask.all()).rows
            name = f"batch-{row.interchange:09d}"
            return download(w, queries_batches.CLAIM_COLUMNS, rows, name, ask.format)
        return _batch(w, row, ask)


def _batch(w: Work, row: queries_batches.BatchRow, ask: Ask, problem: Refused | None = None) -> str:
    w.audit("batch.read", "R", "rebill_batch", row.public_id, entity_id=row.entity_id)
    return render_template(
        "rebill/batch.html",
        row=row,
        ask=ask,
        problem=problem,
        form=request.form,
        moves=row.moves if can("rebill.release", row.entity_id) else [],
        columns=queries_batches.CLAIM_COLUMNS,
        found=queries_batches.claims(w, row.id, ask),
        attempts=queries_batches.attempts(w, row.id),
        said_words=SAID,
        tones=TONES,
    )


@pages.get("/rebill/batches/<public_id>/file")
def batches_file(public_id: str) -> Response:
    """The bytes as released, for those who may have them; written down like every look at a raw file."""
    with reading(actor()) as w:
        row, data = raw_of(w, public_id)
    return file_answer(data, row.file_name, "application/edi-x12")


def raw_of(w: Work, public_id: str) -> tuple[queries_batches.BatchRow, bytes]:
    """A batch and its bytes; the look is in the audit, with everybody the file speaks of."""
    row = queries_batches.batch(w, public_id)
    whole = queries_batches.claims(w, row.id, Ask("place").all())
    w.audit("file.raw", "R", "rebill_batch", public_id, entity_id=row.entity_id,
            patients=[one.patient_id for one in whole.rows], detail={"bytes": row.size})  # fmt: skip
    return row, documents.read_range(w, row.file_no, 0, row.size)


def _version() -> int:
    version = request.form.get("version", type=int)
    if version is None:
        raise Refused("Open the batch first, then decide.", code="version_missing", field="version")
    return version


def _doing(w: Work, public_id: str, doing: str) -> str:
    """Do one thing to a batch, for the version that was looked at; returns what to say."""
    form, version = request.form, _version()
    words, yes = form.get("words", ""), form.get("arrived") == "yes"
    if doing == "take":
        service_sending.take(w, public_id, version)
        return "The file is yours to upload: download it below, and say so when it is done."
    if doing == "confirm":
        service_sending.confirm_upload(w, public_id, yes, words, version)
        return "Its claims are on their way." if yes else "It did not go; send it again or cancel it."
    if doing == "settle":
        service_sending.settle_unknown(w, public_id, yes, words, version)
        return "Its claims are on their way." if yes else "It did not arrive; send it again or cancel it."
    if doing == "cancel":
        service_batches.cancel(w, public_id, words, version)
        return "Cancelled: its claims are ready for another batch."
    service_batches.retry(w, public_id, version)
    return "It goes out again, the same bytes under the same name."


@pages.post("/rebill/batches/<public_id>/<any(take, confirm, settle, cancel, retry):doing>")
def batches_act(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Take a file for upload, confirm it, settle an unknown outcome, cancel, send again."""
    try:
        with work(actor()) as w:
            words = _doing(w, public_id, doing)
    except Refused as problem:
        if problem.status == 404:
            raise
        with reading(actor()) as w:
            return _batch(w, queries_batches.batch(w, public_id), Ask("place"), problem), problem.status
    flash(words, "good")
    return redirect(url_for("rebill.batches_one", public_id=public_id), 303)


# ---------------------------------------------------------------- release


def _groups(w: Work) -> list[tuple[str, Group]]:
    """(practice, what is ready for one of its receivers), those with claims first."""
    found = [
        (one.name, group) for one in entities.practices(w) for group in service_ready.ready_for(w, one.id)
    ]
    seen = {
        row.patient_id
        for _, group in found
        for row in (*group.sample, *(kept.row for kept in group.blocked[:BLOCKED_SHOWN]))
    }
    w.audit("batch.ready", "R", "rebill", patients=seen, detail={"rows": len(seen)})
    return sorted(found, key=lambda one: (not one[1].going, not one[1].blocked, one[0]))


def _release(problem: Refused | None = None) -> str:
    with reading(actor()) as w:
        groups = _groups(w)
        return render_template(
            "rebill/release.html",
            groups=[one for one in groups if one[1].going or one[1].blocked],
            idle=[one for one in groups if not (one[1].going or one[1].blocked)],
            several=len(entities.practices(w)) > 1,
            problem=problem,
            kinds=KINDS,
            blocked_shown=BLOCKED_SHOWN,
        )


@pages.get("/rebill/release")
def release() -> str:
    """What is ready for each receiver, what stays behind and why, before one key sends it."""
    return _release()


@pages.post("/rebill/release")
def release_now() -> AnyResponse | tuple[str, int]:
    """One file of what was looked at, to one receiver."""
    form: Any = request.form
    try:
        with work(actor()) as w:
            made = service_batches.release(w, form.get("receiver", ""), plan=form.get("plan", "")[:16])
    except Refused as problem:
        return _release(problem), problem.status
    flash("Released. The batch is below; its claims are on their way as soon as it arrived.", "good")
    return redirect(url_for("rebill.batches_one", public_id=made), 303)
