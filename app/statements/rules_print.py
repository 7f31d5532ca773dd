"""What the print vendor gets: documents in the order of ZIP codes, and a manifest that proves them."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

FIELDS = ("sequence", "number", "account", "kind", "first_page", "pages", "sha256", "amount")


class Document(NamedTuple):
    """One document of a batch. zip orders it; amount in cents; account: the number people quote."""

    zip: str
    number: str
    account: str
    kind: str
    pages: int
    sha256: str
    amount: int
    file_no: int


def in_order(documents: Iterable[Document]) -> list[Document]:
    """By ZIP, so that the post gets them sorted; then by account and number: the same set, the same order."""
    return sorted(documents, key=lambda one: (one.zip or "99999", one.account, one.number))


def dollars(cents: int) -> str:
    """`139.80` of 13980."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def manifest(batch: str, documents: Sequence[Document], pdf_sha256: str) -> bytes:
    """The manifest as JSON: one row per document with its first page, totals, and the hash of the PDF."""
    rows: list[dict[str, Any]] = []
    page = 1
    for number, one in enumerate(documents, start=1):
        rows.append({
            "sequence": number, "number": one.number, "account": one.account, "kind": one.kind,
            "first_page": page, "pages": one.pages, "sha256": one.sha256, "amount": dollars(one.amount),
        })  # fmt: skip
        page += one.pages
    totals = {
        "documents": len(rows), "pages": page - 1, "amount": dollars(sum(one.amount for one in documents)),
        "pdf_sha256": pdf_sha256,
    }  # fmt: skip
    return json.dumps({"batch": batch, "totals": totals, "documents": rows}, indent=1).encode()


def as_csv(manifest_json: bytes) -> bytes:
    """The same as CSV, one line per document, and a last one with the totals."""
    said = json.loads(manifest_json)
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow(FIELDS)
    write.writerows([[row[name] for name in FIELDS] for row in said["documents"]])
    totals = said["totals"]
    write.writerow(
        ["total", totals["documents"], "", "", "", totals["pages"], totals["pdf_sha256"], totals["amount"]]
    )
    return out.getvalue().encode()
