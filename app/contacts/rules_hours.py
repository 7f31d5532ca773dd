"""When a person may be reached: the hours of every zone they may be in, and the days calls are counted by.

Days are those of the wall in a zone, so that the night the clocks change is one day like any other. An
attempt after `at` (the machine's clock was set back) counts like one before: no clock buys a call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOOK_DAYS = 9


@dataclass(frozen=True, slots=True)
class Hours:
    """From opens until closes (that minute no longer) by the clock on the wall."""

    opens: time
    closes: time


def inside(at: datetime, zones: Sequence[str], hours: Hours) -> bool:
    """Is it within the hours in every one of these zones?"""
    return all(hours.opens <= at.astimezone(ZoneInfo(zone)).time() < hours.closes for zone in zones)


def next_open(at: datetime, zones: Sequence[str], hours: Hours) -> datetime | None:
    """The first moment from now on that is within the hours everywhere; None when there never is one."""
    if inside(at, zones, hours):
        return at
    starts = []
    for zone in zones:
        day = at.astimezone(ZoneInfo(zone)).date()
        for ahead in range(LOOK_DAYS):
            opens = datetime.combine(day + timedelta(ahead), hours.opens, ZoneInfo(zone)).astimezone(UTC)
            if opens > at:
                starts.append(opens)
    return next((one for one in sorted(starts) if inside(one, zones, hours)), None)


def open_until(at: datetime, zones: Sequence[str], hours: Hours) -> tuple[datetime, str] | None:
    """The moment the first zone closes, and which that is; None when it is not open everywhere now."""
    if not zones or not inside(at, zones, hours):
        return None
    ends = []
    for zone in zones:
        here = at.astimezone(ZoneInfo(zone))
        ends.append((datetime.combine(here.date(), hours.closes, ZoneInfo(zone)).astimezone(UTC), zone))
    return min(ends)


def attempts_end(tried: Sequence[datetime], zone: str, at: datetime, most: int, days: int) -> datetime | None:
    """When one more call is within `most` in `days` consecutive days again; None: it is now."""
    where = ZoneInfo(zone)
    today = at.astimezone(where).date()
    counted = sorted(one.astimezone(where).date() for one in tried)
    recent = [day for day in counted if day > today - timedelta(days)]
    if len(recent) < most or not most:
        return None if most else _midnight(today + timedelta(1), where)
    # The oldest of the last `most` leaves the window `days` after its own day.
    return _midnight(recent[-most] + timedelta(days), where)


def talk_ends(talks: Sequence[datetime], zone: str, at: datetime, days: int) -> datetime | None:
    """When the quiet days after the last conversation are over; None: they are. Its own day is the first."""
    where = ZoneInfo(zone)
    today = at.astimezone(where).date()
    ends = max((one.astimezone(where).date() for one in talks), default=None)
    if ends is None or today >= ends + timedelta(days):
        return None
    return _midnight(ends + timedelta(days), where)


def _midnight(day: date, where: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), where).astimezone(UTC)
