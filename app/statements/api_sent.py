"""Print batches, e-mails and documents not sent yet, for programs."""

from typing import Any

from flask import Response
from flask.views import MethodView

from app.kernel.errors import NotFound
from app.kernel.work import reading, work
from app.ledger.api import asked
from app.statements import queries_sent, service_email, service_preview, service_print
from app.statements.api import api
from app.statements.schemas import RunDone
from app.statements.schemas_sent import (
    PARTS,
    EmailDecision,
    EmailsPage,
    EmailsRequest,
    HandRequest,
    PrintBatchesPage,
    PrintBatchesRequest,
    PrintBatchShown,
)
from app.web.door import actor, file_answer

MEDIA = {"pdf": "application/pdf", "json": "application/json", "csv": "text/csv"}


@api.route("/statements/runs/<string:public_id>/preview/<string:account>")
class RunPreview(MethodView):
    """A document not sent yet."""

    @api.response(200, content_type="application/pdf", description="the PDF as it would be today")
    @api.alt_response(409, description="the run was released, or the release would drop this account")
    def get(self, public_id: str, account: str) -> Response:
        """What a run that was not released would send to an account, drawn from today's facts."""
        with reading(actor()) as w:
            data = service_preview.preview(w, public_id, account).pdf()
        return file_answer(data, f"preview-{account}.pdf", "application/pdf")


@api.route("/statements/print")
class PrintBatches(MethodView):
    """Print batches."""

    @api.arguments(PrintBatchesRequest, location="query")
    @api.response(200, PrintBatchesPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Print batches, the newest first."""
        ask = asked(given, queries_sent.BATCH_SORTS, queries_sent.BATCH_FILTERS, default="-made")
        with reading(actor()) as w:
            return queries_sent.batches(w, ask)


@api.route("/statements/print/<string:public_id>")
class OnePrintBatch(MethodView):
    """One print batch."""

    @api.response(200, PrintBatchShown)
    def get(self, public_id: str) -> Any:
        """A print batch with its counts and hashes."""
        with reading(actor()) as w:
            return queries_sent.batch(w, public_id)


@api.route("/statements/print/<string:public_id>/<string:part>")
class PrintBatchFile(MethodView):
    """Its files."""

    @api.response(200, content_type="application/octet-stream", description="the bytes, proven by their hash")
    def get(self, public_id: str, part: str) -> Response:
        """The merged PDF (`pdf`), or its manifest as `json` or `csv`."""
        if part not in PARTS:
            raise NotFound("A batch has the parts pdf, json and csv.")
        with reading(actor()) as w:
            data = service_print.content(w, public_id, part)
        return file_answer(data, f"print-{public_id}.{part}", MEDIA[part])


@api.route("/statements/print/<string:public_id>/hand")
class PrintBatchHand(MethodView):
    """Handing over."""

    @api.arguments(HandRequest)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Say that the print vendor has a batch; who said so is kept."""
        with work(actor()) as w:
            service_print.hand_over(w, public_id, given["version"], to=given["to"])
            return queries_sent.batch(w, public_id)


@api.route("/statements/emails")
class StatementEmails(MethodView):
    """E-mails about statements."""

    @api.arguments(EmailsRequest, location="query")
    @api.response(200, EmailsPage)
    def get(self, given: dict[str, Any]) -> Any:
        """E-mails, the newest first; state `unknown` waits for a person."""
        ask = asked(given, queries_sent.EMAIL_SORTS, queries_sent.EMAIL_FILTERS, default="-queued")
        with reading(actor()) as w:
            return queries_sent.emails(w, ask)


@api.route("/statements/emails/<string:public_id>/decide")
class StatementEmailDecision(MethodView):
    """What became of it."""

    @api.arguments(EmailDecision)
    @api.response(200, RunDone)
    def post(self, given: dict[str, Any], public_id: str) -> Any:
        """Say whether an e-mail with an unknown outcome arrived; it is never sent again by itself."""
        with work(actor()) as w:
            service_email.decide(w, public_id, arrived=given["arrived"], version=given["version"])
            return queries_sent.email(w, public_id)
