"""The code lists payers use, as dated rows: adjustment reasons, remarks, provider adjustments, claim status.

carc.csv rarc.csv plb.csv claim_status.csv hold one row per code and period; an empty effective date is open.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

HERE = Path(__file__).parent
# name of a list -> its file, and the value of its `list` column where a file holds two
LISTS = {
    "carc": ("carc.csv", ""),
    "rarc": ("rarc.csv", ""),
    "plb": ("plb.csv", ""),
    "category": ("claim_status.csv", "category"),
    "status": ("claim_status.csv", "status"),
}
# Adjustment reasons no longer sent -> what payers send instead. The original code is always kept.
RETIRED_CARC: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "15": ("284", "296", "16"),
        "17": ("226", "227"),
        "38": ("242", "243"),
        "57": ("150", "151", "152", "153", "154"),
        "62": ("197", "198"),
        "125": ("16",),
        "138": ("285", "286"),
        "165": ("287", "288"),
        "221": ("P8",),
        "255": ("P11",),
        "W1": ("P12",),
        "B5": ("272", "273"),
        "B17": ("173", "174", "175", "176"),
        "42": ("45",),
        "A2": ("45",),
    }
)

Row = Mapping[str, str]


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Every row of a list (carc, rarc, plb, category, status), in file order. KeyError for another name."""
    file, part = LISTS[name]
    with (HERE / file).open(encoding="utf-8", newline="") as lines:
        found = [MappingProxyType(row) for row in csv.DictReader(lines)]
    return tuple(row for row in found if not part or row["list"] == part)


@cache
def _by_code(name: str) -> Mapping[str, tuple[Row, ...]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows(name):
        grouped.setdefault(row["code"], []).append(row)
    return {code: tuple(found) for code, found in grouped.items()}


def lookup(name: str, code: str, on: str | None = None) -> Row | None:
    """The row of a code in force on a day (YYYY-MM-DD; None: any day, the newest).

    None: the list does not have it.
    """
    found = _by_code(name).get(code, ())
    for row in reversed(found):
        if on is None or (
            row["effective_from"] <= on and (not row["effective_to"] or on < row["effective_to"])
        ):
            return row
    return None


def known(name: str) -> frozenset[str]:
    """The codes of a list, whatever their period."""
    return frozenset(_by_code(name))
