"""Tables that leave the house: CSV, Excel and JSON of the same columns a screen shows.

No formula leaves (W4): a text that a spreadsheet would take for one gets an apostrophe in CSV and is written
as a text cell in Excel. No type is lost: money is a number with two decimals, a day is a day, `00123` keeps
its zeros.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from app.kernel.money import Money


class Kind(StrEnum):
    """What a column holds; decides how a screen aligns it and how a file types it."""

    TEXT = "text"
    CODE = "code"
    MONEY = "money"
    COUNT = "count"
    PERCENT = "percent"
    DAY = "day"
    INSTANT = "instant"
    STATE = "state"
    FLAG = "flag"


@dataclass(frozen=True)
class Column:
    """A column of a list, on the screen and in a file.

    key: the attribute (or dict key) of a row. sort: its name in the table of sorts, empty when it cannot be
    sorted. value: how to get it from the row when it is not simply the attribute. hint: what the heading
    explains. wide: False hides it on tablets.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    sort: str = ""
    value: Callable[[Any], Any] | None = None
    hint: str = ""
    wide: bool = True

    def of(self, row: Any) -> Any:
        """This column's value in a row."""
        if self.value is not None:
            return self.value(row)
        return row.get(self.key) if isinstance(row, Mapping) else getattr(row, self.key)


FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet compute; the wide forms do so in some locales."""

EXCEL_TEXT = 32_767
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
FORMATS = tuple(_MEDIA)


def media_type(file_format: str) -> str:
    """The Content-Type of a format."""
    return _MEDIA[file_format]


def guarded(text: str) -> str:
    """A text no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(FORMULA) else text


def plain(value: Any, kind: Kind = Kind.TEXT) -> Any:
    """A value as JSON carries it: money "80.00", days and instants in ISO 8601, the rest as it is."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Money) or (kind is Kind.MONEY and isinstance(value, int)):
        return str(Money.of_sum(int(value)))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | float) else str(value)


def csv_lines(columns: Sequence[Column], rows: Iterable[Any], *, mark: bool = False) -> Iterator[bytes]:
    """A CSV file in UTF-8, CRLF, headings first; `mark` adds the byte order mark that Excel wants and
    programs do not.
    """
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    if mark:
        lines.write("\ufeff")
    writer.writerow([guarded(column.label) for column in columns])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_csv_cell(column.of(row), column.kind) for column in columns])
        if number % 500 == 0:
            yield lines.getvalue().encode()
            lines.seek(0)
            lines.truncate()
    yield lines.getvalue().encode()


def _csv_cell(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    written = str(plain(value, kind))
    return written if isinstance(value, int | float) else guarded(written.replace("\x00", ""))


def json_lines(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[bytes]:
    """A JSON array with one object per row."""
    yield b"["
    for number, row in enumerate(rows):
        fields = {column.key: plain(column.of(row), column.kind) for column in columns}
        yield (b",\n" if number else b"\n") + json.dumps(fields, ensure_ascii=False).encode()
    yield b"\n]\n"


def write_xlsx(
    out: BinaryIO, columns: Sequence[Column], rows: Iterable[Any], *, title: str, scratch: Path
) -> None:
    """An Excel workbook of one sheet, row by row in constant memory.

    scratch: a private folder for the rows underway; nothing of them may lie in the machine's common /tmp.
    """
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "constant_memory": True,
        "tmpdir": str(scratch),
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet(_sheet_name(title))
    styles = {
        Kind.MONEY: book.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"}),
        Kind.DAY: book.add_format({"num_format": "mm/dd/yyyy"}),
        Kind.INSTANT: book.add_format({"num_format": "mm/dd/yyyy hh:mm:ss"}),
    }
    heading = book.add_format({"bold": True, "bottom": 1})
    for at, column in enumerate(columns):
        sheet.set_column(at, at, max(10, min(40, len(column.label) + 4)))
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column.label, heading)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows, start=1):
        for at, column in enumerate(columns):
            _xlsx_cell(sheet, (line, at), column.of(row), column.kind, styles)
    book.close()


def _xlsx_cell(sheet: Any, at: tuple[int, int], value: Any, kind: Kind, styles: Mapping[Kind, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(*at, value)
    elif isinstance(value, Money) or (kind is Kind.MONEY and isinstance(value, int)):
        sheet.write_number(*at, int(value) / 100, styles[Kind.MONEY])
    elif isinstance(value, datetime):
        sheet.write_datetime(*at, value.astimezone(UTC).replace(tzinfo=None), styles[Kind.INSTANT])
    elif isinstance(value, date):
        sheet.write_datetime(*at, datetime.combine(value, time.min), styles[Kind.DAY])
    elif isinstance(value, int | float):
        sheet.write_number(*at, value)
    else:
        sheet.write_string(*at, str(value)[:EXCEL_TEXT])


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "Sheet1"


def safe_file_name(name: str, *, fallback: str = "file") -> str:
    """A file name that means nothing to a shell, a path, a header or a reader's eye: no controls, no
    tricks.
    """
    flat = re.sub(r"[^\w.,()+@ -]", "_", name.replace("\\", "/").rsplit("/", 1)[-1])
    flat = re.sub(r"[\s_]{2,}", "_", flat).strip(" ._-")
    stem, dot, ending = flat.rpartition(".")
    return (flat if len(flat) <= 120 else stem[: 119 - len(ending)] + dot + ending) or fallback
