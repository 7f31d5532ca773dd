"""Silent claims for programs: who has not answered, and what was done about it."""

from typing import Any

from flask.views import MethodView

from app.claims import queries_silent, service_silent
from app.claims.api import api, call_of
from app.claims.schemas_answers import (
    AsideRequest,
    SilentOwnerRequest,
    SilentPage,
    SilentRequest,
    TrackRequest,
    WholeSilent,
    WorkCall,
    WorkNote,
    WorkVersion,
    WorkWritten,
)
from app.contacts import queries as contacts
from app.kernel.work import Work, reading, work
from app.ledger.api import asked
from app.web.door import actor, once


@api.route("/silent")
class SilentClaims(MethodView):
    """Claims nobody answered in time."""

    @api.arguments(SilentRequest, location="query")
    @api.response(200, SilentPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Silent claims, longest overdue first."""
        ask = asked(given, queries_silent.SORTS, queries_silent.FILTERS, default="expected")
        with reading(actor()) as w:
            return queries_silent.silent(w, ask)


@api.route("/silent/<string:public_id>")
class OneSilent(MethodView):
    """One silent claim."""

    @api.response(200, WholeSilent)
    def get(self, public_id: str) -> Any:
        """One silent claim with the payer's last 277 and what was said about it."""
        with reading(actor()) as w:
            row = queries_silent.one(w, public_id)
            said = contacts.about(w, service_silent.SUBJECT, row.claim_id)
            return {"claim": row, "answer": queries_silent.hint(w, row.claim_id), "said": said}


@api.route("/silent/<string:public_id>/assign")
class SilentOwner(MethodView):
    """Whose work it is."""

    @api.arguments(SilentOwnerRequest)
    @api.response(200, WorkWritten)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take a silent claim, or give it back."""
        with work(actor()) as w:
            owner = w.actor.person_id if given["owner"] == "me" else None
            service_silent.assign(w, public_id, owner_id=owner)
        return {"id": public_id}


@api.route("/silent/<string:public_id>/track")
class SilentTrack(MethodView):
    """What was done about it."""

    @api.arguments(TrackRequest)
    @api.response(200, WorkVersion)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Say what was done; 409 when somebody changed it since `version`."""
        with work(actor()) as w:
            return {"id": public_id, "version": service_silent.track(w, public_id, **given)}


@api.route("/silent/<string:public_id>/suppress")
class SilentAside(MethodView):
    """Putting it aside."""

    @api.arguments(AsideRequest)
    @api.response(200, WorkVersion)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Put a silent claim aside until a day, with the reason; it comes back by itself."""
        with work(actor()) as w:
            return {"id": public_id, "version": service_silent.suppress(w, public_id, **given)}


@api.route("/silent/<string:public_id>/notes")
class SilentNotes(MethodView):
    """Notes about it."""

    @api.arguments(WorkNote)
    @api.response(201, WorkWritten)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Write a note; takes an Idempotency-Key."""

        def write(w: Work) -> tuple[Any, int]:
            service_silent.note(w, public_id, given["text"])
            return {"id": public_id}, 201

        return once(write, required=False)


@api.route("/silent/<string:public_id>/calls")
class SilentCalls(MethodView):
    """Calls about it."""

    @api.arguments(WorkCall)
    @api.response(201, WorkWritten)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Write down a call with the payer; takes an Idempotency-Key."""

        def write(w: Work) -> tuple[Any, int]:
            service_silent.log_call(w, public_id, **call_of(given))
            return {"id": public_id}, 201

        return once(write, required=False)
