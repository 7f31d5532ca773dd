"""Who lives in the example world: providers, clinicians and patients, each a pure function of a number.

Nothing is kept per patient, so a world of a million claims needs no more memory than one of a hundred.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from app.world.tables import payers, words

_MASK = (1 << 64) - 1
MEDICARE = ("medicare_b", "medicare_a")


@dataclass(frozen=True, slots=True)
class Entity:
    """One billing provider. institutional: it also sends 837I."""

    number: int
    name: str
    npi: str
    tax_id: str
    taxonomy: str
    street: str
    city: str
    state: str
    zip: str
    institutional: bool


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient and what covers them. Without a secondary plan `secondary` is empty.

    child: covered by a parent's policy, so the subscriber is somebody else (`parent_first`).
    """

    number: int
    last: str
    first: str
    sex: str
    birth: date
    street: str
    city: str
    state: str
    zip: str
    plan: str
    secondary: str
    child: bool
    parent_first: str


def mix(*numbers: int) -> int:
    """A well spread 64-bit number from a few small ones (splitmix64), the same on every machine."""
    value = 0x9E3779B97F4A7C15
    for number in numbers:
        value = (value + (number & _MASK) + 0x9E3779B97F4A7C15) & _MASK
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        value ^= value >> 31
    return value


def npi(number: int) -> str:
    """A well-formed NPI: nine digits and the Luhn check digit over the prefix 80840."""
    digits = f"1{number % 100_000_000:08d}"
    total = 24
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def entity(seed: int, number: int) -> Entity:
    """The billing provider of this number; the first is a hospital with its own physicians."""
    practices, places = words()["practices"], words()["places"]
    city, state, postal = places[number % len(places)].split("|")
    name = practices[number % len(practices)]
    if number >= len(practices):
        name += f" {number // len(practices) + 1}"
    return Entity(
        number, name, npi(mix(seed, 11, number)), f"{910000000 + mix(seed, 12, number) % 80_000_000:09d}",
        "282N00000X" if number == 0 else "261QM1300X",
        f"{100 + number} {words()['streets'][number % 10]}", city, state, postal, number == 0,
    )  # fmt: skip


def clinician(seed: int, entity_number: int, number: int) -> tuple[str, str, str]:
    """Last name, first name and NPI of one of an entity's twelve clinicians."""
    key = mix(seed, 13, entity_number, number % 12)
    firsts = words()["first_female"] if key & 1 else words()["first_male"]
    return words()["last"][key % 25], firsts[(key >> 8) % 25], npi(key >> 3)


def patient(seed: int, number: int) -> Patient:
    """The patient of this number."""
    key = mix(seed, 21, number)
    female = bool(key & 1)
    firsts = words()["first_female"] if female else words()["first_male"]
    plan = _plan((key >> 8) % 1000)
    child = plan in ("larkspur", "cedarline", "blueharbor", "summit") and (key >> 20) % 100 < 15
    old = 66 if plan in ("medicare", "silverleaf") else 2 if child else 20
    span = 25 if plan in ("medicare", "silverleaf") else 14 if child else 42
    birth = date(2025, 12, 28) - timedelta(days=365 * (old + (key >> 28) % span) + (key >> 40) % 365)
    city, state, postal = words()["places"][(key >> 36) % 5].split("|")
    mothers = words()["first_female"]
    return Patient(
        number, words()["last"][(key >> 12) % len(words()["last"])], firsts[(key >> 16) % 25],
        "F" if female else "M", birth, f"{1 + (key >> 44) % 9800} {words()['streets'][(key >> 50) % 10]}",
        city, state, postal, plan, "" if child else _secondary(plan, (key >> 52) % 100), child,
        mothers[(key >> 56) % 25],
    )  # fmt: skip


def member_id(payer_key: str, patient_number: int, seed: int) -> str:
    """The member number the plan knows this patient (or the policy holder) by."""
    key = mix(seed, 31, patient_number, len(payer_key), ord(payer_key[0]))
    if payer_key in MEDICARE:
        return f"1EG4TE{key % 10}MK{key >> 8 & 0xFFFF:05d}"[:11]
    return f"{payer_key[:2].upper()}{key % 10**9:09d}"


def _plan(draw: int) -> str:
    if draw < 280:
        return "medicare"
    rest = [(key, payer.share) for key, payer in payers().items() if payer.share]
    point = (draw - 280) * sum(share for _, share in rest) // 720
    for key, share in rest:
        if point < share:
            return key
        point -= share
    return rest[-1][0]


def _secondary(plan: str, draw: int) -> str:
    if plan == "medicare":
        return "tidewater" if draw < 45 else "medicaid" if draw < 62 else ""
    if plan == "larkspur" and draw < 8:
        return "blueharbor"
    return "medicaid" if plan == "silverleaf" and draw < 10 else ""
