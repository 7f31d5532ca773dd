"""The road of a claim and its proofs of timely filing, for programs."""

from typing import Any

from flask.views import MethodView
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.work import reading, work
from app.rebill import queries_road, service_proofs
from app.rebill.api import api
from app.rebill.schemas_road import ProofsView, RoadView
from app.web.door import actor, file_answer


@api.route("/claims/<string:public_id>/road")
class ClaimRoad(MethodView):
    """The road of a claim."""

    @api.response(200, RoadView)
    def get(self, public_id: str) -> Any:
        """From the charge to the last cent: each station with its document, each billing with its money."""
        with reading(actor()) as w:
            return queries_road.road(w, public_id)


@api.route("/claims/<string:public_id>/proofs")
class ClaimProofs(MethodView):
    """What shows that a claim was filed in time."""

    @api.response(200, ProofsView)
    def get(self, public_id: str) -> Any:
        """The proofs that are known, the best first."""
        with reading(actor()) as w:
            return {"rows": service_proofs.of_claim(w, public_id)}

    @api.response(200, ProofsView)
    def post(self, public_id: str) -> Any:
        """Look for everything that shows it, remits included, and keep the page of the best."""
        with work(actor()) as w:
            return {"rows": service_proofs.collect(w, public_id)}


@api.route("/rebill/proofs/<string:public_id>/pdf")
class ProofPdf(MethodView):
    """A proof of timely filing."""

    @api.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
    def get(self, public_id: str) -> AnyResponse:
        """One claim, its file, numbers, days and codes quoted from the documents, as PDF/UA-1."""
        with reading(actor()) as w:
            row, content = service_proofs.shown(w, public_id)
        return file_answer(content, f"proof-of-timely-filing-{row.day.isoformat()}.pdf", "application/pdf")
