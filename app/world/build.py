"""The two ways to make a world."""

from datetime import date, timedelta
from pathlib import Path

from app.world.run import World
from app.world.truth import Truth

SMALL_CLAIMS = 300
SMALL_DAYS = 200


def build(folder: Path | str, *, seed: int = 7, claims: int = 10_000, entities: int = 2,
          start: date = date(2026, 1, 5), months: int = 6, until: date | None = None,
          file_claims: int = 0, leaves_second: bool = False) -> Truth:  # fmt: skip
    """Write a world into `folder`; the same arguments give the same bytes.

    start: the first day of service; services spread evenly over `months` of 30 days.
    until: the last day anything is sent or paid; what would come later is left out. None: no such day.
    file_claims: about how many claims a file holds; 0 lets the size of the world decide.
    leaves_second: the office sends nothing to second payers itself, so that it is left to whoever reads the
    world; what the first payer forwards is answered all the same.
    Raises ValueError for fewer than one claim, entity or month, and for a folder that holds a world already.
    """
    if claims < 1 or entities < 1 or months < 1:
        raise ValueError("a world needs at least one claim, one entity and one month")
    world = World(Path(folder), seed=seed, claims=claims, entities=entities, start=start, days=months * 30,
                  until=until, file_claims=file_claims, leaves_second=leaves_second)  # fmt: skip
    return world.run()


def small(folder: Path | str, *, today: date, seed: int = 7, leaves_second: bool = False) -> Truth:
    """The world the demo starts with: about 300 claims of the last months, nothing dated after yesterday."""
    start, until = today - timedelta(days=SMALL_DAYS), today - timedelta(days=1)
    world = World(Path(folder), seed=seed, claims=SMALL_CLAIMS, entities=2, start=start, days=SMALL_DAYS - 5,
                  until=until, leaves_second=leaves_second)  # fmt: skip
    return world.run()
