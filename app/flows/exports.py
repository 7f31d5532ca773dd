"""The lists `export` writes: name -> (columns, rows), read set-wise with flat memory."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from app.kernel.export import Column
from app.kernel.work import Work

Table = Callable[[Work, date | None], tuple[list[Column], Iterator[Any]]]
TABLES: dict[str, Table] = {}
