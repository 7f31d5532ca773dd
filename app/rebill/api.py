"""Claims on their way out, for programs."""

from collections.abc import Callable
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel.work import Work, reading, work
from app.ledger.api import asked
from app.rebill import queries, queries_case, queries_offers, queries_open, service_bulk, service_owner
from app.rebill.pages_acts import owner_of
from app.rebill.queries_filters import FILTERS
from app.rebill.queries_open import Target
from app.rebill.rules_acts import Act, Wanted
from app.rebill.schemas import (
    RebillActRequest,
    RebillActView,
    RebillOffersView,
    RebillOpenedView,
    RebillOpenRequest,
    RebillOwnerRequest,
    RebillPage,
    RebillsRequest,
    Versioned,
    WholeRebill,
)
from app.rebill.service_opening import kind_of, open_or_find
from app.web.door import actor

api = Blueprint("rebill_api", __name__, description="Corrected, void and secondary claims on their way out")


@api.route("/rebill")
class Rebills(MethodView):
    """Claims on their way out."""

    @api.arguments(RebillsRequest, location="query")
    @api.response(200, RebillPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Submissions, the nearest last day to file first."""
        with reading(actor()) as w:
            return queries.rebills(w, asked(given, queries.SORTS, FILTERS, default="file_by"))

    @api.arguments(RebillOpenRequest)
    @api.response(201, RebillOpenedView)
    def post(self, given: dict[str, Any]) -> Any:
        """Open a submission for a claim, denial, rejection or silence; the open one where there is one."""
        with work(actor()) as w:
            found = TARGETS[given["about"]](w, given["id"], given["rank"])
            opened = open_or_find(w, found, kind_of(given["kind"]))
        place = found.place
        return {"id": opened, "field": place.field if place else None, "line": place.line if place else None}


TARGETS: dict[str, Callable[[Work, str, int], Target]] = {
    "claim": queries_open.of_claim,
    "denial": lambda w, public_id, _: queries_open.of_denial(w, public_id),
    "rejection": lambda w, public_id, _: queries_open.of_rejection(w, public_id),
    "silent": lambda w, public_id, _: queries_open.of_silence(w, public_id),
}


@api.route("/claims/<string:public_id>/rebill")
class Offers(MethodView):
    """What may be sent of a claim."""

    @api.response(200, RebillOffersView)
    def get(self, public_id: str) -> Any:
        """What may be sent to each payer of a claim, and what its latest state asks for; changes nothing."""
        with reading(actor()) as w:
            return {"rows": queries_offers.offers(w, public_id)}


@api.route("/rebill/acts")
class Acts(MethodView):
    """Acts over one or many submissions."""

    @api.arguments(RebillActRequest)
    @api.response(200, RebillActView)
    def post(self, given: dict[str, Any]) -> Any:
        """Do one thing to submissions; those it does not fit are left, with the reason."""
        seen = {one["id"]: one["version"] for one in given["rebills"]}
        with work(actor()) as w:
            act = Act(given["act"])
            owner = owner_of(w, given["owner"]) if act is Act.ASSIGN else None
            wanted = Wanted(act, owner, given["reason"], given["until"], given["text"])
            return service_bulk.act(w, seen, wanted)


@api.route("/rebill/<string:public_id>")
class OneRebill(MethodView):
    """One submission."""

    @api.response(200, WholeRebill)
    def get(self, public_id: str) -> Any:
        """One submission with its history and the others of its claim."""
        with reading(actor()) as w:
            return queries_case.one(w, public_id)


@api.route("/rebill/<string:public_id>/assign")
class Ownership(MethodView):
    """Whose it is."""

    @api.arguments(RebillOwnerRequest)
    @api.response(200, Versioned)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Give it to somebody; 409 when somebody changed it since `version`."""
        with work(actor()) as w:
            owner = owner_of(w, given["owner"])
            version = service_owner.assign(w, public_id, owner_id=owner, version=given["version"])
        return {"id": public_id, "version": version}
