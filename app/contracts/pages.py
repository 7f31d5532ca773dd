"""The screens Fee schedules: versions, one version, loading with a preview, terms."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from app.contracts import queries_schedules as queries
from app.contracts import service, service_import
from app.contracts.rules import LESSER_OF, METHODS
from app.contracts.service_import import Outcome
from app.entities import queries as entities
from app.entities.rules import Practice
from app.kernel.clock import now
from app.kernel.errors import Refused
from app.kernel.work import Work, reading, work
from app.ledger.queries import read_day
from app.web.door import actor, ask_from, can, download

pages = Blueprint("contracts", __name__, template_folder="templates")
SHARES = ("percent", "unlisted_percent", "npp", "withhold")


@pages.get("/contracts")
def schedules() -> AnyResponse | str:
    """Every version of every payer's schedule, the terms, and what was loaded."""
    with reading(actor()) as w:
        rows = queries.schedules(w)
        if file_format := request.args.get("format"):
            return download(w, queries.SCHEDULE_COLUMNS, rows, "fee-schedules", file_format)
        return _schedules(w)


def _schedules(w: Work, problem: Refused | None = None) -> str:
    return render_template(
        "contracts/schedules.html",
        rows=queries.schedules(w),
        columns=queries.SCHEDULE_COLUMNS,
        imports=queries.imports(w, limit=10),
        terms=queries.terms(w),
        usual=queries.usual(now().date()),
        practices=_mine(w),
        methods=METHODS,
        scopes=LESSER_OF,
        problem=problem,
        writing=can("contracts.write"),
    )


def _mine(w: Work) -> list[Practice]:
    return entities.practices(w)


@pages.get("/contracts/<public_id>")
def schedule(public_id: str) -> AnyResponse | str:
    """The rows of one version."""
    ask = ask_from(queries.ROW_SORTS, default="code", filters=queries.ROW_FILTERS)
    with reading(actor()) as w:
        head = queries.schedule(w, public_id)
        if ask.format:
            rows = queries.rows(w, head.id, ask.all()).rows
            return download(w, queries.ROW_COLUMNS, rows, f"fees-{head.payer}-{head.number}", ask.format)
        return render_template(
            "contracts/schedule.html",
            head=head,
            ask=ask,
            columns=queries.ROW_COLUMNS,
            found=queries.rows(w, head.id, ask),
        )


@pages.get("/contracts/imports/<public_id>")
def imported(public_id: str) -> str:
    """What one file did, with its findings."""
    with reading(actor()) as w:
        return render_template("contracts/imported.html", one=queries.one_import(w, public_id))


@pages.post("/contracts/preview")
def preview() -> AnyResponse | str | tuple[str, int]:
    """What a file would do, before it does it."""
    given = request.files.get("file")
    try:
        file_id, public_id = _keep(given)
        with work(actor()) as w:
            found = [service_import.preview(w, one, file_id) for one in _chosen(w)]
            names = {one.id: one.name for one in _mine(w)}
    except Refused as problem:
        with reading(actor()) as w:
            return _schedules(w, problem), problem.status
    return render_template(
        "contracts/preview.html",
        found=found,
        names=names,
        file=public_id,
        entity=request.form.get("entity", ""),
    )


def _keep(given: FileStorage | None) -> tuple[int, str]:
    if given is None or not given.filename:
        raise Refused("Choose a file of fees.", code="file_missing", field="file")
    with work(actor()) as w:
        file_id = service_import.keep(w, given.stream, given.filename)
        return file_id, service_import.public_of(w, file_id)


def _chosen(w: Work) -> list[int]:
    wanted = entities.chosen(w, request.form.get("entity", ""))
    return wanted if wanted is not None else [one.id for one in _mine(w)]


@pages.post("/contracts/load")
def load() -> AnyResponse | tuple[str, int]:
    """Load the file that was previewed."""
    strict = bool(request.form.get("strict"))
    try:
        with work(actor()) as w:
            file_id = service_import.by_public(w, request.form.get("file", ""))
            done = [service_import.load(w, one, file_id, strict=strict) for one in _chosen(w)]
    except Refused as problem:
        with reading(actor()) as w:
            return _schedules(w, problem), problem.status
    flash(_said(done), "good")
    if len(done) == 1:
        return redirect(url_for("contracts.imported", public_id=done[0].public_id), 303)
    return redirect(url_for("contracts.schedules"), 303)


def _said(done: list[Outcome]) -> str:
    added, changed, bad = (sum(getattr(one, name) for one in done) for name in ("added", "changed", "bad"))
    return (
        f"{added:,} rows are new, {changed:,} corrected, {bad:,} could not be loaded. Claims are priced anew."
    )


@pages.post("/contracts/terms")
def change_terms() -> AnyResponse | tuple[str, int]:
    """Terms with a payer from a day on."""
    form = request.form
    try:
        with work(actor()) as w:
            wanted = entities.chosen(w, form.get("entity", "")) or [one.id for one in _mine(w)]
            start = read_day(form.get("effective_from", ""), "effective_from")
            if start is None:
                raise Refused("From which day on?", code="day_missing", field="effective_from")
            for entity_id in wanted:
                service.change_terms(
                    w, entity_id, form.get("payer", ""), _terms(), effective_from=start,
                    effective_to=read_day(form.get("effective_to", ""), "effective_to"),
                )  # fmt: skip
    except Refused as problem:
        with reading(actor()) as w:
            return _schedules(w, problem), problem.status
    flash("The terms hold. Claims they concern are priced anew.", "good")
    return redirect(url_for("contracts.schedules"), 303)


def _terms() -> dict[str, object]:
    """The terms a person filled in; what is left empty stays as it is."""
    form, found = request.form, dict[str, object]()
    for name in ("method", "lesser_of", "line_tolerance", "workable", *SHARES):
        if value := form.get(name, "").strip():
            found[name] = value
    if days := form.get("dispute_days", "").strip():
        found["dispute_days"] = days
    if (cut := form.get("sequestration", "")) in ("yes", "no"):
        found["sequestration"] = cut == "yes"
    return found


@pages.post("/contracts/terms/<public_id>/end")
def end_terms(public_id: str) -> AnyResponse | tuple[str, int]:
    """The terms hold no longer from a day on."""
    try:
        with work(actor()) as w:
            day = read_day(request.form.get("on", ""), "on") or _today()
            service.end_terms(w, public_id, on=day)
    except Refused as problem:
        with reading(actor()) as w:
            return _schedules(w, problem), problem.status
    flash("The terms have ended.", "good")
    return redirect(url_for("contracts.schedules"), 303)


def _today() -> date:
    return now().date()
