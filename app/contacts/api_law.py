"""Rules of law and of the house, and what the guards refused, for programs."""

from typing import Any

from flask.views import MethodView

from app.codes.pages import practice_of, reading_for
from app.contacts import queries_law, queries_story, service_law
from app.contacts.api import api
from app.contacts.schemas import (
    ContactMade,
    EndAnswer,
    EndRequest,
    LawList,
    LawQuery,
    LawRequest,
    RefusalPage,
    RefusalsRequest,
)
from app.kernel.paging import ask_of
from app.kernel.work import reading, work
from app.web.door import actor


@api.route("/rules/collection")
class CollectionRules(MethodView):
    """Limits of law and of the house."""

    @api.arguments(LawQuery, location="query")
    @api.response(200, LawList)
    def get(self, given: dict[str, Any]) -> Any:
        """What holds today, ours beside the shipped rows."""
        with reading(actor()) as w:
            practice = reading_for(w, given["entity"])
            wanted = {name: value for name, value in given.items() if value}
            return {"rows": queries_law.rows(w, practice.id, w.today(practice.time_zone), wanted)}

    @api.arguments(LawRequest)
    @api.response(201, ContactMade)
    def post(self, given: dict[str, Any]) -> Any:
        """Let a rule be another from a day on; the row before stays."""
        days = (given.pop("since"), given.pop("until"))
        entity = given.pop("entity")
        with work(actor()) as w:
            return {"id": service_law.change(w, practice_of(w, entity).id, days=days, **given)}


@api.route("/rules/collection/<string:public_id>/end")
class EndCollectionRule(MethodView):
    """The end of a rule of ours."""

    @api.arguments(EndRequest)
    @api.response(200, EndAnswer)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """It no longer holds from a day on; what was shipped holds again."""
        with work(actor()) as w:
            return {"done": service_law.end(w, public_id, **given)}


@api.route("/refusals")
class Refusals(MethodView):
    """What the guards refused."""

    @api.arguments(RefusalsRequest, location="query")
    @api.response(200, RefusalPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Every refusal with its rule, newest first."""
        values = {name: str(value) for name, value in given.items()}
        ask = ask_of(values, queries_story.SORTS, default="-at", filters=queries_story.FILTERS)
        with reading(actor()) as w:
            w.audit("guards.refusals", "R", "refusal")
            return queries_story.refusals(w, ask)
