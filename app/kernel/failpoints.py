"""Named places where a test can make the product stop, fail or wait; inert unless RECLAIM_FAILPOINTS says so.

    RECLAIM_FAILPOINTS="remits.after_rows=kill@3,outbox.before_finish=raise"   # @3: at the third passing only

`kill` is SIGKILL to this process, as the out-of-memory killer does it; `raise` is `Injected`; `sleep:2`
waits two seconds. Without @n a point acts at every passing. Passings are counted per process.
"""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

from app.kernel.errors import Refused
from app.kernel.settings import settings

POINT = re.compile(
    r"(?P<name>[a-z_]+(\.[a-z_0-9]+)+)=(?P<act>kill|raise|sleep:(?P<seconds>\d+(\.\d+)?))(@(?P<nth>\d+))?"
)


class Injected(Exception):
    """A fault a test asked for; nothing in the product catches it by name."""


class Point(NamedTuple):
    """What happens at one place; seconds: how long to wait; nth: 0 acts at every passing."""

    act: str
    seconds: float
    nth: int


class _Armed:
    """The points of this process, read from the settings at the first passing."""

    def __init__(self) -> None:
        self.points: dict[str, Point] | None = None
        self.passings: Counter[str] = Counter()
        self.lock = Lock()


_armed = _Armed()


def hit(name: str) -> None:
    """Pass the place `name`; does nothing at all in an installation that named no point."""
    if _armed.points is None:
        _armed.points = parse(settings().failpoints)
    if not _armed.points or (point := _armed.points.get(name)) is None:
        return
    with _armed.lock:
        _armed.passings[name] += 1
        passing = _armed.passings[name]
    if point.nth in (0, passing):
        _act(name, point)


def parse(text: str) -> dict[str, Point]:
    """Read `name=act@n,name=act`; refuses a spelling it does not know, lest a test break nothing and pass."""
    points = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        found = POINT.fullmatch(part)
        if found is None:
            raise Refused(
                f"RECLAIM_FAILPOINTS: {part} is not name=kill|raise|sleep:2, with @n behind it if wanted."
            )
        seconds = float(found["seconds"] or 0)
        points[found["name"]] = Point(found["act"].partition(":")[0], seconds, int(found["nth"] or 0))
    return points


@contextmanager
def armed(text: str) -> Iterator[Counter[str]]:
    """For tests in the same process: arm these points, count from one, disarm at the end; yields the
    passings.
    """
    before = _armed.points
    _armed.points = parse(text)
    _armed.passings.clear()
    try:
        yield _armed.passings
    finally:
        _armed.points = before


def _act(name: str, point: Point) -> None:
    if point.act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif point.act == "raise":
        raise Injected(name)
    else:
        time.sleep(point.seconds)
