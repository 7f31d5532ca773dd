"""Remits for programs: payments, their claims down to the byte, and the exceptions with their decisions."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.codes import service as codes
from app.flows import resolve
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.paging import Slice
from app.kernel.work import Work, reading
from app.ledger.api import asked
from app.remits import queries, queries_claim, queries_exceptions, queries_list
from app.remits import service_bytes as stored
from app.remits.queries import RemitHead
from app.remits.schemas import (
    ExceptionsPage,
    ExceptionsRequest,
    LinkRequest,
    ReasonRequest,
    RemitClaimDecided,
    RemitClaimsPage,
    RemitClaimsRequest,
    RemitsPage,
    RemitsRequest,
    SplitRequest,
    WholeRemit,
    WholeRemitClaim,
)
from app.web.door import IDEMPOTENT, actor, once

api = Blueprint("remits_api", __name__, description="Payments, their claims, and what waits for a person")


def _book(w: Work, head: RemitHead) -> Any:
    return codes.book(w, head.entity_id or 0, head.effective_date or w.now.date())


@api.route("/remits")
class Remits(MethodView):
    """Payments."""

    @api.arguments(RemitsRequest, location="query")
    @api.response(200, RemitsPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Posted payments, newest first."""
        ask = asked(given, queries_list.SORTS, queries_list.FILTERS, default="-recorded")
        with reading(actor()) as w:
            return queries_list.remits(w, ask)


@api.route("/remits/<string:public_id>")
class OneRemit(MethodView):
    """One payment."""

    @api.response(200, WholeRemit)
    def get(self, public_id: str) -> Any:
        """One payment by the id of its remit or its transaction; a held one is read from its bytes."""
        with reading(actor()) as w:
            head = queries.head(w, public_id)
            if head.posted:
                w.audit("remit.read", "R", "remit", head.remit, entity_id=head.entity_id)
                pairs = queries.provider_adjustments(w, head, _book(w, head))
            else:
                made = stored.live(w, head, _book(w, head))
                head, pairs = made.head, made.pairs
            return asdict(head) | {"posted": head.posted, "provider_adjustments": pairs}


@api.route("/remits/<string:public_id>/claims")
class RemitClaims(MethodView):
    """The claims of a payment."""

    @api.arguments(RemitClaimsRequest, location="query")
    @api.response(200, RemitClaimsPage)
    def get(self, given: dict[str, Any], public_id: str) -> Any:
        """The claims of a payment in file order."""
        with reading(actor()) as w:
            head = queries.head(w, public_id)
            if head.posted:
                ask = asked(given, queries.CLAIM_SORTS, ("show",), default="place")
                return queries.claims(w, head, ask)
            return _part(stored.live(w, head, _book(w, head)).claims, given["cursor"], given["limit"])


def _part(rows: list[Any], cursor: str, limit: int) -> Slice[Any]:
    """A page of what is read from bytes; its cursor is how many rows came before."""
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise Refused("This cursor is not one of ours.", code="cursor", field="cursor")
    start = int(cursor or 0)
    end = start + limit
    return Slice(rows[start:end], next=str(end) if end < len(rows) else "")


@api.route("/remit-claims/<string:public_id>")
class OneRemitClaim(MethodView):
    """One claim of a payment."""

    @api.response(200, WholeRemitClaim)
    def get(self, public_id: str) -> Any:
        """One claim of a payment: lines, remarks, entries, raw segments, what it may be for."""
        with reading(actor()) as w:
            remit, entity_id, day = queries_claim.of_claim(w, public_id)
            found = queries_claim.claim(w, public_id, codes.book(w, entity_id, day))
            return asdict(found) | {
                "remit": remit,
                "raw": _raw(w, queries.head(w, remit), found),
                "suggestions": _suggestions(w, public_id) if found.state == "parked" else [],
            }


def _raw(w: Work, head: RemitHead, one: queries_claim.ClaimView) -> list[dict[str, Any]]:
    _, found = stored.claim_part(w, head, one)
    return [
        {"number": part.number, "byte": part.byte, "text": part.separator.join(e.text for e in part.elements)}
        for part in found
    ]


def _suggestions(w: Work, public_id: str) -> list[queries_exceptions.Suggestion]:
    item = queries_exceptions.item_of(w, public_id)
    if not item:
        return []
    row = queries_exceptions.one(w, item)
    found = queries_exceptions.suggestions(w, [row]).get(row.subject_id, [])
    w.audit("exception.suggestions", "R", "worklist_item", item, patients=[one.patient_id for one in found])
    return found


@api.route("/exceptions")
class Exceptions(MethodView):
    """What waits for a person."""

    @api.arguments(ExceptionsRequest, location="query")
    @api.response(200, ExceptionsPage)
    def get(self, given: dict[str, Any]) -> Any:
        """What waits for a person, most pressing first, each with its best suggestion."""
        ask = asked(given, queries_exceptions.SORTS, queries_exceptions.FILTERS, default="-rank")
        with reading(actor()) as w:
            return queries_exceptions.exceptions(w, ask)


def _decide(public_id: str, verb: Callable[[Work], None]) -> Response:
    def decided(w: Work) -> tuple[Any, int]:
        verb(w)
        state, version = queries_claim.state_of(w, public_id)
        return {"id": public_id, "state": state, "version": version}, 200

    return once(decided)


@api.route("/remit-claims/<string:public_id>/link")
class Link(MethodView):
    """Which claim it is."""

    @api.doc(parameters=[IDEMPOTENT])
    @api.arguments(LinkRequest)
    @api.response(200, RemitClaimDecided)
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Say which claim of ours a parked payment is for, and post it; takes an Idempotency-Key."""
        chosen, version = given["claim"], given["version"]
        return _decide(public_id, lambda w: resolve.link(w, public_id, chosen, version=version))


@api.route("/remit-claims/<string:public_id>/split")
class Split(MethodView):
    """Several claims."""

    @api.doc(parameters=[IDEMPOTENT])
    @api.arguments(SplitRequest)
    @api.response(200, RemitClaimDecided)
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Divide a parked payment over claims; the parts add up to it; takes an Idempotency-Key."""
        parts = [(part["claim"], int(Money.parse(part["amount"]))) for part in given["parts"]]
        version = given["version"]
        return _decide(public_id, lambda w: resolve.split(w, public_id, parts, version=version))


@api.route("/remit-claims/<string:public_id>/accept")
class Accept(MethodView):
    """As sent."""

    @api.doc(parameters=[IDEMPOTENT])
    @api.arguments(ReasonRequest)
    @api.response(200, RemitClaimDecided)
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Take an unbalanced claim as the payer sent it; takes an Idempotency-Key."""
        return _decide(public_id, lambda w: resolve.accept(w, public_id, **given))


@api.route("/remit-claims/<string:public_id>/not-ours")
class NotOurs(MethodView):
    """Nobody of ours."""

    @api.doc(parameters=[IDEMPOTENT])
    @api.arguments(ReasonRequest)
    @api.response(200, RemitClaimDecided)
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Say that a parked payment is for nobody of ours; takes an Idempotency-Key."""
        return _decide(public_id, lambda w: resolve.not_ours(w, public_id, **given))
