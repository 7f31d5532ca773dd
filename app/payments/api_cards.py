"""Kept cards and small balances for programs."""

from typing import Any

from flask.views import MethodView

from app.entities import queries as entities
from app.flows import payment_desk, small_balances
from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.kernel.work import Work, reading, work
from app.ledger.api import asked
from app.patients import queries_guarantors
from app.payments import queries_small, service_cards
from app.payments.api import api
from app.payments.schemas import (
    CardList,
    CardRequest,
    CardShown,
    CardsRequest,
    CountView,
    DecideRequest,
    EntityRequest,
    PaymentReason,
    PaymentVersion,
    ProposeRequest,
    SmallPage,
    SmallPreview,
    SmallShown,
    SmallsRequest,
)
from app.web.door import actor


def entity_of(w: Work, public: str) -> int:
    """The entity somebody named; the only one there is when none was."""
    chosen = entities.chosen(w, public) or [one.id for one in entities.practices(w)]
    if len(chosen) != 1:
        raise Refused("Say for which billing entity.", code="entity", field="entity")
    return chosen[0]


@api.route("/payments/cards")
class Cards(MethodView):
    """Cards the processor keeps for us."""

    @api.arguments(CardsRequest, location="query")
    @api.response(200, CardList)
    @api.alt_response(404, description="there is no such account")
    def get(self, given: dict[str, Any]) -> Any:
        """The cards of an account, without their tokens."""
        with reading(actor()) as w:
            row = queries_guarantors.by_public(w, given["account"])
            w.audit("cards.read", "R", "guarantor", row.public_id, entity_id=row.entity_id)
            return {"rows": queries_small.cards(w, account_id=row.id)}

    @api.arguments(CardRequest)
    @api.response(201, CardShown)
    def post(self, given: dict[str, Any]) -> Any:
        """Keep a card by the token of the processor's page, with what the guarantor agreed to."""
        most = int(Money.parse(given["most"])) if given["most"] else None
        made = payment_desk.keep_card(actor(), given["account"], given | {"most": most})
        with reading(actor()) as w:
            return _card(w, made)


def _card(w: Work, public: str) -> queries_small.CardRow:
    found = queries_small.cards(w, public=public)
    if not found:
        raise NotFound("There is no such card.")
    return found[0]


@api.route("/payments/cards/<string:public_id>/revoke")
class CardRevoked(MethodView):
    """A card somebody takes back."""

    @api.arguments(PaymentVersion)
    @api.response(200, CardShown)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """The guarantor revokes it: never charged again from this moment."""
        with work(actor()) as w:
            service_cards.revoke(w, public_id, version=given["version"])
            return _card(w, public_id)


@api.route("/payments/small")
class SmallBalances(MethodView):
    """Balances too small to chase."""

    @api.arguments(SmallsRequest, location="query")
    @api.response(200, SmallPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Proposals, the newest first."""
        with reading(actor()) as w:
            ask = asked(given, queries_small.SORTS, queries_small.FILTERS, default=queries_small.DEFAULT)
            return queries_small.smalls(w, ask)

    @api.arguments(ProposeRequest)
    @api.response(201, CountView)
    def post(self, given: dict[str, Any]) -> Any:
        """Propose what was previewed; 409 when it is another by now."""
        with work(actor()) as w:
            cents, entity_id = int(Money.parse(given["total"])), entity_of(w, given["entity"])
            return {"count": small_balances.propose(w, entity_id, count=given["count"], cents=cents)}


@api.route("/payments/small/preview")
class SmallBalancePreview(MethodView):
    """What proposing would ask for."""

    @api.arguments(EntityRequest, location="query")
    @api.response(200, SmallPreview)
    def get(self, given: dict[str, Any]) -> Any:
        """How many, how much, ten of them."""
        with reading(actor()) as w:
            found = small_balances.preview(w, entity_of(w, given["entity"]))
            w.audit("small.preview", "R", "small_balance", patients=[one.patient_id for one in found.sample])
            return found


@api.route("/payments/small/decide")
class SmallBalanceDecision(MethodView):
    """A second person's decision."""

    @api.arguments(DecideRequest)
    @api.response(200, CountView)
    def post(self, given: dict[str, Any]) -> Any:
        """Write them off (4130), or decline: all of them, or none."""
        chosen = [(one["id"], one["version"]) for one in given["chosen"]]
        with work(actor()) as w:
            entity_id = queries_small.small(w, chosen[0][0]).entity_id
            return {"count": small_balances.decide(w, entity_id, chosen, approve=given["approve"])}


@api.route("/payments/small/<string:public_id>/take-back")
class SmallBalanceBack(MethodView):
    """A write-off taken back."""

    @api.arguments(PaymentReason)
    @api.response(200, SmallShown)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """The balance is on the account again."""
        with work(actor()) as w:
            entity_id = queries_small.small(w, public_id).entity_id
            small_balances.take_back(
                w, entity_id, public_id, reason=given["reason"], version=given["version"]
            )
            return queries_small.small(w, public_id)
