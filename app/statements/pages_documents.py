"""Statements and letters as issued: the lists, one document with its proof, its bytes."""

from flask import Response, render_template
from werkzeug.wrappers import Response as AnyResponse

from app.entities import queries as entities
from app.kernel.errors import NotFound, Refused
from app.kernel.paging import Ask
from app.kernel.work import reading
from app.statements import queries_documents as queries
from app.statements import service_reproduce
from app.statements.pages import BILLS, DOCUMENT_STATES, LANGUAGES, SENT_STAGES, STAGES, WAYS, pages
from app.statements.pages_runs import picture
from app.statements.rules_policy import LETTERS
from app.web.door import actor, ask_from, download, file_answer

SCREEN = [one for one in queries.DOCUMENT_COLUMNS if one.key != "sha256"]
STATEMENTS = [(one, BILLS[one]) for one in ("statement", "itemised_bill")]


@pages.get("/statements/sent")
def statements() -> AnyResponse | tuple[str, int]:
    """Statements and itemised bills, the newest first."""
    return _list(letters=False)


@pages.get("/statements/letters")
def letters_sent() -> AnyResponse | tuple[str, int]:
    """Collection letters, the newest first."""
    return _list(letters=True)


def _list(*, letters: bool) -> AnyResponse | tuple[str, int]:
    read = queries.letters if letters else queries.statements
    sorts = queries.LETTER_SORTS if letters else queries.DOCUMENT_SORTS
    ask = ask_from(sorts, default="-day", filters=queries.DOCUMENT_FILTERS)
    problem: Refused | None = None
    with reading(actor()) as w:
        if ask.format:
            name = "letters" if letters else "statements"
            return download(w, queries.DOCUMENT_COLUMNS, read(w, ask.all()).rows, name, ask.format)
        try:
            found, totals = read(w, ask), queries.document_totals(w, ask, letters=letters)
        except Refused as refusal:
            if refusal.field == "cursor":
                raise
            problem, plain = refusal, Ask(ask.sort, ask.descending)
            found, totals = read(w, plain), queries.document_totals(w, plain, letters=letters)
        shown = render_template(
            "statements/documents.html", ask=ask, letters=letters, columns=SCREEN, found=found, totals=totals,
            problem=problem, kinds=[(one, BILLS[one]) for one in LETTERS if one] if letters else STATEMENTS,
            stages=[(one, words) for one, words in STAGES if one in list(SENT_STAGES)], languages=LANGUAGES,
            ways=WAYS, states=DOCUMENT_STATES,
            practices=[(one.public_id, one.name) for one in entities.practices(w)],
        )  # fmt: skip
    return shown, problem.status if problem else 200


@pages.get("/statements/documents/<public_id>")
def document(public_id: str) -> str:
    """One document: what it is, that its bytes are those of its day, and its pages."""
    with reading(actor()) as w:
        proof = service_reproduce.prove(w, public_id)
        return render_template("statements/document.html", row=proof.row, proof=proof)


@pages.get("/statements/documents/<public_id>/<int:page>.png")
def document_picture(public_id: str, page: int) -> Response:
    """A page of it as a picture, drawn of its sealed facts."""
    with reading(actor()) as w:
        drawn = service_reproduce.pictures(w, public_id)
    if not 1 <= page <= len(drawn):
        raise NotFound("This document has no such page.")
    return picture(drawn[page - 1])


@pages.get("/statements/<public_id>.pdf")
def statement_pdf(public_id: str) -> Response:
    """The very bytes of a statement or itemised bill; every look is on record."""
    return _pdf(public_id)


@pages.get("/statements/letters/<public_id>.pdf")
def letter_pdf(public_id: str) -> Response:
    """The very bytes of a letter."""
    return _pdf(public_id)


def _pdf(public_id: str) -> Response:
    with reading(actor()) as w:
        found = service_reproduce.reproduce(w, public_id)
    return file_answer(found.data, found.name, "application/pdf")
