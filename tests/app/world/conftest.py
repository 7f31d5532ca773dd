"""Two worlds, built once for all tests of this folder: the demo's, and a larger one."""

from datetime import date
from pathlib import Path

import pytest

from app.world import Truth, build, small
from tests.app.world.clerk import Clerk

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session", params=["small", "large"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """The truth of a finished world; its `folder` holds the files."""
    folder = tmp_path_factory.mktemp("world")
    if request.param == "small":
        return small(folder, today=TODAY)
    return build(folder, seed=11, claims=3_000, entities=3)


@pytest.fixture(scope="session")
def clerk(world: Truth) -> Clerk:
    """What a second reader makes of the same files."""
    reader = Clerk()
    reader.read(Path(world.folder) / "files")
    return reader
