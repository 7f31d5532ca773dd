"""A seeded world of a whole year through the product, and what leaves it against the world's truth."""

import tempfile
import time
from pathlib import Path

from app.kernel.work import reading
from app.world import build
from tests.bench.measure import peak_mb
from tests.conftest import House
from tests.worlds import CLERK, denials_differ, load_fees, take_in, underpayments_differ

CLAIMS = 100_000
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


def _said(what: str, since: float) -> float:
    now = time.monotonic()
    print(f"   {what}: {now - since:.1f} s, peak {peak_mb():.0f} MB", flush=True)
    return now
