"""Runs of statements and letters, and what they made, for programs."""

from dataclasses import asdict
from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.flows import make_documents
from app.kernel.work import Work, reading, work
from app.ledger.api import asked
from app.statements import (
    queries,
    queries_documents,
    queries_why,
    service_letterhead,
    service_release,
    service_reproduce,
    service_runs,
    service_why,
)
from app.statements.rules_reasons import rows
from app.statements.rules_scan import verify
from app.statements.schemas import (
    ItemsPage,
    ItemsRequest,
    MarkRequest,
    PlanRequest,
    ReasonList,
    RunDone,
    RunDropRequest,
    RunsPage,
    RunsRequest,
    RunVersion,
    SignRequest,
    WholeRun,
    WhyShown,
)
from app.statements.schemas_documents import (
    DocumentShown,
    DocumentsPage,
    DocumentsRequest,
    ItemiseRequest,
    LettersRequest,
    ProofShown,
    SlipRequest,
    SlipShown,
)
from app.web.door import IDEMPOTENT, actor, file_answer, once

api = Blueprint("statements_api", __name__, description="Statements and collection letters")


@api.route("/statements/runs")
class Runs(MethodView):
    """Runs over the accounts of a practice."""

    @api.arguments(RunsRequest, location="query")
    @api.response(200, RunsPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Runs, the newest first."""
        with reading(actor()) as w:
            return queries.runs(w, asked(given, queries.RUN_SORTS, queries.RUN_FILTERS, default="-planned"))

    @api.doc(parameters=[IDEMPOTENT])
    @api.arguments(PlanRequest)
    @api.response(201, RunDone)
    def post(self, given: dict[str, Any]) -> Response:
        """Plan a run: every account gets a line with outcome and reason; nothing is sent. Idempotency-Key."""

        def planned(w: Work) -> tuple[Any, int]:
            row = queries.run(w, service_runs.plan(w, given["entity"], given["kind"]))
            return {"id": row.public_id, "state": row.state, "version": row.version}, 201

        return once(planned)


@api.route("/statements/runs/<string:public_id>")
class OneRun(MethodView):
    """One run."""

    @api.response(200, WholeRun)
    def get(self, public_id: str) -> Any:
        """A run with its totals by outcome and reason, and what its letterhead lacks."""
        with reading(actor()) as w:
            row = queries.run(w, public_id)
            w.audit("run.read", "R", "statement_run", public_id, entity_id=row.entity_id)
            gaps = service_letterhead.gaps_of(w, row)
            return asdict(row) | {"moves": row.moves, "totals": queries.totals(w, row), "letterhead": gaps}


@api.route("/statements/runs/<string:public_id>/items")
class Items(MethodView):
    """What a run does with each account."""

    @api.arguments(ItemsRequest, location="query")
    @api.response(200, ItemsPage)
    def get(self, given: dict[str, Any], public_id: str) -> Any:
        """The lines of a run: who gets what, and why not."""
        ask = asked(given, queries.ITEM_SORTS, queries.ITEM_FILTERS, default="account")
        with reading(actor()) as w:
            return queries.items(w, queries.run(w, public_id), ask)


@api.route("/statements/runs/<string:public_id>/audit")
class Audit(MethodView):
    """The look before the signature."""

    @api.arguments(RunVersion)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Begin looking at a planned run."""
        with work(actor()) as w:
            service_runs.begin_audit(w, public_id, given["version"])
            return queries.run(w, public_id)


@api.route("/statements/runs/<string:public_id>/marks")
class Marks(MethodView):
    """What the auditor says of single documents."""

    @api.arguments(MarkRequest)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Mark a document fine or not; what is not fine keeps the run from being signed."""
        with work(actor()) as w:
            service_runs.mark(w, public_id, given["account"], fine=given["fine"], remark=given["remark"],
                              version=given["version"])  # fmt: skip
            return queries.run(w, public_id)


@api.route("/statements/runs/<string:public_id>/drop")
class Drop(MethodView):
    """Accounts taken out of a run."""

    @api.arguments(RunDropRequest)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take accounts out of a run that is not signed; they keep their line, with why."""
        with work(actor()) as w:
            service_runs.drop(w, public_id, given["accounts"], remark=given["remark"],
                              version=given["version"])  # fmt: skip
            return queries.run(w, public_id)


@api.route("/statements/runs/<string:public_id>/sign")
class Sign(MethodView):
    """The signature."""

    @api.arguments(SignRequest)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Sign exactly what was looked at; not by who planned it."""
        with work(actor()) as w:
            service_runs.sign(w, public_id, given["plan_hash"], given["version"])
            return queries.run(w, public_id)


@api.route("/statements/runs/<string:public_id>/reopen")
class Reopen(MethodView):
    """A signature taken back."""

    @api.arguments(RunVersion)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Take a signature or an audit back before the release."""
        with work(actor()) as w:
            service_runs.reopen(w, public_id, given["version"])
            return queries.run(w, public_id)


@api.route("/statements/runs/<string:public_id>/release")
class Release(MethodView):
    """A signed run goes."""

    @api.arguments(RunVersion)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Release a signed run: guards and balances are asked again, then its documents are made."""
        with work(actor()) as w:
            service_release.release(w, public_id, given["version"])
            return queries.run(w, public_id)


@api.route("/statements/runs/<string:public_id>/take-up")
class TakeUp(MethodView):
    """A run whose making stopped goes on."""

    @api.arguments(RunVersion)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Make what a released run still lacks; what was made stays as it is."""
        with work(actor()) as w:
            make_documents.take_up(w, public_id, given["version"])
            return queries.run(w, public_id)


@api.route("/statements/runs/<string:public_id>/cancel")
class Cancel(MethodView):
    """A run given up."""

    @api.arguments(RunVersion)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Give up a run that was not released."""
        with work(actor()) as w:
            service_runs.cancel(w, public_id, given["version"])
            return queries.run(w, public_id)


# ---------------------------------------------------------------- documents and reasons


@api.route("/statements")
class Statements(MethodView):
    """Statements as issued."""

    @api.arguments(DocumentsRequest, location="query")
    @api.response(200, DocumentsPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Statements and itemised bills, the newest first."""
        ask = asked(
            given, queries_documents.DOCUMENT_SORTS, queries_documents.DOCUMENT_FILTERS, default="-day"
        )
        with reading(actor()) as w:
            return queries_documents.statements(w, ask)

    @api.doc(parameters=[IDEMPOTENT])
    @api.arguments(ItemiseRequest)
    @api.response(201, DocumentShown)
    def post(self, given: dict[str, Any]) -> Response:
        """Make an itemised bill somebody asked for (RPAT-12); takes an Idempotency-Key."""

        def itemised(w: Work) -> tuple[Any, int]:
            made = service_reproduce.itemise(w, given["account"], language=given["language"])
            return DocumentShown().dump(queries_documents.document(w, made)), 201

        return once(itemised)


@api.route("/statements/letters")
class Letters(MethodView):
    """Collection letters as issued."""

    @api.arguments(LettersRequest, location="query")
    @api.response(200, DocumentsPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Letters, the newest first; kind is the name of a letter."""
        ask = asked(given, queries_documents.LETTER_SORTS, queries_documents.DOCUMENT_FILTERS, default="-day")
        with reading(actor()) as w:
            return queries_documents.letters(w, ask)


@api.route("/statements/<string:public_id>")
class OneDocument(MethodView):
    """A statement, an itemised bill or a letter."""

    @api.response(200, DocumentShown)
    def get(self, public_id: str) -> Any:
        """A document as issued, without its bytes."""
        with reading(actor()) as w:
            row = queries_documents.document(w, public_id)
            w.audit("document.row", "R", "statement", public_id, entity_id=row.entity_id)
            return row


@api.route("/statements/<string:public_id>/file")
class DocumentFile(MethodView):
    """Its bytes."""

    @api.response(200, content_type="application/pdf", description="the PDF as issued")
    def get(self, public_id: str) -> Response:
        """The very bytes that were issued, proven by their hash; every look is on record."""
        with reading(actor()) as w:
            found = service_reproduce.reproduce(w, public_id)
        return file_answer(found.data, found.name, "application/pdf")


@api.route("/statements/<string:public_id>/proof")
class DocumentProof(MethodView):
    """That nothing changed."""

    @api.response(200, ProofShown)
    def get(self, public_id: str) -> Any:
        """Its bytes against its hash, and its sealed facts drawn again against its bytes."""
        with reading(actor()) as w:
            return service_reproduce.prove(w, public_id)


@api.route("/statements/why/<string:public_id>")
class WhyNoBill(MethodView):
    """Why no bill."""

    @api.response(200, WhyShown)
    def get(self, public_id: str) -> Any:
        """Why an account gets no statement today, since when, what ends it; with its deadlines."""
        with reading(actor()) as w:
            found = service_why.why_no_bill(w, public_id)
            return asdict(found) | {"stands": asdict(queries_why.stands(w, public_id))}


@api.route("/statements/reasons")
class Reasons(MethodView):
    """The table of reasons."""

    @api.response(200, ReasonList)
    def get(self) -> Any:
        """Every reason a run gives, with whose move ends it and how."""
        with reading(actor()) as w:
            w.may("statements.read")
        return {"rows": rows()}


@api.route("/statements/slips")
class Slips(MethodView):
    """Lines of payment slips."""

    @api.arguments(SlipRequest)
    @api.response(200, SlipShown)
    def post(self, given: dict[str, Any]) -> Any:
        """Read the line of a slip; refused when a digit was read wrong."""
        with reading(actor()) as w:
            w.may("statements.read")
        return verify(given["line"])
