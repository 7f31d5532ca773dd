"""FHIR JSON: money as decimals with two places, written digit by digit; days and instants as FHIR does."""

import json
from datetime import date, datetime
from typing import Any

from app.kernel.money import Money

MEDIA = "application/fhir+json"
Resource = dict[str, Any]


def dump(value: Any) -> str:
    """A value as JSON text. Money is a number with two decimals; empty fields are left out."""
    if isinstance(value, dict):
        kept = {key: inner for key, inner in value.items() if inner not in (None, "", [], {})}
        return "{" + ",".join(f"{json.dumps(key)}:{dump(inner)}" for key, inner in kept.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(dump(inner) for inner in value) + "]"
    if isinstance(value, Money):
        return decimals(int(value))
    if isinstance(value, datetime):
        return json.dumps(value.isoformat(timespec="seconds").replace("+00:00", "Z"))
    if isinstance(value, date):
        return json.dumps(value.isoformat())
    return json.dumps(value)


def decimals(cents: int) -> str:
    """Cents as a decimal with two places: -105 is -1.05."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def money(cents: int | Money) -> Resource:
    """A FHIR Money."""
    return {"value": Money(int(cents)), "currency": "USD"}


def concept(system: str, code: str, text: str = "") -> Resource:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code}], "text": text}
