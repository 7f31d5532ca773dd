"""The facts of one billed claim, drawn from the world's random stream."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from app.world.people import Entity, Patient, patient
from app.world.prices import Prices
from app.world.tables import Code, Payer, codes, payers, words

PLACES = ("11", "11", "11", "11", "22", "11", "23", "11")
MAX_LINES = 5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """One service line. number counts from 1; setting names the fee schedule column that prices it."""

    number: int
    code: Code
    modifier: str
    units: int
    charge: int
    setting: str
    day: date

    @property
    def control(self) -> str:
        """REF*6R, unique in its claim."""
        return f"L{self.number}"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim as billed. form: P professional, O outpatient, I inpatient per day, D inpatient by DRG."""

    number: int
    control: str
    entity: Entity
    form: str
    patient: Patient
    payer: Payer
    secondary: Payer | None
    service_from: date
    service_to: date
    place: str
    clinician: int
    diagnoses: tuple[str, ...]
    drg: Code | None
    lines: tuple[Line, ...]
    charge: int

    @property
    def kind(self) -> str:
        """Which 837 carries it: `P` or `I`."""
        return "P" if self.form == "P" else "I"

    @property
    def bill_type(self) -> str:
        """CLM05-1 and CLP08: place of service, or the first two digits of the type of bill."""
        if self.form == "P":
            return self.place
        return "13" if self.form == "O" else "11"


def pick(rng: Random, rows: Sequence[T]) -> T:
    """One of the rows, by random(): only its stream is promised to stay the same in later Pythons."""
    return rows[int(rng.random() * len(rows))]


class Claims:
    """Draws claim after claim. seed settles every patient, so the same patient always has the same plan."""

    def __init__(self, seed: int, entities: list[Entity], prices: Prices, patients: int) -> None:
        self._seed, self._entities, self._prices, self._patients = seed, entities, prices, max(patients, 1)

    def draw(self, rng: Random, number: int, day: date) -> Claim:
        """The claim of this number for services that began on that day."""
        entity = pick(rng, self._entities)
        who = patient(self._seed, int(rng.random() * self._patients))
        form = self._form(rng, entity, who)
        place = pick(rng, PLACES) if form == "P" else ""
        until = day + timedelta(days=2 + int(rng.random() * 4)) if form in "ID" else day
        lines = self._lines(rng, form, place, day, (until - day).days)
        drg = pick(rng, codes()["D"]) if form == "D" else None
        if drg is not None:
            lines = self._weigh(lines, self._prices.charge(drg))
        plan = who.plan
        if plan == "medicare":
            plan = "medicare_b" if form == "P" else "medicare_a"
        count = 1 + int(rng.random() * 3)
        start = int(rng.random() * len(words()["diagnoses"]))
        diagnoses = tuple(words()["diagnoses"][(start + step * 5) % 16] for step in range(count))
        return Claim(
            number, f"RC{entity.number + 1}{number:08d}", entity, form, who, payers()[plan],
            payers()[who.secondary] if who.secondary else None, day, until, place,
            int(rng.random() * 12), diagnoses, drg, lines, sum(line.charge for line in lines),
        )  # fmt: skip

    def _form(self, rng: Random, entity: Entity, who: Patient) -> str:
        draw = rng.random()
        if not entity.institutional or draw < 0.45:
            return "P"
        if draw < 0.86:
            return "O"
        return "D" if who.plan in ("medicare", "silverleaf", "blueharbor") else "I"

    def _lines(self, rng: Random, form: str, place: str, day: date, nights: int) -> tuple[Line, ...]:
        rows = codes()["I" if form == "D" else form]
        setting = {"P": "facility" if place in ("22", "23") else "nonfacility", "O": "outpatient"}.get(
            form, "inpatient"
        )
        count = 1 + int(rng.random() * MAX_LINES) if rng.random() < 0.8 else 1
        start, step = int(rng.random() * len(rows)), 1 + int(rng.random() * 4)
        chosen: list[Code] = [] if form in "PO" else [rows[0]]
        for turn in range(count):
            code = rows[(start + turn * step) % len(rows)]
            if code not in chosen:
                chosen.append(code)
        lines = []
        for number, code in enumerate(chosen, 1):
            units = 1 + int(rng.random() * code.units_max)
            if code.revenue == "0120":
                units = max(nights, 1)
            lines.append(
                Line(number, code, code.modifier, units, self._prices.charge(code) * units, setting, day)
            )
        return tuple(lines)

    def _weigh(self, lines: tuple[Line, ...], least: int) -> tuple[Line, ...]:
        """Raise the first line so that a DRG payment never exceeds what was charged."""
        short = least - sum(line.charge for line in lines)
        if short <= 0:
            return lines
        first = lines[0]
        return (replace(first, charge=first.charge + short), *lines[1:])
