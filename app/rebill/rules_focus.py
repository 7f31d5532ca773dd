"""Which field a payer means when it names what was missing or wrong: rows of data/field_by_code.csv. Pure.

A code is a RARC (N382), a CARC (4), or a status of a 277CA with its entity (562:82) or without (255). Rows
have the day from which the code says so; a code that names no field of a claim has no row.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Place:
    """A field of the catalogue, and the first line it may stand on: 0 when it is of the claim."""

    field: str
    line: int


@dataclass(frozen=True, slots=True)
class _Row:
    code: str
    field: str
    per: str
    forms: str
    since: date


@lru_cache(maxsize=1)
def _rows() -> tuple[_Row, ...]:
    with (DATA / "field_by_code.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            _Row(row["code"], row["field"], row["per"], row["forms"], date.fromisoformat(row["since"]))
            for row in csv.DictReader(lines)
        )


def place_of(codes: Sequence[str], on: date, *, form: str) -> Place | None:
    """The field the first of these codes names that names any; form: P or I. None: none of them does."""
    for code in codes:
        for row in _rows():
            if row.code == code and row.since <= on and form in row.forms:
                return Place(row.field, 1 if row.per == "line" else 0)
    return None
