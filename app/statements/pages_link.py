"""`/s/<token>`: a statement for its reader, who has no account here. Public, and the same for every token."""

from flask import Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.work import system, work
from app.statements import service_link
from app.statements.pages import pages
from app.web.door import file_answer

STRANGER = system("link", door="page")


def _language() -> str:
    return "es" if request.accept_languages.best_match(["en", "es"]) == "es" else "en"


def _form(token: str, *, missed: bool = False) -> tuple[str, int]:
    page = render_template("statements/link.html", token=token, missed=missed, lang=_language())
    return page, 403 if missed else 200


@pages.get("/s/<token>")
def link_form(token: str) -> tuple[str, int]:
    """A form, for any token whatever: nothing is looked up."""
    return _form(token)


@pages.post("/s/<token>")
def link_open(token: str) -> str | tuple[str, int]:
    """The statement, when both identifiers fit."""
    birth = service_link.day_of(request.form.get("birth", ""))
    with work(STRANGER) as w:
        found = service_link.open_(w, token, birth, request.form.get("zip", ""))
    if found is None:
        return _form(token, missed=True)
    return render_template("statements/link_shown.html", token=token, lang=found.language, proof=found.proof,
                           **found.page)  # fmt: skip


@pages.post("/s/<token>/pdf")
def link_pdf(token: str) -> AnyResponse | tuple[str, int]:
    """The very statement that was mailed or would have been, for whoever opened it just now."""
    with work(STRANGER) as w:
        found = service_link.pdf(w, token, request.form.get("proof", ""))
    if found is None:
        return _form(token, missed=True)
    number, data = found
    answer: Response = file_answer(data, f"{number}.pdf", "application/pdf")
    return answer


@pages.route("/s/<token>/stop", methods=["GET", "POST"])
def link_stop(token: str) -> str:
    """No more e-mails: one button, no question; the same answer whether or not anybody is known."""
    if request.method == "POST":
        with work(STRANGER) as w:
            service_link.stop(w, token)
    done = request.method == "POST"
    return render_template("statements/link_stop.html", token=token, done=done, lang=_language())
