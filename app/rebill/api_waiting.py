"""Claims that wait for a payer to forward them, for programs."""

from typing import Any

from flask.views import MethodView

from app.kernel.work import reading
from app.ledger.api import asked
from app.rebill import queries_waiting
from app.rebill.api import api
from app.rebill.schemas import WaitingPage, WaitingRequest
from app.web.door import actor


@api.route("/rebill/waiting")
class WaitingClaims(MethodView):
    """Claims a payer said it forwarded."""

    @api.arguments(WaitingRequest, location="query")
    @api.response(200, WaitingPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Claims whose next payer is left to answer by itself, the first day first."""
        with reading(actor()) as w:
            return queries_waiting.waiting(w, asked(given, queries_waiting.SORTS, (), default="due_on"))
