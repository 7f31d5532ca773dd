"""Longer quarters than a change has time for."""

from datetime import date

from tests import quarter as quarters
from tests.conftest import House

ACCOUNTS = 300
FIRST, LAST = date(2026, 3, 1), date(2026, 7, 1)


def quarter(house: House, seed: int) -> None:
    """Hundreds of people of every kind, day by day, each paper held against the ledger of its day."""
    del house
    with quarters.quarter(seed, ACCOUNTS, FIRST) as clinic:
        clinic.until(LAST)
    print(f"   {dict(clinic.seen)}")
