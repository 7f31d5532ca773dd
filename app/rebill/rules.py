"""What is sent again, why and under which number: the table of x12-837-rebill section 3. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.claims.lifecycle import REJECTED_STATES
from app.claims.rules import RANKS
from app.kernel.money import Money
from app.rebill.lifecycle import Cause, Kind

CONTROL_MOST = 20
"""CLM01 comes back as CLP01 and TRN02 with at most so many characters."""

DENTAL = "D"
PART_B = "MB"
"""The filing indicator (SBR09) of Medicare Part B, which takes no frequency 7 or 8."""

LATE, REPLACES, VOIDS = "5", "7", "8"
FREQUENCY = {Kind.REPLACEMENT: REPLACES, Kind.VOID: VOIDS, Kind.LATE_CHARGES: LATE}
UNPROCESSABLE = frozenset({"MA130", "N142", "N517"})
"""Remarks that say: this was never a claim to us; send a new one."""

NOT_COVERED_HERE = "4"
CROSSED_OVER = frozenset({"19", "20", "21"})
UNKNOWN_MEMBER_CARCS = frozenset({"31", "140"})
UNKNOWN_MEMBER_REMARKS = frozenset({"N382", "MA27", "MA61"})
"""The payer found nobody of that name and number: nothing was decided about a member of its own."""
RECORDS = frozenset({"252", "226", "227", "163", "164"})
"""CARCs that ask for records, not for another claim."""

_NUMBERED = re.compile(r"R(\d{1,9})$")


def control_of(base: str, number: int) -> str:
    """The CLM01 of the n-th submission we make of a claim: its own control number, shortened, and R<n>."""
    suffix = f"R{number}"
    return base[: CONTROL_MOST - len(suffix)].rstrip() + suffix


def number_of(control: str) -> int:
    """Which submission of ours a control number names; 0 for one we did not give."""
    found = _NUMBERED.search(control)
    return int(found.group(1)) if found else 0


@dataclass(frozen=True, slots=True)
class Sent:
    """A CLM as it went out once. rejected: the file or the claim was refused on its way (R837-31)."""

    version_id: int
    claim_id: int
    transaction_id: int
    rank: int
    frequency: str
    control: str
    sent: str
    sent_on: date | None
    payer_id: int | None
    filing: str
    state: str
    charge: Money
    content: str
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A standing adjudication of one payer; day: of its remit; paid in cents as the payer wrote it.

    control: the CLM01 it answers (CLP01).
    """

    remit_claim_id: int
    claim_id: int
    rank: int
    status: str
    paid: Money
    payer_id: int | None
    payer_control: str
    day: date
    live: bool
    remarks: frozenset[str] = frozenset()
    carcs: frozenset[str] = frozenset()
    control: str = ""

    @property
    def unprocessable(self) -> bool:
        """The payer never took it as a claim: a new one goes out, frequency 1."""
        return self.status == NOT_COVERED_HERE or bool(self.remarks & UNPROCESSABLE)

    @property
    def unidentified(self) -> bool:
        """Refused because the payer did not know the member; it paid nothing, so nothing is taken back."""
        named = self.carcs & UNKNOWN_MEMBER_CARCS or self.remarks & UNKNOWN_MEMBER_REMARKS
        return not self.paid and bool(named)


@dataclass(frozen=True, slots=True)
class Cover:
    """A payer of a claim by rank, and what became of it (claim_payer)."""

    rank: int
    payer_id: int | None
    filing: str
    state: str
    answered_on: date | None
    reversed_on: date | None


@dataclass(slots=True)
class ClaimFacts:
    """Everything known of a claim that decides what may be sent of it. form: P, I or D."""

    id: int
    public_id: str
    entity_id: int
    patient_id: int
    control: str
    form: str
    service_from: date | None
    service_to: date | None
    charge: Money
    undone: bool
    state: str = ""
    sent: list[Sent] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    covers: dict[int, Cover] = field(default_factory=dict)

    def answer(self, rank: int) -> Answer | None:
        """The newest standing adjudication of a payer, whose number REF*F8 carries (R837-10)."""
        return newest(one for one in self.answers if one.rank == rank and one.live)

    def first_answer_on(self, rank: int) -> date | None:
        """The day a payer first answered, also when that answer was superseded since (RDEN-23)."""
        return min((one.day for one in self.answers if one.rank == rank), default=None)

    def latest(self, rank: int) -> Sent | None:
        """The submission to a payer that was sent last, whatever came of it."""
        mine = [one for one in self.sent if one.rank == rank]
        return max(mine, key=lambda one: (one.sent, one.version_id), default=None)

    def base(self, rank: int) -> Sent | None:
        """The version to make the next one of: the full claim that was sent to this payer last."""
        full = [one for one in self.sent if one.rank == rank and one.frequency not in (LATE, VOIDS)]
        return max(full, key=lambda one: (one.sent, one.version_id), default=None)

    def forwarded_on(self, rank: int) -> date | None:
        """The day the payer before said that it passed the claim on to this one (CLP02 19, 20, 21)."""
        days = [one.day for one in self.answers if one.rank == rank - 1 and one.status in CROSSED_OVER]
        return max(days, default=None)

    def waiting(self, rank: int) -> Sent | None:
        """A submission to this payer that is neither answered nor refused: not final (R837-11)."""
        last = self.latest(rank)
        if last is None or last.rejected:
            return None
        mine = [one for one in self.answers if one.rank == rank]
        answered = max((one.day for one in mine), default=None)
        if answered is None:
            return last
        # A number of its own tells the answer, whatever day the payer dated it.
        own = sum(one.control == last.control for one in self.sent) == 1
        if own and any(one.control == last.control for one in mine):
            return None
        return last if last.sent_on is not None and last.sent_on > answered else None


