"""Webhooks for programs: name a receiver, see its deliveries, read what happened."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.gateways import web_post
from app.hooks import queries, service
from app.hooks.schemas import (
    DeliveriesRequest,
    DeliveryPage,
    EventPage,
    EventsRequest,
    HookChange,
    HookList,
    HookMade,
    HookRequest,
    HookShown,
)
from app.kernel.paging import ask_of
from app.kernel.work import reading, work
from app.web.door import actor

api = Blueprint("hooks_api", __name__, description="Webhooks: signed messages about what happened")


@api.route("/hooks")
class Hooks(MethodView):
    """Receivers."""

    @api.response(200, HookList)
    def get(self) -> Any:
        """Every receiver in scope."""
        with reading(actor()) as w:
            return {"rows": queries.hooks(w)}

    @api.arguments(HookRequest)
    @api.response(201, HookMade)
    def post(self, given: dict[str, Any]) -> Any:
        """Name a receiver. Its secret signs every message and is shown in this answer only."""
        web_post.checked(given["url"])
        with work(actor()) as w:
            return service.add(w, given["entity"], given["url"], given.get("kinds", []))


@api.route("/hooks/<string:public_id>")
class OneHook(MethodView):
    """One receiver."""

    @api.response(200, HookShown)
    def get(self, public_id: str) -> Any:
        """One receiver."""
        with reading(actor()) as w:
            return queries.one(w, public_id)

    @api.arguments(HookChange)
    @api.response(200, HookShown)
    def put(self, given: dict[str, Any], public_id: str) -> Any:
        """Change address or events, pause or go on; 409 when somebody changed it since `version`."""
        web_post.checked(given["url"])
        with work(actor()) as w:
            service.change(
                w,
                public_id,
                url=given["url"],
                kinds=given.get("kinds", []),
                active=given["active"],
                version=given["version"],
            )
            return queries.one(w, public_id)


@api.route("/deliveries")
class Deliveries(MethodView):
    """Messages."""

    @api.arguments(DeliveriesRequest, location="query")
    @api.response(200, DeliveryPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Messages and what became of them, newest first."""
        values = {name: str(value) for name, value in given.items()}
        ask = ask_of(values, queries.SORTS, default="-made", filters=queries.FILTERS)
        with reading(actor()) as w:
            return queries.deliveries(w, ask)


@api.route("/deliveries/<string:public_id>/replays")
class Replay(MethodView):
    """Once more."""

    @api.response(202)
    def post(self, public_id: str) -> None:
        """Deliver a finished message once more, under the same id."""
        with work(actor()) as w:
            service.replay(w, public_id)


@api.route("/events")
class Events(MethodView):
    """What happened."""

    @api.arguments(EventsRequest, location="query")
    @api.response(200, EventPage)
    def get(self, given: dict[str, Any]) -> Any:
        """What was announced since a receiver was named, oldest first: for a program that was away."""
        values = {name: str(value) for name, value in given.items()}
        ask = ask_of(values, queries.EVENT_SORTS, default="at", filters=queries.EVENT_FILTERS)
        with reading(actor()) as w:
            return queries.events(w, ask)
