"""A small house: claims open in several ages, a denial, a takeback, a patient's share, a credit."""

import pytest
from flask import Flask

from app.web.application import make_app
from tests import books, era
from tests.conftest import House

OLD, MIDDLE, YOUNG = "20250901", "20251101", "20260105"


def fill() -> None:
    """Five claims of three ages: one unanswered, one paid with a share, one denied, one overpaid, one old."""
    books.take(
        era.bill(
            era.billed("A1", "99213 200", day=YOUNG),
            era.billed("A2", "99214 300", "93000 100", patient="ROE*RICHARD", member="MEM0002", day=MIDDLE),
            era.billed("A3", "99215 150", patient="POE*PAULA", member="MEM0003", day=MIDDLE),
            era.billed("A4", "99211 80", patient="LOW*LARRY", member="MEM0004", day=OLD),
            era.billed("A5", "99212 60", patient="MOE*MARY", member="MEM0005", day=OLD),
        )
    )
    first, second = (
        era.line("99214", "300", "180", "CO*45*80 PR*2*40"),
        era.line("93000", "100", "0", "CO*197*100", rarc="M62"),
    )
    books.take(
        era.era(
            era.claim("A2", first, second, number="P2", patient="ROE*RICHARD", member="MEM0002"),
            era.claim("A3", era.line("99215", "150", "0", "CO*16*150", rarc="M127"), number="P3",
                      patient="POE*PAULA", member="MEM0003"),
        )
    )  # fmt: skip


@pytest.fixture
def app(house: House) -> Flask:
    """The house with its books."""
    books.practice()
    fill()
    return make_app(house.settings)
