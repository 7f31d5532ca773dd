"""Guarantors for programs: who answers for whom, where letters go, what may ring, who said yes or no."""

from typing import Any

from flask.views import MethodView

from app.flows import people_acts
from app.kernel.errors import Refused
from app.kernel.work import reading, work
from app.patients import queries_guarantors, queries_people, service_reach
from app.patients.api import api
from app.patients.rules_people import Home
from app.patients.schemas_guarantors import (
    AlikeList,
    AlikeRequest,
    ChangeGuarantor,
    ConfidentialRequest,
    FoundGuarantors,
    GuarantorAddressRequest,
    GuarantorConsentRequest,
    GuarantorPointRequest,
    GuarantorSearch,
    GuarantorVersion,
    GuarantorWhole,
    MadeAccount,
    SetGuarantorRequest,
    WhoRequest,
)
from app.patients.service_people import NewGuarantor, Who
from app.web.door import actor


def home_of(given: dict[str, Any] | None) -> Home | None:
    """An address of a request; nothing when none was sent."""
    return Home(**{name: given[name] for name in Home.__dataclass_fields__}) if given else None


def _who(given: dict[str, Any]) -> Who:
    person = given["person"]
    if bool(given["account"]) == bool(person):
        raise Refused("Name an account or a person, one of them.", code="who", field="account")
    if not person:
        return str(given["account"])
    return NewGuarantor(**{**person, "home": home_of(person["home"])})


@api.route("/guarantors/search")
class FindGuarantors(MethodView):
    """Finding one."""

    @api.arguments(GuarantorSearch)
    @api.response(200, FoundGuarantors)
    def post(self, given: dict[str, Any]) -> Any:
        """By account number, name or birth date; changes nothing."""
        with reading(actor()) as w:
            return {"rows": queries_guarantors.search(w, given["q"])}


@api.route("/guarantors/alike")
class AlikeGuarantors(MethodView):
    """Who looks like one person."""

    @api.arguments(AlikeRequest, location="query")
    @api.response(200, AlikeList)
    def get(self, given: dict[str, Any]) -> Any:
        """Pairs of accounts that may be one person's."""
        with reading(actor()) as w:
            return {"rows": queries_people.alike(w, given["entity"])}


@api.route("/guarantors/<string:public_id>")
class OneGuarantor(MethodView):
    """One guarantor."""

    @api.response(200, GuarantorWhole)
    def get(self, public_id: str) -> Any:
        """All that is known of a guarantor but money."""
        with reading(actor()) as w:
            return queries_people.told(w, public_id)

    @api.arguments(ChangeGuarantor)
    @api.response(200, GuarantorWhole)
    def put(self, given: dict[str, Any], public_id: str) -> Any:
        """Correct a guarantor; 409 when it changed since `version`."""
        with work(actor()) as w:
            people_acts.change(w, public_id, given.pop("version"), **given)
            return queries_people.told(w, public_id)


@api.route("/guarantors/<string:public_id>/confirm")
class ConfirmGuarantor(MethodView):
    """A yes."""

    @api.arguments(GuarantorVersion)
    @api.response(200, GuarantorWhole)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """This person answers; only then a statement may go out."""
        with work(actor()) as w:
            people_acts.confirm(w, public_id, given["version"])
            return queries_people.told(w, public_id)


@api.route("/guarantors/<string:public_id>/addresses")
class GuarantorAddresses(MethodView):
    """Addresses."""

    @api.arguments(GuarantorAddressRequest)
    @api.response(201, GuarantorWhole)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """A new address from a day on; the old one ends and stays."""
        home = home_of(given) or Home()
        with work(actor()) as w:
            people_acts.add_address(
                w, public_id, home, version=given["version"], effective_from=given["effective_from"]
            )
            return queries_people.told(w, public_id)


@api.route("/guarantors/<string:public_id>/points")
class GuarantorPoints(MethodView):
    """Numbers and e-mail addresses."""

    @api.arguments(GuarantorPointRequest)
    @api.response(201, GuarantorWhole)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Another number or address; the same again changes nothing."""
        with work(actor()) as w:
            service_reach.add_point(w, public_id, given["kind"], given["value"], work=given["work"])
            return queries_people.told(w, public_id)


@api.route("/guarantors/points/<string:public_id>/end")
class EndPoint(MethodView):
    """The end of a number."""

    @api.arguments(GuarantorVersion)
    @api.response(204)
    def post(self, given: dict[str, Any], public_id: str) -> None:
        """Nobody may use it any more."""
        with work(actor()) as w:
            service_reach.end_point(w, public_id, version=given["version"])


@api.route("/guarantors/<string:public_id>/consents")
class GuarantorConsents(MethodView):
    """Yes and no."""

    @api.arguments(GuarantorConsentRequest)
    @api.response(201, GuarantorWhole)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """A yes or a no to a channel; the last word counts."""
        with work(actor()) as w:
            service_reach.consent(
                w, public_id, given["channel"], given["granted"], point_public=given["point"],
                effective_at=given["said_at"], proof=given["proof"],
            )  # fmt: skip
            return queries_people.told(w, public_id)


@api.route("/guarantors/<string:public_id>/confidential")
class ConfidentialAccount(MethodView):
    """Mail kept apart."""

    @api.arguments(ConfidentialRequest)
    @api.response(201, MadeAccount)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """A second account of the same person; one that exists is given back."""
        with work(actor()) as w:
            made = people_acts.confidential(
                w, public_id, reason=given["reason"], home=home_of(given["home"]), version=given["version"]
            )
            return {"account": made}


@api.route("/patients/<string:public_id>/guarantor")
class PatientGuarantors(MethodView):
    """Who answers for a patient."""

    @api.arguments(SetGuarantorRequest)
    @api.response(200, MadeAccount)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Another guarantor from a day of service on."""
        days = {name: given[name] for name in ("from_day", "until")}
        with work(actor()) as w:
            made = people_acts.set_guarantor(w, public_id, _who(given), reason=given["reason"], **days)
            return {"account": made}


@api.route("/claims/<string:public_id>/guarantor")
class VisitGuarantors(MethodView):
    """Who answers for a visit."""

    @api.arguments(WhoRequest)
    @api.response(200, MadeAccount)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Somebody answers for this one visit: a court order, a minor's own confidential care."""
        with work(actor()) as w:
            made = people_acts.set_visit_guarantor(w, public_id, _who(given), reason=given["reason"])
            return {"account": made}
