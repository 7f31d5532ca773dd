"""Services in plain words, and which of them a bill does not name (RPAT-13). Pure; the rows are dated."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
DIAGNOSIS, PROCEDURE, REVENUE = "diagnosis", "procedure", "revenue"
GENERAL = ("Medical service", "Servicio médico")
UNNAMED = ("Professional services", "Servicios profesionales")
"""What is said of a service that is not named."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A row of a list that counts `[from, to)`; low and high are codes, inclusive, or both the prefix."""

    list: str
    low: str
    high: str
    effective_from: date
    effective_to: date | None
    words: tuple[str, str]

    def counts(self, on: date) -> bool:
        """Is it in force on a day?"""
        return self.effective_from <= on and (self.effective_to is None or on < self.effective_to)


@cache
def _sensitive() -> tuple[Dated, ...]:
    with (DATA / "sensitive.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(_dated(row, row["prefix"], row["prefix"], ("", "")) for row in csv.DictReader(lines))


@cache
def _services() -> tuple[Dated, ...]:
    with (DATA / "services.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            _dated(row, row["from"], row["to"], (row["words_en"], row["words_es"]))
            for row in csv.DictReader(lines)
        )


def _dated(row: dict[str, str], low: str, high: str, words: tuple[str, str]) -> Dated:
    until = date.fromisoformat(row["effective_to"]) if row["effective_to"] else None
    return Dated(row["list"], low, high, date.fromisoformat(row["effective_from"]), until, words)


def sensitive_visit(diagnoses: Iterable[str], on: date) -> bool:
    """Does any diagnosis of a visit keep all its services unnamed? diagnoses: ICD-10-CM, with or without the
    dot.
    """
    return any(_sensitive_code(DIAGNOSIS, code, on) for code in diagnoses)


def sensitive_service(code: str, revenue: str, on: date) -> bool:
    """Is a service itself not named?"""
    return _sensitive_code(PROCEDURE, code, on) or _sensitive_code(REVENUE, revenue, on)


def _sensitive_code(kind: str, code: str, on: date) -> bool:
    plain = code.replace(".", "").upper()
    return bool(plain) and any(
        plain.startswith(row.low.replace(".", ""))
        for row in _sensitive()
        if row.list == kind and row.counts(on)
    )


def service_words(code: str, revenue: str, on: date) -> tuple[str, str]:
    """A service in plain English and Spanish; what no row knows is a medical service."""
    for kind, given in ((PROCEDURE, code.upper()), (REVENUE, revenue)):
        for row in _services():
            # A lower and an upper end of the same length: codes compare as they are written.
            same = row.list == kind and len(given) == len(row.low)
            if same and row.low <= given <= row.high and row.counts(on):
                return row.words
    return GENERAL
