"""The acts of the desk for programs: sets, next account, calls, papers' list, write-offs, undo."""

from typing import Any

from flask.views import MethodView

from app.contacts import queries as contacts
from app.denials import (
    queries,
    queries_case,
    queries_filters,
    queries_set,
    service_acts,
    service_documents,
    service_next,
    service_patient,
    service_undo,
    service_writeoff,
)
from app.denials.api import api
from app.denials.lifecycle import Decision, Move
from app.denials.queries_people import workers
from app.denials.rules_acts import Act, Wanted
from app.denials.schemas_acts import (
    ActRequest,
    ActView,
    BackRequest,
    BackView,
    CallRequest,
    Done,
    Downloads,
    FoundView,
    MovedToPatientView,
    NextRequest,
    NextView,
    PatientRequest,
    SearchRequest,
    SetView,
    StoryView,
    UndoneView,
    WrapRequest,
    WrapView,
    WriteoffDecision,
    WriteoffId,
    WriteoffPage,
    WriteoffRequest,
)
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.paging import Ask
from app.kernel.work import Work, reading, work
from app.web.door import actor


def _owner(w: Work, text: str | None) -> int | None:
    if text in (None, "", "nobody"):
        return None
    if text == "me":
        return w.actor.person_id
    found = next((one.key for one in workers(w) if one.public_id == text), None)
    if found is None:
        raise Refused("There is no such person.", code="unknown_person", field="owner")
    return found


def _ask(filters: dict[str, str]) -> Ask:
    unknown = set(filters) - set(queries_filters.FILTERS)
    if unknown:
        raise Refused(f"There is no filter {min(unknown)}.", code="unknown_filter", field="filters")
    return Ask("rank", descending=True, filters={"state": "open", **filters})


@api.route("/denials/set")
class WholeSet(MethodView):
    """A set of cases as a whole."""

    @api.arguments(NextRequest)
    @api.response(200, SetView)
    def post(self, given: dict[str, Any]) -> Any:
        """What the filters find: cases, dollars, how many by state. Nothing is changed."""
        with reading(actor()) as w:
            return queries_set.measure(w, _ask(given["filters"]))


@api.route("/denials/acts")
class Acts(MethodView):
    """Acts over one or many cases."""

    @api.arguments(ActRequest)
    @api.response(200, ActView)
    def post(self, given: dict[str, Any]) -> Any:
        """Do one thing to cases; those it does not fit are left, with the reason.

        Either `cases` with the versions that were seen, or `filters` with the `count` that was shown: a set
        that changed since is refused with 409.
        """
        with work(actor()) as w:
            seen = {one["id"]: one["version"] for one in given["cases"]}
            if not seen:
                seen = _shown(w, given)
            return service_acts.act(w, seen, _wanted(w, given))


def _shown(w: Work, given: dict[str, Any]) -> dict[str, int | None]:
    if given.get("count") is None:
        raise Refused("Name cases, or filters with the count that was shown.", code="nothing_selected")
    ask = _ask(given["filters"])
    if queries_set.measure(w, ask).count != given["count"]:
        raise service_acts.changed_set()
    return dict.fromkeys(queries_set.publics(w, ask, service_acts.CASES_MOST))


def _wanted(w: Work, given: dict[str, Any]) -> Wanted:
    act = Act(given["act"])
    return Wanted(
        act=act,
        owner_id=_owner(w, given["owner"]) if act is Act.ASSIGN else None,
        move=Move(given["move"]) if act is Act.MOVE and given["move"] else None,
        reason=given["reason"],
        until=given["until"],
        root_cause=given["root_cause"],
        preventable=given["preventable"],
        text=given["text"],
    )


@api.route("/denials/acts/<string:public_id>/undo")
class UndoAct(MethodView):
    """Taking an act back."""

    @api.response(200, UndoneView)
    def post(self, public_id: str) -> Any:
        """Give back what an act of yours did; cases changed since stay as they are and are named."""
        with work(actor()) as w:
            return service_undo.undo(w, public_id)


