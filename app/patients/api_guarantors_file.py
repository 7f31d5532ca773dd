"""Files of guarantors for programs."""

import io
from typing import Any

from flask import request
from flask.views import MethodView

from app.entities import queries as entities
from app.flows.import_people import import_people
from app.kernel.errors import Refused
from app.kernel.work import rehearsing, work
from app.patients.api import api
from app.patients.schemas_guarantors import GuarantorFileOutcome, GuarantorFileRequest
from app.web.door import actor

FILE = {
    "required": True,
    "description": "a file of guarantors: CSV in UTF-8, or an Excel workbook",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}


@api.route("/guarantors/file")
class GuarantorFile(MethodView):
    """A file of guarantors."""

    @api.doc(requestBody=FILE)
    @api.arguments(GuarantorFileRequest, location="query")
    @api.response(200, GuarantorFileOutcome)
    def post(self, given: dict[str, Any]) -> Any:
        """Take a file in, or say with `preview` what it would do; bad rows are named, good ones taken."""
        content = request.get_data()
        if not content:
            raise Refused("Send the file as the body.", code="file_missing")
        opened = rehearsing if given["preview"] else work
        with opened(actor()) as w:
            chosen = entities.chosen(w, given["entity"]) or [one.id for one in entities.practices(w)]
            if len(chosen) != 1:
                raise Refused("Name the billing entity.", code="entity_missing", field="entity")
            return import_people(w, chosen[0], io.BytesIO(content), preview=given["preview"])
