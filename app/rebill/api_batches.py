"""Batches for programs: what is ready, release it, what was sent and what its receiver said."""

from dataclasses import asdict
from typing import Any

from flask import Response
from flask.views import MethodView

from app.entities import queries as entities
from app.kernel.work import Work, reading, work
from app.ledger.api import asked
from app.rebill import queries_batches, service_batches, service_ready, service_sending
from app.rebill.api import api
from app.rebill.pages_batches import raw_of
from app.rebill.schemas_batches import (
    BatchClaimsPage,
    BatchClaimsRequest,
    BatchDone,
    BatchesPage,
    BatchesRequest,
    BatchKnown,
    BatchReason,
    BatchVersion,
    ReadyList,
    ReleaseRequest,
    WholeBatch,
)
from app.rebill.service_ready import Group
from app.web.door import IDEMPOTENT, actor, file_answer, once


@api.route("/rebill/ready")
class Ready(MethodView):
    """What would go out now."""

    @api.response(200, ReadyList)
    def get(self) -> Any:
        """Finished claims by the receiver they go to: counts, dollars, samples, and what stays behind."""
        with reading(actor()) as w:
            found = [
                (one, group) for one in entities.practices(w) for group in service_ready.ready_for(w, one.id)
            ]
            seen = {row.patient_id for _, group in found for row in group.sample}
            seen |= {kept.row.patient_id for _, group in found for kept in group.blocked}
            w.audit("batch.ready", "R", "rebill", patients=seen, detail={"rows": len(seen)})
            return {"rows": [_group(one.public_id, group) for one, group in found]}


def _group(entity: str, group: Group) -> dict[str, Any]:
    named = group.receiver
    return {
        "entity": entity,
        "receiver": named.public_id if named else "",
        "receiver_name": named.name if named else "",
        "claims": group.claims,
        "charge": group.charge,
        "plan": group.plan,
        "sample": group.sample,
        "blocked": group.blocked,
    }


@api.route("/rebill/batches")
class Batches(MethodView):
    """Files of claims."""

    @api.arguments(BatchesRequest, location="query")
    @api.response(200, BatchesPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Batches, the newest first."""
        ask = asked(given, queries_batches.SORTS, queries_batches.FILTERS, default="-released")
        with reading(actor()) as w:
            return queries_batches.batches(w, ask)

    @api.doc(parameters=[IDEMPOTENT])
    @api.arguments(ReleaseRequest)
    @api.response(201, BatchDone)
    def post(self, given: dict[str, Any]) -> Response:
        """Release one file of what is ready for a receiver; takes an Idempotency-Key.

        A blocked claim stays behind and the others go; its reason is in `/rebill/ready`.
        """

        def released(w: Work) -> tuple[Any, int]:
            made = service_batches.release(w, given["receiver"], given.get("rebills"), plan=given["plan"])
            return _done(w, made), 201

        return once(released)


def _done(w: Work, public_id: str) -> dict[str, Any]:
    row = queries_batches.batch(w, public_id)
    return {"id": row.public_id, "state": row.state, "version": row.version}


@api.route("/rebill/batches/<string:public_id>")
class OneBatch(MethodView):
    """One file of claims."""

    @api.response(200, WholeBatch)
    def get(self, public_id: str) -> Any:
        """A batch with every try to hand it over."""
        with reading(actor()) as w:
            row = queries_batches.batch(w, public_id)
            w.audit("batch.read", "R", "rebill_batch", public_id, entity_id=row.entity_id)
            more = {"moves": row.moves, "attempts": queries_batches.attempts(w, row.id)}
            return asdict(row) | more


@api.route("/rebill/batches/<string:public_id>/claims")
class BatchClaims(MethodView):
    """The claims of a batch."""

    @api.arguments(BatchClaimsRequest, location="query")
    @api.response(200, BatchClaimsPage)
    def get(self, given: dict[str, Any], public_id: str) -> Any:
        """The submissions a batch carries, in the order of its file."""
        ask = asked(given, queries_batches.CLAIM_SORTS, (), default="place")
        with reading(actor()) as w:
            return queries_batches.claims(w, queries_batches.batch(w, public_id).id, ask)


@api.route("/rebill/batches/<string:public_id>/file")
class BatchFile(MethodView):
    """The bytes of a batch."""

    @api.response(200, content_type="application/edi-x12", description="the X12 file as released")
    def get(self, public_id: str) -> Response:
        """The very bytes that were released; every download is on record."""
        with reading(actor()) as w:
            row, data = raw_of(w, public_id)
        return file_answer(data, row.file_name, "application/edi-x12")


@api.route("/rebill/batches/<string:public_id>/take")
class BatchTake(MethodView):
    """A person carries the file."""

    @api.arguments(BatchVersion)
    @api.response(200, BatchDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take a batch of a receiver by download for upload: from now on it may have left."""
        with work(actor()) as w:
            service_sending.take(w, public_id, given["version"])
            return queries_batches.batch(w, public_id)


@api.route("/rebill/batches/<string:public_id>/confirm")
class BatchConfirm(MethodView):
    """The file was uploaded, or not."""

    @api.arguments(BatchKnown)
    @api.response(200, BatchDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Say whether a file taken for upload was uploaded."""
        with work(actor()) as w:
            service_sending.confirm_upload(w, public_id, given["arrived"], given["words"], given["version"])
            return queries_batches.batch(w, public_id)


@api.route("/rebill/batches/<string:public_id>/settle")
class BatchSettle(MethodView):
    """An unknown outcome becomes known."""

    @api.arguments(BatchKnown)
    @api.response(200, BatchDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Say whether a batch arrived that Reclaim lost sight of; it is never sent again by itself."""
        with work(actor()) as w:
            service_sending.settle_unknown(w, public_id, given["arrived"], given["words"], given["version"])
            return queries_batches.batch(w, public_id)


@api.route("/rebill/batches/<string:public_id>/cancel")
class BatchCancel(MethodView):
    """A batch goes no more."""

    @api.arguments(BatchReason)
    @api.response(200, BatchDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Cancel a batch that surely did not arrive: its claims are ready again."""
        with work(actor()) as w:
            service_batches.cancel(w, public_id, given["words"], given["version"])
            return queries_batches.batch(w, public_id)


@api.route("/rebill/batches/<string:public_id>/retry")
class BatchRetry(MethodView):
    """A batch goes out again."""

    @api.arguments(BatchVersion)
    @api.response(200, BatchDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Send a batch that surely did not arrive once more: the same bytes under the same name."""
        with work(actor()) as w:
            service_batches.retry(w, public_id, given["version"])
            return queries_batches.batch(w, public_id)
