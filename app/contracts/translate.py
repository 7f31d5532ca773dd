"""Files of fees as rows of cells: CSV in UTF-8 (in flat memory), and the first sheet of a workbook."""

import csv
import io
import re
import zipfile
from collections.abc import Generator, Iterator
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from app.kernel.errors import Refused

CSV_BYTES = 500_000_000
EXCEL_BYTES = 60_000_000
EXCEL_BYTES_UNPACKED = 1_000_000_000
ROWS = 2_000_000
CELLS = 60
CELL_CHARACTERS = 2_000
Row = tuple[int, list[Any]]


def rows_of(content: BinaryIO) -> Generator[Row, None, None]:
    """(row number, cells) of a file, headings first as row 1; empty rows are left out.

    Refused: what is neither CSV nor .xlsx, and what is over the limits.
    """
    start = content.read(4)
    content.seek(0, io.SEEK_END)
    size = content.tell()
    content.seek(0)
    if start[:2] == b"PK":
        return _limited(_excel(content, size))
    if start == b"\xd0\xcf\x11\xe0":
        raise Refused("This is an old Excel file (.xls). Save it as .xlsx or CSV.", code="old_excel")
    return _limited(_csv(content, size))


def _limited(rows: Iterator[Row]) -> Generator[Row, None, None]:
    """No more rows and cells than a schedule has; empty rows left out."""
    for number, cells in rows:
        if number > ROWS:
            raise Refused(f"More than {ROWS:,} rows; split the file.", code="too_many_rows")
        if len(cells) > CELLS:
            raise Refused(f"Row {number} has more than {CELLS} columns.", code="too_many_columns")
        if any(cell not in ("", None) for cell in cells):
            yield number, cells


def _csv(content: BinaryIO, size: int) -> Iterator[Row]:
    if size > CSV_BYTES:
        raise Refused(f"More than {CSV_BYTES // 1_000_000} MB; split the file.", code="too_large")
    text = io.TextIOWrapper(content, "utf-8-sig", newline="")
    number = 0
    try:
        head = text.readline(100_000)
        if "\x00" in head:
            raise Refused("This is neither CSV nor an Excel workbook.", code="not_a_table")
        marks = max(",;\t|", key=head.count)
        text.seek(0)
        for number, cells in enumerate(csv.reader(text, delimiter=marks, strict=True), 1):
            if any(len(cell) > CELL_CHARACTERS for cell in cells):
                raise Refused(f"A cell of row {number} is too long.", code="cell_too_long")
            yield number, list(cells)
    except UnicodeDecodeError:
        raise Refused(
            f"After row {number} the file is not UTF-8. Save it as CSV UTF-8.", code="not_utf8"
        ) from None
    except csv.Error as problem:
        raise Refused(f"Row {number + 1} cannot be read as CSV: {problem}.", code="not_csv") from None
    finally:
        text.detach()  # the file belongs to the caller


def _excel(content: BinaryIO, size: int) -> Iterator[Row]:
    """The first sheet. What a cell holds comes as text, number or day; a formula as its last value."""
    if size > EXCEL_BYTES:
        raise Refused(f"More than {EXCEL_BYTES // 1_000_000} MB; save it as CSV.", code="too_large")
    unreadable = Refused("This Excel workbook cannot be read.", code="bad_workbook")
    try:
        with zipfile.ZipFile(content) as packed:
            sizes = [one.file_size for one in packed.infolist()]
            names = packed.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise unreadable from None
    if sum(sizes) > EXCEL_BYTES_UNPACKED:
        raise Refused("The workbook is too large when unpacked; save it as CSV.", code="too_large")
    if not any(re.fullmatch(r"xl/worksheets/.+\.xml", name) for name in names):
        raise Refused("This is an archive and no Excel workbook.", code="not_a_table")
    content.seek(0)
    try:
        sheet = CalamineWorkbook.from_filelike(content).get_sheet_by_index(0)
        first = sheet.start[0] if sheet.start else 0
        for at, cells in enumerate(sheet.iter_rows()):
            yield first + at + 1, list(cells)
    except (CalamineError, OSError, ValueError):
        raise unreadable from None
