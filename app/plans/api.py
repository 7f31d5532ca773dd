"""Payment plans for programs."""

from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.flows import plan_acts
from app.kernel.money import Money
from app.kernel.work import Work, reading, work
from app.ledger.api import asked
from app.plans import queries_list, queries_whole, service, service_agreement, service_autopay
from app.plans.schemas import (
    ActivateRequest,
    AddRequest,
    AutopayRequest,
    ChangeRequest,
    DraftRequest,
    PlanCancelRequest,
    PlanOffersView,
    PlanPage,
    PlansRequest,
    PlanVersioned,
    ReEstablishRequest,
    WholePlan,
    WishRequest,
)
from app.plans.service import Wish
from app.plans.service_change import Consent
from app.web.door import actor, file_answer

api = Blueprint("plans_api", __name__, description="Payment plans")


def wish_of(given: Mapping[str, Any]) -> Wish:
    """What a request asks for."""
    return Wish(
        count=given["count"], amount=Money.parse(given["amount"]), down=Money.parse(given["down"]),
        due_day=given["due_day"], first_due=given["first_due"], visits=tuple(given.get("visits", ())),
        income=Money.parse(given["income"]) if given["income"] else None,
    )  # fmt: skip


def _consent(given: Mapping[str, Any]) -> Consent:
    return Consent(given["signed_on"], given["witness"])


def _whole(w: Work, public_id: str) -> Any:
    return queries_whole.whole(w, public_id)


@api.route("/plans")
class Plans(MethodView):
    """Payment plans."""

    @api.arguments(PlansRequest, location="query")
    @api.response(200, PlanPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Plans, the latest ones first."""
        with reading(actor()) as w:
            ask = asked(given, queries_list.SORTS, queries_list.FILTERS, default=queries_list.DEFAULT)
            return queries_list.plans(w, ask)


@api.route("/accounts/<string:public_id>/plans/offers")
class PlanOffers(MethodView):
    """What fits an account."""

    @api.arguments(WishRequest)
    @api.response(200, PlanOffersView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Ways to pay within the policy, best first; changes nothing. Of the body, down, days, income and
        visits are read.
        """
        with reading(actor()) as w:
            return service.offer(w, public_id, wish_of(given))


@api.route("/accounts/<string:public_id>/plans")
class AccountPlans(MethodView):
    """Plans of an account."""

    @api.arguments(DraftRequest)
    @api.response(201, WholePlan)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Write a plan and its agreement for signing."""
        with work(actor()) as w:
            made = plan_acts.draft(w, public_id, wish_of(given), reason=given["reason"])
            return _whole(w, made)


@api.route("/plans/<string:public_id>")
class OnePlan(MethodView):
    """One plan."""

    @api.response(200, WholePlan)
    def get(self, public_id: str) -> Any:
        """One plan with its schedule, visits and history."""
        with reading(actor()) as w:
            return _whole(w, public_id)


@api.route("/plans/<string:public_id>/activate")
class PlanSigned(MethodView):
    """The signature."""

    @api.arguments(ActivateRequest)
    @api.response(200, WholePlan)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """The guarantor signed: the plan runs and dunning waits."""
        with work(actor()) as w:
            plan_acts.activate(
                w, public_id, given["version"], signed_on=given["signed_on"], witness=given["witness"]
            )
            return _whole(w, public_id)


@api.route("/plans/<string:public_id>/cancel")
class PlanCancelled(MethodView):
    """The end of a plan."""

    @api.arguments(PlanCancelRequest)
    @api.response(200, WholePlan)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Give a plan up: what is open is due as if it had never been."""
        with work(actor()) as w:
            plan_acts.cancel(w, public_id, given["version"], reason=given["reason"])
            return _whole(w, public_id)


@api.route("/plans/<string:public_id>/change")
class PlanChanged(MethodView):
    """Other terms."""

    @api.arguments(ChangeRequest)
    @api.response(200, WholePlan)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Spread what is open of a running plan anew, by consent."""
        with work(actor()) as w:
            plan_acts.change(w, public_id, given["version"], wish_of(given), _consent(given))
            return _whole(w, public_id)


@api.route("/plans/<string:public_id>/visits")
class PlanAdded(MethodView):
    """More visits."""

    @api.arguments(AddRequest)
    @api.response(200, WholePlan)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take new balances into a running plan, by consent."""
        with work(actor()) as w:
            plan_acts.add(w, public_id, given["version"], wish_of(given), _consent(given))
            return _whole(w, public_id)


@api.route("/plans/<string:public_id>/re-establish")
class PlanAgain(MethodView):
    """A plan set up again."""

    @api.arguments(ReEstablishRequest)
    @api.response(200, WholePlan)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Set a plan in default up again, once in twelve months."""
        with work(actor()) as w:
            plan_acts.re_establish(
                w, public_id, given["version"], wish_of(given), _consent(given), reason=given["reason"]
            )
            return _whole(w, public_id)


@api.route("/plans/<string:public_id>/agreement")
class PlanAgreement(MethodView):
    """The agreement."""

    @api.response(200, content_type="application/pdf")
    def get(self, public_id: str) -> Any:
        """The stored PDF of the schedule in force."""
        with reading(actor()) as w:
            content = service_agreement.pdf(w, public_id)
        return file_answer(content, "plan-agreement.pdf", "application/pdf")

    @api.arguments(PlanVersioned)
    @api.response(200, WholePlan)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Make the agreement anew, e.g. after the address changed."""
        with work(actor()) as w:
            plan_acts.write(w, public_id, given["version"])
            return _whole(w, public_id)


@api.route("/plans/<string:public_id>/autopay")
class PlanAutopay(MethodView):
    """Payment by a kept card."""

    @api.arguments(AutopayRequest)
    @api.response(200, WholePlan)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """The guarantor authorised it: each instalment is charged to a kept card on its day."""
        with work(actor()) as w:
            plan_acts.authorise(w, public_id, **given)
            return _whole(w, public_id)


@api.route("/plans/<string:public_id>/autopay/stop")
class PlanAutopayStop(MethodView):
    """The end of payment by card."""

    @api.arguments(PlanCancelRequest)
    @api.response(200, WholePlan)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """No instalment is charged any more; the plan runs on."""
        with work(actor()) as w:
            service_autopay.stop(w, public_id, given["version"], reason=given["reason"])
            return _whole(w, public_id)
