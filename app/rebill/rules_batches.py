"""What a receiver must be told before a file can go to it, and what its files are called: pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from app.kernel.errors import Refused
from app.rebill.lifecycle import BatchState, How

NUMBERS_MOST = 999_999_999
"""ISA13 and GS06 have nine digits."""
CLAIMS_MOST = 10_000
"""Claims of one file: what a clearinghouse takes at once, and what is read back whole."""
QUALIFIERS = ("ZZ", "01", "14", "20", "27", "28", "29", "30", "33")
USAGES = {"P": "Production: claims are filed", "T": "Test: nothing is filed"}
HOWS = {
    How.DOWNLOAD: "I fetch the file here and upload it myself",
    How.SFTP: "SFTP server of the receiver",
    How.FOLDER: "Folder of this installation",
}
UNDERWAY = "underway"
"""As a filter: every batch that is not settled."""
ANSWERS = {"none": "No answer yet", "refused": "File refused", "rejected": "Claims rejected"}
"""What a receiver said of a batch, as a filter."""
SAID = {"A": "accepted", "E": "accepted with errors", "P": "partly accepted", "R": "refused"}
"""What a TA1 (TA104) or a 999 (AK901) says of a file, in words; any other code is a refusal too."""
STILL_UNDERWAY = (BatchState.RELEASED, BatchState.SENDING, BatchState.UNKNOWN)
"""A receiver of such a batch keeps its address: nobody could look there any more."""
_TEXT = re.compile(r"[A-Z0-9!\"&'()+,\-./;?= ]*", re.ASCII)
"""The basic character set without what parts elements (R837-05)."""
_MOST = {
    "name": 60, "sender": 15, "receiver": 15, "submitter_name": 60, "submitter_number": 80,
    "contact_name": 60, "contact_phone": 20, "receiver_name": 60, "receiver_number": 80, "place": 200,
    "host": 200, "username": 80,
}  # fmt: skip
_LABELS = {
    "name": "The name", "sender": "Our number (ISA06)", "receiver": "Their number (ISA08)",
    "submitter_name": "Our name", "submitter_number": "Our submitter number", "contact_name": "The contact",
    "contact_phone": "The phone number", "receiver_name": "Their name",
    "receiver_number": "Their receiver number", "place": "The folder", "host": "The server",
    "username": "The user name",
}  # fmt: skip
_IN_FILE = (
    "sender", "receiver", "submitter_name", "submitter_number", "contact_name", "receiver_name",
    "receiver_number",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ReceiverFacts:
    """A receiver as a person describes it, without its secret and the key of its server."""

    name: str
    how: str
    usage: str
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    submitter_name: str
    submitter_number: str
    contact_name: str
    contact_phone: str
    receiver_name: str
    receiver_number: str
    place: str = ""
    host: str = ""
    port: int = 22
    username: str = ""
    is_default: bool = False


def checked(given: ReceiverFacts) -> ReceiverFacts:
    """The same, trimmed and in the letters of a file; `Refused` with the field that will not do."""
    trimmed: dict[str, Any] = {
        one.name: " ".join(getattr(given, one.name).split()) for one in fields(given) if one.name in _MOST
    }
    upper: dict[str, Any] = {name: trimmed[name].upper() for name in _IN_FILE}
    made = replace(given, **{**trimmed, **upper})
    if made.how not in set(How):
        raise _refused("how", "Choose how the file gets there.")
    if made.usage not in USAGES:
        raise _refused("usage", "A file is for production or a test.")
    for name in ("sender_qualifier", "receiver_qualifier"):
        if getattr(made, name) not in QUALIFIERS:
            raise _refused(name, "This qualifier is not one of X12.")
    for name, most in _MOST.items():
        _text(made, name, most)
    return replace(made, contact_phone=_phone(made.contact_phone), **_way(made))


def _refused(name: str, words: str) -> Refused:
    return Refused(words, code=name, field=name)


def _text(made: ReceiverFacts, name: str, most: int) -> None:
    value, needed = getattr(made, name), name == "name" or name in _IN_FILE
    if needed and len(value) < (1 if name == "name" else 2):
        raise _refused(name, f"{_LABELS[name]} is missing.")
    if len(value) > most or not value.isprintable():
        raise _refused(name, f"{_LABELS[name]} has at most {most} printable characters.")
    if name in _IN_FILE and not _TEXT.fullmatch(value):
        raise _refused(name, f"{_LABELS[name]} holds a sign a claim file cannot carry.")


def _phone(text: str) -> str:
    digits = re.sub(r"[ ().+-]", "", text)
    if not (digits.isascii() and digits.isdigit() and len(digits) in (10, 11)):
        raise _refused("contact_phone", "A phone number has ten digits.")
    return digits[-10:]


def _way(made: ReceiverFacts) -> dict[str, Any]:
    """What belongs to another way of sending is forgotten."""
    if made.how == How.SFTP:
        if not made.username:
            raise _refused("username", "The user name is missing.")
        return {}
    folder = made.place if made.how == How.FOLDER else ""
    return {"place": folder, "host": "", "port": 22, "username": ""}


def file_name(receiver: str, day: date, interchange: int) -> str:
    """What a batch is called at its receiver: its number there, the day, ISA13; nothing of a patient."""
    safe = re.sub(r"[^A-Z0-9]", "", receiver.upper())[:15] or "CLAIMS"
    return f"{safe}-{day:%Y%m%d}-{interchange:09d}.837"


@dataclass(frozen=True, slots=True)
class Route:
    """Claims for a payer go to a receiver from a day on, until another (not included)."""

    receiver_id: int
    payer_id: int
    effective_from: date
    effective_to: date | None


@dataclass(frozen=True, slots=True)
class Routing:
    """Which receiver takes what on a day. default_id: takes what no route names, None when nobody does.

    reads_as: payer records that turned out to be another one.
    """

    routes: tuple[Route, ...]
    active: frozenset[int]
    default_id: int | None
    reads_as: Mapping[int, int]

    def of(self, payer_id: int | None, on: date) -> int | None:
        """The receiver of claims for this payer; None when none takes them.

        A route to a receiver that is switched off falls back to the default one.
        """
        if payer_id is not None:
            wanted = self.reads_as.get(payer_id, payer_id)
            for route in sorted(self.routes, key=lambda one: one.effective_from, reverse=True):
                known = self.reads_as.get(route.payer_id, route.payer_id) == wanted
                if known and in_force(route, on) and route.receiver_id in self.active:
                    return route.receiver_id
        return self.default_id


def in_force(route: Route, on: date) -> bool:
    """Does a route hold on this day?"""
    return route.effective_from <= on and (route.effective_to is None or route.effective_to > on)
