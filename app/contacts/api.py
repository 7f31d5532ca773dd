"""Holds, guards and attempts on accounts, for programs."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.contacts import (
    queries_guards,
    queries_holds,
    queries_story,
    rules_guards,
    service_attempts,
    service_guards,
    service_holds,
)
from app.contacts import rules_attempts as codes
from app.contacts.lifecycle import Act, Direction, Reach
from app.contacts.schemas import (
    AttemptDropRequest,
    AttemptList,
    AttemptWrapRequest,
    BeginRequest,
    CodeList,
    GuardAnswer,
    GuardQuery,
    HoldAnswer,
    HoldEndRequest,
    HoldList,
    HoldRequest,
    TicketAnswer,
    WhoSpeaksAnswer,
    WhoSpeaksRequest,
    WrapAnswer,
)
from app.contacts.service_promises import Promising
from app.flows import account_acts
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.work import Work, reading, work
from app.patients import queries_guarantors, queries_reach
from app.patients.queries_guarantors import GuarantorRow
from app.web.door import actor

api = Blueprint("contacts_api", __name__, description="Reaching guarantors, and what keeps us from it")


def found(w: Work, public_id: str) -> GuarantorRow:
    """The account of a request, with the look at its patients on record."""
    row = queries_guarantors.by_public(w, public_id)
    of = queries_guarantors.patients_of(w, [row.id]).get(row.id, [])
    w.audit("contacts.account", "R", "guarantor", public_id, entity_id=row.entity_id,
            patients=[one.patient_id for one in of])  # fmt: skip
    return row


def point_of(w: Work, account_id: int, public_id: str) -> int | None:
    """The key of a number of this account; None when none was named."""
    if not public_id:
        return None
    for one in queries_reach.points(w, [account_id]).get(account_id, []):
        if one.public_id == public_id:
            return one.id
    raise NotFound("There is no such number.", field="point")


@api.route("/accounts/<string:public_id>/holds")
class AccountHolds(MethodView):
    """What holds an account back."""

    @api.response(200, HoldList)
    def get(self, public_id: str) -> Any:
        """Every hold there was, newest first, with what is sealed about it."""
        with reading(actor()) as w:
            return {"rows": queries_holds.of_account(w, found(w, public_id).id)}

    @api.arguments(HoldRequest)
    @api.response(201, HoldAnswer)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Hold it, from this moment on."""
        with work(actor()) as w:
            row = found(w, public_id)
            made = service_holds.place(
                w, row.id, given["kind"], reason=given["reason"], until=given["until"],
                claim_id=account_acts.visit_of(w, row.id, given["claim"]), detail=given["detail"],
            )  # fmt: skip
            account_acts.stand(w, row.entity_id, [row.id])
            return queries_holds.told(w, made)


@api.route("/holds/<string:public_id>/lift")
class LiftHold(MethodView):
    """The end of a hold."""

    @api.arguments(HoldEndRequest)
    @api.response(200, HoldAnswer)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Lift it, with a reason. A legal one needs the right for it."""
        with work(actor()) as w:
            service_holds.lift(w, public_id, why=given["why"], version=given["version"])
            told = queries_holds.told(w, public_id)
            account_acts.stand(w, told.hold.entity_id, [told.hold.account_id])
            return told


@api.route("/accounts/<string:public_id>/guards")
class AccountGuards(MethodView):
    """What stands against an act now."""

    @api.arguments(GuardQuery, location="query")
    @api.response(200, GuardAnswer)
    def get(self, given: dict[str, Any], public_id: str) -> Any:
        """Ask, without doing anything: nothing is refused, so nothing is kept."""
        act = Act(given["act"])
        with reading(actor()) as w:
            row = found(w, public_id)
            point = point_of(w, row.id, given["point"])
            points = {row.id: point} if point is not None else None
            nos = service_guards.ask(w, act, [row.id], points=points)[row.id]
            known = queries_guards.gather(w, Act.CALL, [row.id], w.now)[row.id]
            until = rules_guards.open_until(known.facts, known.law, w.now)
        return {"rows": nos, "until": until[0] if until else None, "zone": until[1] if until else ""}


@api.route("/accounts/<string:public_id>/attempts/begin")
class BeginAttempt(MethodView):
    """Before anything rings."""

    @api.arguments(BeginRequest)
    @api.response(201, TicketAnswer)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Ask the guard and count the attempt; 409 with the rule's code when it says no, which is kept."""
        names = ("consented", "to", "purpose", "because", "automatic", "interpreter")
        with work(actor()) as w:
            row = found(w, public_id)
            point = point_of(w, row.id, given["point"])
            extra = {name: given[name] for name in names}
            return service_attempts.begin(w, row.id, Reach(given["reach"]), point, extra=extra)


@api.route("/accounts/<string:public_id>/attempts/drop")
class DropAttempt(MethodView):
    """An attempt that never was."""

    @api.arguments(AttemptDropRequest)
    @api.response(204)
    def post(self, given: dict[str, Any], public_id: str) -> None:
        """Nothing rang: it does not count."""
        with work(actor()) as w:
            service_attempts.drop(w, found(w, public_id).id, given["ticket"])


@api.route("/accounts/<string:public_id>/attempts")
class AccountAttempts(MethodView):
    """Who was tried, and how it ended."""

    @api.response(200, AttemptList)
    def get(self, public_id: str) -> Any:
        """Every attempt, newest first."""
        with reading(actor()) as w:
            return {"rows": queries_story.attempts(w, found(w, public_id).id)}

    @api.arguments(AttemptWrapRequest)
    @api.response(201, WrapAnswer)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Wrap an attempt up, or write down one of theirs; holds and promises follow from its result."""
        promise = given["promise"]
        with work(actor()) as w:
            row = found(w, public_id)
            made = service_attempts.wrap_up(
                w, row.id, Reach(given["reach"]), Direction(given["direction"]), result=given["result"],
                ticket=given["ticket"], point=point_of(w, row.id, given["point"]), why=given["why"],
                note=given["note"], right_party=given["right_party"], spoke=given["spoke"],
                next_on=given["next_on"],
                promise=Promising(amount=Money.parse(promise["amount"]), promised_on=promise["promised_on"])
                if promise else None,
            )  # fmt: skip
            account_acts.stand(w, row.entity_id, [row.id])
            return made


@api.route("/accounts/<string:public_id>/identify")
class IdentifyPerson(MethodView):
    """Who is speaking."""

    @api.arguments(WhoSpeaksRequest)
    @api.response(200, WhoSpeaksAnswer)
    def post(self, given: dict[str, str], public_id: str) -> Any:
        """Check two marks before anything is told; misses are counted by day."""
        with work(actor()) as w:
            return service_attempts.identify(w, found(w, public_id).id, given)


@api.route("/attempts/codes")
class AttemptCodes(MethodView):
    """The codes of attempts."""

    @api.response(200, CodeList)
    def get(self) -> Any:
        """How attempts end, and why people do not pay."""
        return {"results": codes.results(), "nonpayment": codes.nonpayment(), "answers": codes.answers()}
