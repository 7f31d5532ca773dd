"""Whether a claim goes on to its next payer, waits, or goes there anew: decided from what stands. Pure.

Looking again at the same facts decides the same; in whatever order they came, the end is the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from app.claims.rules import RANKS
from app.rebill.lifecycle import AT_WORK, State

CROSSED_OVER = frozenset({"19", "20", "21"})
FORWARDED = frozenset({"MA18", "MA07"})
"""Remarks that say the same as CLP02 19: sent on to the supplemental insurer, or to Medicaid (B10)."""
NEVER_BILLED = frozenset({State.SUPERSEDED})
FIRST, REPLACES = "1", "7"
LETTERS = {rank: letter for letter, rank in RANKS.items() if letter and letter != "U"}
"""SBR01 of a payer by its rank."""

WORDS = {1: "primary", 2: "secondary", 3: "tertiary"}
WAIT_DAYS = 30


class Standing(NamedTuple):
    """An adjudication that stands. day: of its remit; forwarded: the payer sent the claim on by itself;
    corrects: it came in the place of one that was taken back.
    """

    remit_claim_id: int
    rank: int
    day: date
    payer_control: str
    forwarded: bool = False
    corrects: bool = False


class Ours(NamedTuple):
    """A submission of ours to a payer after the first. basis: the adjudication it carries on."""

    id: int
    rank: int
    state: State
    basis: int | None
    by_itself: bool

    @property
    def at_work(self) -> bool:
        """Nothing has left the house: it can still be withdrawn."""
        return self.state in AT_WORK

    @property
    def left(self) -> bool:
        """It is with the receiver or the payer, or on its way there, or was answered."""
        return self.state not in AT_WORK and self.state not in (State.SUPERSEDED, State.CANCELLED)


@dataclass(slots=True)
class Facts:
    """What decides about one claim. covers: its payers by rank, (payer, filing indicator); left: cents that
    stand moved to a rank.

    waits: by rank, days this payer has for the remit of a claim that was forwarded to it (R837-26). others:
    by rank, the file another system billed that payer with. voided: the claim is being taken back.
    """

    claim_id: int
    covers: dict[int, tuple[int | None, str]] = field(default_factory=dict)
    answers: dict[int, list[Standing]] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    ours: list[Ours] = field(default_factory=list)
    waits: dict[int, int] = field(default_factory=dict)
    others: dict[int, str] = field(default_factory=dict)
    voided: bool = False

    def newest(self, rank: int) -> Standing | None:
        """The adjudication of a payer that stands; the latest where it answered in parts."""
        return max(self.answers.get(rank, ()), key=lambda one: (one.day, one.remit_claim_id), default=None)

    def forwarded_to(self) -> list[int]:
        """The ranks an earlier payer forwarded the claim to by itself."""
        return [one.rank + 1 for each in self.answers.values() for one in each if one.forwarded]

    def before(self, rank: int) -> list[Standing]:
        """What every payer before this one decided and stands, in the order of their ranks."""
        return [one for each in sorted(self.answers) if each < rank for one in self.answers[each]]


class Do(StrEnum):
    """What to do about one payer of a claim."""

    OPEN = "open"
    WAIT = "wait"
    WITHDRAW = "withdraw"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do. why: its code; words: for whoever reads it. basis: of what is opened, by rank.

    reference: the payer's own number of the claim that a frequency 7 replaces. until: of a wait.
    """

    claim_id: int
    rank: int
    do: Do
    why: str
    words: str
    rebill_id: int | None = None
    until: date | None = None
    frequency: str = FIRST
    reference: str = ""
    basis: Standing | None = None
    expected: int = 0


def decide(facts: Facts, today: date, *, asked: int = 0) -> list[Act]:
    """Everything to do about a claim, withdrawals before what is opened in their place.

    asked: the rank of the payer a person wants billed now: a wait or an earlier cancellation is no bar then.
    """
    later = sorted(rank for rank in {*facts.covers, *facts.left} if rank > 1)
    made = [act for rank in later for act in _of_rank(facts, rank, today, asked == rank)]
    return sorted(made, key=lambda act: act.do is Do.OPEN)


def _of_rank(facts: Facts, rank: int, today: date, asked: bool) -> list[Act]:
    mine = [one for one in facts.ours if one.rank == rank and one.state not in NEVER_BILLED]
    work = next((one for one in mine if one.at_work), None)
    away = next((one for one in reversed(mine) if one.left), None)
    about = (facts.claim_id, rank)
    if rank in facts.others:
        return _billed_elsewhere(about, work, away, facts.others[rank])
    basis = _basis(facts, rank)
    if basis is None:
        words = "The answer it rests on no longer stands."
        return _no_longer(about, work, away, "answer_gone", words)
    answered = facts.newest(rank)
    # What we sent was made of an answer corrected since: it was decided on what is no longer so (R837-23).
    stale = away is not None and away.state is State.ANSWERED and away.basis != basis.remit_claim_id
    if answered is not None and answered.day >= basis.day and not stale:
        if work is None or not work.by_itself:
            return []
        words = "This payer has answered: the claim was forwarded to it."
        return [Act(*about, Do.WITHDRAW, "answered", words, work.id)]
    if facts.left.get(rank, 0) <= 0:
        return _no_longer(about, work, away, "nothing_left", "Nothing is left for this payer.")
    until = basis.day + timedelta(facts.waits.get(rank, WAIT_DAYS))
    if basis.forwarded and today < until and not asked:
        words = f"Forwarded by the payer before; its remit has until {until:%B %-d, %Y}."
        wait = [Act(*about, Do.WAIT, "crossover", words, until=until)]
        return [*_no_longer(about, work, None, "crossover", words), *wait]
    if asked:
        mine = [one for one in mine if one.state is not State.CANCELLED]
    if any(one.basis == basis.remit_claim_id or (one.at_work and not one.by_itself) for one in mine):
        return []
    return _open(facts, about, basis, (work, away))


