"""What keeps a statement or a letter from going out: one function per act, for every door (N9). Pure.

The holds are the contacts'; what the law of a state says of a letter is added here.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.contacts.lifecycle import Act
from app.contacts.rules_guards import Facts, No, held
from app.contacts.rules_law import Law
from app.statements.rules_reasons import CODES

LAW = "law_blocks"


@dataclass(frozen=True, slots=True)
class Going:
    """A letter that would go: its name, the day, and day 0 of the episode (absent before a first statement).

    itemised_on: the last itemised bill they got, absent for none.
    """

    letter: str
    day: date
    first_on: date | None = None
    itemised_on: date | None = None


def may_statement(facts: Facts) -> list[No]:
    """What stands against a statement: holds of the whole account; one of a visit takes that visit out."""
    return held(Act.STATEMENT, facts)


def may_letter(facts: Facts, law: Law, going: Going) -> list[No]:
    """What stands against a letter: holds, and what the law of their state says of it on that day."""
    found = held(Act.LETTER, facts)
    if not going.letter:
        return found
    row = law.row(f"{going.letter}_allowed", facts.state)
    if row.value != "yes":
        words = f"The law does not allow this letter ({row.source})."
        found.append(No(f"law.{row.code}", words, None, "Counsel changes the row of law."))
    wait = law.row(f"{going.letter}_wait_days", facts.state)
    free = (going.first_on or going.day) + timedelta(int(wait.value))
    if free > going.day:
        words = f"No such letter before {free:%m/%d/%Y} ({wait.source})."
        found.append(No(f"law.{wait.code}", words, _instant(free, facts.home), "Wait for the day."))
    needed = going.letter != "second_notice" and law.yes("itemised_before_collection", facts.state)
    if needed and going.itemised_on is None:
        words = "An itemised bill must have gone out before collection."
        found.append(No("law.itemised_before_collection", words, None, "Send the itemised bill."))
    return found


def _instant(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def reason_of(no: No) -> str:
    """The code of data/reasons.csv for a refusal."""
    if no.rule.startswith("law."):
        return LAW
    code = no.rule.replace("hold.", "hold_")
    return code if code in CODES else "guard"
