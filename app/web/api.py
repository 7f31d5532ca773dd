"""A day's work for programs."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.contacts import queries as contacts
from app.entities.service import DEFAULT_ZONE
from app.flows import hand_over as flow
from app.kernel.work import reading, work
from app.web.door import actor, can
from app.web.schemas import DayRequest, DayView, HandOverRequest, HandOverView
from app.worklist import queries_day

api = Blueprint("day_api", __name__, url_prefix="/day", description="What waits today")


@api.route("")
class Day(MethodView):
    """A day."""

    @api.arguments(DayRequest, location="query")
    @api.response(200, DayView)
    def get(self, given: dict[str, Any]) -> Any:
        """Open work by queue, and what payers promised by today; mine, or the team's."""
        with reading(actor()) as w:
            today = w.today(DEFAULT_ZONE)
            whose = None if given["view"] == "team" else (w.actor.person_id or 0)
            promises = contacts.promises_due(w, whose, today) if can("denials.read") else []
            return {"on": today, "queues": queries_day.queues(w, today, whose), "promises": promises}


@api.route("/hand-over")
class HandOver(MethodView):
    """Work that changes hands."""

    @api.arguments(HandOverRequest)
    @api.response(200, HandOverView)
    def post(self, given: dict[str, Any]) -> Any:
        """Give the most pressing open items of a queue from one person to another."""
        with work(actor()) as w:
            ends = [flow.person(w, given[name]) for name in ("giver", "taker")]
            count = flow.hand_over(w, given["queue"], from_id=ends[0], to_id=ends[1], most=given["most"])
        return {"count": count}