def _basis(facts: Facts, rank: int) -> Standing | None:
    """The answer of the payer before, when every earlier payer of the claim has one that stands."""
    before = sorted(one for one in facts.covers if one < rank)
    found = [facts.newest(one) for one in before]
    if facts.voided or not found or any(one is None for one in found):
        return None
    # A later correction of any earlier payer changes what this payer is told.
    return max((one for one in found if one), key=lambda one: (one.rank, one.day))


def _open(
    facts: Facts, about: tuple[int, int], basis: Standing, ours: tuple[Ours | None, Ours | None]
) -> list[Act]:
    """What is made of an answer nobody carried on yet. ours: what is at work here, and what has left."""
    work, away = ours
    answered = facts.newest(about[1])
    if away is not None and away.state is not State.ANSWERED:
        words = "The payer before has corrected its answer; a corrected claim follows this one's answer."
        return [Act(*about, Do.FLAG, "answer_changed", words, away.id)]
    again = answered is not None and bool(answered.payer_control)
    words = "The payer before has answered; the rest goes to this one."
    if again:
        words = "The payer before has corrected its answer: this payer gets a corrected claim."
    made = []
    if work is not None:
        made.append(Act(*about, Do.WITHDRAW, "corrected", "Made anew of the corrected answer.", work.id))
    reference = answered.payer_control if answered is not None and again else ""
    frequency = REPLACES if again else FIRST
    left = facts.left.get(about[1], 0)
    opened = Act(*about, Do.OPEN, "primary_paid", words, work.id if work else None, None, frequency,
                 reference, basis, left)  # fmt: skip
    return [*made, opened]


def _billed_elsewhere(about: tuple[int, int], work: Ours | None, away: Ours | None, file: str) -> list[Act]:
    """The practice's other system billed this payer: ours is not sent, or is billed twice."""
    made = []
    if work is not None:
        made.append(Act(*about, Do.WITHDRAW, "billed_elsewhere", f"Billed by {file}"[:200], work.id))
    if away is not None:
        words = f"We billed this payer, and so did {file}."[:200]
        made.append(Act(*about, Do.FLAG, "double_billed", words, away.id))
    return made


def _no_longer(
    about: tuple[int, int], work: Ours | None, away: Ours | None, why: str, words: str
) -> list[Act]:
    """What was made of an answer that does not say so any more: withdrawn, or looked at when it is away."""
    made = []
    if work is not None and work.by_itself:
        made.append(Act(*about, Do.WITHDRAW, why, words, work.id))
    if away is not None and away.by_itself:
        made.append(Act(*about, Do.FLAG, why, words, away.id))
    return made


# ---------------------------------------------------------------- what an answer says, for the next payer


class Said(NamedTuple):
    """One adjustment as the payer wrote it: cents, positive lowers the payment; quantity as sent."""

    group: str
    carc: str
    cents: int
    quantity: str


class PaidLine(NamedTuple):
    """What a payer said of one billed line: number is ours; code as paid, billed_code as it was billed."""

    number: int
    paid: int
    charge: int
    qualifier: str
    code: str
    modifiers: str
    revenue: str
    units: str
    billed_code: str
    adjustments: tuple[Said, ...]


BUNDLED = "97"
"""Folded into another line of the same claim."""


def folded_into(lines: Sequence[PaidLine]) -> dict[int, int]:
    """Lines the payer folded into another one (paid nothing, CARC 97, returned under its code): SVD06."""
    billed = {one.billed_code or one.code: one.number for one in lines}
    found = {}
    for one in lines:
        into = billed.get(one.code)
        folded = one.billed_code and one.billed_code != one.code and not one.paid
        if (
            folded
            and into not in (None, one.number)
            and any(each.carc == BUNDLED for each in one.adjustments)
        ):
            found[one.number] = int(into or 0)
    return found


def remaining(adjustments: Iterable[Said]) -> int:
    """What the patient still owes of a line after this payer: its PR (AMT*EAF)."""
    return sum(one.cents for one in adjustments if one.group == "PR")


# ---------------------------------------------------------------- is a claim addressed to its next payer?


def unfinished(rows: Iterable[Any], rank: int) -> list[tuple[str, str, str]]:
    """What keeps a claim from being one to the payer of this rank: (code, words, what to do).

    rows: its segments with their loops (edi Row). A claim that could not be made by itself stays what it was
    made of until a person mends it.
    """
    letter = LETTERS.get(rank, "")
    sent_to, others, answered = "", [], set()
    for row in rows:
        if row.id == "SBR" and row.loop.startswith("2000B"):
            sent_to = row.at(1)
        elif row.id == "SBR":
            others.append(row.at(1))
        elif row.loop == "2320" and row.id == "AMT" and row.at(1) in ("D", "A8") and others:
            answered.add(others[-1])
    found = []
    if sent_to != letter:
        words = (
            f"It is not addressed to the {WORDS.get(rank, 'next')} payer yet (SBR01 is {sent_to or 'empty'})."
        )
        found.append(
            ("rebill.not_next_payer", words, f"Name that payer and policy in 2000B (SBR01 {letter}).")
        )
    for before in range(1, rank):
        if LETTERS[before] not in answered:
            words = f"What the {WORDS.get(before, 'earlier')} payer decided is missing (2320)."
            found.append(
                ("rebill.no_answer_told", words, "Add its loop 2320 with AMT*D and its adjustments.")
            )
    return found
