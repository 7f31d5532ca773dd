"""Which billed claims speak of one encounter, and what a later version changes: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.patients.rules import Named

RANKS = {
    "P": 1,
    "S": 2,
    "T": 3,
    **{letter: 4 + place for place, letter in enumerate("ABCDEFGH")},
    "U": 1,
    "": 1,
}
REPLACES, VOIDS, ADDS = "7", "8", "5"
NOT_INSURED = "09"


class Line(NamedTuple):
    """A billed line, in the order of the claim; cents, units as sent."""

    id: int
    number: int
    control: str
    qualifier: str
    code: str
    modifiers: str
    revenue: str
    cents: int
    units: str
    service_from: str | None
    service_to: str | None
    byte: int
    element: int

    @property
    def facts(self) -> str:
        """What makes two lines the same service; dates in short, as files say them either way."""
        return f"{self.code}|{self.modifiers}|{self.revenue}|{self.cents}|{self.units}|{self.service_from}"


class Covered(NamedTuple):
    """A payer of a claim as one version names it."""

    rank: int
    name: str
    ids: tuple[tuple[str, str], ...]
    filing: str
    source: int


class Billed(NamedTuple):
    """A CLM as the rest of the product takes it. `id` is its address, `sent` when its file was made."""

    id: int
    kind: str
    control: str
    cents: int
    frequency: str
    sequence: str
    filing: str
    facility: str
    provider_npi: str
    service_from: str | None
    service_to: str | None
    original_reference: str | None
    prior_authorization: str | None
    diagnoses: str
    subscriber: str
    sent: str
    insured: bool
    lines: tuple[Line, ...]
    payers: tuple[Covered, ...]
    patient: Named
    byte: int
    byte_end: int
    segments: int
    charge_source: tuple[int, int, int]
    drg: str = ""

    @property
    def rank(self) -> int:
        """The rank of the payer this version was sent to."""
        return RANKS.get(self.sequence, 1)

    @property
    def line_total(self) -> int:
        """The sum of its line charges."""
        return sum([line.cents for line in self.lines])

    def encounter_words(self, patient_id: int) -> str:
        """What an encounter is: patient, provider, dates and lines; a replaced one is found by CLM01."""
        lines = ";".join(sorted([line.facts for line in self.lines]))
        return f"{patient_id}|{self.provider_npi}|{self.service_from}|{self.service_to}|{self.cents}|{lines}"

    def content_words(self, encounter_words: str) -> str:
        """What makes two versions the same: the encounter, its control number, payer order and frequency."""
        asked = f"{self.control}|{self.frequency}|{self.sequence}|{self.original_reference}|{self.diagnoses}"
        return f"{encounter_words}|{asked}|{self.prior_authorization}"


@dataclass(frozen=True, slots=True)
class Known:
    """A claim already on the books that a new version may belong to."""

    id: int
    encounter: str
    control: str
    patient_id: int
    service_from: date | None
    cents: int

    lacks_original: bool = False


def belongs_to(one: Billed, patient_id: int, encounter: str, known: Sequence[Known]) -> Known | None:
    """The claim a new version belongs to: the same encounter, or the same CLM01, patient and first day.

    A practice that numbers patients instead of visits repeats CLM01; its visits differ by day and stay apart.
    A replacement, void or late charge may move the day: then CLM01 and patient decide, if only one claim has
    them. An original that arrives after its replacement finds the claim that still lacks one.
    """
    for claim in known:
        if claim.encounter == encounter:
            return claim
    same = [claim for claim in known if claim.control == one.control and claim.patient_id == patient_id]
    on_day = [claim for claim in same if _iso(claim.service_from) == one.service_from]
    later = one.frequency in (REPLACES, VOIDS, ADDS) or one.rank > 1
    if len(on_day) == 1 and (later or on_day[0].lacks_original):
        return on_day[0]
    if len(same) == 1 and one.frequency in (REPLACES, VOIDS, ADDS):
        return same[0]

    return None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def age_of(frequency: str, sent: str, version_id: int, *, ours: bool = False) -> tuple[int, str, int]:
    """The place of a version among those of its claim, whichever came first: the greater one supersedes.

    ours: under a number we gave. A new claim (frequency 1) sent after a rejection is later than the rejected
    one by its day alone; of anybody else's the frequency says which is the correction.
    """
    return (1 if ours or frequency in (REPLACES, ADDS, VOIDS) else 0, sent, version_id)


def changed_lines(old: Iterable[Line], new: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """(lines only in the old version, lines only in the new): what a later version takes back and adds."""
    left: dict[str, list[Line]] = {}
    for line in old:
        left.setdefault(line.facts, []).append(line)
    added = []
    for line in new:
        same = left.get(line.facts)
        if same:
            same.pop(0)
        else:
            added.append(line)
    return [line for lines in left.values() for line in lines], added


def insured(filing: str, payer_name: str) -> bool:
    """Is somebody else to pay first? Filing indicator 09 and payers named SELF PAY mean the patient."""
    return filing != NOT_INSURED and payer_name.strip().upper() not in ("SELF PAY", "SELFPAY", "SELF-PAY")
