"""Files that leave: no formula in them, no type lost (W4)."""

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.kernel.export import FORMULA, Column, Kind, csv_lines, json_lines, safe_file_name, write_xlsx
from app.kernel.money import Money

COLUMNS = (
    Column("text", "Text"),
    Column("money", "Paid", Kind.MONEY),
    Column("day", "Day", Kind.DAY),
    Column("moment", "Moment", Kind.INSTANT),
    Column("count", "Count", Kind.COUNT),
    Column("flag", "Flag", Kind.FLAG),
)
ROW = {
    "text": "00123", "money": Money(-123450), "day": date(2024, 2, 29),
    "moment": datetime(2026, 3, 8, 7, 30, tzinfo=UTC), "count": 7, "flag": True,
}  # fmt: skip
DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0",
]


def read_csv(rows: list[dict[str, Any]]) -> list[list[str]]:
    text = b"".join(csv_lines(COLUMNS, rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def read_xlsx(rows: list[dict[str, Any]], scratch: Path) -> Any:
    out = io.BytesIO()
    write_xlsx(out, COLUMNS, rows, title="Claims: all/of*them?", scratch=scratch)
    return load_workbook(out).active


def test_csv_keeps_every_value_readable() -> None:
    heading, row = read_csv([ROW])
    assert heading == ["Text", "Paid", "Day", "Moment", "Count", "Flag"]
    assert row == ["00123", "-1234.50", "2024-02-29", "2026-03-08T07:30:00Z", "7", "yes"]


def test_excel_keeps_every_type(tmp_path: Path) -> None:
    sheet = read_xlsx([ROW], tmp_path)
    cells = [cell.value for cell in sheet[2]]
    day, moment = datetime.fromisoformat("2024-02-29"), datetime.fromisoformat("2026-03-08T07:30")
    assert cells == ["00123", -1234.5, day, moment, 7, True]
    assert sheet["B2"].number_format.startswith("#,##0.00")
    assert list(tmp_path.iterdir()) == []  # rows under way leave nothing behind


def test_json_keeps_money_as_text_of_dollars() -> None:
    assert json.loads(b"".join(json_lines(COLUMNS, [ROW])))[0]["money"] == "-1234.50"
    assert json.loads(b"".join(json_lines(COLUMNS, []))) == []


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_formula_leaves(text: str, tmp_path: Path) -> None:
    row = {**ROW, "text": text}
    assert read_csv([row])[1][0] == "'" + text
    cell = read_xlsx([row], tmp_path)["A2"]
    assert cell.data_type == "s"


@given(st.text())
def test_whatever_the_text_no_csv_cell_begins_like_a_formula(text: str) -> None:
    cells = read_csv([{**ROW, "text": text}])
    assert len(cells) == 2 and len(cells[1]) == len(COLUMNS)
    assert not cells[1][0].startswith(FORMULA)
    assert cells[1][0].removeprefix("'") == text.replace("\x00", "").removeprefix("'")


def test_nothing_is_nothing_and_zero_is_zero(tmp_path: Path) -> None:
    row: dict[str, Any] = dict.fromkeys(ROW)
    assert read_csv([{**row, "money": Money(0)}])[1] == ["", "0.00", "", "", "", ""]
    assert [cell.value for cell in read_xlsx([{**row, "money": Money(0)}], tmp_path)[2]][:3] == [
        None,
        0,
        None,
    ]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ('a"; rm -rf /.835', "835"),
        ("remit\r\nSet-Cookie: x.835", "remit_Set-Cookie_x.835"),
        ("\u202etxt.exe", "txt.exe"),
        ("...", "file"),
        ("", "file"),
        ("Zahlung März.835", "Zahlung März.835"),
    ],
)
def test_a_file_name_means_nothing_but_itself(name: str, safe: str) -> None:
    assert safe_file_name(name) == safe


@given(st.text(max_size=400))
def test_whatever_the_name_it_is_short_and_plain(name: str) -> None:
    made = safe_file_name(name)
    assert 0 < len(made) <= 120
    assert not set(made) & set('/\\"\r\n\t;:*?<>|\x00') and not made.startswith((".", "-"))
