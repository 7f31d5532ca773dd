"""The prices of one claim, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.contracts.rules_methods import LineFacts
from app.contracts.rules_price import Price


@dataclass(frozen=True, slots=True)
class Priced:
    """The prices of one claim: by line, and of the stay as a whole when its DRG has a row.

    payer: the number it was priced by, as the schedule writes it; empty when no schedule and no terms know
    this payer, and then nothing is priced.
    """

    claim_id: int
    payer: str = ""
    lines: Mapping[int, Price] = field(default_factory=dict)
    facts: Mapping[int, LineFacts] = field(default_factory=dict)
    numbers: Mapping[int, tuple[int, str]] = field(default_factory=dict)
    whole: Price | None = None
