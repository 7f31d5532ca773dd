"""The lists `export` writes: name -> (columns, rows), read set-wise with flat memory."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from app.denials.queries_exports import (
    export_denials,
    export_entries,
    export_exceptions,
    export_lines,
    export_trial_balance,
)
from app.denials.queries_figures import export_claims
from app.kernel.export import Column
from app.kernel.work import Work

Table = Callable[[Work, date | None], tuple[list[Column], Iterator[Any]]]
TABLES: dict[str, Table] = {
    "claims": export_claims,
    "lines": export_lines,
    "denials": export_denials,
    "exceptions": export_exceptions,
    "entries": export_entries,
    "trial-balance": export_trial_balance,
}
