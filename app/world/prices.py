"""What each plan allows: one fee schedule per plan and calendar year, and the fees of the year before.

All arithmetic is in whole cents; a rate is ten-thousandths; half a cent goes away from zero.
"""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from app.world.tables import Code, Payer, codes, payers

COLUMNS = (
    "payer_id",
    "code_type",
    "code",
    "modifier",
    "setting",
    "allowed",
    "effective_from",
    "effective_to",
)
SETTINGS = {"P": ("nonfacility", "facility"), "O": ("outpatient",), "I": ("inpatient",), "D": ("inpatient",)}
YEARLY_BP = 10_250
FACILITY_BP = 8_200


def share_of(cents: int, bp: int) -> int:
    """`cents` times a rate in ten-thousandths, rounded half away from zero."""
    product = abs(cents) * bp
    whole = (product + 5_000) // 10_000
    return whole if cents >= 0 else -whole


class Prices:
    """The fee schedules of every plan from the year before `first_year` to `last_year`."""

    def __init__(self, first_year: int, last_year: int) -> None:
        self.years = range(first_year - 1, last_year + 1)
        self._fees: dict[tuple[str, str, str, int], int] = {}
        self._charges: dict[tuple[str, str], int] = {}
        for code in (code for rows in codes().values() for code in rows):
            self._charges[code.used_by, code.code] = self._charge(code)
            for payer in payers().values():
                for setting in SETTINGS[code.used_by]:
                    for year in self.years:
                        fee = self._fee(payer, code, setting, year)
                        self._fees[payer.key, f"{code.code_type}{code.code}", setting, year] = fee

    def fee(self, payer_key: str, code: Code, setting: str, year: int) -> int:
        """Allowed cents for one unit in that year; a year outside the schedules is an error."""
        return self._fees[payer_key, f"{code.code_type}{code.code}", setting, year]

    def charge(self, code: Code) -> int:
        """Our own price for one unit: above every plan's fee, so no fee is ever cut down to the charge."""
        return self._charges[code.used_by, code.code]

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The schedules as text rows in the order of COLUMNS; `effective_to` is the last day in force."""
        for rows in codes().values():
            for code in rows:
                for payer in payers().values():
                    for setting in SETTINGS[code.used_by]:
                        for year in self.years:
                            cents = self.fee(payer.key, code, setting, year)
                            yield (payer.payer_id, code.code_type, code.code, code.modifier, setting,
                                   f"{cents // 100}.{cents % 100:02d}",
                                   date(year, 1, 1).isoformat(), date(year, 12, 31).isoformat())  # fmt: skip

    def write(self, path: Path) -> None:
        """Write every schedule into one CSV file."""
        with path.open("w", encoding="ascii", newline="") as target:
            writer = csv.writer(target, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(self.rows())

    def _fee(self, payer: Payer, code: Code, setting: str, year: int) -> int:
        fee = share_of(code.base, payer.multiplier_bp)
        if setting == "facility":
            fee = share_of(fee, FACILITY_BP)
        for _ in range(year - self.years[0]):
            fee = share_of(fee, YEARLY_BP)
        return max(fee, 1)

    def _charge(self, code: Code) -> int:
        top = share_of(code.base, max(payer.multiplier_bp for payer in payers().values()))
        for _ in self.years:
            top = share_of(top, YEARLY_BP)
        rate = 11_500 if code.used_by == "D" else 14_000
        return (share_of(top, rate) // 100 + 1) * 100 + (50 if code.base % 2 else 0)
