"""Writing X12 text by hand: envelopes, counts and amounts, so that a reader is tested against another author.

Segments are built with `*` and `:`; a Dress turns them into any other delimiters and line ends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.world.adjudicate import Cas

TRIPLETS = 6


@dataclass(frozen=True, slots=True)
class Dress:
    """Delimiters and line ends of one file."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    terminator: str = "~"
    line_end: str = "\n"

    def cut(self, segments: Iterable[str]) -> str:
        """The text of these segments."""
        end = self.terminator + self.line_end
        text = end.join(segments) + end
        if self.element != "*" or self.component != ":":
            text = text.translate({42: self.element, 58: self.component})
        return text


PLAIN = Dress()
OTHER_LINES = Dress(line_end="\r\n")
OTHER_MARKS = Dress(element="|", component=">", repetition="+", terminator="!", line_end="")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One interchange holding one group. usage: `P` production or `T` test."""

    functional: str
    version: str
    sender: str
    receiver: str
    day: date
    control: int
    usage: str = "P"
    time: str = "0615"

    def wrap(self, transactions: Sequence[Sequence[str]], first_control: int = 1) -> list[str]:
        """ISA to IEA around transactions given without their ST and SE."""
        set_id = {"HC": "837", "HP": "835", "FA": "999", "HN": "277"}[self.functional]
        third = "" if set_id == "835" else f"*{self.version}"
        day = f"{self.day:%Y%m%d}"
        segments = [
            f"ISA*00*          *00*          *ZZ*{self.sender:<15}*ZZ*{self.receiver:<15}"
            f"*{day[2:]}*{self.time}*^*00501*{self.control:09d}*0*{self.usage}*:",
            f"GS*{self.functional}*{self.sender}*{self.receiver}*{day}*{self.time}*{self.control}"
            f"*X*{self.version}",
        ]
        for number, body in enumerate(transactions, first_control):
            segments.append(f"ST*{set_id}*{number:04d}{third}")
            segments.extend(body)
            segments.append(f"SE*{len(body) + 2}*{number:04d}")
        segments.append(f"GE*{len(transactions)}*{self.control}")
        segments.append(f"IEA*1*{self.control:09d}")
        return segments

    def text(
        self, transactions: Sequence[Sequence[str]], dress: Dress = PLAIN, first_control: int = 1
    ) -> str:
        """The whole file in this dress."""
        segments = self.wrap(transactions, first_control)
        if dress.repetition != "^":
            segments[0] = segments[0].replace("*^*", f"*{dress.repetition}*")
        return dress.cut(segments)


def amount(cents: int) -> str:
    """An X12 number without needless zeros: 8000 is `80`, 8050 is `80.5`."""
    if cents < 0:
        return "-" + amount(-cents)
    whole, part = divmod(cents, 100)
    if not part:
        return str(whole)
    return f"{whole}.{part // 10}" if part % 10 == 0 else f"{whole}.{part:02d}"


def full_amount(cents: int) -> str:
    """An X12 number with both decimals: 8000 is `80.00`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def cas_segments(cas: Cas, full: bool = False) -> list[str]:
    """CAS segments: one per group, six triplets each, groups in their first order."""
    money = full_amount if full else amount
    groups: dict[str, list[str]] = {}
    for group, carc, cents in cas:
        groups.setdefault(group, []).append(f"{carc}*{money(cents)}")
    return [
        f"CAS*{group}*" + "**".join(parts[start : start + TRIPLETS])
        for group, parts in groups.items()
        for start in range(0, len(parts), TRIPLETS)
    ]


def d8(day: date) -> str:
    """CCYYMMDD."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"
