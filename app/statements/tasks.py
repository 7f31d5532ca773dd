"""The jobs of statements: documents of a released run, then its print batch and its e-mails."""

from collections.abc import Callable

from app.flows import make_documents, send_email
from app.kernel.outbox import Claimed

HANDLERS: dict[str, Callable[[Claimed], None]] = {
    "make_documents": make_documents.make,
    "print_batch": send_email.print_batch,
    "send_statement_email": send_email.send,
}
WHEN_DEAD: dict[str, Callable[[Claimed, str], None]] = {
    "make_documents": make_documents.bury,
    "print_batch": make_documents.bury_batch,
    "send_statement_email": send_email.bury,
}
