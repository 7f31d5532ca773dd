"""Accounts ready for an agency, for programs."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel.work import reading
from app.ledger.api import asked
from app.placements import queries
from app.placements.schemas import CandidatePage, CandidateView, PlacementsRequest
from app.web.door import actor

api = Blueprint("placements_api", __name__, description="Accounts an agency could have, and their scrub")


@api.route("/placements")
class Placements(MethodView):
    """Candidates."""

    @api.arguments(PlacementsRequest, location="query")
    @api.response(200, CandidatePage)
    def get(self, given: dict[str, Any]) -> Any:
        """Accounts in pre-collection with the lights of their scrub, the largest due first."""
        ask = asked(given, queries.SORTS, queries.FILTERS, default="-due")
        with reading(actor()) as w:
            return queries.candidates(w, ask)


@api.route("/placements/<string:public_id>")
class OnePlacement(MethodView):
    """One account's scrub."""

    @api.response(200, CandidateView)
    def get(self, public_id: str) -> Any:
        """The scrub of one account, whatever its stage."""
        with reading(actor()) as w:
            return queries.one(w, public_id)
