"""Writes claims as an 837 (005010X222A1 and X223A2): the envelope, the levels and their counts are made here,
everything from 2000A to 2430 goes out as it stands in the claim.

Empty elements and components at the end of a segment are not sent (X12.6). A sign that is a separator of this
file is taken out of a text that holds it (R837-05), and each such loss is told; `signs_for` finds separators
no text holds. Refuses (`CannotWrite`) what no guide here covers: dental claims, version 004010, reporting.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, NamedTuple

from edi.segments import Separators
from edi.x837.whole import COMPONENT, ELEMENT, REPETITION, TERMINATOR, Row, Rows, Whole

PLAIN = Separators("*", ":", "^", "~")
VERSIONS = {"P": "005010X222A1", "I": "005010X223A2"}
SENT = {"P": "005010X222", "I": "005010X223"}
CLAIMS = 5_000  # of one ST (R837-03)
SIBLINGS = 100  # claims of one patient or subscriber loop (R837-03)
# Tried in turn; none of them is a letter, a digit, or a sign that stands in names and amounts.
TRIED = ("*|\x1d", ":>\x1f", "^!`\x1c", "~\x1e")
PARTING = frozenset({ELEMENT, COMPONENT, REPETITION, TERMINATOR})
# Each run of separators is looked at once, from its first sign, however long it is.
TRAILING = re.compile("(?<![\x1d\x1f])[\x1d\x1f]+(?=\x1e|\\Z)|(?<!\x1f)\x1f+(?=[\x1c-\x1e])")
TRAILS = (ELEMENT + TERMINATOR, COMPONENT + ELEMENT, COMPONENT + TERMINATOR)
STRANGE = "\x00-\x1b\x7f-\x9f"
"""Control characters, in a set of signs; what parts a claim here is none of them."""


class CannotWrite(ValueError):
    """A claim that cannot be sent; the words say why."""


class Loss(NamedTuple):
    """A sign taken out of a text, because it parts segments in this file: the segment, the text before."""

    loop: str
    segment: str
    element: int
    sign: str


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """Who sends to whom, when, under which numbers. Control numbers: 1 to 999,999,999.

    sender, receiver: ISA06 and ISA08 with their qualifiers; the application codes (GS02, GS03) are the same
    when they are left empty. submitter_number, receiver_number: NM109 of 1000A and 1000B. moment: of ISA09,
    GS04 and BHT04, in the local time of the sender. first_group: GS06 of the first group; further groups
    count on. purpose: BHT02, 00 original or 18 reissue (R837-02). usage: P production, T test.
    """

    sender_qualifier: str = "ZZ"
    sender: str
    receiver_qualifier: str = "ZZ"
    receiver: str
    application_sender: str = ""
    application_receiver: str = ""
    submitter_name: str
    submitter_number: str
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    receiver_name: str
    receiver_number: str
    moment: datetime
    interchange: int
    first_group: int
    usage: str = "P"
    purpose: str = "00"
    separators: Separators = PLAIN
    line_end: str = ""


class Place(NamedTuple):
    """Where a claim stands in the file: interchange, group (GS06) and transaction (ST02), which claim of
    the transaction it is (1-based), and what had to be taken out of its texts.
    """

    interchange: str
    group: str
    transaction: str
    number: int
    losses: tuple[Loss, ...] = ()


class Written(NamedTuple):
    """What went out."""

    groups: int
    transactions: int
    claims: int
    bytes: int


def signs_for(claims: Iterable[Whole]) -> Separators:
    """Separators that stand in no text of these claims, as far as there are such; the usual ones if possible.

    Reads every claim once; a caller with claims on disk reads them twice, and memory stays flat.
    """
    found: set[str] = set()
    for claim in claims:
        text = _joined(claim.rows)
        found |= {sign for signs in TRIED for sign in signs if sign in text}
    # The last of each is one of ours, which stands in no text.
    return Separators(
        *(next((sign for sign in signs[:-1] if sign not in found), signs[-1]) for signs in TRIED)
    )


class Writer:
    """One interchange, claim by claim: memory does not grow with it. `close` ends it.

    Claims of one guide should come together: each change of the guide opens a new group. Claims of one
    billing provider, subscriber and patient that follow each other share their loops.
    """

    def __init__(self, out: BinaryIO, envelope: Envelope) -> None:
        self.out, self.envelope = out, envelope
        signs = envelope.separators
        if len(set(signs)) != 4 or any(len(sign) != 1 or sign.isalnum() for sign in signs):
            raise CannotWrite("The four separators must be four different signs.")
        ours = (ELEMENT, COMPONENT, REPETITION, TERMINATOR)
        theirs = (*signs[:3], signs.terminator + envelope.line_end)
        self.swap = [(one, other) for one, other in zip(ours, theirs, strict=True) if one != other]
        if any(other[0] in PARTING for _, other in self.swap):
            raise CannotWrite("These control characters part segments here in another role.")
        taken = "".join(sorted({*signs, "\r", "\n"} - PARTING))
        self.taken = tuple(taken)
        self.bad = re.compile(f"[{re.escape(taken)}{STRANGE}]")
        self.groups = self.transactions = self.claims = self.bytes = 0
        self.kind = self.use = ""
        self.numbers = ("", "", "")
        self.in_group = self.in_transaction = self.segments = self.levels = self.siblings = 0
        self.above: tuple[Rows, Rows, Rows] = ((), (), ())
        self.parent = self.holder = 0  # HL01 of the open billing provider and subscriber
        self._put(ELEMENT.join(_isa(envelope)) + TERMINATOR)

    # -- a claim

    def add(self, whole: Whole) -> Place:
        """Write one claim; says where it stands. CannotWrite leaves the file as it was."""
        refuse(whole)
        if whole.kind != self.kind:
            self._end_group()
            self._open_group(whole.kind)
        if whole.use != self.use or self.in_transaction >= CLAIMS:
            self._end_transaction()
        if not self.in_transaction:
            self._open_transaction(whole.use)
        made, count = self._levels(whole)
        made.append(_joined(whole.claim))
        text = TERMINATOR.join(made) + TERMINATOR
        losses: tuple[Loss, ...] = ()
        if self._suspect(text) and self.bad.search(text):
            losses = tuple(self._losses(whole))
            text = self.bad.sub("", text)
        self.segments += count + len(whole.claim)
        self.in_transaction += 1
        self.siblings += 1
        self.claims += 1
        self._write(text)
        return Place(*self.numbers, self.in_transaction, losses)

    def _levels(self, whole: Whole) -> tuple[list[str], int]:
        """The loops above the claim that are not open yet, and how many segments that makes."""
        billing, subscriber, patient = self.above
        full = self.siblings >= SIBLINGS
        made: list[str] = []
        count, child = 0, "1" if whole.patient else "0"
        new = not self.parent or billing != whole.billing
        if new:
            self.levels += 1
            self.parent = self.levels
            made += [_hl(self.levels, "", "20", "1"), _joined(whole.billing)]
            count += 1 + len(whole.billing)
        # A subscriber says whether patients follow, so one with claims of its own is opened again for them.
        new = new or subscriber != whole.subscriber or bool(patient) != bool(whole.patient)
        if new or (full and not whole.patient):
            self.levels += 1
            self.holder = self.levels
            made += [_hl(self.levels, str(self.parent), "22", child), _joined(whole.subscriber)]
            count += 1 + len(whole.subscriber)
            new, self.siblings = True, 0
        if whole.patient and (new or full or patient != whole.patient):
            self.levels += 1
            made += [_hl(self.levels, str(self.holder), "23", "0"), _joined(whole.patient)]
            count += 1 + len(whole.patient)
            self.siblings = 0
        self.above = (whole.billing, whole.subscriber, whole.patient)
        return made, count

    def _suspect(self, text: str) -> bool:
        """Whether a sign may have to go; a look at the whole text, as nearly all texts are clean."""
        for sign in self.taken:
            if sign in text:
                return True
        return not self._swapped(text).isprintable()

    def _losses(self, whole: Whole) -> Iterator[Loss]:
        for one in whole.rows:
            for at, text in enumerate(one.elements):
                for sign in set(self.bad.findall(text)):
                    yield Loss(one.loop, one.id, at, sign)

    # -- what stands around it

    def _write(self, text: str) -> None:
        for trail in TRAILS:
            if trail in text:
                text = TRAILING.sub("", text)
                break
        self._put(text)

    def _swapped(self, text: str) -> str:
        for ours, theirs in self.swap:
            text = text.replace(ours, theirs)
        return text

    def _put(self, text: str) -> None:
        data = self._swapped(text).encode("utf-8")
        self.out.write(data)
        self.bytes += len(data)

    # -- what stands around it

    def _envelope(self, *segments: list[str]) -> None:
        for one in segments:
            clean = [self.bad.sub("", text) for text in one]
            self._write(ELEMENT.join(clean) + TERMINATOR)
        self.segments += len(segments)

    def _numbers(self) -> tuple[str, str, str]:
        one = self.envelope
        group = (one.first_group + self.groups - 2) % 999_999_999 + 1
        return f"{one.interchange:09d}", str(group), f"{self.transactions:04d}"

    def _open_group(self, kind: str) -> None:
        one, self.kind, self.in_group = self.envelope, kind, 0
        self.groups += 1
        sender, receiver = one.application_sender or one.sender, one.application_receiver or one.receiver
        day, time = f"{one.moment:%Y%m%d}", f"{one.moment:%H%M}"
        self._envelope(["GS", "HC", sender, receiver, day, time, self._numbers()[1], "X", VERSIONS[kind]])

    def _open_transaction(self, use: str) -> None:
        one, self.use, self.segments = self.envelope, use, 0
        self.transactions += 1
        self.in_group += 1
        self.levels = self.parent = self.holder = self.siblings = 0
        self.above = ((), (), ())
        self.numbers = self._numbers()
        interchange, _, number = self.numbers
        reference = f"{interchange}{number}"
        phone = ["TE", one.contact_phone] if one.contact_phone else []
        email = ["EM", one.contact_email] if one.contact_email else []
        self._envelope(
            ["ST", "837", number, VERSIONS[self.kind]],
            ["BHT", "0019", one.purpose, reference, f"{one.moment:%Y%m%d}", f"{one.moment:%H%M}", use],
            ["NM1", "41", "2", one.submitter_name, "", "", "", "", "46", one.submitter_number],
            ["PER", "IC", one.contact_name, *phone, *email],
            ["NM1", "40", "2", one.receiver_name, "", "", "", "", "46", one.receiver_number],
        )

    def _end_transaction(self) -> None:
        if self.in_transaction:
            self._envelope(["SE", str(self.segments + 1), self._numbers()[2]])
        self.in_transaction = 0

    def _end_group(self) -> None:
        self._end_transaction()
        if self.in_group:
            self._envelope(["GE", str(self.in_group), self._numbers()[1]])
        self.in_group = 0

    def close(self) -> Written:
        """End the interchange; nothing may be added after it."""
        self._end_group()
        self._envelope(["IEA", str(self.groups), f"{self.envelope.interchange:09d}"])
        return Written(self.groups, self.transactions, self.claims, self.bytes)


def refuse(whole: Whole) -> None:
    """CannotWrite for a claim no guide here covers; silent for the others."""
    if whole.kind not in VERSIONS:
        raise CannotWrite("Dental claims cannot be sent yet: there is no guide here to check them against.")
    if not whole.version.startswith(SENT[whole.kind]):
        raise CannotWrite(f"The claim is of version {whole.version}; only 005010 claims can be sent.")


def _joined(rows: Iterable[Row]) -> str:
    return TERMINATOR.join([ELEMENT.join(one.elements) for one in rows])


def _hl(number: int, parent: str, level: str, child: str) -> str:
    return ELEMENT.join(("HL", str(number), parent, level, child))


def _isa(one: Envelope) -> list[str]:
    signs = one.separators
    own = str.maketrans({sign: " " for sign in signs if sign != " "})
    sender, receiver = one.sender.translate(own), one.receiver.translate(own)
    day, time = f"{one.moment:%y%m%d}", f"{one.moment:%H%M}"
    head = ["ISA", "00", " " * 10, "00", " " * 10, f"{one.sender_qualifier:2.2}", f"{sender:15.15}"]
    head += [f"{one.receiver_qualifier:2.2}", f"{receiver:15.15}", day, time, REPETITION, "00501"]
    return [*head, f"{one.interchange:09d}", "0", one.usage, COMPONENT]
