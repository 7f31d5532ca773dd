"""Patients for programs: find one, read the account."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.flows import patient_account
from app.kernel.paging import ask_of
from app.kernel.work import reading
from app.patients import queries
from app.patients.schemas import (
    FoundPatients,
    PatientAccountRequest,
    PatientAccountView,
    PatientSearch,
    PatientsPage,
    PatientsRequest,
)
from app.web.door import actor

api = Blueprint("patients_api", __name__, description="Patients, their accounts, and who answers for them")


@api.route("/patients")
class Patients(MethodView):
    """Patients."""

    @api.arguments(PatientsRequest, location="query")
    @api.response(200, PatientsPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Everybody the claims name, by name."""
        values = {name: str(value) for name, value in given.items()}
        ask = ask_of(values, queries.SORTS, default="name", filters=queries.FILTERS)
        with reading(actor()) as w:
            return queries.patients(w, ask)


@api.route("/patients/search")
class Search(MethodView):
    """Finding one."""

    @api.arguments(PatientSearch)
    @api.response(200, FoundPatients)
    def post(self, given: dict[str, Any]) -> Any:
        """The patients a name, a birth date or a member number means; changes nothing."""
        with reading(actor()) as w:
            return {"rows": queries.search(w, given["q"])}


@api.route("/patients/<string:public_id>")
class OnePatient(MethodView):
    """One patient."""

    @api.arguments(PatientAccountRequest, location="query")
    @api.response(200, PatientAccountView)
    def get(self, given: dict[str, Any], public_id: str) -> Any:
        """The whole account, each visit's balance explained to the cent."""
        with reading(actor()) as w:
            found = patient_account.account(w, public_id, as_of=given.get("as_of"))
            sums = {name: found.total(name) for name in ("payer_balance", "patient_balance")}
            return {"head": found.head, "covers": found.covers, "visits": found.visits,
                    "ledger": found.ledger} | sums  # fmt: skip
