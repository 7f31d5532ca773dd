"""What the books must say, reckoned by a model that knows no file, no database and no code of the product.

Cents only. A claim has a charge; a remit holds lines, each for one control number; what finds its claim moves
the claim, what does not waits in 2000. Everything a remit did can be taken back.
"""

from collections import Counter
from dataclasses import dataclass, field

CLEARING, PAYER, PATIENT, UNAPPLIED, FORWARD = 1010, 1100, 1110, 2000, 2041
CHARGES, CONTRACTUAL = 4000, 4100


@dataclass
class Claim:
    """A billed claim: its charge, and whether a second payer follows the first."""

    charge: int
    second: bool
    payer: int = 0
    patient: int = 0
    live: str = ""
    """The trace of the remit whose decision stands."""


@dataclass
class Line:
    """What a remit says of one claim; `wrong` does not balance and never posts by itself."""

    control: str
    charge: int
    contractual: int
    owed: int
    wrong: bool = False
    posted: bool = False

    @property
    def paid(self) -> int:
        return self.charge - self.contractual - self.owed


@dataclass
class Remit:
    """One payment, or the reversal of another one (`reverses` is that one's trace)."""

    lines: list[Line]
    reverses: str = ""
    undone: bool = False


@dataclass
class Books:
    """The model: claims, remits, and the balance of every account, debit positive."""

    claims: dict[str, Claim] = field(default_factory=dict)
    remits: dict[str, Remit] = field(default_factory=dict)
    accounts: Counter[int] = field(default_factory=Counter)

    def bill(self, control: str, charge: int, *, second: bool) -> None:
        """A claim is charged; payments that waited for it post, the oldest first."""
        self.claims[control] = Claim(charge, second, payer=charge)
        self._move(PAYER, CHARGES, charge)
        self._retry()

    def pay(self, trace: str, lines: list[Line]) -> None:
        """A remit arrives: each line posts or waits."""
        self.remits[trace] = Remit(lines)
        for line in lines:
            self._move(CLEARING, UNAPPLIED, line.paid)
        for line in lines:
            self._try(trace, line)
        self._retry()

    def reverse(self, trace: str, original: str, forwarded: int) -> None:
        """The payer takes a whole remit back and carries what it is owed forward."""
        lines = [line for line in self.remits[original].lines if line.posted]
        self.remits[trace] = Remit(lines, reverses=original)
        for line in lines:
            self._take(line, -1)
            self.claims[line.control].live = ""
        self._move(CLEARING, FORWARD, forwarded)
        self._retry()

    def link(self, trace: str, control: str, claim: str) -> None:
        """A person says which claim a waiting line is for."""
        [line] = [one for one in self.remits[trace].lines if one.control == control]
        line.control = claim
        self._post(trace, line)

    def may_undo(self, trace: str) -> bool:
        """A remit that a later one took back is undone after that one; one that took back, after what the
        payer paid since under the same number.
        """
        remit = self.remits[trace]
        if remit.reverses and any(self.claims[line.control].live for line in remit.lines):
            return False
        later = (one for one in self.remits.values() if one.reverses == trace)
        return not any(not one.undone for one in later)

    def undo(self, trace: str) -> None:
        """Take back everything a remit did; what it had reversed stands again."""
        remit = self.remits[trace]
        remit.undone = True
        if remit.reverses:
            for line in remit.lines:
                self._take(line, 1)
                self.claims[line.control].live = remit.reverses
            self._move(CLEARING, FORWARD, -sum(line.paid for line in remit.lines))
            return
        for line in remit.lines:
            if line.posted:
                self._take(line, -1)
                self.claims[line.control].live = ""
                line.posted = False
            else:
                self._move(CLEARING, UNAPPLIED, -line.paid)

    def _retry(self) -> None:
        for trace, remit in self.remits.items():
            if not remit.undone and not remit.reverses:
                for line in remit.lines:
                    self._try(trace, line)

    def _try(self, trace: str, line: Line) -> None:
        claim = self.claims.get(line.control)
        if not line.posted and not line.wrong and claim is not None and claim.charge == line.charge:
            self._post(trace, line)

    def _post(self, trace: str, line: Line) -> None:
        if self.claims[line.control].live:
            return
        self.claims[line.control].live = trace
        line.posted = True
        self._move(CLEARING, UNAPPLIED, -line.paid)
        self._take(line, 1)

    def _take(self, line: Line, sign: int) -> None:
        """A decision of the first payer moves the claim, or is taken back."""
        claim = self.claims[line.control]
        to_patient = 0 if claim.second else line.owed
        self._move(CLEARING, PAYER, sign * line.paid)
        self._move(CONTRACTUAL, PAYER, sign * line.contractual)
        self._move(PATIENT, PAYER, sign * to_patient)
        claim.payer -= sign * (line.paid + line.contractual + to_patient)
        claim.patient += sign * to_patient

    def _move(self, debit: int, credit: int, cents: int) -> None:
        self.accounts[debit] += cents
        self.accounts[credit] -= cents
