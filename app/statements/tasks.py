"""The jobs of statements: documents of a released run."""

from collections.abc import Callable

from app.flows import make_documents
from app.kernel.outbox import Claimed

HANDLERS: dict[str, Callable[[Claimed], None]] = {"make_documents": make_documents.make}
