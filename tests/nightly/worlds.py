"""A seeded world of a whole year through the product, and what leaves it against the world's truth."""

import tempfile
import time
from pathlib import Path

from app.kernel.work import reading
from app.world import build
from tests import next_payers
from tests.bench.measure import peak_mb
from tests.conftest import House
from tests.stories import test_world_secondaries
from tests.worlds import CLERK, denials_differ, differences, load_fees, take_in, underpayments_differ

CLAIMS = 100_000
SECONDS = 10_000
TOGETHER = 50
"""Files that wait at once: a folder of a year is not one batch."""
SHOWN = 10


def world(house: House, seed: int) -> None:
    """Every refused and every underpaid line of a world is found, with its figures, and none beside them."""
    with tempfile.TemporaryDirectory(prefix="reclaim-world-") as place:
        at = time.monotonic()
        truth = build(Path(place) / "world", seed=seed, claims=CLAIMS)
        at = _said("built", at)
        take_in(truth, None, at_once=TOGETHER)
        at = _said("imported", at)
        load_fees(truth)
        at = _said("priced", at)
        with reading(CLERK) as w:
            differ = {"denials": denials_differ(w, truth), "underpayments": underpayments_differ(w, truth)}
        told = {name: sum(abs(one) for one in found.values()) for name, found in differ.items()}
        wanted = {name: sum(1 for _ in truth.rows(name)) for name in differ}
        _said(f"compared: {CLAIMS} claims, {wanted}, differences {told}", at)
        if any(told.values()):
            first = [one for found in differ.values() for one in sorted(found.items())[:SHOWN]]
            raise AssertionError(f"(+) is too much, (-) is missing: {first}")


def seconds(house: House, seed: int) -> None:
    """Every claim the first payer left something of goes to the second one to the cent, and no other."""
    with tempfile.TemporaryDirectory(prefix="reclaim-seconds-") as place:
        at = time.monotonic()
        truth = build(Path(place) / "world", seed=seed, claims=SECONDS, leaves_second=True)
        at = _said("built", at)
        take_in(truth, None, at_once=TOGETHER)
        at = _said("imported", at)
        with reading(CLERK) as w:
            wanted = test_world_secondaries.expected(w, truth)
            waiting = [one for one in next_payers.opened(w) if one.row.open]
        differ = differences((one.claim for one in waiting), wanted)
        _said(f"compared: {len(wanted)} claims to a next payer, differences {len(differ)}", at)
        if differ:
            raise AssertionError(f"(+) is too much, (-) is missing: {sorted(differ.items())[:SHOWN]}")
        test_world_secondaries.as_read(waiting, wanted)


def _said(what: str, since: float) -> float:
    now = time.monotonic()
    print(f"   {what}: {now - since:.1f} s, peak {peak_mb():.0f} MB", flush=True)
    return now