def newest(answers: Iterable[Answer]) -> Answer | None:
    """The latest of some adjudications by the day of the remit, then by its place."""
    return max(answers, key=lambda one: (one.day, one.remit_claim_id), default=None)


def rank_of(sequence: str) -> int:
    """The rank SBR01 says."""
    return RANKS.get(sequence, 1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What section 3 sends in a situation. kind None: no claim, and `why` says what helps instead.

    condition: an institutional correction names its reason in a condition code (D0-D9, E0).
    """

    kind: Kind | None
    why: str
    reference: str = ""
    condition: bool = False


DENTAL_WORDS = (
    "Dental claims (837D) cannot be written yet: there is no guide to check them against. "
    "Send it from the practice system."
)
PART_B_WORDS = (
    "Medicare Part B takes no replacement and no void: ask for a clerical error reopening, "
    "or appeal (redetermination)."
)


def propose(facts: ClaimFacts, rank: int = 1) -> Proposal:
    """Which submission the latest known state of a claim asks for (x12-837-rebill section 3)."""
    if facts.form == DENTAL:
        return Proposal(None, DENTAL_WORDS)
    cover = facts.covers.get(rank)
    filing = cover.filing if cover else ""
    answer = facts.answer(rank)
    if answer is None:
        return _never_answered(facts, rank)
    if answer.unprocessable:
        why = "The payer could not process it (MA130, N142, N517 or status 4), so it goes out as a new claim."
        return Proposal(Kind.NEW, why)
    if filing == PART_B:
        return Proposal(None, PART_B_WORDS, answer.payer_control)
    if not answer.paid and answer.carcs & RECORDS:
        why = "The payer asks for records: send them. A replacement only when this payer wants a claim."
        return Proposal(None, why, answer.payer_control)
    why = "The payer decided it, so changed data goes out as a replacement of its newest claim number."
    return Proposal(Kind.REPLACEMENT, why, answer.payer_control, condition=facts.form == "I")


def _never_answered(facts: ClaimFacts, rank: int) -> Proposal:
    last = facts.latest(rank)
    if last is None and rank > 1:
        return Proposal(Kind.SECONDARY, "The next payer has not been billed yet.")
    if (last is not None and last.rejected) or facts.state in {one.value for one in REJECTED_STATES}:
        return Proposal(Kind.NEW, "It was rejected on its way and never entered adjudication: a new claim.")
    if any(one.rank == rank for one in facts.answers):
        why = "The payer took its answer back and has not decided anew: wait for it, or send a new claim."
        return Proposal(Kind.NEW, why)
    why = "No payer has answered it. Ask for its status first; a new claim when the payer has no record."
    return Proposal(Kind.NEW, why)


# ---------------------------------------------------------------- opening


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A submission to open.

    whole: its segments when the caller made them (a secondary claim); otherwise they are made of the base
    version. base_whole: what those were made of, when an editor shall compare with it. base_version_id:
    absent: the newest full claim to this payer. expected: cents we hope for;
    absent: worked out here. previous_id: the submission it takes the place of.
    """

    claim_id: int
    kind: Kind
    rank: int = 1
    cause: Cause = Cause.PERSON
    cause_id: int | None = None
    remit_claim_id: int | None = None
    base_version_id: int | None = None
    whole: Any = None
    base_whole: Any = None
    expected: int | None = None
    reason: str = ""
    previous_id: int | None = None


def numbers_for(
    bases: Sequence[str], taken: Collection[str], last: Mapping[str, int] | None = None
) -> list[str]:
    """A control number for each base that nobody has; `last`: the newest number given to a base already."""
    used, given = set(taken), []
    for base in bases:
        number = (last or {}).get(base, 0) + 1
        while control_of(base, number) in used:
            number += 1
        used.add(control_of(base, number))
        given.append(control_of(base, number))
    return given


def expected(facts: ClaimFacts, kind: Kind, *, at_stake: int, priced: int | None, owed: int) -> int:
    """Cents we hope for: what is at stake in denials, else the contract's price not yet paid, never more than
    the payer owes; nothing of a void, which gives money back.
    """
    if kind is Kind.VOID:
        return 0
    if at_stake:
        return at_stake
    paid = sum(int(one.paid) for one in facts.answers if one.live)
    hoped = max(0, priced - paid) if priced is not None else owed
    return min(hoped, owed) if owed > 0 else max(hoped, 0)
