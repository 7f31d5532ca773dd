"""The demo's practice partner: it answers a demo within a few turns, and a production installation never."""

from collections.abc import Iterator

import pytest

from app.flows import demo, demo_partner
from app.intake.models import IntakeFile
from app.kernel.db import table_of
from app.kernel.settings import settings
from app.kernel.work import reading
from app.rebill.models import Receiver
from tests import books
from tests.era import bill, billed

ON_SQLITE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@pytest.fixture
def shop(house: object) -> Iterator[None]:
    del house
    demo.prepare(claims=30)
    yield
    settings.cache_clear()


def put(name: str = "EXCLEAR01-20260101-000500001.837") -> None:
    folder = settings().outgoing / demo_partner.PLACE / "1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(bill(billed("A1", "99214 100")))


def answers() -> list[str]:
    """The kinds of files the partner offered, in order."""
    names = [row.name for row in books.rows(table_of(IntakeFile))]
    return [name.split("-")[2] for name in names if name.startswith("partner-")]


@ON_SQLITE
def test_every_practice_of_a_demo_can_send(shop: None) -> None:
    del shop
    with reading(books.CLERK) as w:
        found = w.db.execute(table_of(Receiver).select()).all()
    assert len(found) == 2 and all("practice partner" in one.name and one.is_default for one in found)
    assert len({one.place for one in found}) == 2


@ON_SQLITE
def test_a_file_goes_through_its_states_turn_by_turn(shop: None) -> None:
    del shop
    assert demo_partner.turn() == 0
    put()
    assert [demo_partner.turn() for _ in range(4)] == [2, 1, 1, 0]
    assert answers() == ["999.edi", "277ca.edi", "277ca.edi", "835.edi"]
    put("again.837")
    assert demo_partner.turn() == 0, "the same interchange is not taken twice"
    put("picture.837")
    (settings().outgoing / demo_partner.PLACE / "1" / "picture.837").write_bytes(b"no claims")
    assert demo_partner.turn() == 0
    assert list((settings().outgoing / demo_partner.PLACE / "1").iterdir()) == []


@ON_SQLITE
def test_a_production_installation_has_no_practice_partner(
    shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del shop
    put()
    monkeypatch.setenv("RECLAIM_MODE", "production")
    settings.cache_clear()
    assert demo_partner.turn() == 0 and answers() == []


@ON_SQLITE
def test_an_installation_that_is_no_demo_has_none_either(house: object) -> None:
    del house
    put()
    assert demo_partner.turn() == 0
