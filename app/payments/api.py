"""Patients' payments for programs."""

from collections.abc import Sequence
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.flows import patient_paid, payment_desk
from app.flows.payment_desk import Wanted
from app.kernel.money import Money
from app.kernel.work import Work, reading, work
from app.ledger.api import asked
from app.patients import queries_guarantors
from app.payments import queries, queries_list, service, service_receipt
from app.payments.lifecycle import Mode, Reversal, Tender
from app.payments.schemas import (
    ApplyRequest,
    CountView,
    IdentifyRequest,
    PaymentPage,
    PaymentReason,
    PaymentRequest,
    PaymentsRequest,
    PlannedPayment,
    PreviewPaymentRequest,
    ReturnedView,
    ReturnRequest,
    TakeOffRequest,
    WholePayment,
)
from app.payments.service import Planned
from app.payments.service_reverse import Return
from app.web.door import actor, file_answer

api = Blueprint("payments_api", __name__, description="What patients pay")


def _mode(given: dict[str, Any]) -> Mode | None:
    return Mode(given["mode"]) if given["mode"] else None


def _named(given: dict[str, Any]) -> list[tuple[str, int | None]]:
    named: Sequence[dict[str, Any]] = given["designated"]
    return [(one["visit"], int(Money.parse(one["amount"])) if one["amount"] else None) for one in named]


def whole(w: Work, public: str) -> dict[str, Any]:
    """A payment with its parts; the look is written down."""
    row = queries.payment(w, public)
    found = queries.parts(w, [row.id]).get(row.id, [])
    w.audit("payment.read", "R", service.SUBJECT, public, entity_id=row.entity_id,
            patients={one.patient_id for one in found})  # fmt: skip
    told = {name: getattr(row, name) for name in row.__dataclass_fields__}
    return told | {"parts": found}


