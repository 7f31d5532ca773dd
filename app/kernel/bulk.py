"""What bulk work needs beside `bulk_insert`: thousands of keys looked up at once, and no collector."""

import gc
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

BATCHES = 8
"""How many batches may pass between two looks for cycles."""

_calm = threading.Lock()
_working = _passed = 0


def among(db: Connection, column: Any, keys: Sequence[Any]) -> ColumnElement[bool]:
    """The condition that a column holds one of many keys, as one parameter whatever their number.

    A placeholder a key makes a statement that is written, counted and parsed anew each time; two thousand of
    them take longer than the look-up.
    """
    if db.dialect.name == "sqlite":
        listed = func.json_each(bindparam(None, json.dumps(list(keys)), type_=Text)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(bindparam(None, list(keys), type_=ARRAY(column.type)))


@contextmanager
def uncollected() -> Iterator[None]:
    """Work that makes millions of tuples and hardly a cycle: the collector would only count them again.

    Call `next_batch` with each batch, so that memory stays flat. Blocks may nest, and run in threads.
    """
    global _working
    with _calm:
        _working += 1
        gc.disable()
    try:
        yield
    finally:
        with _calm:
            _working -= 1
            if not _working:
                gc.enable()


def next_batch() -> None:
    """Now and then free the cycles of the batches done; what lives longer is not looked at again."""
    global _passed
    _passed += 1
    if _working and _passed % BATCHES == 0:
        gc.collect(1)
