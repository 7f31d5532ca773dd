"""The screen of letters' words: the shipped ones, versions of the practice, a look, a second person's yes."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.kernel.errors import NotFound, Refused
from app.kernel.typed import read_day
from app.kernel.work import Work, reading, work
from app.statements import queries_editions, service_editions, translate_letters
from app.statements.lifecycle import EditionState
from app.statements.pages import pages
from app.statements.pages_runs import picture
from app.web.door import actor, can, file_answer

RIGHT = "letters.words"


@pages.get("/letters")
def letters() -> str:
    """Every letter to patients, with the version in force in each language."""
    with reading(actor()) as w:
        w.may("statements.read")
        rows = queries_editions.editions(w)
        counts: dict[tuple[str, str, str], int] = {}
        for one in rows:
            key = (one.letter, one.language, one.state)
            counts[key] = counts.get(key, 0) + 1
        return render_template("statements/letters.html", templates=translate_letters.templates(),
                               languages=translate_letters.LANGUAGES, counts=counts)  # fmt: skip


@pages.get("/letters/<letter>/<language>")
def letters_one(letter: str, language: str) -> tuple[str, int]:
    """One letter in one language: its versions, its fields, the words to edit."""
    with reading(actor()) as w:
        return _letter(w, letter, language)


def _letter(
    w: Work, letter: str, language: str, problem: Refused | None = None, checked: list[str] | None = None
) -> tuple[str, int]:
    w.may("statements.read")
    if not translate_letters.known(letter, language):
        raise NotFound("There is no such letter.")
    [template] = [one for one in translate_letters.templates() if one.name == letter]
    versions = [
        one for one in queries_editions.editions(w) if (one.letter, one.language) == (letter, language)
    ]
    chosen = next((one for one in versions if one.public_id == request.args.get("version_of", "")), None)
    draft = chosen or next((one for one in versions if one.state == EditionState.DRAFT), None)
    base = draft or next((one for one in versions if one.state == EditionState.LIVE), None)
    words = request.form.get("words") or (base.words if base else translate_letters.shipped(letter, language))
    shown = render_template(
        "statements/letter.html", template=template, language=language, versions=versions, draft=draft,
        words=words, problem=problem, checked=checked, form=request.form, writes=can(RIGHT),
        language_words=translate_letters.LANGUAGES[language],
        others=[(code, name) for code, name in translate_letters.LANGUAGES.items() if code != language],
        shipped=translate_letters.shipped(letter, language),
        practices=[(one.public_id, one.name) for one in entities.practices(w)],
    )  # fmt: skip
    return shown, problem.status if problem else 200


def _version(form: Any) -> int:
    version: int | None = form.get("version", type=int)
    if version is None:
        raise Refused("Open the words first, then decide.", code="version_missing", field="version")
    return version


@pages.post("/letters/<letter>/<language>")
def letters_write(letter: str, language: str) -> AnyResponse | tuple[str, int]:
    """Look words through (`step` check), or write them: the draft anew, or the next version."""
    form: Any = request.form
    words = form.get("words", "").replace("\r\n", "\n")
    try:
        if form.get("step") == "check":
            with reading(actor()) as w:
                found = service_editions.wrong(w, letter, language, words)
                return _letter(w, letter, language, checked=found)
        with work(actor()) as w:
            if form.get("draft"):
                service_editions.change(w, form["draft"], words, _version(form))
            else:
                service_editions.draft(w, form.get("entity", ""), letter, language, words)
    except NotFound as problem:
        if not problem.field:
            raise
        with reading(actor()) as w:
            return _letter(w, letter, language, problem)
    except Refused as problem:
        if problem.status == 403:
            raise
        with reading(actor()) as w:
            return _letter(w, letter, language, problem)
    flash("Kept as a draft. Look at it as a letter; then somebody else approves it.", "good")
    return redirect(url_for("statements.letters_one", letter=letter, language=language), 303)


@pages.post("/letters/editions/<public_id>/<any(approve, retire):doing>")
def letters_act(public_id: str, doing: str) -> AnyResponse | tuple[str, int]:
    """Approve words from a day on, or discard or retire them."""
    form: Any = request.form
    with reading(actor()) as w:
        row = queries_editions.edition(w, public_id)
    try:
        with work(actor()) as w:
            if doing == "approve":
                typed = form.get("effective_from", "").strip() or "t"
                on = read_day(typed, "effective_from", w.today(row.time_zone))
                service_editions.approve(w, public_id, on, _version(form))
            else:
                service_editions.retire(w, public_id, _version(form))
    except Refused as problem:
        if problem.status in (403, 404):
            raise
        with reading(actor()) as w:
            return _letter(w, row.letter, row.language, problem)
    flash("Approved." if doing == "approve" else "Not used any more.", "good")
    return redirect(url_for("statements.letters_one", letter=row.letter, language=row.language), 303)


@pages.get("/letters/editions/<public_id>/preview.pdf")
def letters_pdf(public_id: str) -> Response:
    """A version as a letter about nobody."""
    with reading(actor()) as w:
        data = service_editions.preview(w, public_id)
    return file_answer(data, f"preview-{public_id}.pdf", "application/pdf")


@pages.get("/letters/<letter>/<language>/look.png")
def letters_look(letter: str, language: str) -> Response:
    """The first page of a version (`edition`), or of the shipped words, about nobody."""
    with reading(actor()) as w:
        if not translate_letters.known(letter, language):
            raise NotFound("There is no such letter.")
        chosen = request.args.get("edition", "")
        words = queries_editions.edition(w, chosen).words if chosen else ""
        drawn = service_editions.pictures(
            w, letter, language, words or translate_letters.shipped(letter, language)
        )
    return picture(drawn[0])
