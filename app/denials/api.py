"""Denials for programs, and a claim as a whole."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from app.claims import queries as claims
from app.denials import queries, queries_claim, service
from app.denials.schemas import (
    Assigned,
    AssignRequest,
    CasePage,
    DenialsRequest,
    WholeCase,
    WholeClaim,
)
from app.kernel.work import reading, work
from app.ledger.api import asked, told
from app.ledger.queries import claim_entries
from app.ledger.schemas import Dollars, EntryView
from app.web.door import actor

api = Blueprint("denials_api", __name__, description="Denial cases, and claims as a whole")


class ClaimEntryView(EntryView):
    """An entry of the claim with what is open after it."""

    payer_after = Dollars()
    patient_after = Dollars()


class ClaimEntries(Schema):
    """Every entry of a claim, in the order they were recorded."""

    rows = fields.List(fields.Nested(ClaimEntryView))


@api.route("/denials")
class Denials(MethodView):
    """Cases."""

    @api.arguments(DenialsRequest, location="query")
    @api.response(200, CasePage)
    def get(self, given: dict[str, Any]) -> Any:
        """Cases, most pressing first."""
        ask = asked(given, queries.SORTS, queries.FILTERS, default="-rank")
        with reading(actor()) as w:
            return queries.cases(w, ask)


@api.route("/denials/<string:public_id>")
class OneDenial(MethodView):
    """One case."""

    @api.response(200, WholeCase)
    def get(self, public_id: str) -> Any:
        """One case with its items, the proof of its dates and its history."""
        with reading(actor()) as w:
            return queries.case(w, public_id)


@api.route("/denials/<string:public_id>/assign")
class Assignment(MethodView):
    """Whose case it is."""

    @api.arguments(AssignRequest)
    @api.response(200, Assigned)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take a case, or give it back; 409 when somebody changed it since `version`."""
        with work(actor()) as w:
            owner_id = w.actor.person_id if given["owner"] == "me" else None
            version = service.assign(w, public_id, owner_id=owner_id, version=given["version"])
        return {"id": public_id, "version": version}


@api.route("/claims/<string:public_id>")
class OneClaim(MethodView):
    """One claim."""

    @api.response(200, WholeClaim)
    def get(self, public_id: str) -> Any:
        """One claim: as billed, as answered, what was refused, its figures."""
        with reading(actor()) as w:
            return queries_claim.claim(w, public_id)


@api.route("/claims/<string:public_id>/entries")
class ClaimLedger(MethodView):
    """The ledger of a claim."""

    @api.response(200, ClaimEntries)
    def get(self, public_id: str) -> Any:
        """Every entry of a claim with what payers and the patient owe after it."""
        with reading(actor()) as w:
            found = claim_entries(w, claims.one(w, public_id).id)
            rows = told(w, [one.entry for one in found])
            after = [{"payer_after": one.payer_after, "patient_after": one.patient_after} for one in found]
            return {"rows": [row | more for row, more in zip(rows, after, strict=True)]}
