"""The screen of runs: planned, looked at, signed by another person, released; every account with its why."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.flows import make_documents
from app.kernel.errors import NotFound, Refused
from app.kernel.paging import Ask
from app.kernel.work import Work, reading, work
from app.statements import (
    queries,
    queries_sent,
    service_letterhead,
    service_preview,
    service_release,
    service_runs,
)
from app.statements.lifecycle import RunKind, RunState
from app.statements.pages import KINDS, LANGUAGES, OUTCOMES, RUN_STATES, SENT_STAGES, STAGES, WAYS, pages
from app.statements.queries import ItemRow, RunRow
from app.statements.rules_reasons import rows as reasons
from app.web.door import actor, ask_from, can, download, file_answer

SHOWN = ("number", "name", "bill", "statement_on", "total", "waiting", "on_plan", "asked",
         "stage", "outcome", "words")  # fmt: skip
ITEM_SCREEN = [one for name in SHOWN for one in queries.ITEM_COLUMNS if one.key == name]
RUN_SCREEN = [one for one in queries.RUN_COLUMNS if one.key != "entity_name"]
SAMPLE = 10
SENDS = service_release.RIGHTS
UNDERWAY = (RunState.PLANNED.value, RunState.IN_AUDIT.value, RunState.SIGNED.value)


def _reasons() -> list[tuple[str, str]]:
    return sorted({(one.code, one.words) for one in reasons()}, key=lambda one: one[1])


@pages.get("/statements/")
def runs() -> AnyResponse | str:
    """Runs, the newest first; a file of the list."""
    ask = ask_from(queries.RUN_SORTS, default="-planned", filters=queries.RUN_FILTERS)
    with reading(actor()) as w:
        if ask.format:
            rows = queries.runs(w, ask.all()).rows
            return download(w, queries.RUN_COLUMNS, rows, "statement-runs", ask.format)
        return _runs(w, ask)


def _runs(w: Work, ask: Ask, problem: Refused | None = None) -> str:
    practices = [(one.public_id, one.name) for one in entities.practices(w)]
    several = len(practices) > 1
    return render_template(
        "statements/runs.html", ask=ask, columns=queries.RUN_COLUMNS if several else RUN_SCREEN,
        found=queries.runs(w, ask), kinds=KINDS, states=RUN_STATES, practices=practices, problem=problem,
        form=request.form,
    )  # fmt: skip


@pages.post("/statements/plan")
def runs_plan() -> AnyResponse | tuple[str, int]:
    """Plan a run: every account gets a line; nothing is sent."""
    form: Any = request.form
    try:
        with work(actor()) as w:
            kind = form.get("kind", "")
            if kind not in list(RunKind):
                raise Refused("Choose statements or letters.", code="kind", field="kind")
            made = service_runs.plan(w, form.get("entity", ""), kind)
    except Refused as problem:
        with reading(actor()) as w:
            return _runs(w, Ask("planned", descending=True), problem), problem.status
    flash("Planned. Nothing is sent yet: look at who gets what, then at the sample.", "good")
    return redirect(url_for("statements.runs_one", public_id=made), 303)


@pages.get("/statements/runs/<public_id>")
def runs_one(public_id: str) -> AnyResponse | tuple[str, int]:
    """A run: totals by outcome and reason, its lines, what may be done, what became of it."""
    ask = ask_from(queries.ITEM_SORTS, default="account", filters=queries.ITEM_FILTERS)
    with reading(actor()) as w:
        row = queries.run(w, public_id)
        if ask.format:
            rows = queries.items(w, row, ask.all()).rows
            return download(w, queries.ITEM_COLUMNS, rows, f"run-{row.kind}-{row.day}", ask.format)
        return _run(w, row, ask)


def _run(w: Work, row: RunRow, ask: Ask, problem: Refused | None = None) -> tuple[str, int]:
    w.audit("run.read", "R", "statement_run", row.public_id, entity_id=row.entity_id)
    try:
        found, totals = queries.items(w, row, ask), queries.item_totals(w, row, ask)
    except Refused as refusal:
        # A mistyped filter is answered beside the list, with what was typed still in its field.
        problem, plain = refusal, Ask("account")
        found, totals = queries.items(w, row, plain), queries.item_totals(w, row, plain)
    going = Ask("asked", descending=True, limit=SAMPLE, filters={"outcome": "send"})
    sampled = queries.items(w, row, Ask("account", limit=0, filters={"sampled": "yes"})).rows
    shown = render_template(
        "statements/run.html", row=row, ask=ask, found=found, totals=totals, problem=problem,
        form=request.form, sums=queries.totals(w, row), columns=ITEM_SCREEN, moves=_moves(row),
        outcomes=OUTCOMES,
        reasons=_reasons(), stages=[(one, words) for one, words in STAGES if one in list(SENT_STAGES)],
        languages=LANGUAGES, ways=WAYS, sampled=sampled, fine=sum(one.fine is True for one in sampled),
        wrong=[one for one in sampled if one.fine is False and one.outcome == "send"],
        sample=queries.items(w, row, going).rows if "release" in row.moves else [],
        batch=queries_sent.batch_of(w, row.public_id), emails=_emails(w, row),
        gaps=service_letterhead.gaps_of(w, row), stopped=make_documents.stopped(w, row.id),
        takes_up=can(SENDS[row.kind], row.entity_id),
    )  # fmt: skip
    return shown, problem.status if problem else 200


def _emails(w: Work, row: RunRow) -> list[queries_sent.EmailRow]:
    if row.state != RunState.MADE:
        return []
    return list(queries_sent.emails(w, Ask("queued", limit=50, filters={"run": row.public_id})).rows)


def _moves(row: RunRow) -> list[str]:
    """What this person may do with it now; the verb asks again."""
    rights = {"audit": "statements.sign", "sign": "statements.sign", "reopen": "statements.sign",
              "release": SENDS[row.kind], "cancel": "statements.plan"}  # fmt: skip
    found = [one for one in row.moves if can(rights[one], row.entity_id)]
    return found + (["drop"] if row.state in UNDERWAY[:2] and can("statements.plan", row.entity_id) else [])


# ---------------------------------------------------------------- what people do with a run


def _version() -> int:
    version = request.form.get("version", type=int)
    if version is None:
        raise Refused("Open the run first, then decide.", code="version_missing", field="version")
    return version


def _sign(w: Work, public_id: str) -> str:
    service_runs.sign(w, public_id, request.form.get("plan_hash", ""), _version())
    return "Signed. It can be released; every guard and balance is asked again then."


def _release(w: Work, public_id: str) -> str:
    service_release.release(w, public_id, _version())
    return "Released. Its documents are being made now."


def _take_up(w: Work, public_id: str) -> str:
    make_documents.take_up(w, public_id, _version())
    return "Taken up again. What was made stays as it is; the rest is being made now."


def _cancel(w: Work, public_id: str) -> str:
    service_runs.cancel(w, public_id, _version())
    return "Given up. Nothing of it was sent."


def _reopen(w: Work, public_id: str) -> str:
    service_runs.reopen(w, public_id, _version())
    return "Open again; what was said of the sample stays."


def _drop(w: Work, public_id: str) -> str:
    chosen = request.form.getlist("account")
    if not chosen:
        raise Refused("Select who is taken out.", code="nothing_selected")
    remark = request.form.get("remark", "")
    service_runs.drop(w, public_id, chosen, remark=remark, version=_version())
    return "Taken out. They keep their line, with why."


DOING: dict[str, Callable[[Work, str], str]] = {
    "sign": _sign, "release": _release, "take_up": _take_up, "cancel": _cancel, "reopen": _reopen,
    "drop": _drop,
}  # fmt: skip


@pages.post("/statements/runs/<public_id>/<any(sign, reopen):doing>")
def runs_sign(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Sign exactly what was looked at, or take the signature back."""
    return _done(public_id, doing)