@api.route("/denials/next")
class Next(MethodView):
    """The next account."""

    @api.arguments(NextRequest)
    @api.response(200, NextView)
    def post(self, given: dict[str, Any]) -> Any:
        """The most pressing case nobody else holds, kept for you a while; `id` is null at the end."""
        with work(actor()) as w:
            return {"id": service_next.take_next(w, _ask(given["filters"]), leaving=given["leaving"])}


@api.route("/denials/search")
class SearchDenials(MethodView):
    """Search by a name."""

    @api.arguments(SearchRequest)
    @api.response(200, FoundView)
    def post(self, given: dict[str, Any]) -> Any:
        """A sealed filter `find` for a last name or a control number: names stand in no address."""
        return {"find": queries_filters.seal_search(given["q"])}


@api.route("/denials/<string:public_id>/calls")
class Calls(MethodView):
    """Calls about a case."""

    @api.response(200, StoryView)
    def get(self, public_id: str) -> Any:
        """Every note and call, newest first."""
        with reading(actor()) as w:
            return {"rows": contacts.about(w, "denial", queries.case(w, public_id).id)}

    @api.arguments(CallRequest)
    @api.response(200, Done)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Write down a call; a promise puts the case aside until its day."""
        amount = given.pop("promised_amount")
        with work(actor()) as w:
            said = service_next.Call(**given, promised_amount=Money.parse(amount) if amount else None)
            return {"act": service_next.call(w, public_id, said)}


@api.route("/denials/<string:public_id>/wrap")
class Wrap(MethodView):
    """Wrapping a case up."""

    @api.arguments(WrapRequest)
    @api.response(200, WrapView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Result, follow-up, and the next case of the queue."""
        filters = given.pop("filters")
        said = {name: given.pop(name) for name in ("representative", "reference", "note")}
        with work(actor()) as w:
            return service_next.wrap(w, public_id, **given, said=said, queue=_ask(filters))


@api.route("/denials/<string:public_id>/documents")
class Documents(MethodView):
    """Papers of a case."""

    @api.response(200, Downloads)
    def get(self, public_id: str) -> Any:
        """What is attached; the bytes are given on the page."""
        with reading(actor()) as w:
            return {"rows": service_documents.of_case(w, queries.case(w, public_id).id)}


@api.route("/denials/<string:public_id>/writeoff")
class AskWriteoff(MethodView):
    """Asking for a write-off."""

    @api.arguments(WriteoffRequest)
    @api.response(200, WriteoffId)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Ask to give up what a case denied; another person decides."""
        amount = given.pop("amount")
        with work(actor()) as w:
            wanted = Money.parse(amount) if amount else None
            asked = service_writeoff.request(w, public_id, **given, amount=wanted)
            view = queries.case(w, public_id)
            last = service_writeoff.filing_open(view.row, service_acts.today_of(w, view.entity_id))
            return {"id": asked} | ({"filing_open_until": last} if last else {})


@api.route("/denials/<string:public_id>/patient")
class AskPatient(MethodView):
    """Asking the next payer or the patient."""

    @api.arguments(PatientRequest)
    @api.response(200, MovedToPatientView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Move the refused PR cents of a reviewed case to the next payer, else to the patient."""
        with work(actor()) as w:
            return service_patient.move(w, public_id, **given)


@api.route("/denials/<string:public_id>/patient/back")
class BringBack(MethodView):
    """Taking it back."""

    @api.arguments(BackRequest)
    @api.response(200, BackView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Bring moved money back to the payer's receivable, and the case with it."""
        with work(actor()) as w:
            return {"amount": service_patient.bring_back(w, public_id, **given)}


@api.route("/denials/writeoffs")
class Writeoffs(MethodView):
    """Requests that wait."""

    @api.response(200, WriteoffPage)
    def get(self) -> Any:
        """Every request that waits for a decision, oldest first."""
        with reading(actor()) as w:
            return {"rows": queries_case.writeoffs(w)}


@api.route("/denials/writeoffs/<string:public_id>")
class DecideWriteoff(MethodView):
    """Deciding a request."""

    @api.arguments(WriteoffDecision)
    @api.response(200, WriteoffId)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Approve or decline; never one's own, never above one's limit. An approval posts at once."""
        decision = Decision(given.pop("decision"))
        with work(actor()) as w:
            return {"id": service_writeoff.decide(w, public_id, decision, **given)}
