"""Write one TA1: our answer to an interchange, when its sender asks for one or we could not use it."""

from typing import NamedTuple

from edi.x999.writer import Parties, isa


class Answered(NamedTuple):
    """The interchange answered: ISA13, ISA09 (YYMMDD), ISA10 as sent; status TA104 (A, E, R); note TA105."""

    control: str
    date: str
    time: str
    status: str
    note: str


def write(parties: Parties, answered: Answered) -> bytes:
    """A whole interchange with the TA1 and no group."""
    ta1 = f"TA1*{answered.control}*{answered.date}*{answered.time}*{answered.status}*{answered.note}"
    lines = [isa(parties), ta1, f"IEA*0*{parties.control:09d}"]
    return "".join(f"{line}~\n" for line in lines).encode("latin-1")