@pages.post("/statements/runs/<public_id>/<any(release, take_up):doing>")
def runs_release(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Let a signed run go, or go on with one whose making stopped."""
    return _done(public_id, doing)


@pages.post("/statements/runs/<public_id>/<any(cancel, drop):doing>")
def runs_change(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Give a run up, or take accounts out of it."""
    return _done(public_id, doing)


def _done(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    try:
        with work(actor()) as w:
            words = DOING[doing](w, public_id)
    except Refused as problem:
        if problem.status in (403, 404):
            raise
        with reading(actor()) as w:
            return _run(w, queries.run(w, public_id), Ask("account"), problem)
    flash(words, "good")
    return redirect(url_for("statements.runs_one", public_id=public_id), 303)


# ---------------------------------------------------------------- the sample


@pages.get("/statements/runs/<public_id>/audit")
def runs_audit(public_id: str) -> AnyResponse | tuple[str, int]:
    """The sample, one after the other: the document of today's facts beside the figures of the account."""
    with reading(actor()) as w:
        return _audit(w, queries.run(w, public_id))


def _audit(w: Work, row: RunRow, problem: Refused | None = None) -> AnyResponse | tuple[str, int]:
    asked = request.values.get("account", "")
    ask = Ask("account", limit=0, filters={"sampled": "yes", "outcome": "send"})
    sampled = list(queries.items(w, row, ask).rows)
    if asked and asked not in [one.account for one in sampled]:
        wanted = Ask("account", filters={"account": asked, "outcome": "send"})
        sampled += queries.items(w, row, wanted).rows
    if not sampled:
        flash("There is nothing to look at: this run sends nothing.", "info")
        return redirect(url_for("statements.runs_one", public_id=row.public_id), 303)
    item = _chosen(sampled, asked)
    look, changed, pictures = None, None, 0
    if row.state in UNDERWAY:
        try:
            look = service_preview.preview(w, row.public_id, item.account)
            pictures = len(look.pictures())
        except Refused as refusal:
            look, changed = None, refusal
    place = sampled.index(item)
    shown = render_template(
        "statements/audit.html", row=row, item=item, sampled=sampled, place=place, look=look, changed=changed,
        pictures=pictures, problem=problem, form=request.form,
        before=sampled[place - 1] if place else None,
        after=sampled[place + 1] if place + 1 < len(sampled) else None,
        open_=sum(one.fine is None for one in sampled),
        judges=row.state in UNDERWAY[:2] and can("statements.sign", row.entity_id),
    )  # fmt: skip
    return shown, problem.status if problem else 200


def _chosen(sampled: list[ItemRow], account: str) -> ItemRow:
    """The one asked for, else the first that nobody judged yet."""
    for one in sampled:
        if one.account == account:
            return one
    return next((one for one in sampled if one.fine is None), sampled[0])


@pages.post("/statements/runs/<public_id>/mark")
def runs_mark(public_id: str) -> AnyResponse | tuple[str, int]:
    """Say that a document of the sample is fine, or what is not."""
    form: Any = request.form
    try:
        with work(actor()) as w:
            service_runs.mark(
                w, public_id, form.get("account", ""), fine=form.get("fine") == "yes",
                remark=form.get("remark", ""), version=_version(),
            )  # fmt: skip
    except NotFound:
        raise
    except Refused as problem:
        if problem.status == 403:
            raise
        with reading(actor()) as w:
            return _audit(w, queries.run(w, public_id), problem)
    return redirect(url_for("statements.runs_audit", public_id=public_id), 303)


@pages.get("/statements/runs/<public_id>/look/<account>/<int:page>.png")
def runs_look(public_id: str, account: str, page: int) -> Response:
    """One page of a document that is not sent yet, as a picture."""
    with reading(actor()) as w:
        drawn = service_preview.preview(w, public_id, account).pictures()
    if not 1 <= page <= len(drawn):
        raise NotFound("This document has no such page.")
    return picture(drawn[page - 1])


@pages.get("/statements/runs/<public_id>/look/<account>.pdf")
def runs_look_pdf(public_id: str, account: str) -> Response:
    """The same as PDF."""
    with reading(actor()) as w:
        data = service_preview.preview(w, public_id, account).pdf()
    return file_answer(data, f"preview-{account}.pdf", "application/pdf")


def picture(data: bytes) -> Response:
    """A picture to be shown, and kept by nobody."""
    answer = Response(data, mimetype="image/png")
    answer.headers["Cache-Control"] = "no-store"
    return answer
