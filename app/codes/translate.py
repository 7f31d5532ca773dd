"""The border to the shipped code lists of `edi.codes`."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from edi import codes as shipped

Row = Mapping[str, str]


@lru_cache(maxsize=64)
def rows_on(list_name: str, on: date) -> dict[str, Row]:
    """The rows of a shipped list in force on a day, by code.

    Ranges are `[from, to)` and an empty end is open.
    """
    day = on.isoformat()
    found: dict[str, Row] = {}
    for row in shipped.rows(list_name):
        starts, ends = row.get("effective_from") or "", row.get("effective_to") or ""
        if starts <= day and (not ends or day < ends):
            found[row["code"]] = row
    return found


@lru_cache(maxsize=1)
def retired() -> dict[str, str]:
    """Adjustment reasons no longer sent and the code that reads closest: the first the list names."""
    return {code: successors[0] for code, successors in shipped.RETIRED_CARC.items()}
