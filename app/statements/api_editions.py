"""The words of letters, for programs."""

from dataclasses import dataclass
from typing import Any

from flask import Response
from flask.views import MethodView

from app.kernel.work import reading, work
from app.statements import queries_editions, service_editions, translate_letters
from app.statements.api import api
from app.statements.schemas import RunDone, RunVersion
from app.statements.schemas_sent import (
    EditionApproval,
    EditionChange,
    EditionList,
    EditionRequest,
    EditionShown,
    LetterTemplates,
    WordsChecked,
    WordsRequest,
)
from app.web.door import actor, file_answer


@dataclass(frozen=True, slots=True)
class Shipped:
    """A letter with the words it comes with, by language."""

    name: str
    about: str
    version: str
    fields: dict[str, str]
    required: list[str]
    shipped: dict[str, str]


@api.route("/letters")
class LetterTemplateList(MethodView):
    """Letters to patients."""

    @api.response(200, LetterTemplates)
    def get(self) -> Any:
        """Every letter whose words may be written anew, with its fields and shipped words."""
        with reading(actor()) as w:
            w.may("statements.read")
        return {"rows": [
            Shipped(one.name, one.about, one.version, one.fields, sorted(one.required),
                    {lang: translate_letters.shipped(one.name, lang) for lang in translate_letters.LANGUAGES})
            for one in translate_letters.templates()
        ]}  # fmt: skip


@api.route("/letters/check")
class WordsCheck(MethodView):
    """Words looked through."""

    @api.arguments(WordsRequest)
    @api.response(200, WordsChecked)
    def post(self, given: dict[str, Any]) -> Any:
        """What is wrong with words, in sentences; nothing is kept."""
        with reading(actor()) as w:
            return {"problems": service_editions.wrong(w, given["letter"], given["language"], given["words"])}


@api.route("/letters/editions")
class Editions(MethodView):
    """Words as people wrote them."""

    @api.response(200, EditionList)
    def get(self) -> Any:
        """Every version of every letter's words."""
        with reading(actor()) as w:
            w.may("statements.read")
            return {"rows": queries_editions.editions(w)}

    @api.arguments(EditionRequest)
    @api.response(201, RunDone)
    def post(self, given: dict[str, Any]) -> Any:
        """Write the next version of a letter's words as a draft; refused with everything wrong with them."""
        with work(actor()) as w:
            made = service_editions.draft(
                w, given["entity"], given["letter"], given["language"], given["words"]
            )
            return queries_editions.edition(w, made)


@api.route("/letters/editions/<string:public_id>")
class OneEdition(MethodView):
    """One version."""

    @api.response(200, EditionShown)
    def get(self, public_id: str) -> Any:
        """A version with its words."""
        with reading(actor()) as w:
            w.may("statements.read")
            return queries_editions.edition(w, public_id)

    @api.arguments(EditionChange)
    @api.response(200, RunDone)
    def put(self, given: dict[str, Any], public_id: str) -> Any:
        """Write a draft anew; versions that were live never change."""
        with work(actor()) as w:
            service_editions.change(w, public_id, given["words"], given["version"])
            return queries_editions.edition(w, public_id)


@api.route("/letters/editions/<string:public_id>/preview")
class EditionPreview(MethodView):
    """How it looks."""

    @api.response(200, content_type="application/pdf", description="a letter about nobody")
    def get(self, public_id: str) -> Response:
        """A PDF of these words about nobody."""
        with reading(actor()) as w:
            data = service_editions.preview(w, public_id)
        return file_answer(data, f"preview-{public_id}.pdf", "application/pdf")


@api.route("/letters/editions/<string:public_id>/approve")
class EditionApprove(MethodView):
    """A draft becomes live."""

    @api.arguments(EditionApproval)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Send with these words from a day on; not approved by who wrote them."""
        with work(actor()) as w:
            service_editions.approve(w, public_id, given["effective_from"], given["version"])
            return queries_editions.edition(w, public_id)


@api.route("/letters/editions/<string:public_id>/retire")
class EditionRetire(MethodView):
    """A version ends."""

    @api.arguments(RunVersion)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Discard a draft, or stop sending with these words; the version before is used again."""
        with work(actor()) as w:
            service_editions.retire(w, public_id, given["version"])
            return queries_editions.edition(w, public_id)
