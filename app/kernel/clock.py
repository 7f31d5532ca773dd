"""The only reader of the machine's time. Instants are UTC, days belong to a time zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """This instant in UTC."""
    return datetime.now(UTC)


def today(time_zone: str) -> date:
    """The calendar day in an entity's time zone, e.g. `America/Chicago`."""
    return day_of(now(), time_zone)


def day_of(moment: datetime, time_zone: str) -> date:
    """The calendar day of an instant as people in that time zone see it."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
