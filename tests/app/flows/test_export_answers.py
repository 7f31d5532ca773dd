"""`export rejections` and `export silent-claims`: what stands on the two screens, for programs."""

from datetime import timedelta
from typing import Any

from app.claims import service_daily
from app.flows.exports import TABLES
from app.kernel.clock import now
from app.kernel.export import csv_lines
from app.kernel.work import reading, work
from tests import answers, books
from tests.app.claims.test_silent import a_bill
from tests.conftest import House


def exported(name: str) -> list[dict[str, Any]]:
    with reading(books.CLERK) as w:
        columns, rows = TABLES[name](w, None)
        heads, *lines = b"".join(csv_lines(columns, rows)).decode("utf-8-sig").splitlines()
    return [dict(zip(heads.split(","), one.split(","), strict=False)) for one in lines]


def test_rejections_and_silent_claims_leave_the_house_as_tables(house: House) -> None:
    books.practice()
    sent = now().date() - timedelta(30)
    report = answers.report("A1 A7:562:85", "A2 A2:20", day=f"{sent + timedelta(1):%Y%m%d}")
    books.take(a_bill("A1", "A2", made=sent), report)
    with work(books.CLERK) as w:
        service_daily.every_day(w, books.rows(books.ENTITY)[0].id)
    [one] = exported("rejections")
    assert (one["kind"], one["claim_id"], one["code"]) == ("claim_rejected", "A1", "A7:562:85")
    assert (one["amount"], one["state"], one["claims"]) == ("100.00", "open", "")
    [one] = exported("silent-claims")
    assert (one["claim_id"], one["amount"], one["basis"], one["rank"]) == ("A2", "100.00", "default", "1")
