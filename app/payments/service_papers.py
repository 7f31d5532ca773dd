"""Papers of our own that ledger entries point to: receipts, fees for returned items, small balances.

One segment, written once and kept by its content hash: `PAY*id*number*tender*150.00*20261123*account~`.
The amount always stands in element 4. No names, no free text: a paper can be shown to anybody who may see the
ledger.
"""

import io
from datetime import date
from typing import Any

from app.documents import service as documents
from app.kernel.ids import address
from app.kernel.money import Money
from app.kernel.work import Work
from app.ledger.entry import Source

AMOUNT = 4
PAPER_BYTES = 400
SPAN: dict[str, Any] = {
    "byte_from": 0,
    "byte_to": PAPER_BYTES,
    "separators": ["*", ":", "^", "~"],
    "kind": "paper",
}
"""How a paper is read again: one segment from its first byte."""
RECEIPT, FEE, DECISION = "PAY", "FEE", "SMB"


def write(w: Work, kind: str, names: tuple[str, str, str], cents: int, *, day: date, about: str) -> int:
    """Keep a paper; returns its file number.

    names: public id, number and code; about: public id of the account or visit. The same facts are the same
    paper.
    """
    said = (kind, *names, str(Money(cents)), f"{day:%Y%m%d}", about)
    number, *_ = documents.put(w, io.BytesIO("*".join(said).encode("ascii") + b"~"))
    return number


def source(file_no: int) -> Source:
    """The amount on a paper."""
    return Source(address(file_no, 1), 0, AMOUNT)
