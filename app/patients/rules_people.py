"""Who answers for a visit, what makes two guarantors one person, what an address is, account numbers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import NamedTuple

from app.access.rules import home_words
from app.kernel.errors import Refused
from app.patients.lifecycle import Relation

ADULT_AT = 18
"""Years of age from which people answer for themselves where no state says another age."""
ALWAYS = date(1900, 1, 1)
"""From when on a guarantor answers when nobody knows since when: before any service."""
LANGUAGES = {"en": "English", "es": "Spanish"}
"""What statements and letters are written in."""
CHILD = "19"
"""SBR02 or PAT01: the patient is a child of the policy holder."""


class Visit(NamedTuple):
    """A visit somebody must answer for; without a day of service today's decides."""

    claim_id: int
    patient_id: int
    service_from: date | None


@dataclass(frozen=True, slots=True)
class Home:
    """An address in the United States, as people and claims write it."""

    street: str = ""
    street2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""

    @property
    def whole(self) -> bool:
        """Can a letter be sent there?"""
        return bool(self.street and self.city and self.state and len(self.zip) >= 5)

    @property
    def words(self) -> str:
        """What makes two addresses one, as everything that compares homes writes it."""
        return home_words(f"{self.street} {self.street2}", self.zip)

    @property
    def text(self) -> str:
        """As it is sealed."""
        return json.dumps(asdict(self), separators=(",", ":"), ensure_ascii=False)


HOME_SEALED = "patient.home"
"""The context `patient.home_sealed` is sealed in."""
HOME_PARTS = tuple(one.name for one in fields(Home))


LIVES = (*HOME_PARTS, "holder_last", "holder_first", "relationship")


class Lives(NamedTuple):
    """What the first claim says of a patient: where they live, who holds the policy, and as what."""

    home: Home
    holder_last: str = ""
    holder_first: str = ""
    relationship: str = ""


def home_of(text: str) -> Home:
    """An address as it was sealed."""
    said = json.loads(text)
    return Home(**{name: str(said.get(name, "")) for name in HOME_PARTS})


def lives_text(parts: Sequence[str], holder_last: str, holder_first: str, relationship: str) -> str:
    """What `patient.home_sealed` keeps of what a claim says; parts: see `parts_home`."""
    home = parts_home(parts)
    said = (home.street, home.street2, home.city, home.state, home.zip)
    return json.dumps(
        dict(zip(LIVES, (*said, holder_last[:80], holder_first[:60], relationship[:2]), strict=True)),
        separators=(",", ":"), ensure_ascii=False,
    )  # fmt: skip


def lives_of(text: str) -> Lives:
    """What `patient.home_sealed` keeps, opened."""
    said = json.loads(text)
    named = ("holder_last", "holder_first", "relationship")
    return Lives(home_of(text), *(str(said.get(name, "")) for name in named))


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as far as it decides who answers; natural: the patient's own fingerprint."""

    id: int
    natural: str
    last: str
    first: str
    middle: str
    birth: date | None
    member_lookup: str
    lives: Lives | None


class Proposed(NamedTuple):
    """Who would answer for a patient's visits in `[from, to)`, before a person confirms it.

    identity: words whose fingerprint tells persons apart; empty: the patient, by the patient's own.
    """

    identity: str
    last: str
    first: str
    middle: str
    birth: date | None
    relation: Relation
    confirmed: bool
    home: Home | None
    effective_from: date
    effective_to: date | None


