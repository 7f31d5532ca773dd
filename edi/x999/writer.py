"""Write one 999 (005010X231A1): our answer to the groups of an interchange that came in.

pyx12 writes a 999 of what its maps find; it has no map that judges an 835, so this is written from our own
findings. write(reply) gives a whole interchange; the reader next door reads it back the same.
"""

from collections.abc import Sequence
from typing import NamedTuple

VERSION = "005010X231A1"
ERRORS_WRITTEN = 100  # IK3 of one transaction; more help nobody
ACCEPTED = frozenset({"A", "E"})


class ElementError(NamedTuple):
    """One IK4. position: of the element, from 1; code: IK403. The value is never sent: patients are in it."""

    position: int
    code: str


class SegmentError(NamedTuple):
    """One IK3. position: from ST, which is 1; code: IK304; business: what the CTX names, e.g. CLP01:A1."""

    segment_id: str
    position: int
    code: str
    business: str = ""
    elements: tuple[ElementError, ...] = ()


class SetReply(NamedTuple):
    """One AK2 loop. status: IK501 (A, E, R); codes: IK502 and on, at most five."""

    st01: str
    control: str
    version: str
    status: str
    codes: tuple[str, ...] = ()
    errors: tuple[SegmentError, ...] = ()


class GroupReply(NamedTuple):
    """One ST of the 999. included: AK902, as GE01 says; the sets are those received. codes: AK905 and on."""

    functional_id: str
    control: str
    version: str
    included: int
    sets: tuple[SetReply, ...]
    codes: tuple[str, ...] = ()

    @property
    def accepted(self) -> int:
        """AK904."""
        return sum(one.status in ACCEPTED for one in self.sets)

    @property
    def status(self) -> str:
        """AK901: A all taken, E taken with errors, P some taken, R none."""
        if self.codes or not self.accepted:
            return "R"
        if self.accepted < len(self.sets):
            return "P"
        return "E" if any(one.status == "E" for one in self.sets) else "A"


class Parties(NamedTuple):
    """From whom and to whom, as ISA05-08 write it; date YYYYMMDD and time HHMM of writing; usage P or T."""

    sender_q: str
    sender: str
    receiver_q: str
    receiver: str
    date: str
    time: str
    control: int
    usage: str = "P"


def write(parties: Parties, groups: Sequence[GroupReply]) -> bytes:
    """A whole interchange with one 999 for each group."""
    lines = [isa(parties), _gs(parties)]
    for number, group in enumerate(groups, start=1):
        body = [f"AK1*{group.functional_id}*{group.control}*{group.version}".rstrip("*")]
        for one in group.sets:
            body += _set(one)
        body.append(_ak9(group))
        name = f"{number:04d}"
        lines += [f"ST*999*{name}*{VERSION}", *body, f"SE*{len(body) + 2}*{name}"]
    lines += [f"GE*{len(groups)}*{parties.control}", f"IEA*1*{parties.control:09d}"]
    return "".join(f"{line}~\n" for line in lines).encode("latin-1")


def isa(parties: Parties) -> str:
    """The ISA of an answer of ours; ISA14 is 0, so that nobody answers an answer."""
    names = f"{parties.sender_q:2}*{parties.sender:15}*{parties.receiver_q:2}*{parties.receiver:15}"
    when = f"{parties.date[2:]}*{parties.time}"
    security = f"00*{'':10}*00*{'':10}"
    return f"ISA*{security}*{names}*{when}*^*00501*{parties.control:09d}*0*{parties.usage}*:"


def _gs(parties: Parties) -> str:
    names = f"{parties.sender}*{parties.receiver}*{parties.date}*{parties.time}"
    return f"GS*FA*{names}*{parties.control}*X*{VERSION}"


def _set(one: SetReply) -> list[str]:
    lines = [f"AK2*{one.st01}*{one.control}*{one.version}".rstrip("*")]
    for error in one.errors[:ERRORS_WRITTEN]:
        lines.append(f"IK3*{error.segment_id}*{error.position}**{error.code}")
        if error.business:
            lines.append(f"CTX*{error.business}")
        lines += [f"IK4*{element.position}**{element.code}" for element in error.elements]
    lines.append("*".join(["IK5", one.status, *one.codes[:5]]))
    return lines


def _ak9(group: GroupReply) -> str:
    counts = f"{group.included}*{len(group.sets)}*{group.accepted}"
    return "*".join([f"AK9*{group.status}*{counts}", *group.codes[:5]])
