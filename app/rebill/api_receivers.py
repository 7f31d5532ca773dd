"""Receivers for programs: where claims go, how, and which payer's claims go where."""

from typing import Any

from flask.views import MethodView

from app.gateways import sftp
from app.gateways.handing import Outcome
from app.kernel.work import reading, work
from app.rebill import queries_receivers, service_receivers
from app.rebill.api import api
from app.rebill.rules_batches import ReceiverFacts
from app.rebill.schemas_batches import (
    KeyRequest,
    KeyShown,
    ReceiverChange,
    ReceiverList,
    ReceiverRequest,
    ReceiverShown,
    ReceiverSwitch,
    RouteList,
    RouteRequest,
    TriedShown,
)
from app.web.door import actor


def _facts(given: dict[str, Any]) -> ReceiverFacts:
    return ReceiverFacts(**{name: given[name] for name in ReceiverFacts.__dataclass_fields__})


@api.route("/rebill/receivers")
class Receivers(MethodView):
    """Where claims go."""

    @api.response(200, ReceiverList)
    def get(self) -> Any:
        """Every receiver in scope, without its secret."""
        with reading(actor()) as w:
            return {"rows": queries_receivers.receivers(w)}

    @api.arguments(ReceiverRequest)
    @api.response(201, ReceiverShown)
    def post(self, given: dict[str, Any]) -> Any:
        """Name a receiver for a practice."""
        with work(actor()) as w:
            made = service_receivers.add(
                w, given["entity"], _facts(given), secret=given["secret"], first_number=given["first_number"]
            )
            return queries_receivers.receiver(w, made)


@api.route("/rebill/receivers/<string:public_id>")
class OneReceiver(MethodView):
    """One receiver."""

    @api.response(200, ReceiverShown)
    def get(self, public_id: str) -> Any:
        """One receiver, without its secret."""
        with reading(actor()) as w:
            return queries_receivers.receiver(w, public_id)

    @api.arguments(ReceiverChange)
    @api.response(200, ReceiverShown)
    def put(self, given: dict[str, Any], public_id: str) -> Any:
        """Other facts or another secret; 409 when it changed since `version`."""
        with work(actor()) as w:
            service_receivers.change(
                w, public_id, _facts(given), secret=given["secret"], version=given["version"]
            )
            return queries_receivers.receiver(w, public_id)


@api.route("/rebill/receivers/<string:public_id>/switch")
class ReceiverActive(MethodView):
    """Used or not."""

    @api.arguments(ReceiverSwitch)
    @api.response(200, ReceiverShown)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Use a receiver no more, or again; refused while a batch of it is not settled."""
        with work(actor()) as w:
            service_receivers.switch(w, public_id, active=given["active"], version=given["version"])
            return queries_receivers.receiver(w, public_id)


@api.route("/rebill/receivers/<string:public_id>/key")
class ReceiverKey(MethodView):
    """The key of its server."""

    @api.arguments(KeyRequest)
    @api.response(200, ReceiverShown)
    def put(self, given: dict[str, Any], public_id: str) -> Any:
        """Confirm the key of an SFTP server after comparing it with what the receiver gave you."""
        with work(actor()) as w:
            service_receivers.confirm_key(w, public_id, given["host_key"], version=given["version"])
            return queries_receivers.receiver(w, public_id)


@api.route("/rebill/receivers/<string:public_id>/key/look")
class ReceiverKeyLook(MethodView):
    """The key its server shows."""

    @api.response(200, KeyShown)
    def post(self, public_id: str) -> Any:
        """The key the server shows now. Nobody signs in and nothing is confirmed."""
        with reading(actor()) as w:
            row = queries_receivers.receiver(w, public_id)
        shown = sftp.shown_key(row.host, row.port)
        return {"host_key": shown, "confirmed": shown == row.host_key}


@api.route("/rebill/receivers/<string:public_id>/try")
class ReceiverTry(MethodView):
    """The connection, tried."""

    @api.response(200, TriedShown)
    def post(self, public_id: str) -> Any:
        """Connect, sign in and look at the folder; uploads nothing."""
        with reading(actor()) as w:
            way = service_receivers.way(w, queries_receivers.receiver(w, public_id).id)
        handed = way.try_out()
        return {"works": handed.outcome is Outcome.ARRIVED, "code": handed.code, "words": handed.words}


@api.route("/rebill/receivers/<string:public_id>/routes")
class ReceiverRoutes(MethodView):
    """Payers routed to it."""

    @api.response(200, RouteList)
    def get(self, public_id: str) -> Any:
        """The payers whose claims go to a receiver, now, later and before."""
        with reading(actor()) as w:
            return {"rows": queries_receivers.routes(w, queries_receivers.receiver(w, public_id).id)}

    @api.arguments(RouteRequest)
    @api.response(200, ReceiverShown)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """From a day on claims for a payer go here, or (`ends`) no more."""
        with work(actor()) as w:
            if given["ends"]:
                service_receivers.end_route(
                    w, public_id, given["payer"], until=given["day"], version=given["version"]
                )
            else:
                service_receivers.route(
                    w, public_id, given["payer"], since=given["day"], version=given["version"]
                )
            return queries_receivers.receiver(w, public_id)
