"""Fee schedules and terms for programs."""

import io
from typing import Any

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint

from app.contracts import queries_schedules as queries
from app.contracts import service, service_import
from app.contracts.schemas import (
    AllContractTerms,
    ContractTermsRequest,
    EndTermsRequest,
    FeePage,
    FeesRequest,
    ImportOutcomes,
    ImportRequest,
    Made,
    Schedules,
)
from app.entities import queries as entities
from app.kernel.errors import Refused
from app.kernel.work import Work, reading, work
from app.ledger.api import asked
from app.web.door import actor

api = Blueprint("contracts_api", __name__, description="Fee schedules and terms")
FILE = {
    "required": True,
    "description": "a file of fees: CSV in UTF-8, or an Excel workbook",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}


def _chosen(w: Work, public_id: str) -> list[int]:
    wanted = entities.chosen(w, public_id)
    return wanted if wanted is not None else [one.id for one in entities.practices(w)]


@api.route("/contracts/schedules")
class AllSchedules(MethodView):
    """Schedules."""

    @api.response(200, Schedules)
    def get(self) -> Any:
        """Every version of every payer's schedule."""
        with reading(actor()) as w:
            return {"rows": queries.schedules(w)}

    @api.doc(requestBody=FILE)
    @api.arguments(ImportRequest, location="query")
    @api.response(200, ImportOutcomes)
    def post(self, given: dict[str, Any]) -> Any:
        """Load a file of fees, or say with `preview` what it would do."""
        content = request.get_data()
        if not content:
            raise Refused("Send the file as the body.", code="file_missing")
        with work(actor()) as w:
            file_id = service_import.keep(w, io.BytesIO(content), "by API")
            wanted = _chosen(w, given["entity"])
            if given["preview"]:
                return {"outcomes": [service_import.preview(w, one, file_id) for one in wanted]}
            return {
                "outcomes": [service_import.load(w, one, file_id, strict=given["strict"]) for one in wanted]
            }


@api.route("/contracts/schedules/<string:public_id>/rows")
class Rows(MethodView):
    """The rows of a version."""

    @api.arguments(FeesRequest, location="query")
    @api.response(200, FeePage)
    def get(self, given: dict[str, Any], public_id: str) -> Any:
        """The rows of a version of a schedule."""
        ask = asked(given, queries.ROW_SORTS, queries.ROW_FILTERS, default="code")
        with reading(actor()) as w:
            return queries.rows(w, queries.schedule(w, public_id).id, ask)


@api.route("/contracts/terms")
class Terms(MethodView):
    """Terms."""

    @api.response(200, AllContractTerms)
    def get(self) -> Any:
        """Every row of terms that stands."""
        with reading(actor()) as w:
            return {"rows": queries.terms(w)}

    @api.arguments(ContractTermsRequest)
    @api.response(201, Made)
    def post(self, given: dict[str, Any]) -> Any:
        """Terms with a payer from a day on; what they concern is priced anew."""
        with work(actor()) as w:
            wanted = _chosen(w, given["entity"])
            if len(wanted) != 1:
                raise Refused("Name the billing entity.", code="entity_missing", field="entity")
            days = {name: given[name] for name in ("effective_from", "effective_to")}
            return {"id": service.change_terms(w, wanted[0], given["payer"], given["terms"], **days)}


@api.route("/contracts/terms/<string:public_id>/end")
class End(MethodView):
    """The end of terms."""

    @api.arguments(EndTermsRequest)
    @api.response(200, Made)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """The terms hold no longer from a day on."""
        with work(actor()) as w:
            service.end_terms(w, public_id, on=given["on"])
        return {"id": public_id}
