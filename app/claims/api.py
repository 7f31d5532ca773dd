"""Claims, where they stand, and the rejections among them, for programs."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.claims import queries, queries_rejections, queries_states, service_rejections
from app.claims.schemas import ClaimsPage, ClaimsRequest
from app.claims.schemas_answers import (
    ClaimHistory,
    FinishRejection,
    RejectionPage,
    RejectionsRequest,
    WholeRejection,
    WorkCall,
    WorkNote,
    WorkOwner,
    WorkVersion,
    WorkWritten,
)
from app.contacts import queries as contacts
from app.kernel.money import Money
from app.kernel.work import Work, reading, work
from app.ledger.api import asked
from app.web.door import actor, once

api = Blueprint("claims_api", __name__, url_prefix="/claims", description="Claims as billed")


@api.route("")
class Claims(MethodView):
    """Claims."""

    @api.arguments(ClaimsRequest, location="query")
    @api.response(200, ClaimsPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Claims, last recorded first."""
        ask = asked(given, queries.SORTS, queries.FILTERS, default="-recorded")
        with reading(actor()) as w:
            return queries.claims(w, ask)


@api.route("/<string:public_id>/states")
class States(MethodView):
    """Where a claim stands."""

    @api.response(200, ClaimHistory)
    def get(self, public_id: str) -> Any:
        """Every fact between sending and payment, with what moved the claim and what came too late."""
        with reading(actor()) as w:
            row = queries.one(w, public_id)
            w.audit(
                "claim.states", "R", "claim", public_id, entity_id=row.entity_id, patients=[row.patient_id]
            )
            found = queries_states.history(w, [row.id])[row.id]
            return {"state": row.state, "since": row.since, "rows": found}


@api.route("/rejections")
class Rejections(MethodView):
    """What was refused on its way."""

    @api.arguments(RejectionsRequest, location="query")
    @api.response(200, RejectionPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Rejections, most pressing first; a rejection is not a denial."""
        ask = asked(given, queries_rejections.SORTS, queries_rejections.FILTERS, default="-rank")
        with reading(actor()) as w:
            return queries_rejections.rejections(w, ask)


@api.route("/rejections/<string:public_id>")
class OneRejection(MethodView):
    """One rejection."""

    @api.response(200, WholeRejection)
    def get(self, public_id: str) -> Any:
        """One rejection with what was objected to and what was said about it."""
        with reading(actor()) as w:
            row = queries_rejections.rejection(w, public_id)
            details, document, words = queries_rejections.details(w, row)
            said = contacts.about(w, service_rejections.SUBJECT, row.item_id)
            return {
                "rejection": row,
                "details": details,
                "document": document,
                "own_words": words,
                "said": said,
            }


@api.route("/rejections/<string:public_id>/assign")
class RejectionOwner(MethodView):
    """Whose rejection it is."""

    @api.arguments(WorkOwner)
    @api.response(200, WorkVersion)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take a rejection, or give it back; 409 when somebody changed it since `version`."""
        with work(actor()) as w:
            owner = w.actor.person_id if given["owner"] == "me" else None
            version = service_rejections.assign(w, public_id, owner_id=owner, version=given["version"])
        return {"id": public_id, "version": version}


@api.route("/rejections/<string:public_id>/finish")
class RejectionEnd(MethodView):
    """What became of a rejection."""

    @api.arguments(FinishRejection)
    @api.response(200, WorkVersion)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Finish a rejection with its outcome; 409 when somebody changed it since `version`."""
        with work(actor()) as w:
            version = service_rejections.finish(
                w, public_id, outcome=given["outcome"], version=given["version"]
            )
        return {"id": public_id, "version": version}


@api.route("/rejections/<string:public_id>/notes")
class RejectionNotes(MethodView):
    """Notes about a rejection."""

    @api.arguments(WorkNote)
    @api.response(201, WorkWritten)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Write a note; takes an Idempotency-Key."""

        def write(w: Work) -> tuple[Any, int]:
            service_rejections.note(w, public_id, given["text"])
            return {"id": public_id}, 201

        return once(write, required=False)


@api.route("/rejections/<string:public_id>/calls")
class RejectionCalls(MethodView):
    """Calls about a rejection."""

    @api.arguments(WorkCall)
    @api.response(201, WorkWritten)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Write down a call; takes an Idempotency-Key."""

        def write(w: Work) -> tuple[Any, int]:
            service_rejections.log_call(w, public_id, **call_of(given))
            return {"id": public_id}, 201

        return once(write, required=False)


def call_of(given: dict[str, Any]) -> dict[str, Any]:
    """A call as the service takes it: dollars as cents."""
    amount = given.get("promised_amount")
    return {**given, "promised_amount": Money.parse(amount) if amount else None}
