"""Postings for programs: look at one before it is made, then make exactly that."""

from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.flows import preview as flow
from app.flows.schemas import CommitRequest, CommittedView, PlanView, PreviewRequest
from app.kernel.work import Work
from app.web.door import IDEMPOTENT, actor, once

api = Blueprint(
    "flows_api", __name__, url_prefix="/transactions", description="Postings before they are made"
)


@api.route("/<string:public_id>/preview")
class Preview(MethodView):
    """What a decision would post."""

    @api.arguments(PreviewRequest, location="query")
    @api.response(200, PlanView)
    @api.alt_response(409, description="the decision is not possible in this state")
    def get(self, given: dict[str, Any], public_id: str) -> Any:
        """The very posting, run and taken back: entries, balances, denials, what waits, and the seal of it
        all.
        """
        return flow.preview(actor(), public_id, given["doing"])


def _commit(public_id: str, given: dict[str, Any], doing: str) -> Response:
    def done(w: Work) -> tuple[Any, int]:
        plan = flow.commit(w, public_id, doing, seal=given["plan"], reason=given["reason"])
        said = {"id": public_id, "state": plan.state, "entries": len(plan.entries), "total": str(plan.total)}
        return said, 200

    return once(done)


@api.route("/<string:public_id>/commit/post")
class CommitPost(MethodView):
    """Post what is staged."""

    @api.arguments(CommitRequest)
    @api.response(200, CommittedView)
    @api.alt_response(409, description="it is no longer what was seen; nothing was posted")
    @api.doc(parameters=[IDEMPOTENT])
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Post a staged transaction exactly as it was seen."""
        return _commit(public_id, given, "post")


@api.route("/<string:public_id>/commit/replay")
class CommitReplay(MethodView):
    """Replay and post."""

    @api.arguments(CommitRequest)
    @api.response(200, CommittedView)
    @api.alt_response(409, description="it is no longer what was seen; nothing was posted")
    @api.doc(parameters=[IDEMPOTENT])
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Replay a transaction and post it exactly as it was seen."""
        return _commit(public_id, given, "replay")


@api.route("/<string:public_id>/commit/release")
class CommitRelease(MethodView):
    """Release and post."""

    @api.arguments(CommitRequest)
    @api.response(200, CommittedView)
    @api.alt_response(409, description="it is no longer what was seen; nothing was posted")
    @api.doc(parameters=[IDEMPOTENT])
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Release a held transaction and post it exactly as it was seen."""
        return _commit(public_id, given, "release")


@api.route("/<string:public_id>/commit/undo")
class CommitUndo(MethodView):
    """Take a posting back."""

    @api.arguments(CommitRequest)
    @api.response(200, CommittedView)
    @api.alt_response(409, description="it is no longer what was seen; nothing was taken back")
    @api.doc(parameters=[IDEMPOTENT])
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Take a posting back exactly as it was seen."""
        return _commit(public_id, given, "undo")
