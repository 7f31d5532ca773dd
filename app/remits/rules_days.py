"""Days of a keyed grid as people type them: `t` for today, `t-3`, `me` for the end of the month. Pure."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

_RELATIVE = re.compile(r"t(?:([+-])([0-9]{1,4}))?")


def meant(text: str, today: date) -> str:
    """The day a short form means, as 2026-01-31; any other text as it is, to be judged by the reader."""
    plain = text.strip().lower()
    if plain == "me":
        return today.replace(day=monthrange(today.year, today.month)[1]).isoformat()
    short = _RELATIVE.fullmatch(plain)
    if short is None:
        return text
    days = int(short.group(2) or 0)
    return (today + timedelta(-days if short.group(1) == "-" else days)).isoformat()


def with_days(given: Any, today: date) -> Any:
    """A grid whose fields `day` say which day they mean: kept as `t`, they would mean another tomorrow."""
    if isinstance(given, list):
        return [with_days(one, today) for one in given]
    if not isinstance(given, Mapping):
        return given
    return {
        name: meant(value, today) if name == "day" and isinstance(value, str) else with_days(value, today)
        for name, value in given.items()
    }
