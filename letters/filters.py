"""All formatting there is: dollars and days. What else a letter says is said by whoever gives the facts."""

import re
from datetime import date
from decimal import Decimal

AMOUNT = re.compile(r"-?[0-9]{1,13}\.[0-9]{2}")
MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"),
}  # fmt: skip


def usd(amount: str) -> str:
    """`-1234.50` → `-$1,234.50`; empty stays empty. `ValueError` for anything but dollars and two digits."""
    if not amount:
        return ""
    if not isinstance(amount, str) or not AMOUNT.fullmatch(amount):
        raise ValueError(f"{amount!r} is not an amount like 80.00")
    sign = "-" if amount.startswith("-") and Decimal(amount) else ""
    return f"{sign}${abs(Decimal(amount)):,.2f}"


def us_date(day: str, lang: str = "en", *, short: bool = False) -> str:
    """`2026-03-01` → `March 1, 2026`, in Spanish `1 de marzo de 2026`; short, for columns: `03/01/2026`."""
    if not day:
        return ""
    read = date.fromisoformat(day)
    if short:
        return f"{read.month:02d}/{read.day:02d}/{read.year:04d}"
    month = MONTHS[lang][read.month - 1]
    return f"{read.day} de {month} de {read.year}" if lang == "es" else f"{month} {read.day}, {read.year:04d}"


FILTERS = ("usd", "us_date")


def formatted(kind: str, value: str, lang: str, *, short: bool = False) -> str:
    """A value by its kind: `usd`, `us_date` or `text`, which is left alone."""
    if kind == "usd":
        return usd(value)
    if kind == "us_date":
        return us_date(value, lang, short=short)
    return value
