"""What a person may write into a field, and how X12 wants it: checked here, so that nothing odd is sent."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from edi.amounts import BadAmount, iso_date, parse_cents
from edi.x835.writer import amount
from edi.x837.edit import EditError

BASIC = re.compile(r"[A-Z0-9 !\"&'()+,\-./;?=]*")
"""The basic character set less the separators we send with (R837-05)."""
PRINTABLE = re.compile(r"[!-~ ]*")
SEPARATORS = "*:^~"
UNITS = re.compile(r"[0-9]{1,8}(\.[0-9]{1,3})?")
TIME = re.compile(r"([01][0-9]|2[0-3])[0-5][0-9]")
LUHN_PREFIX = "80840"


def clean(name: str, shape: str, value: str, longest: int) -> str:
    """The value as it is sent; empty stays empty. EditError names the field and says what is wrong."""
    text = " ".join(value.split())
    if not text:
        return ""
    made = SHAPES[shape](name, text)
    if len(made) > longest:
        raise EditError(name, f"It is {len(made)} signs long; at most {longest} can be sent.")
    return made


def _text(name: str, text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.upper())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    wrong = sorted(set(BASIC.sub("", plain)))
    if wrong:
        shown = " ".join(sign if sign.isprintable() else "?" for sign in wrong[:5])
        raise EditError(name, f"These signs cannot be sent: {shown}")
    return plain


def _reference(name: str, text: str) -> str:
    """A number somebody else gave: sent as it is."""
    if not PRINTABLE.fullmatch(text) or any(sign in text for sign in SEPARATORS):
        raise EditError(name, "It holds a sign that cannot be sent.")
    return text


def _code(name: str, text: str) -> str:
    made = text.upper()
    if not (made.isascii() and made.isalnum()):
        raise EditError(name, "A code has letters and digits only.")
    return made


def _digits(name: str, text: str) -> str:
    made = text.replace("-", "")
    if not (made.isascii() and made.isdigit()):
        raise EditError(name, "It has digits only.")
    return made


def _icd(name: str, text: str) -> str:
    return _code(name, text.replace(".", ""))


def _amount(name: str, text: str) -> str:
    try:
        cents = parse_cents(text.replace("$", "").replace(",", ""))
    except BadAmount as bad:
        raise EditError(name, "It is no amount in dollars and cents, like 120.50.") from bad
    if cents < 0:
        raise EditError(name, "The amount is below zero.")
    return amount(cents)


def _units(name: str, text: str) -> str:
    if not UNITS.fullmatch(text):
        raise EditError(name, "A quantity is a number like 1 or 2.5, with at most three decimals.")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day(name: str, text: str) -> str:
    made = text.replace("-", "")
    if iso_date(made) is None:
        raise EditError(name, "It is no day of the calendar; write it as 2026-01-31.")
    return made


def _period(name: str, text: str) -> str:
    first, slash, last = text.partition("/")
    days = [_day(name, first), _day(name, last)] if slash else [_day(name, first)]
    if days[-1] < days[0]:
        raise EditError(name, "The last day is before the first.")
    return "-".join(days) if len(days) == 2 and (days[0] != days[1]) else days[0]


def _moment(name: str, text: str) -> str:
    day, _, time = text.replace("T", " ").partition(" ")
    return _day(name, day) + (_hour(name, time) if time else "")


def _hour(name: str, text: str) -> str:
    made = text.replace(":", "")
    if not TIME.fullmatch(made):
        raise EditError(name, "It is no time of the day; write it as 1430.")
    return made


def _npi(name: str, text: str) -> str:
    digits = _digits(name, text)
    if len(digits) != 10 or not luhn(LUHN_PREFIX + digits):
        raise EditError(name, "An NPI has ten digits, the last of which proves the others.")
    return digits


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    doubled = [int(sign) * (1 + at % 2) for at, sign in enumerate(reversed(digits))]
    return sum(one // 10 + one % 10 for one in doubled) % 10 == 0


def _zip(name: str, text: str) -> str:
    made = _digits(name, text)
    if len(made) not in (5, 9):
        raise EditError(name, "A ZIP has five or nine digits.")
    return made


def _pointer(name: str, text: str) -> str:
    made = _digits(name, text)
    if not 1 <= int(made) <= 12:
        raise EditError(name, "A pointer names a diagnosis, 1 to 12.")
    return str(int(made))


SHAPES: Mapping[str, Callable[[str, str], str]] = {
    "text": _text, "id": _text, "reference": _reference, "code": _code, "digits": _digits, "icd": _icd,
    "amount": _amount, "units": _units, "date": _day, "period": _period, "moment": _moment, "hour": _hour,
    "npi": _npi, "zip": _zip, "pointer": _pointer,
}  # fmt: skip
FORMATS = {8: "D8", 12: "DT", 17: "RD8", 4: "TM"}
"""What DTP02 says of a value, by its length."""


def shown(shape: str, text: str) -> str:
    """A value as a person reads it: days as 2026-01-31, a period with a slash; what is no day as sent."""
    if shape == "date":
        return iso_date(text) or text
    if shape == "period":
        first, dash, last = text.partition("-")
        days = [iso_date(first), iso_date(last)] if dash else [iso_date(first)]
        return "/".join(day for day in days if day) if all(days) else text
    if shape == "moment" and len(text) in (8, 12):
        day = iso_date(text[:8])
        return f"{day} {text[8:10]}:{text[10:]}".removesuffix(" :") if day else text
    return text
