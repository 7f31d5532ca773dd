"""The limits of the desk for programs."""

from typing import Any

from flask.views import MethodView

from app.codes.pages import practice_of
from app.denials import queries_limits, service_limits
from app.denials.api import api
from app.denials.schemas_acts import LimitPage, LimitQuery, LimitRequest
from app.kernel.work import Work, reading, work
from app.web.door import actor


@api.route("/denials/limits")
class DeskLimits(MethodView):
    """Limits of snoozes, write-offs, documents."""

    @api.arguments(LimitQuery, location="query")
    @api.response(200, LimitPage)
    def get(self, given: dict[str, Any]) -> Any:
        """What holds today, and every change there was."""
        with reading(actor()) as w:
            return _page(w, given["entity"])

    @api.arguments(LimitRequest)
    @api.response(200, LimitPage)
    def post(self, given: dict[str, Any]) -> Any:
        """Write a dated row; the one before stays in the history. Never the limit of one's own role."""
        entity = given.pop("entity")
        with work(actor()) as w:
            service_limits.change(w, practice_of(w, entity).id, **given)
            return _page(w, entity)


def _page(w: Work, entity: str) -> dict[str, Any]:
    practice = practice_of(w, entity)
    today = w.today(practice.time_zone)
    return {
        "rows": queries_limits.in_force(w, practice.id, today),
        "history": queries_limits.history(w, practice.id),
    }
