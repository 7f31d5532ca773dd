"""Files for programs: take one in, see what became of it, decide about a transaction."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, BinaryIO, cast

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.datastructures import FileStorage

from app.documents import service as documents
from app.flows import receive_file, resolve
from app.intake import queries, queries_file, queries_replies
from app.intake.schemas import (
    FileOptions,
    FileReplies,
    FilesPage,
    FilesRequest,
    FileTaken,
    FileTransactionsRequest,
    FileUpload,
    FileView,
    TransactionDecided,
    TransactionDecision,
    TransactionsPage,
    WholeTransaction,
)
from app.kernel.errors import Refused
from app.kernel.work import Work, reading
from app.ledger.api import asked
from app.web.door import IDEMPOTENT, actor, file_answer, once

api = Blueprint("intake_api", __name__, description="Files, and the transactions in them")


@api.route("/files")
class Files(MethodView):
    """What came in."""

    @api.arguments(FilesRequest, location="query")
    @api.response(200, FilesPage)
    def get(self, given: dict[str, Any]) -> Any:
        """Transactions in their files, newest first; a file that holds none is a row of its own."""
        with reading(actor()) as w:
            return queries.files(w, asked(given, queries.SORTS, queries.FILTERS, default="-received"))

    @api.arguments(FileUpload, location="files")
    @api.arguments(FileOptions, location="query")
    @api.response(201, FileTaken)
    @api.alt_response(200, schema=FileTaken, description="these bytes came in before; nothing was done twice")
    def post(self, given: dict[str, FileStorage], options: dict[str, Any]) -> Any:
        """Take a file in. The same bytes again change nothing and are told which import was first.

        With `look_first` its transactions wait: see `/transactions/{id}/preview?doing=post`.
        """
        upload = given["file"]
        if not isinstance(upload, FileStorage):
            raise Refused("Send the file as a part of a multipart form.", code="file_missing", field="file")
        taken = receive_file.offer(
            actor(),
            cast(BinaryIO, upload.stream),
            upload.filename or "unnamed",
            look_first=options["look_first"],
        )
        return taken, 201 if taken.first else 200


@api.route("/files/<string:public_id>")
class OneFile(MethodView):
    """One file."""

    @api.response(200, FileView)
    def get(self, public_id: str) -> Any:
        """One file: how far it is, its findings, every time it was offered."""
        with reading(actor()) as w:
            at = queries_file.progress(w, public_id)
            findings, _ = queries_file.findings(w, at.head.file_no, origin="ours")
            w.audit("file.read", "R", "intake_file", public_id)
            more = {"findings": findings, "offers": queries_file.offers(w, at.head.file_no)}
            return asdict(at) | {"head": at.head} | more


@api.route("/files/<string:public_id>/transactions")
class FileTransactions(MethodView):
    """The transactions of a file."""

    @api.arguments(FileTransactionsRequest, location="query")
    @api.response(200, TransactionsPage)
    def get(self, given: dict[str, Any], public_id: str) -> Any:
        """The transactions of a file in file order."""
        ask = asked(given, queries_file.TRANSACTION_SORTS, (), default="place")
        with reading(actor()) as w:
            return queries_file.transactions(w, queries_file.file(w, public_id).file_no, ask)


@api.route("/files/<string:public_id>/acknowledgements")
class FileAcknowledgements(MethodView):
    """Our own 999 and TA1 about a file."""

    @api.response(200, FileReplies)
    def get(self, public_id: str) -> Any:
        """What we answer to a file: written about a minute after it was read, sent by nobody."""
        with reading(actor()) as w:
            return {"rows": queries_replies.replies(w, queries_file.file(w, public_id).file_no)}


@api.route("/files/<string:public_id>/acknowledgements/<string:reply_id>")
class FileAcknowledgement(MethodView):
    """One of them."""

    @api.response(200, content_type="application/edi-x12", description="the X12 file")
    def get(self, public_id: str, reply_id: str) -> Response:
        """The 999 or TA1 as a file, to be sent by whoever sends such files."""
        with reading(actor()) as w:
            one = queries_replies.reply(w, queries_file.file(w, public_id).file_no, reply_id)
            w.audit("file.reply", "R", "intake_reply", reply_id, detail={"kind": one.kind})
            data = documents.read_range(w, one.document_no, 0, one.size)
        return file_answer(data, one.name, "application/edi-x12")


@api.route("/transactions/<string:public_id>")
class OneTransaction(MethodView):
    """One transaction."""

    @api.response(200, WholeTransaction)
    def get(self, public_id: str) -> Any:
        """One transaction with its findings, and the second opinion on it."""
        with reading(actor()) as w:
            row = queries_file.transaction(w, public_id)
            w.audit("transaction.read", "R", "intake_transaction", public_id, entity_id=row.entity_id)
            found = {
                name: queries_file.findings(w, row.file_no, origin=origin, transaction_id=row.id)[0]
                for name, origin in (("findings", "ours"), ("second_opinion", "guide"))
            }
            return asdict(row) | found


def _decide(public_id: str, given: dict[str, Any], verb: Callable[..., Any]) -> Response:
    def decided(w: Work) -> tuple[Any, int]:
        verb(w, public_id, reason=given["reason"], version=given["version"])
        row = queries_file.transaction(w, public_id)
        return {"id": row.public_id, "state": row.state, "version": row.version}, 200

    return once(decided)


@api.route("/transactions/<string:public_id>/release")
class Release(MethodView):
    """A held transaction posts as it is."""

    @api.doc(parameters=[IDEMPOTENT])
    @api.arguments(TransactionDecision)
    @api.response(200, TransactionDecided)
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Let a held transaction post as the payer sent it; takes an Idempotency-Key."""
        return _decide(public_id, given, resolve.release)


@api.route("/transactions/<string:public_id>/replay")
class Replay(MethodView):
    """The same bytes are read again."""

    @api.doc(parameters=[IDEMPOTENT])
    @api.arguments(TransactionDecision)
    @api.response(200, TransactionDecided)
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Read the same bytes again after a fix; takes an Idempotency-Key."""
        return _decide(public_id, given, resolve.replay)


@api.route("/transactions/<string:public_id>/undo")
class Undo(MethodView):
    """A posting is taken back."""

    @api.doc(parameters=[IDEMPOTENT])
    @api.arguments(TransactionDecision)
    @api.response(200, TransactionDecided)
    def post(self, given: dict[str, Any], public_id: str) -> Response:
        """Take a posting back by one reversing batch; takes an Idempotency-Key."""
        return _decide(public_id, given, resolve.undo)
