"""The EOB of one claim for programs: JSON and PDF."""

from dataclasses import replace
from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.work import reading
from app.remits import service_eob
from app.remits.api import api
from app.remits.schemas_eob import EobRequest, EobView
from app.web.door import actor, file_answer


@api.route("/remit-claims/<string:public_id>/eob")
class Eob(MethodView):
    """The EOB of one claim."""

    @api.response(200, EobView)
    def get(self, public_id: str) -> Any:
        """What one payer said of one claim, each line with its segments; nobody else's claim is in it."""
        with reading(actor()) as w:
            found = service_eob.eob(w, public_id)
        lines: Any = tuple(replace(line, raw=_texts(line.raw)) for line in found.lines)
        return replace(
            found, lines=lines, raw_header=_texts(found.raw_header), raw_claim=_texts(found.raw_claim)
        )


def _texts(segments: Any) -> Any:
    return tuple(
        {"number": one.number, "byte": one.byte, "text": one.separator.join(e.text for e in one.elements)}
        for one in segments
    )


@api.route("/remit-claims/<string:public_id>/eob.pdf")
class EobPdf(MethodView):
    """The EOB of one claim as a tagged PDF."""

    @api.arguments(EobRequest, location="query")
    @api.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
    def get(self, given: dict[str, Any], public_id: str) -> AnyResponse:
        """The same as a PDF/UA-1 document of today, in English or Spanish."""
        with reading(actor()) as w:
            made = service_eob.pdf(w, public_id, lang=given["lang"])
        return file_answer(made, f"eob-{public_id}.pdf", "application/pdf")
