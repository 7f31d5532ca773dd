"""Which looks at a patient compliance asks about: own records, colleagues, namesakes, neighbours, curiosity
(A8).
"""

from dataclasses import dataclass
from enum import StrEnum


class Odd(StrEnum):
    """Why a look stands out, worst first; one look gets the first that fits."""

    OWN_RECORD = "own_record"
    SAME_HOME = "same_home"
    COLLEAGUE = "colleague"
    SAME_NAME = "same_name"
    AFTER_REFUSAL = "after_refusal"
    NO_WORK = "no_work"


WORDS = {
    Odd.OWN_RECORD: "opened the record of somebody with their own name",
    Odd.SAME_HOME: "opened the record of somebody at their own address",
    Odd.COLLEAGUE: "opened the record of a colleague and did no work on it",
    Odd.SAME_NAME: "opened the record of somebody with their last name and did no work on it",
    Odd.AFTER_REFUSAL: "opened a record right after being refused, and did no work on it",
    Odd.NO_WORK: "opened the same record again and again without work on it",
}
REPEATED = 3
"""So many looks within 30 days, without any work, are no accident."""

Names = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody as looks are compared: last and first name in upper case, fingerprint of the address or
    None.
    """

    last: str
    first: str
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What one person saw of one patient. looks: within 30 days; worked: anything done about the patient
    then.
    """

    looks: int
    worked: bool
    after_refusal: bool


def names_of(full: str) -> Names:
    """(last, first) of a name as colleagues write it; ("", first) when there is only one word."""
    words = full.upper().replace(".", " ").split()
    return (words[-1], words[0]) if len(words) > 1 else ("", words[0] if words else "")


def odd(look: Look, who: Known, patient: Known, colleagues: frozenset[Names]) -> Odd | None:
    """The reason to ask about a look, or None. Work done explains most looks, never one's own record or
    home.
    """
    names = (patient.last, patient.first)
    if names == (who.last, who.first):
        return Odd.OWN_RECORD
    if who.home is not None and who.home == patient.home:
        return Odd.SAME_HOME
    if look.worked:
        return None
    if names in colleagues:
        return Odd.COLLEAGUE
    if who.last and who.last == patient.last:
        return Odd.SAME_NAME
    if look.after_refusal:
        return Odd.AFTER_REFUSAL
    return Odd.NO_WORK if look.looks >= REPEATED else None
