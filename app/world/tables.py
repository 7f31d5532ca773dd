"""The shipped tables the example world is made of: payers, codes and fees, denial reasons, words.

Everything here is a placeholder: no row describes a real person, plan, practice or price.
"""

import csv
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Payer:
    """One plan: who it says it is, how it pays and what it leaves to the patient.

    known_by: `n104`, `2u` or `name`: where its 835 puts the id its 837 carries (`name`: nowhere).
    multiplier_bp: its fees in ten-thousandths of the base fee. Rates ending `_bp` are ten-thousandths too.
    """

    key: str
    name: str
    payer_id: str
    tax_id: str
    known_by: str
    filing_837: str
    filing_835: str
    method: str
    cents: str
    multiplier_bp: int
    lag_days: int
    share: int
    copay: int
    coinsurance_bp: int
    deductible_bp: int
    sequestration_bp: int
    withhold_bp: int
    capitated: bool
    city: str
    state: str
    zip: str

    @property
    def company(self) -> str:
        """BPR10 and TRN03: `1` and the nine digits of the tax id."""
        return "1" + self.tax_id


@dataclass(frozen=True, slots=True)
class Code:
    """One service that can be billed. used_by: P professional, O outpatient, I inpatient line, D DRG."""

    used_by: str
    code_type: str
    code: str
    revenue: str
    base: int
    units_max: int
    modifier: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One way a payer refuses: kind is where it may appear, category what the denial is filed under."""

    kind: str
    group: str
    carc: str
    rarc: str
    category: str
    weight: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One way the world goes wrong. level: claim, held, copy, extra or bill; rate as in `faults.rates`."""

    level: str
    kind: str
    rate: int
    what: str


@dataclass(frozen=True, slots=True)
class Carc:
    """What an adjustment reason does: denial full|partial|not; effect next, none or an account number.

    appeal: yes when the payer grants an appeal against it.
    """

    code: str
    category: str
    denial: str
    effect: str
    appeal: str


def in_cents(text: str) -> int:
    """Cents of a plain decimal such as `92.50`, exact."""
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int((part + "00")[:2])


def in_bp(text: str) -> int:
    """Ten-thousandths of a rate such as `0.02`, exact to four places."""
    whole, _, part = text.partition(".")
    return int(whole or "0") * 10_000 + int((part + "0000")[:4])


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="ascii", newline="") as source:
        return list(csv.DictReader(source))


def _payer(row: dict[str, str]) -> Payer:
    kinds: dict[str, Callable[[str], object]] = {
        "multiplier": in_bp, "coinsurance": in_bp, "deductible_rate": in_bp, "sequestration": in_bp,
        "withhold": in_bp, "copay": in_cents, "lag_days": int, "share": int,
        "capitated": lambda text: text == "yes",
    }  # fmt: skip
    values: list[Any] = [kinds.get(name, str)(text) for name, text in row.items()]
    return Payer(*values)


@cache
def payers() -> dict[str, Payer]:
    """Every payer by its key, in the order of the file."""
    return {row["key"]: _payer(row) for row in _rows("payers.csv")}


@cache
def codes() -> dict[str, tuple[Code, ...]]:
    """Codes by who uses them."""
    found: dict[str, list[Code]] = {}
    for row in _rows("codes.csv"):
        code = Code(row["used_by"], row["code_type"], row["code"], row["revenue"],
                    in_cents(row["base"]), int(row["units_max"]), row["modifier"])  # fmt: skip
        found.setdefault(code.used_by, []).append(code)
    return {used_by: tuple(rows) for used_by, rows in found.items()}


@cache
def reasons() -> dict[str, tuple[Reason, ...]]:
    """Denial reasons by kind, each repeated by its weight so that an even draw is a weighted one."""
    found: dict[str, list[Reason]] = {}
    for row in _rows("denials.csv"):
        reason = Reason(
            row["kind"], row["group"], row["carc"], row["rarc"], row["category"], int(row["weight"])
        )
        found.setdefault(reason.kind, []).extend([reason] * reason.weight)
    return {kind: tuple(rows) for kind, rows in found.items()}


@cache
def carcs() -> dict[str, Carc]:
    """The few adjustment reasons this world uses."""
    return {
        row["code"]: Carc(row["code"], row["category"], row["denial"], row["effect"], row["appeal"])
        for row in _rows("carcs.csv")
    }


@cache
def appeal_days() -> dict[str, int]:
    """By payer key: calendar days from the remit to the last legal day of a first appeal, the days presumed
    for the mail included.
    """
    return {row["payer"]: int(row["days"]) + int(row["presumed"]) for row in _rows("appeals.csv")}


@cache
def faults() -> tuple[Fault, ...]:
    """Everything that goes wrong, in the order in which it is forced into a small world."""
    return tuple(
        Fault(row["level"], row["kind"], int(row["rate"]), row["what"]) for row in _rows("faults.csv")
    )


@cache
def words() -> dict[str, Any]:
    """Names, streets, places, diagnoses and practices: lists of upper-case X12 basic characters."""
    with (DATA / "words.toml").open("rb") as source:
        return tomllib.load(source)
