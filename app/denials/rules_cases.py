"""A denial case in hand and what is known around it, while a batch of remits is played over it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from app.denials.lifecycle import Origin, State
from app.denials.rules import Play, Reading
from app.kernel.money import Money
from app.payers.rules import Deadline, Terms

UNDONE, TWIN, REVERSED = "posting_undone", "true_duplicate", "reversed"
MOVED = frozenset({"to_patient", "to_next_payer"})
"""How a case ends whose money somebody else owes now (R835-24)."""

Present = frozenset[int]
"""The billed lines one remit claim speaks of."""
LineKey = tuple[int | None, str]
"""A line of a claim: its key when a billed line matched, and its code, which outlives a replacement."""


@dataclass(slots=True)
class Item:
    """One denied adjustment; `taken` by its case in this batch, `fresh` when no row holds it yet.

    `withdrawn`: its posting was undone, so that it counts for nothing until it is posted again.
    """

    address: int
    remit_claim_id: int
    remit_line_id: int | None
    line: LineKey
    round: int
    group: str
    carc: str
    rarcs: str
    charge: int
    cents: int
    element: int
    byte: int
    stake: int = 0
    fresh: bool = True
    taken: bool = False
    withdrawn: bool = False


class Touch(NamedTuple):
    """What the batch did to a case, and which adjudication did it."""

    move: str
    remit_claim_id: int


@dataclass(slots=True)
class Case:
    """A case in hand.

    `fresh`: not in the database yet; `touched`: the names of the moves made here, in order.
    """

    claim_id: int
    remit_claim_id: int
    latest_remit_claim_id: int
    payer_id: int | None
    category: str
    id: int = 0
    public_id: str = ""
    patient_id: int | None = None
    payer_class: str = ""
    filing: str = ""
    reading: Reading | None = None
    group: str = ""
    round: int = 1
    origin: str = Origin.INITIAL.value
    state: str = State.NEW.value
    before: str = State.NEW.value
    denied: int = 0
    at_stake: int = 0
    recovered: int = 0
    patient_hold: bool = False
    level: int = 0
    service_from: date | None = None
    denied_on: date | None = None
    first_denied_on: date | None = None
    deadline: Deadline | None = None
    appeal_by: date | None = None
    file_by: date | None = None
    outcome: str | None = None
    score: int = 0
    reasons: tuple[dict[str, Any], ...] = ()
    hopeless: bool = False
    fresh: bool = True
    version: int = 1
    items: list[Item] = field(default_factory=list)
    touched: list[Touch] = field(default_factory=list)
    row: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Does it still wait for money or a decision?"""
        return self.state != State.CLOSED.value

    def now_items(self) -> list[Item]:
        """The items of its newest round."""
        return [item for item in self.items if item.round == self.round and not item.withdrawn]

    def touch(self, move: str, by: int) -> None:
        """Note what an adjudication did."""
        self.touched.append(Touch(move, by))

    def close(self, move: str, outcome: str, by: int) -> None:
        """End it; the ledger is not touched."""
        self.state, self.outcome, self.patient_hold = State.CLOSED.value, outcome, False
        self.touch(move, by)


class PaidLine(NamedTuple):
    """A payment in force on a line, or (line None) on a claim as a whole.

    beside: the billed lines the same remit claim speaks of; two of them are two services.
    """

    line: LineKey | None
    cents: int
    remit_claim_id: int
    on: date
    beside: Present = frozenset()


@dataclass(frozen=True)
class Around:
    """What is known beside the batch.

    terms by (payer, filing); claims whose payment was taken back; payments in force, by claim; and the
    (claim, code) of services billed twice whose other bill is paid or pending; our own playbook rows;
    contract prices by claim line.
    """

    terms: Mapping[tuple[int | None, str], Terms]
    taken_back: frozenset[int] = frozenset()
    paid: Mapping[int, Sequence[PaidLine]] = field(default_factory=dict)
    twins: frozenset[tuple[int, str]] = frozenset()
    plays: tuple[Play, ...] = ()
    prices: Mapping[int, Money] = field(default_factory=dict)


def plain_code(code: str) -> str:
    """The procedure code alone: `HC:99214:25` and `99214` are the same service."""
    parts = code.split(":")
    return parts[1] if len(parts) > 1 and len(parts[0]) == 2 else parts[0]
