"""Paper EOBs keyed by hand: the list of batches and the grid, which works without a mouse (B13)."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.codes import service as codes
from app.entities import queries as entities
from app.kernel.errors import Refused
from app.kernel.work import Work, reading, work
from app.remits import queries_exceptions, queries_keyed, rules_keyed, service_keyed
from app.remits.lifecycle_keyed import Keyed
from app.remits.pages import pages
from app.web.door import actor, ask_from, download, file_answer, me

STATES = [("draft", "Draft"), ("waiting", "Waits for a second person"), ("committed", "Committed"),
          ("discarded", "Thrown away")]  # fmt: skip


@pages.get("/remits/keyed")
def keyed() -> AnyResponse | str:
    """The batches keyed from paper, the last saved first."""
    ask = ask_from(queries_keyed.SORTS, default="-saved", filters=queries_keyed.FILTERS)
    with reading(actor()) as w:
        if ask.format:
            rows = queries_keyed.batches(w, ask.all()).rows
            return download(w, queries_keyed.COLUMNS, rows, "keyed-batches", ask.format)
        count, amount = queries_keyed.totals(w, ask)
        return render_template(
            "remits/keyed.html", ask=ask, found=queries_keyed.batches(w, ask), count=count, amount=amount,
            columns=queries_keyed.COLUMNS, states=STATES, practices=entities.practices(w),
        )  # fmt: skip


@pages.post("/remits/keyed")
def keyed_start() -> AnyResponse:
    """Begin a batch."""
    with work(actor()) as w:
        made = service_keyed.start(w, request.form.get("entity", ""))
    return redirect(url_for("remits.keyed_batch", public_id=made), 303)


@pages.get("/remits/keyed/<public_id>")
def keyed_batch(public_id: str) -> str:
    """The grid of one batch, or what became of it."""
    with reading(actor()) as w:
        return _page(w, public_id)


def _page(w: Work, public_id: str, problem: Refused | None = None) -> str:
    found = queries_keyed.batch(w, public_id)
    person = me()
    check, _ = rules_keyed.read(found.body)
    return render_template(
        "remits/keyed_batch.html", one=found, problem=problem, check=check, form=request.form,
        draft=found.state == Keyed.DRAFT, waiting=found.state == Keyed.WAITING,
        mine=person is not None and person.person_id == found.person_id,
        payers=queries_keyed.payers(w, found.entity_id), words=rules_keyed.WORDS,
        problems=service_keyed.judge(w, found.entity_id, found.body) if found.state == Keyed.DRAFT else [],
        limit=rules_keyed.second_above(w.now.date()), shown=found.scan_media in service_keyed.SHOWN,
    )  # fmt: skip


@pages.get("/remits/keyed/<public_id>/codes")
def keyed_codes(public_id: str) -> dict[str, Any]:
    """Adjustment reasons in plain words, as this entity reads them today, for the grid to say them."""
    with reading(actor()) as w:
        found = queries_keyed.batch(w, public_id)
        book = codes.book(w, found.entity_id, w.now.date())
        return {"carc": {code: book.carc(code).label for code in sorted(book.carcs)}}


@pages.post("/remits/keyed/<public_id>/save")
def keyed_save(public_id: str) -> tuple[dict[str, Any], int]:
    """Keep the grid as typed (the grid sends it while one types); answers with what is wrong so far."""
    body = request.get_json()
    try:
        with work(actor()) as w:
            version, problems = service_keyed.save(w, public_id, _grid(body), version=_version(body))
    except Refused as refused:
        return {"refused": refused.message}, refused.status
    return {"version": version, "problems": [_problem(one) for one in problems]}, 200


def _grid(body: Any) -> dict[str, Any]:
    grid = body.get("body") if isinstance(body, dict) else None
    return grid if isinstance(grid, dict) else {}


def _version(body: Any) -> int:
    version = body.get("version") if isinstance(body, dict) else None
    if not isinstance(version, int):
        raise Refused("Open the batch first, then save.", code="version_missing", field="version")
    return version


def _problem(one: rules_keyed.Problem) -> dict[str, str]:
    return {"field": one.field, "words": one.words, "does": one.does}


@pages.post("/remits/keyed/<public_id>/find")
def keyed_find(public_id: str) -> tuple[dict[str, Any], int]:
    """Claims by number, last name, day or `=charge`, with lines as billed. By POST: no name in a URL."""
    text = str((request.get_json() or {}).get("q", ""))[:100]
    try:
        with reading(actor()) as w:
            found = queries_keyed.batch(w, public_id)
            chosen = queries_exceptions.find_claims(w, found.entity_id, text)
            return {"claims": queries_keyed.billed(w, found.entity_id, [one.claim for one in chosen])}, 200
    except Refused as refused:
        return {"refused": refused.message}, refused.status


@pages.post("/remits/keyed/<public_id>/submit")
def keyed_submit(public_id: str) -> AnyResponse | tuple[str, int]:
    """The batch is done: it becomes an 835, or waits for a second person."""
    try:
        with work(actor()) as w:
            state = service_keyed.submit(w, public_id, version=request.form.get("version", 0, int))
    except Refused as refused:
        return _again(public_id, refused)
    flash(_became(state), "good")
    return redirect(url_for("remits.keyed_batch", public_id=public_id), 303)


def _became(state: Keyed) -> str:
    if state is Keyed.WAITING:
        return "Saved. Above the limit another person keys the totals before it posts."
    return "Saved: it posts like every other 835."


def _again(public_id: str, refused: Refused) -> tuple[str, int]:
    if refused.status == 404:
        raise refused
    with reading(actor()) as w:
        return _page(w, public_id, refused), refused.status


@pages.post("/remits/keyed/<public_id>/second")
def keyed_second(public_id: str) -> AnyResponse | tuple[str, int]:
    """Another person keyed the totals blind."""
    try:
        with work(actor()) as w:
            version = request.form.get("version", 0, int)
            state, wrong = service_keyed.second(w, public_id, request.form, version=version)
    except Refused as refused:
        return _again(public_id, refused)
    if wrong:
        words = ", ".join(rules_keyed.WORDS[one] for one in wrong)
        flash(f"Not the same: {words}. It went back to who keyed it.", "warn")
    else:
        flash(_became(state), "good")
    return redirect(url_for("remits.keyed_batch", public_id=public_id), 303)


@pages.post("/remits/keyed/<public_id>/discard")
def keyed_discard(public_id: str) -> AnyResponse | tuple[str, int]:
    """Throw a draft away."""
    try:
        with work(actor()) as w:
            service_keyed.discard(w, public_id, version=request.form.get("version", 0, int))
    except Refused as refused:
        return _again(public_id, refused)
    flash("Thrown away.", "good")
    return redirect(url_for("remits.keyed"), 303)


@pages.post("/remits/keyed/<public_id>/scan")
def keyed_scan(public_id: str) -> AnyResponse | tuple[str, int]:
    """Put the scan beside the grid."""
    given = request.files.get("scan")
    try:
        if given is None or not given.filename:
            raise Refused("Choose a scan first.", code="scan_missing", field="scan")
        with work(actor()) as w:
            service_keyed.attach_scan(w, public_id, given.stream, given.filename)
    except Refused as refused:
        return _again(public_id, refused)
    return redirect(url_for("remits.keyed_batch", public_id=public_id), 303)


@pages.get("/remits/keyed/<public_id>/scan")
def keyed_paper(public_id: str) -> AnyResponse:
    """The scan: a picture is shown beside the grid, a PDF or TIFF is saved and opened elsewhere."""
    with reading(actor()) as w:
        data, found = service_keyed.scan(w, public_id)
    answer = file_answer(data, found.scan, found.scan_media)
    if found.scan_media in service_keyed.SHOWN:
        answer.headers["Content-Disposition"] = "inline"
    return answer
