"""Terms as people type them, read into a dated row of our own. Pure."""

import re
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.kernel.errors import Refused
from app.payers.rules import NAMES, PLANS, Terms

BASES = ("service_date", "remit_date", "notice_date")
DAYS_MOST = 3_650


def level_rows(terms: Terms) -> list[dict[str, Any]]:
    """The appeal levels of terms as a row writes them, to be changed."""
    rows = []
    for clock in terms.levels:
        row = {one.name: getattr(clock, one.name) for one in fields(clock)}
        rows.append({**row, "minimum": str(clock.minimum)})
    return rows


def changed_term(name: str, text: str, terms: Terms) -> dict[str, Any]:
    """One term as typed: `{name: value}` by its type, or `level:<n>` for the days of an appeal level.

    `Refused` for a name nobody knows or a value that is not of its kind.
    """
    if name.startswith("level:"):
        wanted = int(name[6:]) if name[6:].isascii() and name[6:].isdigit() and len(name) < 9 else 0
        chosen = terms.level(wanted)
        if chosen is None:
            raise Refused("This payer has no such appeal level.", code="unknown_level", field="term")
        days = _whole(text)
        rows = level_rows(terms)
        for row in rows:
            if row["level"] == wanted and row["variant"] == chosen.variant:
                row |= {"days": days, "months": 0, "rule": "our own"}
        return {"level": rows}
    if name not in NAMES:
        raise Refused("There is no such term.", code="unknown_term", field="term")
    usual = next(one.default for one in fields(Terms) if one.name == name)
    if isinstance(usual, bool):
        if text.lower() not in ("yes", "no"):
            raise Refused("Write yes or no.", code="bad_term", field="value")
        return {name: text.lower() == "yes"}
    if isinstance(usual, int):
        return {name: _whole(text)}
    if isinstance(usual, Decimal):
        return {name: _ratio(text)}
    if name.endswith("_basis") and text not in BASES:
        raise Refused(f"Write one of {', '.join(BASES)}.", code="bad_term", field="value")
    if name == "plan" and text not in PLANS:
        raise Refused(f"Write one of {', '.join(PLANS)}.", code="bad_term", field="value")
    return {name: text}


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5 and int(text) <= DAYS_MOST):
        raise Refused("Days are a whole number up to ten years.", code="bad_days", field="value")
    return int(text)


def _ratio(text: str) -> str:
    plain = re.fullmatch(r"[01](?:\.[0-9]{1,4})?", text)
    if plain is None or Decimal(text) > 1:
        raise Refused("A share is written 0.45, from 0 to 1.", code="bad_ratio", field="value")
    return text


_RELATIVE = re.compile(r"t(?:([+-])([0-9]{1,4}))?")


def read_day(text: str, field: str, today: date) -> date:
    """A day as people type it: `2026-01-31`, `t` for today, `t+14`."""
    plain = text.strip().lower()
    if relative := _RELATIVE.fullmatch(plain):
        days = int(relative.group(2) or 0)
        return today + timedelta(-days if relative.group(1) == "-" else days)
    try:
        return date.fromisoformat(plain)
    except ValueError:
        words = "A day is written 2026-01-31, or t for today, t+14."
        raise Refused(words, code="day_unreadable", field=field) from None
