"""Files of fees: rows load, bad ones are findings that name row and column, and twice is once."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import select

from app.contracts import service_import
from app.contracts.models import FeeRow, FeeSchedule
from app.contracts.service_import import Outcome
from app.kernel.db import table_of
from app.kernel.errors import NotFound, NotPermitted, Refused
from app.kernel.work import Actor, work
from tests import books
from tests.conftest import House

_row, _schedule = table_of(FeeRow), table_of(FeeSchedule)
HEAD = "payer_id,code_type,code,modifier,setting,allowed,effective_from,effective_to\n"
ROW = "LMH01,HC,99213,,nonfacility,92.43,2026-01-01,2026-12-31\n"
ONE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


def give(content: str | bytes, *, name: str = "fees.csv", entity: int | None = None, **how: Any) -> Outcome:
    data = content.encode() if isinstance(content, str) else content
    owner = entity if entity is not None else books.practice().id
    with work(books.CLERK) as w:
        file_id = service_import.keep(w, io.BytesIO(data), name)
        if how.pop("preview", False):
            return service_import.preview(w, owner, file_id)
        return service_import.load(w, owner, file_id, **how)


def known(*conditions: Any) -> list[tuple[Any, ...]]:
    """What stands: code, modifier, setting, amount, first day, first day no more."""
    named = ("code", "modifier", "setting", "allowed", "effective_from", "effective_to")
    query = select(*(_row.c[name] for name in named)).where(_row.c.replaced_at.is_(None), *conditions)
    with books.looking() as db:
        found = db.execute(query.order_by(_row.c.code, _row.c.effective_from)).all()
    return [
        (row[0], row[1], row[2], str(row[3]), row[4].isoformat(), row[5] and row[5].isoformat())
        for row in found
    ]


def said(done: Outcome) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.code) for one in done.findings if one.level == "bad"]


def test_a_schedule_loads_with_its_last_day_in_force(house: House) -> None:
    done = give(HEAD + ROW)
    assert (done.rows, done.added, done.bad) == (1, 1, 0)
    assert known() == [("99213", "", "nonfacility", "92.43", "2026-01-01", "2027-01-01")]


def test_a_payer_nobody_met_is_a_note_and_its_rows_wait(house: House) -> None:
    done = give(HEAD + ROW)
    assert [(one.column, one.code, one.level) for one in done.findings] == [
        ("payer_id", "payer_not_met", "note")
    ]


@ONE
def test_columns_stand_in_any_order_under_any_mark(house: House) -> None:
    text = "\ufeffAllowed;Effective From;CODE;Code Type;Payer ID\n92.43;01/31/2026;99213;hc;lmh-01\n"
    assert give(text).added == 1
    assert known() == [("99213", "", "", "92.43", "2026-01-31", None)]


@ONE
@pytest.mark.parametrize(
    ("row", "finding"),
    [
        (",HC,99213,,,92.43,2026-01-01,", ("payer_id", "missing")),
        ("P,XX,99213,,,92.43,2026-01-01,", ("code_type", "unknown")),
        ("P,HC,9921,,,92.43,2026-01-01,", ("code", "unreadable")),
        ("P,HC,,,,92.43,2026-01-01,", ("code", "missing")),
        ("P,NU,12A,,,92.43,2026-01-01,", ("code", "unreadable")),
        ("P,HC,99213,2,,92.43,2026-01-01,", ("modifier", "unreadable")),
        ("P,HC,99213,,moon,92.43,2026-01-01,", ("setting", "unknown")),
        ("P,HC,99213,,,,2026-01-01,", ("allowed", "missing")),
        ("P,HC,99213,,,-1.00,2026-01-01,", ("allowed", "negative")),
        ("P,HC,99213,,,92.435,2026-01-01,", ("allowed", "decimals")),
        ("P,HC,99213,,,ninety,2026-01-01,", ("allowed", "unreadable")),
        ("P,HC,99213,,,1e3,2026-01-01,", ("allowed", "unreadable")),
        ("P,HC,99213,,,=A1*2,2026-01-01,", ("allowed", "formula")),
        ("P,HC,99213,,,99999999999.00,2026-01-01,", ("allowed", "unreadable")),
        ("P,HC,99213,,,92.43,,", ("effective_from", "missing")),
        ("P,HC,99213,,,92.43,2026-02-30,", ("effective_from", "no_such_day")),
        ("P,HC,99213,,,92.43,31/31/2026,", ("effective_from", "no_such_day")),
        ("P,HC,99213,,,92.43,soon,", ("effective_from", "unreadable")),
        ("P,HC,99213,,,92.43,2026-02-01,2026-01-01", ("effective_to", "before_start")),
    ],
)
def test_what_is_wrong_names_its_row_and_column(house: House, row: str, finding: tuple[str, str]) -> None:
    done = give(HEAD + ROW + row + "\n")
    assert (3, *finding) in said(done)
    assert (done.added, done.bad) == (1, 1)


def test_strict_loads_all_or_nothing(house: House) -> None:
    with pytest.raises(Refused, match="row 3, allowed: No amount"):
        give(HEAD + ROW + "P,HC,99214,,,,2026-01-01,\n", strict=True)
    assert known() == []


def test_a_preview_tells_everything_and_changes_nothing(house: House) -> None:
    owner = books.practice().id
    give(HEAD + ROW, entity=owner)
    changed = give(HEAD + ROW.replace("92.43", "95.00"), entity=owner, preview=True)
    assert (changed.added, changed.changed) == (0, 1)
    assert (changed.samples[0]["was"], changed.samples[0]["now"]) == ("92.43", "95.00")
    assert [row[3] for row in known()] == ["92.43"]


def test_the_same_file_twice_is_once_and_the_same_facts_too(house: House) -> None:
    owner = books.practice().id
    give(HEAD + ROW, entity=owner)
    again = give(HEAD + ROW, entity=owner)
    other = give(HEAD + ROW + ROW.replace("99213", "99214"), entity=owner)
    assert again.already
    assert (other.same, other.added) == (1, 1)
    assert len(known()) == 2


def test_a_correction_closes_the_old_row_and_keeps_it(house: House) -> None:
    owner = books.practice().id
    give(HEAD + ROW, entity=owner)
    give(HEAD + ROW.replace("92.43", "95.00"), entity=owner)
    assert [row[3] for row in known()] == ["95.00"]
    with books.looking() as db:
        assert sorted(str(one) for one in db.execute(select(_row.c.allowed)).scalars()) == ["92.43", "95.00"]


def test_next_years_schedule_ends_an_open_one_the_day_before(house: House) -> None:
    owner = books.practice().id
    give(HEAD + "P,HC,99213,,,90.00,2025-01-01,\n", entity=owner)
    give(HEAD + "P,HC,99213,,,92.00,2026-01-01,\nP,HC,99213,,,94.00,2026-07-01,2026-12-31\n".replace(
        "2026-01-01,\n", "2026-01-01,2026-06-30\n"), entity=owner)  # fmt: skip
    assert [row[3:] for row in known()] == [
        ("90.00", "2025-01-01", "2026-01-01"),
        ("92.00", "2026-01-01", "2026-07-01"),
        ("94.00", "2026-07-01", "2027-01-01"),
        ("90.00", "2027-01-01", None),
    ]


def test_two_rows_of_one_file_may_not_speak_of_the_same_day(house: House) -> None:
    done = give(HEAD + ROW + ROW.replace("92.43", "93.00").replace("2026-01-01", "2026-05-01"))
    assert said(done) == [(3, "effective_from", "overlap")]
    assert [row[3] for row in known()] == ["92.43"]


def test_each_import_that_brings_something_is_a_version_of_its_payers_schedule(house: House) -> None:
    owner = books.practice().id
    give(HEAD + ROW, entity=owner)
    give(HEAD + ROW + ROW.replace("LMH01", "OTHER"), entity=owner)
    with books.looking() as db:
        found = db.execute(select(_schedule.c.payer_number, _schedule.c.number)).all()
    assert sorted(tuple(row) for row in found) == [("LMH01", 1), ("OTHER", 1)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"a,b,c\n1,2,3\n", "columns_missing"),
        (b"payer_id,payer_id,code_type,code,allowed,effective_from\n", "column_twice"),
        (b"PK\x03\x04 not a workbook", "bad_workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old_excel"),
        (HEAD.encode() + b"\xff\xfe\xfa", "not_utf8"),
    ],
)
@ONE
def test_what_is_no_file_of_fees_is_refused_with_the_reason(house: House, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as problem:
        give(content)
    assert problem.value.code == code


def test_a_workbook_with_its_floats_dates_and_lost_zeros(house: House) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "mm/dd/yyyy"})
    sheet.write_row(0, 0, ["payer_id", "code_type", "code", "allowed", "effective_from", "effective_to"])
    for at, (kind, code, amount) in enumerate(
        [("HC", 99213, 92.43), ("NU", 120, 0.1 + 0.2), ("HC", 100, 1 / 3), ("DRG", 39, 12480)], 1
    ):
        sheet.write_row(at, 0, ["P1", kind, code, amount])
        sheet.write_datetime(at, 4, date(2026, 1, 1), day)
        sheet.write_number(at, 5, 46387)
    book.close()
    done = give(out.getvalue(), name="fees.xlsx")
    assert said(done) == [(4, "allowed", "decimals")]
    assert [(row[0], row[3], row[4], row[5]) for row in known()] == [
        ("0120", "0.30", "2026-01-01", "2027-01-01"),
        ("039", "12480.00", "2026-01-01", "2027-01-01"),
        ("99213", "92.43", "2026-01-01", "2027-01-01"),
    ]


def test_fees_that_came_before_any_entity_wait_for_it(house: House) -> None:
    with work(books.CLERK) as w:
        service_import.keep(w, io.BytesIO((HEAD + ROW).encode()), "early.csv")
    owner = books.practice().id
    with work(books.CLERK) as w:
        assert len(list(service_import.waiting(w, owner))) == 1


def test_who_may_not_write_contracts_loads_nothing(house: House) -> None:
    owner = books.practice().id
    reader = Actor("reader", permissions=frozenset({"contracts.read"}), scope=frozenset({owner}))
    with work(reader) as w, pytest.raises(NotPermitted):
        service_import.keep(w, io.BytesIO(b"x"), "a.csv")
    other = Actor("other", permissions=frozenset({"contracts.write"}), scope=frozenset({owner + 7}))
    with work(other) as w:
        file_id = service_import.keep(w, io.BytesIO((HEAD + ROW).encode()), "a.csv")
        with pytest.raises(NotFound):
            service_import.load(w, owner, file_id)


def test_many_rows_load_in_chunks_with_the_same_answer(house: House) -> None:
    rows = "".join(f"P1,HC,{10_000 + at},,,{Decimal(at) / 100:.2f},2026-01-01,\n" for at in range(12_000))
    done = give(HEAD + rows + rows)
    assert (done.rows, done.added, done.same, done.bad) == (24_000, 12_000, 12_000, 0)
