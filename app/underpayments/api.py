"""Underpayments for programs."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.claims import queries as claims
from app.kernel.work import reading, work
from app.ledger.api import asked
from app.underpayments import queries, queries_patterns, service_work
from app.underpayments.lifecycle import Move
from app.underpayments.schemas import (
    ClaimCalculations,
    GroupRequest,
    Moved,
    MoveRequest,
    OwnerRequest,
    Patterns,
    ProjectMade,
    UnderpaymentPage,
    UnderpaymentsRequest,
    WholeUnderpayment,
)
from app.web.door import actor

api = Blueprint("underpayments_api", __name__, description="What payers allowed against what they owe")


@api.route("/underpayments")
class Underpayments(MethodView):
    """Underpayments."""

    @api.arguments(UnderpaymentsRequest, location="query")
    @api.response(200, UnderpaymentPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Underpayments, dearest first."""
        ask = asked(given, queries.SORTS, queries.FILTERS, default="-amount")
        with reading(actor()) as w:
            return queries.cases(w, ask)


@api.route("/underpayments/patterns")
class AllPatterns(MethodView):
    """Patterns."""

    @api.response(200, Patterns)
    def get(self) -> Any:
        """Systematic or one-off: what lines paid short have in common."""
        with reading(actor()) as w:
            return {"rows": queries_patterns.patterns(w)}


@api.route("/underpayments/projects")
class Projects(MethodView):
    """Projects."""

    @api.arguments(GroupRequest)
    @api.response(201, ProjectMade)
    def post(self, given: dict[str, Any]) -> Any:
        """Put validated underpayments of one payer and cause into a project."""
        chosen = [(one["id"], one["version"]) for one in given["cases"]]
        with work(actor()) as w:
            return {"id": service_work.group(w, chosen, name=given["name"])}


@api.route("/underpayments/<string:public_id>")
class OneUnderpayment(MethodView):
    """One underpayment."""

    @api.response(200, WholeUnderpayment)
    def get(self, public_id: str) -> Any:
        """One underpayment with its calculation and its history."""
        with reading(actor()) as w:
            return queries.one(w, public_id)


@api.route("/underpayments/<string:public_id>/move")
class Step(MethodView):
    """A step of the lifecycle."""

    @api.arguments(MoveRequest)
    @api.response(200, Moved)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take one step; 409 when somebody changed it since `version`, or the step is not possible now."""
        with work(actor()) as w:
            version = service_work.advance(
                w, public_id, Move(given["move"]), version=given["version"], reason=given["reason"],
                until=given["until"],
            )  # fmt: skip
        return {"id": public_id, "version": version}


@api.route("/underpayments/<string:public_id>/assign")
class Ownership(MethodView):
    """Whose it is."""

    @api.arguments(OwnerRequest)
    @api.response(200, Moved)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take it, or give it back; 409 when somebody changed it since `version`."""
        with work(actor()) as w:
            owner_id = w.actor.person_id if given["owner"] == "me" else None
            version = service_work.assign(w, public_id, owner_id=owner_id, version=given["version"])
        return {"id": public_id, "version": version}


@api.route("/claims/<string:public_id>/expected")
class ExpectedOfClaim(MethodView):
    """What a claim should have brought."""

    @api.response(200, ClaimCalculations)
    def get(self, public_id: str) -> Any:
        """The judged lines of a claim, each with its calculation; empty where no contract prices it."""
        with reading(actor()) as w:
            claim = claims.one(w, public_id)
            return {"rows": [line for line, _ in queries.on_claim(w, claim.id)]}
