"""Handing a file to somebody outside, once: the shape of every way there is.

A way sends at most once and answers with one of three outcomes; whoever called it decides what to do about
the third. A further way (AS2, a real-time web service) is another file here with a class of this shape and a
row in `app/rebill/lifecycle.py` `How`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What became of a try. NOT_SENT: surely nothing arrived under its name; UNKNOWN: it may or may not."""

    ARRIVED = "arrived"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class Seen(StrEnum):
    """What lies under a name at the receiver."""

    SAME = "same"
    OTHER = "other"
    ABSENT = "absent"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Handed:
    """The outcome with words for a person. code: `host_key`, `sign_in`, `connection`, `place`, `taken`."""

    outcome: Outcome
    words: str
    code: str = ""


@dataclass(frozen=True)
class Looked:
    """What was seen under a name, with words for a person."""

    seen: Seen
    words: str


class Way(Protocol):
    """How a file leaves the house."""

    def send(self, name: str, data: bytes) -> Handed:
        """Put the bytes there under a name nobody used yet; never writes over another file, never raises
        for what the outside does.
        """

    def look(self, name: str, data: bytes) -> Looked:
        """Is the very content there under its final name? Changes nothing."""

    def try_out(self) -> Handed:
        """Could it be sent? Connects, signs in and looks at the place; uploads nothing."""
