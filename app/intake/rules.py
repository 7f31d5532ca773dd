"""What whoever offers a file is told, and what its sender: pure."""

from dataclasses import dataclass
from typing import Any

CLAIM_KINDS = ("837P", "837I", "837D")
OURS = "sent"
"""The door of files of ours, taken in when they were sent: their receiver answers them, not we."""
STRUCTURE = ("edi.", "835.", "837.", "job.")
"""How the reasons begin that hold a transaction for what it is, not for whose it is."""

BUSINESS = frozenset({"835.currency", "835.debit", "835.prenote", "835.negative_payment"})
"""Read without fault, and held for what it means: no matter of a 999."""


@dataclass(frozen=True)
class Offered:
    """The answer to whoever offers a file: its public id, and when it is not the first offer, which was."""

    public_id: str
    file_no: int
    first: bool
    first_name: str
    first_at: str
    first_by: str

    @property
    def words(self) -> str:
        """What to tell them."""
        if self.first:
            return "Received."
        first = f"{self.first_name} on {self.first_at} by {self.first_by}"
        return f"Already received as {first}; nothing was done twice."


@dataclass(frozen=True)
class Settled:
    """What became of a transaction, as our 999 needs it. findings: rows with code, does, segment, byte,
    element and text; again: it came in before, and was answered then.
    """

    state: str
    reason: str
    released: bool
    parked: int
    findings: tuple[Any, ...]
    again: bool = False


def reply_status(settled: Settled) -> str:
    """IK501 of a transaction: R when its structure keeps it from posting, E when it is taken with errors (a
    parked claim, a warning, a supervisor's release), else A. Holds of business are no error of the file.
    """
    structural = settled.reason.startswith(STRUCTURE) and settled.reason not in BUSINESS
    if settled.state == "quarantined" or (settled.state == "held" and structural):
        return "R"
    serious = any(one.does in ("warn", "park", "hold", "refuse") for one in settled.findings)
    return "E" if settled.released or settled.parked or serious else "A"
