"""Underpayments for programs: acts over many and their undoing, notes and calls about one."""

from typing import Any

from flask.views import MethodView

from app.contacts import queries as contacts
from app.kernel.money import Money
from app.kernel.work import reading, work
from app.underpayments import service_bulk, service_contacts, service_work
from app.underpayments.api import api
from app.underpayments.rules_acts import Act
from app.underpayments.schemas_acts import (
    BulkDone,
    BulkRequest,
    BulkUndone,
    SaidView,
    UnderpaymentCall,
    UnderpaymentNote,
)
from app.underpayments.service_cases import SUBJECT
from app.web.door import actor


@api.route("/underpayments/acts")
class Acts(MethodView):
    """Acts over many."""

    @api.arguments(BulkRequest)
    @api.response(200, BulkDone)
    def post(self, given: dict[str, Any]) -> Any:
        """Do one thing to many; those it does not fit are left, with the reason."""
        seen = {one["id"]: one["version"] for one in given["cases"]}
        with work(actor()) as w:
            done = service_bulk.act(w, seen, Act(given["act"]), name=given["name"], text=given["text"])
        skipped = [{"id": key, "reason": reason} for key, reason in done.skipped]
        return {"act": done.bulk, "done": done.done, "skipped": skipped}


@api.route("/underpayments/acts/<string:public_id>/undo")
class UndoAct(MethodView):
    """Taking an act back."""

    @api.response(200, BulkUndone)
    def post(self, public_id: str) -> Any:
        """Give back what an act of yours did within a day; those changed since are named and stay."""
        with work(actor()) as w:
            return service_bulk.undo(w, public_id)


@api.route("/underpayments/<string:public_id>/notes")
class Notes(MethodView):
    """Notes and calls about one."""

    @api.response(200, SaidView)
    def get(self, public_id: str) -> Any:
        """Every note and call, newest first."""
        with reading(actor()) as w:
            row = service_work.by_public(w, public_id)
            patients = [row.patient_id] if row.patient_id else []
            w.audit("underpayments.read", "R", SUBJECT, public_id, entity_id=row.entity_id, patients=patients)
            return {"rows": contacts.about(w, SUBJECT, row.id)}

    @api.arguments(UnderpaymentNote)
    @api.response(204)
    def post(self, given: dict[str, Any], public_id: str) -> None:
        """Write a note."""
        with work(actor()) as w:
            service_contacts.note(w, public_id, given["text"])


@api.route("/underpayments/<string:public_id>/calls")
class Calls(MethodView):
    """Calls about one."""

    @api.arguments(UnderpaymentCall)
    @api.response(204)
    def post(self, given: dict[str, Any], public_id: str) -> None:
        """Write down a call with the payer; a promise is judged by what comes."""
        amount = given.pop("promised_amount")
        with work(actor()) as w:
            service_contacts.call(
                w, public_id, **given, promised_amount=Money.parse(amount) if amount else None
            )