@api.route("/payments")
class Payments(MethodView):
    """Patients' payments."""

    @api.arguments(PaymentsRequest, location="query")
    @api.response(200, PaymentPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Payments, the newest first."""
        with reading(actor()) as w:
            ask = asked(given, queries_list.SORTS, queries_list.FILTERS, default=queries_list.DEFAULT)
            return queries_list.page_of(w, ask)

    @api.arguments(PaymentRequest)
    @api.response(201, WholePayment)
    @api.alt_response(409, description="a guard, or the state of the account, does not allow it")
    def post(self, given: dict[str, Any]) -> Any:
        """Take a payment, or charge a kept card. The same `key` is the same payment: twice is once."""
        wanted = Wanted(
            entity=given["entity"], account=given["account"], tender=Tender(given["tender"]),
            cents=payment_desk.cents_of(given["amount"]), key=given["key"], received_on=given["received_on"],
            reference=given["reference"], mode=_mode(given), designated=_named(given), card=given["card"],
        )  # fmt: skip
        taken = payment_desk.take(actor(), wanted)
        with reading(actor()) as w:
            return whole(w, taken.public_id)


@api.route("/payments/preview")
class PaymentPreview(MethodView):
    """A payment somebody thinks of."""

    @api.arguments(PreviewPaymentRequest)
    @api.response(200, PlannedPayment)
    def post(self, given: dict[str, Any]) -> Any:
        """What a payment would pay now; nothing moves."""
        wanted = Wanted(
            account=given["account"], cents=payment_desk.cents_of(given["amount"]), key="preview",
            mode=_mode(given), designated=_named(given),
        )  # fmt: skip
        with reading(actor()) as w:
            return planned_view(
                service.preview(w, patient_paid.with_items(w, payment_desk.taking(w, wanted)))
            )


def planned_view(found: Planned) -> dict[str, Any]:
    """What a payment would pay, as the API says it."""
    parts = [
        {"visit": one.public_id, "control": one.control, "due": Money(one.item.due), "amount": part}
        for one, part in found.parts
    ]
    return {"mode": found.mode.value, "parts": parts, "unapplied": found.unapplied, "review": found.review}


@api.route("/payments/<string:public_id>")
class OnePayment(MethodView):
    """One payment."""

    @api.response(200, WholePayment)
    def get(self, public_id: str) -> Any:
        """A payment with everything it paid."""
        with reading(actor()) as w:
            return whole(w, public_id)


@api.route("/payments/<string:public_id>/receipt")
class PaymentReceipt(MethodView):
    """The receipt of a payment."""

    @api.response(200, {"format": "binary", "type": "string"}, content_type="application/pdf")
    def get(self, public_id: str) -> Any:
        """The receipt as PDF, in the guarantor's language."""
        with reading(actor()) as w:
            number = queries.payment(w, public_id).number
            return file_answer(service_receipt.pdf(w, public_id), f"receipt-{number}.pdf", "application/pdf")


@api.route("/payments/<string:public_id>/apply")
class PaymentApply(MethodView):
    """What is unapplied, applied."""

    @api.arguments(ApplyRequest)
    @api.response(200, WholePayment)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Put what is unapplied on visits; 409 when the payment changed since `version`."""
        with work(actor()) as w:
            named = payment_desk.visits(w, _named(given))
            patient_paid.apply(w, public_id, mode=_mode(given), designated=named, version=given["version"])
            return whole(w, public_id)


@api.route("/payments/<string:public_id>/off")
class PaymentOff(MethodView):
    """A payment taken off its visits."""

    @api.arguments(TakeOffRequest)
    @api.response(200, WholePayment)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take it off these visits, or all: the money stays, unapplied."""
        with work(actor()) as w:
            chosen = [key for key, _ in payment_desk.visits(w, [(one, None) for one in given["visits"]])]
            patient_paid.take_off(
                w, public_id, reason=given["reason"], version=given["version"], visits=chosen or None
            )
            return whole(w, public_id)


@api.route("/payments/<string:public_id>/account")
class PaymentAccount(MethodView):
    """Whose a receipt is."""

    @api.arguments(IdentifyRequest)
    @api.response(200, WholePayment)
    def put(self, given: dict[str, Any], public_id: str) -> Any:
        """Say whose an unidentified receipt is; it pays what they owe, oldest first."""
        with work(actor()) as w:
            payment_desk.identify(w, public_id, given["account"], version=given["version"])
            return whole(w, public_id)


@api.route("/payments/<string:public_id>/keep")
class PaymentKept(MethodView):
    """A payment a person had to look at."""

    @api.arguments(PaymentReason)
    @api.response(200, WholePayment)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """It may be kept: it pays what is due."""
        with work(actor()) as w:
            patient_paid.clear_review(w, public_id, reason=given["reason"], version=given["version"])
            return whole(w, public_id)


@api.route("/payments/<string:public_id>/reverse")
class PaymentReversal(MethodView):
    """A payment that came back."""

    @api.arguments(ReturnRequest)
    @api.response(200, ReturnedView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take it back: what it paid is open again to the cent; a fee only where the law allows one."""
        told = Return(
            why=Reversal(given["why"]), day=given["day"], code=given["code"], words=given["words"],
            fee=given["fee"],
        )  # fmt: skip
        with work(actor()) as w:
            done = payment_desk.reverse(w, public_id, told, version=given["version"])
            return whole(w, public_id) | {"fee": Money(done.fee), "fee_words": done.fee_words}


@api.route("/payments/<string:public_id>/fee/waive")
class PaymentFee(MethodView):
    """The fee of a returned item."""

    @api.arguments(PaymentReason)
    @api.response(200, WholePayment)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take the fee back."""
        with work(actor()) as w:
            patient_paid.waive_fee(w, public_id, reason=given["reason"], version=given["version"])
            return whole(w, public_id)


@api.route("/accounts/<string:public_id>/payments/apply")
class AccountApply(MethodView):
    """All that an account has unapplied."""

    @api.response(200, CountView)
    def post(self, public_id: str) -> Any:
        """Put all unapplied money on what is due; returns how many visits it paid."""
        with work(actor()) as w:
            row = queries_guarantors.by_public(w, public_id)
            return {"count": len(patient_paid.apply_rest(w, row.entity_id, row.id))}
