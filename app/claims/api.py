"""The list of claims for programs."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.claims import queries
from app.claims.schemas import ClaimsPage, ClaimsRequest
from app.kernel.work import reading
from app.ledger.api import asked
from app.web.door import actor

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
