"""A card processor: what we ask of it. No card number ever comes here: people type it on the processor's own
page, and we get a token.

A charge has a key of ours. The same key never charges twice, and asking for a key tells what became of it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True)
class Card:
    """What the processor says about a token: enough for a person to know which card it is."""

    brand: str
    last4: str
    expires: date


@dataclass(frozen=True)
class Charged:
    """An answer. reference: the processor's own; code: why not, empty when approved; words for a person."""

    approved: bool
    reference: str
    code: str = ""
    words: str = ""


class Cards(Protocol):
    """A processor. Each may raise `Unavailable`: then nobody knows, and `ask` finds out."""

    def describe(self, token: str) -> Card:
        """The card behind a token; `Refused` when the processor knows none."""

    def charge(self, key: str, token: str, cents: int) -> Charged:
        """Charge once for this key; a known key gets its first answer again."""

    def ask(self, key: str) -> Charged | None:
        """What became of a key; None: no charge of this key has arrived."""
