"""Promises and disputes of guarantors, for programs."""

from typing import Any

from flask.views import MethodView

from app.contacts import queries_story, service_disputes, service_promises
from app.contacts.api import api, found
from app.contacts.schemas import (
    ContactMade,
    DisputeList,
    DisputeMoveRequest,
    DisputeRequest,
    DisputeView,
    GuarantorPromiseRequest,
    HoldEndRequest,
    PromiseList,
)
from app.contacts.service_promises import Promising
from app.flows import account_acts
from app.kernel.money import Money
from app.kernel.work import reading, work
from app.web.door import actor


@api.route("/accounts/<string:public_id>/promises")
class AccountPromises(MethodView):
    """What somebody said they would pay."""

    @api.response(200, PromiseList)
    def get(self, public_id: str) -> Any:
        """Every promise, newest first, and how they keep their word."""
        with reading(actor()) as w:
            row = found(w, public_id)
            keeps = queries_story.keeps(w, row.id)
            rows = queries_story.promises(w, row.id)
            return {"rows": rows, "ended": keeps.ended, "kept": keeps.kept, "rate": keeps.rate}

    @api.arguments(GuarantorPromiseRequest)
    @api.response(201, ContactMade)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Write one down; it is judged by what is posted."""
        said = Promising(amount=Money.parse(given["amount"]), promised_on=given["promised_on"])
        with work(actor()) as w:
            row = found(w, public_id)
            made = service_promises.promise(w, row.id, said)
            account_acts.stand(w, row.entity_id, [row.id])
            return {"id": made}


@api.route("/promises/<string:public_id>/withdraw")
class WithdrawPromise(MethodView):
    """A promise written down by mistake."""

    @api.arguments(HoldEndRequest)
    @api.response(204)
    def post(self, given: dict[str, Any], public_id: str) -> None:
        """Take it back while it is open."""
        with work(actor()) as w:
            entity_id, account_id = service_promises.withdraw(
                w, public_id, why=given["why"], version=given["version"]
            )
            account_acts.stand(w, entity_id, [account_id])


@api.route("/accounts/<string:public_id>/disputes")
class AccountDisputes(MethodView):
    """Bills somebody says are wrong."""

    @api.response(200, DisputeList)
    def get(self, public_id: str) -> Any:
        """Every dispute, newest first."""
        with reading(actor()) as w:
            return {"rows": queries_story.disputes(w, found(w, public_id).id)}

    @api.arguments(DisputeRequest)
    @api.response(201, ContactMade)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Open one: what it is about is held from this moment on."""
        amount = Money.parse(given["amount"]) if given["amount"] else None
        with work(actor()) as w:
            row = found(w, public_id)
            claim_id = account_acts.visit_of(w, row.id, given["claim"])
            made = service_disputes.open_dispute(
                w, row.id, said=given["said"], claim_id=claim_id, amount=amount
            )
            account_acts.stand(w, row.entity_id, [row.id])
            return {"id": made}


@api.route("/disputes/<string:public_id>/move")
class MoveDispute(MethodView):
    """A step of a dispute."""

    @api.arguments(DisputeMoveRequest)
    @api.response(200, DisputeView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take it a step on; its resolution lifts the hold."""
        with work(actor()) as w:
            entity_id, account_id = service_disputes.move(w, public_id, given.pop("move"), **given)
            account_acts.stand(w, entity_id, [account_id])
            return queries_story.dispute(w, public_id)
