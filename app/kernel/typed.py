"""What people type into fields, read in one way everywhere."""

import re
from datetime import date, timedelta

from app.kernel.errors import Refused

_RELATIVE = re.compile(r"t(?:([+-])(\d{1,4}))?", re.ASCII)


def read_day(text: str, field: str, today: date) -> date:
    """A day as people type it: `2026-01-31`, `t` for today, `t+14`, `t-3`; `Refused` names the field."""
    plain = text.strip().lower()
    if relative := _RELATIVE.fullmatch(plain):
        sign, days = relative.group(1), int(relative.group(2) or 0)
        return today + timedelta(-days if sign == "-" else days)
    try:
        return date.fromisoformat(plain)
    except ValueError:
        words = "A day is written 2026-01-31, or t for today, t+14."
        raise Refused(words, code="day_unreadable", field=field) from None
