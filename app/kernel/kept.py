"""Figures over very many rows, kept for a moment: a page must not count a million items at every look.

What is small is counted at every look, so nobody ever waits for a number to become true; only an answer over
KEEP_FROM rows and more is kept, for a while its reader is told. Kept in this process alone: nothing to write,
and nothing that outlives a restart.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from app.kernel.clock import now

T = TypeVar("T")
KEEP_FROM = 50_000
MOST = 200
_kept: OrderedDict[Hashable, "Counted[Any]"] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Counted(Generic[T]):
    """An answer and the moment it was counted; `fresh` when that was for this very look."""

    answer: T
    at: datetime
    fresh: bool


def counted(
    key: Hashable, count: Callable[[], T], *, rows: Callable[[T], int], good_for: timedelta
) -> Counted[T]:
    """The answer of `count`, or the one kept under `key` while it is younger than `good_for`.

    key: all the answer depends on, the actor's scope included. rows: over how many rows an answer goes.
    """
    moment = now()
    with _lock:
        known = _kept.get(key)
    if known is not None and moment - good_for < known.at <= moment:
        return Counted(known.answer, known.at, fresh=False)
    answer = count()
    with _lock:
        _kept.pop(key, None)
        if rows(answer) >= KEEP_FROM:
            _kept[key] = Counted(answer, moment, fresh=False)
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    return Counted(answer, moment, fresh=True)


def forget() -> None:
    """Count everything anew."""
    with _lock:
        _kept.clear()
