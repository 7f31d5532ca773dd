"""What a print vendor gets counts up: order, pages, hashes and amounts."""

import csv
import io
import json
from datetime import date
from hashlib import sha256

import pikepdf
import pytest

from app.kernel.errors import Broken
from app.statements import rules_print, translate_print
from app.statements.rules_print import Document
from app.statements.translate_letters import looked_at, shipped

DAY = date(2026, 3, 2)


def _document(zip_code: str, number: str, pages: int = 1, amount: int = 13980) -> Document:
    return Document(zip_code, number, f"1000{number[-1]}", "statement", pages, "ab" * 32, amount, 1)


def test_documents_go_in_the_order_of_zip_codes() -> None:
    given = [
        _document("62702", "S3"),
        _document("", "S4"),
        _document("10001", "S2"),
        _document("10001", "S1"),
    ]
    assert [one.number for one in rules_print.in_order(given)] == ["S1", "S2", "S3", "S4"]
    assert rules_print.in_order(given) == rules_print.in_order(reversed(given))


def test_a_manifest_says_where_each_document_begins_and_what_all_add_up_to() -> None:
    said = rules_print.manifest("B1", [_document("1", "S1", 2), _document("2", "S2", 1, -5)], "cd" * 32)
    read = json.loads(said)
    assert [(one["first_page"], one["pages"]) for one in read["documents"]] == [(1, 2), (3, 1)]
    assert read["totals"] == {"documents": 2, "pages": 3, "amount": "139.75", "pdf_sha256": "cd" * 32}
    rows = list(csv.reader(io.StringIO(rules_print.as_csv(said).decode())))
    assert rows[0] == list(rules_print.FIELDS)
    assert rows[2][:2] == ["2", "S2"] and rows[2][-1] == "-0.05"
    assert rows[-1] == ["total", "2", "", "", "", "3", "cd" * 32, "139.75"]


def test_many_pdfs_become_one_with_every_page_and_the_same_bytes_again() -> None:
    one = looked_at("receipt", "en", shipped("receipt", "en"), DAY)
    two = looked_at("statement", "es", shipped("statement", "es"), DAY)
    pages = [len(pikepdf.Pdf.open(io.BytesIO(each)).pages) for each in (one, two)]
    whole = translate_print.merged([(one, pages[0]), (two, pages[1])])
    assert len(pikepdf.Pdf.open(io.BytesIO(whole)).pages) == sum(pages)
    again = translate_print.merged([(one, pages[0]), (two, pages[1])])
    assert sha256(again).hexdigest() == sha256(whole).hexdigest()


def test_a_document_that_is_not_the_one_that_was_made_stops_the_batch() -> None:
    one = looked_at("receipt", "en", shipped("receipt", "en"), DAY)
    with pytest.raises(Broken, match="document 1"):
        translate_print.merged([(one, 7)])
