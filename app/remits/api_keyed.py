"""Keyed paper EOBs for programs: a draft, its control totals, its commit."""

from typing import Any

from flask import Response
from flask.views import MethodView

from app.kernel.work import reading, work
from app.ledger.api import asked
from app.remits import queries_keyed, service_keyed
from app.remits.api import api
from app.remits.schemas_eob import (
    KeyedBatchesPage,
    KeyedBatchesRequest,
    KeyedBatchView,
    KeyedDecided,
    KeyedKept,
    KeyedSaveRequest,
    KeyedSecondRequest,
    KeyedStarted,
    KeyedStartRequest,
    KeyedVersionRequest,
)
from app.web.door import IDEMPOTENT, actor, once


@api.route("/keyed-batches")
class KeyedBatches(MethodView):
    """Batches keyed from paper."""

    @api.arguments(KeyedBatchesRequest, location="query")
    @api.response(200, KeyedBatchesPage)
    def get(self, given: dict[str, Any]) -> Any:
        """The batches, the last saved first; thrown-away ones only when asked for."""
        ask = asked(given, queries_keyed.SORTS, queries_keyed.FILTERS, default="-saved")
        with reading(actor()) as w:
            return queries_keyed.batches(w, ask)

    @api.arguments(KeyedStartRequest)
    @api.response(201, KeyedStarted)
    def post(self, given: dict[str, Any]) -> Any:
        """Begin a batch."""
        with work(actor()) as w:
            return {"id": service_keyed.start(w, given["entity"]), "version": 1}


@api.route("/keyed-batches/<string:public_id>")
class OneKeyedBatch(MethodView):
    """One batch."""

    @api.response(200, KeyedBatchView)
    def get(self, public_id: str) -> Any:
        """One batch with its grid, and what became of its 835."""
        with reading(actor()) as w:
            return queries_keyed.batch(w, public_id)

    @api.arguments(KeyedSaveRequest)
    @api.response(200, KeyedKept)
    def put(self, given: dict[str, Any], public_id: str) -> Any:
        """Keep the grid as it is, right or wrong; answers with what is wrong and in which field."""
        with work(actor()) as w:
            version, problems = service_keyed.save(w, public_id, given["body"], version=given["version"])
            return {"version": version, "problems": problems}


@api.route("/keyed-batches/<string:public_id>/submit")
class KeyedSubmit(MethodView):
    """The batch is done."""

    @api.doc(parameters=[IDEMPOTENT])
    @api.arguments(KeyedVersionRequest)
    @api.response(200, KeyedDecided)
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Commit it as an 835, or hand it to a second person above the limit; takes an Idempotency-Key."""
        return once(lambda w: (_decided(service_keyed.submit(w, public_id, version=given["version"])), 200))


@api.route("/keyed-batches/<string:public_id>/second")
class KeyedSecond(MethodView):
    """The totals, keyed by another person."""

    @api.doc(parameters=[IDEMPOTENT])
    @api.arguments(KeyedSecondRequest)
    @api.response(200, KeyedDecided)
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Committed when they agree; else a draft again, with the fields that differ."""
        version = given.pop("version")

        def verb(w: Any) -> tuple[Any, int]:
            return _decided(*service_keyed.second(w, public_id, given, version=version)), 200

        return once(verb)


def _decided(state: Any, disagreed: Any = ()) -> dict[str, Any]:
    return {"state": state.value, "disagreed": list(disagreed)}
