"""A house with one practice in it."""

import pytest

from app.entities import service as entities
from app.kernel.work import system, work


@pytest.fixture
def entity(house: object) -> int:
    with work(system("tests")) as w:
        return entities.add(w, "Practice One", ()).id
