"""Making a world: the same arguments give the same bytes, quickly, and never two worlds in one folder."""

import hashlib
import time
import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.world import build, small
from tests.app.world.conftest import TODAY

GOLDEN = (  # what seed 7 has always given
    "372a22fed6cdd7cdf5be437eb365bef78289077488315cf117437d661a68b323"  # pragma: allowlist secret
)


def digest(folder: Path) -> str:
    """One hash over the names and bytes of every file."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return total.hexdigest()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        build(tmp_path / name, seed=3, claims=500)
    assert digest(tmp_path / "one") == digest(tmp_path / "two")


def test_another_seed_gives_another_world(tmp_path: Path) -> None:
    build(tmp_path / "one", seed=3, claims=200)
    build(tmp_path / "two", seed=4, claims=200)
    assert digest(tmp_path / "one") != digest(tmp_path / "two")


def test_bytes_do_not_change_with_the_version_of_python_or_the_machine(tmp_path: Path) -> None:
    build(tmp_path, seed=7, claims=60, start=date(2026, 1, 5))
    assert digest(tmp_path) == GOLDEN


def test_ten_thousand_claims_take_seconds(tmp_path: Path) -> None:
    started = time.perf_counter()
    truth = build(tmp_path, claims=10_000)
    assert time.perf_counter() - started < 60
    assert truth.summary["claims"] == 10_000


def test_the_demo_world_is_there_at_once(tmp_path: Path) -> None:
    started = time.perf_counter()
    small(tmp_path, today=TODAY)
    assert time.perf_counter() - started < 2


def test_memory_does_not_grow_with_the_number_of_claims(tmp_path: Path) -> None:
    peaks = []
    for claims in (1_200, 4_800):
        tracemalloc.start()
        build(tmp_path / str(claims), claims=claims, months=claims // 400, file_claims=40)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_two_worlds_never_share_a_folder(tmp_path: Path) -> None:
    build(tmp_path, claims=20)
    with pytest.raises(ValueError, match="already holds files"):
        build(tmp_path, claims=20)


@pytest.mark.parametrize("wrong", [{"claims": 0}, {"entities": 0}, {"months": 0}])
def test_a_world_of_nothing_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        build(tmp_path, **wrong)


def test_one_provider_and_one_claim_are_enough(tmp_path: Path) -> None:
    truth = build(tmp_path, claims=1, entities=1)
    assert len(list(truth.rows("claims"))) == 1
