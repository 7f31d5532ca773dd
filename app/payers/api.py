"""Payers and their terms for programs."""

from dataclasses import asdict
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.flows import change_terms, payer_work
from app.flows.change_terms import Change, NewClass
from app.kernel.paging import ask_of
from app.kernel.work import Work, reading, work
from app.payers import queries, queries_alike, service, service_alias
from app.payers.schemas import (
    ClassEffectRequest,
    ClassRequest,
    EffectRequest,
    EffectView,
    PayersPage,
    PayersRequest,
    RecordRequest,
    TermsRequest,
    WholePayer,
)
from app.web.door import actor

api = Blueprint("payers_api", __name__, url_prefix="/payers", description="Payers and their terms")


@api.route("")
class Payers(MethodView):
    """Payers."""

    @api.arguments(PayersRequest, location="query")
    @api.response(200, PayersPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Payers by name; several records that are one payer once."""
        named = {("class" if name == "class_" else name): str(value) for name, value in given.items()}
        ask = ask_of(named, queries.SORTS, default="name", filters=queries.FILTERS)
        with reading(actor()) as w:
            found = queries.payers(w, ask)
            counted = payer_work.work_of(w, [row.id for row in found.rows])
            rows = [asdict(row) | asdict(counted[row.id]) for row in found.rows]
            return {"rows": rows, "next": found.next}


def _whole(w: Work, public_id: str) -> dict[str, Any]:
    page = queries.payer(w, public_id)
    row, today = page.row, w.today(page.time_zone)
    terms = service.terms(w, row.id, today, entity_id=row.entity_id)
    own = queries.own_terms(w, row.entity_id, queries.family(w, row.id), row.class_, today)
    shown, levels = queries.terms_shown(terms, row.class_, today, own)
    told = {"row": row, "known": page.known, "records": page.records}
    like = {"alike": queries_alike.alike(w, row.id, row.entity_id), "version": page.version}
    return {**told, **like, "terms": shown, "levels": levels, "own": own}


@api.route("/<string:public_id>")
class OnePayer(MethodView):
    """One payer."""

    @api.response(200, WholePayer)
    def get(self, public_id: str) -> Any:
        """One payer with what it goes by, its terms in force and the rows of ours."""
        with reading(actor()) as w:
            return _whole(w, public_id)


def _change(public_id: str, given: dict[str, Any]) -> Change:
    return Change(
        public_id=public_id,
        scope=given["scope"],
        term=given["term"],
        value=given["value"].strip(),
        since=given["effective_from"],
        until=given["effective_to"],
        reason=given.get("reason", "").strip(),
    )


@api.route("/<string:public_id>/terms")
class PayerTerms(MethodView):
    """Terms of our own."""

    @api.arguments(TermsRequest)
    @api.response(201, EffectView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Write a dated row; open cases follow at once, and the answer tells how many."""
        with work(actor()) as w:
            return change_terms.save(w, _change(public_id, given))


@api.route("/<string:public_id>/terms/effect")
class PayerTermsEffect(MethodView):
    """Terms that are only tried."""

    @api.arguments(EffectRequest)
    @api.response(200, EffectView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """What a change would move. Leaves nothing behind."""
        return change_terms.try_out(actor(), _change(public_id, given))


@api.route("/<string:public_id>/class")
class PayerClassOf(MethodView):
    """What kind of payer it is."""

    @api.arguments(ClassRequest)
    @api.response(201, EffectView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Another class; open cases follow at once, and the answer tells how many."""
        change = NewClass(public_id, given["class_"], given["reason"].strip(), given["version"])
        with work(actor()) as w:
            return change_terms.save_class(w, change)


@api.route("/<string:public_id>/class/effect")
class PayerClassEffect(MethodView):
    """A class that is only tried."""

    @api.arguments(ClassEffectRequest)
    @api.response(200, EffectView)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """What another class would move. Leaves nothing behind."""
        return change_terms.try_class(actor(), NewClass(public_id, given["class_"], ""))


@api.route("/<string:public_id>/records")
class PayerRecords(MethodView):
    """Records that are one payer."""

    @api.arguments(RecordRequest)
    @api.response(201, WholePayer)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Another record is this payer too."""
        with work(actor()) as w:
            service_alias.merge(w, public_id, given["other"])
            return _whole(w, public_id)


@api.route("/<string:public_id>/alias")
class OnePayerRecord(MethodView):
    """A record that reads as another."""

    @api.response(204)
    def delete(self, public_id: str) -> None:
        """This record is a payer of its own again."""
        with work(actor()) as w:
            service_alias.separate(w, public_id)
