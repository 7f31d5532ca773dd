"""One row of a file of fees: a fact, or findings that name the row and the column. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from app.contracts.rules import CODE_TYPES, fee_key
from app.kernel.errors import Refused
from app.kernel.money import LIMIT, Money
from app.payers.rules import normal_value

REQUIRED = ("payer_id", "code_type", "code", "allowed", "effective_from")
INDICATORS = ("multiple", "bilateral", "assistant", "co_surgeon")
COLUMNS = (*REQUIRED, "modifier", "setting", "effective_to", "max_units", *INDICATORS)
_NAMES = {
    "payer": "payer_id", "payer_number": "payer_id", "hcpcs": "code", "cpt": "code", "procedure_code": "code",
    "mod": "modifier", "fee": "allowed", "amount": "allowed", "rate": "allowed", "allowed_amount": "allowed",
    "from": "effective_from", "to": "effective_to", "mult_proc": "multiple",
    "multiple_procedure": "multiple", "place": "setting", "type": "code_type",
}  # fmt: skip
_SETTINGS = {
    "": "", "any": "", "all": "", "facility": "facility", "fac": "facility", "f": "facility",
    "nonfacility": "nonfacility", "nonfac": "nonfacility", "nf": "nonfacility", "office": "nonfacility",
    "outpatient": "outpatient", "op": "outpatient", "inpatient": "inpatient", "ip": "inpatient",
}  # fmt: skip
_CODES = {
    "HC": (re.compile(r"[A-Z0-9]{5}", re.ASCII), 5), "NU": (re.compile(r"\d{4}", re.ASCII), 4),
    "AD": (re.compile(r"D\d{4}", re.ASCII), 5), "DRG": (re.compile(r"\d{3}", re.ASCII), 3),
}  # fmt: skip
_WHOLE = re.compile(r"\d{1,3}(,\d{3})*(\.\d{1,2})?|\d{1,10}(\.\d{1,2})?|\.\d{1,2}", re.ASCII)
_MORE = re.compile(r"\d{1,10}\.\d{3,}", re.ASCII)
_DAYS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", re.ASCII),
    re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})", re.ASCII),
    re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)", re.ASCII),
)
_EXCEL_DAY_ONE = date(1899, 12, 30)
_EXCEL_DAYS = range(20_000, 80_000)  # 1954 to 2119: what a schedule may mean by a plain number
NOTE, BAD = "note", "bad"


class RowFinding(NamedTuple):
    """What is wrong at a row (its number in the file, headings are row 1) and a column.

    level: `bad`, and the row is not loaded, or `note`.
    """

    row: int
    column: str
    code: str
    text: str
    level: str = BAD

    def plain(self) -> dict[str, Any]:
        """As it is kept and answered."""
        return self._asdict()


@dataclass(frozen=True, slots=True)
class FeeFact:
    """A row as a fact: in force `[start, end)`, `cents` for one unit; `label` is the payer as written."""

    row: int
    payer_number: str
    label: str
    code_type: str
    code: str
    modifier: str
    setting: str
    cents: int
    start: date
    end: date | None
    max_units: int | None = None
    multiple: str = ""
    bilateral: str = ""
    assistant: str = ""
    co_surgeon: str = ""

    @property
    def key(self) -> str:
        """How rows of one code of one payer are found together."""
        return fee_key(self.payer_number, self.code_type, self.code)

    @property
    def place(self) -> tuple[str, str, str]:
        """What may have one amount a day: code of a payer, modifier, setting."""
        return self.key, self.modifier, self.setting

    @property
    def says(self) -> tuple[Any, ...]:
        """What it says of that place, days apart."""
        return (
            self.cents, self.max_units, self.multiple, self.bilateral, self.assistant, self.co_surgeon,
        )  # fmt: skip


def headings(cells: Sequence[Any]) -> dict[str, int]:
    """Where each known column stands, in any order; refuses a file without one it must have, or with one
    twice.
    """
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        plain = re.sub(r"[^a-z0-9]+", "_", str(cell or "").strip().lower()).strip("_")
        name = _NAMES.get(plain, plain)
        if name not in COLUMNS:
            continue
        if name in found:
            raise Refused(f"The column {name} stands there twice.", code="column_twice", field=name)
        found[name] = at
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        words = f"Not a file of fees: no column {', '.join(missing)} in its first row."
        raise Refused(words, code="columns_missing", field=missing[0])
    return found


def read_row(number: int, cells: Sequence[Any], places: Mapping[str, int]) -> FeeFact | list[RowFinding]:
    """A row of cells (text, or what a spreadsheet holds) as a fact, or everything that is wrong with it."""
    reader = _Reader(number, {name: cells[at] if at < len(cells) else "" for name, at in places.items()})
    label = reader.text("payer_id")
    payer = normal_value("nm109", label)
    if not payer:
        reader.wrong("payer_id", "missing", "No payer number.")
    code_type = reader.text("code_type").upper()
    if code_type not in CODE_TYPES:
        reader.wrong("code_type", "unknown", f"Not one of {', '.join(CODE_TYPES)}.")
    start, end = reader.day("effective_from", needed=True), reader.day("effective_to")
    if start and end and end < start:
        reader.wrong("effective_to", "before_start", "The last day comes before the first.")
    values: dict[str, Any] = {name: reader.indicator(name) for name in INDICATORS}
    code, cents = reader.code(code_type), reader.money("allowed")
    modifier, setting, most = reader.modifier(), reader.setting(), reader.count("max_units")
    if reader.findings or start is None:
        return reader.findings
    # A file says the last day in force; ranges here end before their last value.
    until = end + timedelta(1) if end else None
    what = (code_type, code, modifier, setting)
    return FeeFact(number, payer, label[:80], *what, cents, start, until, max_units=most, **values)


class _Reader:
    """The cells of one row by column, and what is wrong with them."""

    def __init__(self, number: int, cells: Mapping[str, Any]) -> None:
        self.number, self.cells = number, cells
        self.findings: list[RowFinding] = []

    def wrong(self, column: str, code: str, text: str) -> None:
        self.findings.append(RowFinding(self.number, column, code, text))

    def text(self, column: str) -> str:
        """A cell as text; a number of a spreadsheet as it would be typed; a formula is a finding."""
        value = self.cells.get(column)
        if value is None:
            return ""
        if isinstance(value, float):
            return f"{Decimal(repr(value)).normalize():f}"
        found = str(value).strip()
        if found.startswith(("=", "+", "@")) or (found.startswith("#") and column == "allowed"):
            self.wrong(column, "formula", "A formula or its error: write the value.")
            return ""
        return found

    def code(self, code_type: str) -> str:
        known = _CODES.get(code_type)
        found = self.text("code").upper().replace(".", "")
        if known is None:
            return found
        pattern, width = known
        if found.isdigit() and (code_type != "HC" or isinstance(self.cells.get("code"), int | float)):
            # A spreadsheet drops leading zeros of what it takes for a number.
            found = found.lstrip("0").rjust(width, "0") if code_type == "DRG" else found.rjust(width, "0")
        if not pattern.fullmatch(found):
            self.wrong("code", "unreadable" if found else "missing", f"Not a code of type {code_type}.")
        return found

    def money(self, column: str) -> int:
        """Dollars as cents. What a spreadsheet stores is rounded to a ten-thousandth before it is judged:
        92.43 lies there as 92.43000000000001.
        """
        value, found = self.cells.get(column), self.text(column).removeprefix("$").strip()
        if isinstance(value, float) and _MORE.fullmatch(found):
            found = f"{Decimal(found).quantize(Decimal('0.0001')).normalize():f}"
        if found.startswith(("-", "(")):
            self.wrong(column, "negative", "An allowed amount is not below zero.")
        elif _MORE.fullmatch(found) and found.partition(".")[2][2:].strip("0"):
            self.wrong(column, "decimals", "More than two decimals.")
        elif not found:
            self.wrong(column, "missing", "No amount.")
        elif not (_WHOLE.fullmatch(found) or _MORE.fullmatch(found)):
            self.wrong(column, "unreadable", "Not an amount like 92.43.")
        else:
            cents = _cents(found)
            if cents <= LIMIT:
                return cents
            self.wrong(column, "too_large", "Beyond 9,999,999,999.99.")
        return 0

    def day(self, column: str, *, needed: bool = False) -> date | None:
        value = self.cells.get(column)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        found = self.text(column)
        if not found:
            if needed and not any(one.column == column for one in self.findings):
                self.wrong(column, "missing", "No day.")
            return None
        if isinstance(value, int | float) and found.isdigit() and int(found) in _EXCEL_DAYS:
            return _EXCEL_DAY_ONE + timedelta(int(found))
        for pattern in _DAYS:
            if (parts := pattern.fullmatch(found)) is not None:
                return self._day(column, {name: int(part) for name, part in parts.groupdict().items()})
        self.wrong(column, "unreadable", "Not a day like 2026-01-31 or 01/31/2026.")
        return None

    def _day(self, column: str, parts: Mapping[str, int]) -> date | None:
        try:
            day = date(**parts)
        except ValueError:
            self.wrong(column, "no_such_day", "There is no such day.")
            return None
        if not 1990 <= day.year <= 2200:
            if day.year > 2200:
                return None  # 9999-12-31 and its like mean: until further notice
            self.wrong(column, "too_early", "Before 1990.")
        return day

    def modifier(self) -> str:
        value, found = self.cells.get("modifier"), self.text("modifier").upper()
        if isinstance(value, int | float) and found.isdigit():
            found = found.rjust(2, "0")
        if found and not re.fullmatch(r"[A-Z0-9]{2}", found, re.ASCII):
            self.wrong("modifier", "unreadable", "A modifier has two characters.")
        return found

    def setting(self) -> str:
        found = re.sub(r"[^a-z]+", "", self.text("setting").lower())
        if found not in _SETTINGS:
            said = "Not facility, nonfacility, outpatient, inpatient or empty."
            self.wrong("setting", "unknown", said)
            return ""
        return _SETTINGS[found]

    def count(self, column: str) -> int | None:
        found = self.text(column)
        if not found:
            return None
        if not re.fullmatch(r"\d{1,6}", found, re.ASCII) or not int(found):
            self.wrong(column, "unreadable", "Not a count of units.")
            return None
        return int(found)

    def indicator(self, column: str) -> str:
        found = self.text(column)
        if found and not re.fullmatch(r"\d", found, re.ASCII):
            self.wrong(column, "unreadable", "An indicator is one digit.")
            return ""
        return found


def _cents(text: str) -> int:
    try:
        return int(Decimal(text.replace(",", "")) * 100)
    except InvalidOperation:  # the pattern allows nothing Decimal cannot read
        raise Refused("An amount cannot be read.", code="amount_unreadable") from None


def shown_amount(cents: int) -> str:
    """Cents as `92.43`."""
    return str(Money(cents))
