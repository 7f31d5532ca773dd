"""EOBs for programs: one, or a Bundle of them, and at once what became of each."""

import io
from typing import Any

from flask import request
from flask.views import MethodView

from app.flows import receive_file
from app.intake import queries_eob
from app.intake.api import api
from app.intake.schemas_eob import EobsTaken
from app.intake.translate import split_file
from app.kernel.errors import Refused
from app.kernel.work import reading
from app.web.door import actor
from app.worker import run_one

MEDIA = "application/fhir+json"
STATUS = {"fhir.not_json": 400, "fhir.too_large": 413}
BODY = {
    "required": True,
    "description": "an ExplanationOfBenefit, a ClaimResponse, or a Bundle (collection or searchset) of them",
    "content": {MEDIA: {"schema": {"type": "object", "required": ["resourceType"]}}},
}


class NotReadable(Refused):
    """What was sent holds no EOB; nothing of it is kept."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words, code=code)
        self.status = STATUS.get(code, 422)


@api.route("/intake/eob")
class Eobs(MethodView):
    """EOBs come in."""

    @api.doc(requestBody=BODY)
    @api.response(201, EobsTaken)
    @api.alt_response(200, schema=EobsTaken, description="nothing of it was new")
    def post(self) -> Any:
        """Take EOBs in and say of each whether it was created, a duplicate, held, kept or rejected."""
        content = request.get_data()
        refusal = split_file(io.BytesIO(content), 0).refusal
        if refusal is not None or content.lstrip()[:1] != b"{":
            code, words = (
                (refusal.code, refusal.text) if refusal else ("fhir.not_json", "This is no FHIR JSON.")
            )
            raise NotReadable(code, words)
        taken = receive_file.offer(actor(), io.BytesIO(content), "eob.json")
        for kind in ("stage_file", "post_transaction"):
            with reading(actor()) as w:
                waiting = queries_eob.jobs(w, taken.file_no, kind)
            for job in waiting:
                run_one(job)
        with reading(actor()) as w:
            entries = queries_eob.entries(w, taken.file_no, first=taken.first)
        created = any(one.result == "created" for one in entries)
        return {"file": taken.public_id, "entries": entries}, 201 if created else 200