def birthday(birth: date, years: int) -> date:
    """The day somebody is so many years old; who was born on a leap day waits for March 1."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 3, 1)


def adult_from(birth: date | None, state: str, ages: Mapping[str, int]) -> date:
    """The first day of service somebody answers for themselves.

    ages: years by state, "" for all others. Without a birth date nobody is treated as a minor.
    """
    if birth is None:
        return ALWAYS
    return birthday(birth, ages.get(state, ages.get("", ADULT_AT)))


def propose(one: Person, on: date, ages: Mapping[str, int]) -> Proposed | None:
    """Who answers for a service of this day when nobody said (patient-collections section 1).

    An adult: the patient. A minor: the holder of the policy only when the claim calls the patient their
    child, and a person still has to confirm it; being the subscriber alone makes nobody answer. None: nobody
    is known.
    """
    home = one.lives.home if one.lives else None
    grown = adult_from(one.birth, home.state if home else "", ages)
    if on >= grown:
        return Proposed(
            "", one.last, one.first, one.middle, one.birth, Relation.SELF, one.birth is not None,
            home, grown, None,
        )  # fmt: skip
    lives = one.lives
    if lives is None or lives.relationship != CHILD or not (lives.holder_last and lives.holder_first):
        return None
    return Proposed(
        holder_words(lives, one.member_lookup or one.natural), lives.holder_last, lives.holder_first, "",
        None, Relation.PARENT, False, home, ALWAYS, grown,
    )  # fmt: skip


def holder_words(lives: Lives, member: str) -> str:
    """What makes a policy holder one person without a birth date: the name and the policy."""
    return f"{lives.holder_last}|{lives.holder_first}|{member}".upper()


def person_words(last: str, first: str, birth: date | None, else_by: str = "") -> str:
    """What makes two guarantors one person: name and birth date; else_by decides without one."""
    return f"{last}|{first}|{birth.isoformat() if birth else else_by}".upper()


Span = tuple[date, date | None]
"""Days of service `[from, to)`; None: without an end."""


def spliced(old: Span, new: Span) -> tuple[Span | None, Span | None]:
    """What is left of a span once another one takes its days: the part before, the part behind."""
    (start, end), (since, until) = old, new
    if (end is not None and end <= since) or (until is not None and until <= start):
        return old, None
    before: Span | None = (start, since) if start < since else None
    behind: Span | None = None
    if until is not None and (end is None or until < end):
        behind = (until, end)
    return (behind, None) if before is None else (before, behind)


def checked_name(text: str, field: str) -> str:
    """A name as it is kept: any letters there are, blanks made one; only a middle name may be empty."""
    plain = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    most = NAME_SIZES[field]
    if len(plain) > most:
        raise Refused(f"At most {most} characters fit here.", code="too_long", field=field)
    if not plain and field != "middle":
        raise Refused("A name is missing.", code="name", field=field)
    return plain


NAME_SIZES = {"last": 80, "first": 60, "middle": 40}


def check_digit(digits: str) -> str:
    """The Luhn digit of a row of digits: one wrong digit or two exchanged neighbours are noticed."""
    doubled = [sum(divmod(2 * int(one), 10)) for one in digits[::-2]]
    return str(-(sum(doubled) + sum(int(one) for one in digits[-2::-2])) % 10)


def account_number(nth: int) -> str:
    """The number people quote: `A`, the number of an entity's series, and a check digit; 12 signs at most."""
    digits = f"{nth % 10**10:06d}"  # numbers of a rehearsal begin beyond every real one, and are longer
    return f"A{digits}{check_digit(digits)}"


def account_number_of(text: str) -> str:
    """An account number as typed, put as it is kept; empty when it is none or its check digit is wrong."""
    plain = "".join(text.split()).replace("-", "").upper().removeprefix("A")
    fits = plain.isascii() and plain.isdigit() and 7 <= len(plain) <= 11
    return f"A{plain}" if fits and check_digit(plain[:-1]) == plain[-1] else ""


def parts_home(parts: Sequence[str]) -> Home:
    """An address of a claim: N3 and N4 as one list of what was filled in."""
    at = next((n for n in range(len(parts) - 1, 2, -1) if _zip_like(parts[n])), 0)
    if not at or len(parts[at - 1]) != 2:
        return Home(street=parts[0][:60] if parts else "")
    streets = [*parts[: at - 2], "", ""]
    return Home(streets[0][:60], streets[1][:60], parts[at - 2][:40], parts[at - 1].upper(), parts[at][:10])


def _zip_like(part: str) -> bool:
    return len(part) >= 5 and part.replace("-", "").isdigit()
