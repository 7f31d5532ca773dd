"""The call list for programs: the next account, and the list."""

from typing import Any

from flask.views import MethodView

from app.accounts import queries_calls, service_calls
from app.accounts.api import api
from app.accounts.schemas_calls import (
    AccountNoteList,
    AccountNoteRequest,
    AccountNoteView,
    CallPlacesPage,
    CallPlacesRequest,
    NextCallRequest,
    NextCallView,
)
from app.contacts import queries as contacts_queries
from app.contacts import service as contacts
from app.kernel.paging import ask_of
from app.kernel.work import reading, work
from app.ledger.api import asked
from app.patients import queries_guarantors
from app.web.door import actor

KEPT = ("entity", "zone", "reason", "least")


@api.route("/calls")
class Calls(MethodView):
    """The call list."""

    @api.arguments(CallPlacesRequest, location="query")
    @api.response(200, CallPlacesPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Accounts to call, the most pressing first, with the reasons of every place."""
        with reading(actor()) as w:
            ask = asked(given, queries_calls.SORTS, queries_calls.FILTERS, default="-score")
            return queries_calls.places(w, ask)


@api.route("/calls/next")
class NextCall(MethodView):
    """The next account to call."""

    @api.arguments(NextCallRequest)
    @api.response(200, NextCallView)
    def post(self, given: dict[str, Any]) -> Any:
        """The first account that may be called now and that nobody else has; there is no other choice."""
        ask = ask_of(
            {name: given[name] for name in KEPT}, queries_calls.SORTS, default="-score", filters=KEPT
        )
        with work(actor()) as w:
            return service_calls.take_next(w, ask, leaving=given["leaving"], skip=given["skip"])


@api.route("/accounts/<string:public_id>/notes")
class AccountNotes(MethodView):
    """Notes on an account."""

    @api.response(200, AccountNoteList)
    def get(self, public_id: str) -> Any:
        """Every note, newest first."""
        with reading(actor()) as w:
            account = queries_guarantors.by_public(w, public_id)
            seen = queries_guarantors.seen_of(w, [public_id])
            w.audit("accounts.notes", "R", "account", public_id, entity_id=account.entity_id, patients=seen)
            return {"rows": contacts_queries.about(w, "account", account.id)}

    @api.arguments(AccountNoteRequest)
    @api.response(201, AccountNoteView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Write a note; an empty one is refused."""
        with work(actor()) as w:
            account = queries_guarantors.by_public(w, public_id)
            contacts.note(w, account.entity_id, "account", account.id, given["text"])
            return contacts_queries.about(w, "account", account.id)[0]
