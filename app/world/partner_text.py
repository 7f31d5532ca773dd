"""What the practice partner understands of an 837 sent to it and of an 835 written earlier.

It reads with a reader of its own: whoever wrote the file is checked by another author.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from app.world.adjudicate import Cas
from app.world.tables import in_cents

Segment = list[str]


@dataclass(frozen=True, slots=True)
class GotLine:
    """One service line as billed. units as written; day CCYYMMDD, the first of a range; charge in cents."""

    number: int
    control: str
    code_type: str
    code: str
    modifiers: tuple[str, ...]
    revenue: str
    units: str
    charge: int
    day: str

    @property
    def named(self) -> str:
        """`HC:99213:25`; empty for a line that has a revenue code only."""
        return ":".join([self.code_type, self.code, *self.modifiers]) if self.code else ""


@dataclass(slots=True)
class Other:
    """What another payer decided, as the claim repeats it. paid: None when it has not answered."""

    rank: str
    payer_id: str = ""
    paid: int | None = None
    cas: Cas = ()
    lines: dict[int, tuple[int, Cas]] = field(default_factory=dict)


@dataclass(slots=True)
class Got:
    """One claim that arrived. rank: `P`, `S`, `T` ... of the payer it asks; reference: REF*F8 of 2300."""

    control: str
    form: str
    charge: int
    bill_type: str
    frequency: str
    rank: str
    filing: str
    payer_id: str
    payer_name: str
    member: str
    last: str
    first: str
    npi: str
    practice: str
    tax_id: str
    reference: str = ""
    drg: str = ""
    days: tuple[str, str] = ("", "")
    lines: list[GotLine] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)

    @property
    def answered(self) -> list[Other]:
        """Payers that decided already, as they are named, first to last."""
        return [one for one in self.others if one.paid is not None]


@dataclass(frozen=True, slots=True)
class Set:
    """One ST that arrived; `wrong`: what a 999 says against it, empty when it can be read."""

    control: str
    version: str
    wrong: tuple[str, ...]
    claims: tuple[Got, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One GS that arrived."""

    control: str
    version: str
    sets: tuple[Set, ...]


@dataclass(frozen=True, slots=True)
class Interchange:
    """One ISA that arrived; isa holds its sixteen elements from index 1."""

    isa: Segment
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One CLP of an 835: its segments in `*` and `:`, cents paid, CLP07, and what identifies its service."""

    control: str
    status: str
    number: str
    paid: int
    member: str
    segments: tuple[str, ...]
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remitted:
    """One ST of an 835. ids: every number and name the payer goes by; head: N1*PR and REF*2U as written."""

    ids: tuple[str, ...]
    company: str
    name: str
    npi: str
    head: tuple[str, ...]
    claims: tuple[Said, ...]


def segments(content: bytes) -> list[Segment]:
    """Every segment as its elements, in `:` and `^` whatever the file uses; ValueError when it is no X12."""
    text = content.decode("latin-1")
    if not text.startswith("ISA") or len(text) < 106:
        raise ValueError("this is no X12 interchange")
    star, caret, colon, end = text[3], text[82], text[104], text[105]
    # A letter that separates something in our own files cannot stand in a text we repeat.
    plain = str.maketrans(dict.fromkeys("*:^~", " ") | {colon: ":", caret: "^"})
    rows = (row.strip("\r\n") for row in text.split(end))
    found = [row.split(star) for row in rows if row]
    return [found[0]] + [[part.translate(plain) for part in row] for row in found[1:]]


def signed_cents(text: str) -> int:
    """Cents of `-92.5`, exact; nothing is zero."""
    return -in_cents("0" + text[1:]) if text.startswith("-") else in_cents("0" + text)


def at(segment: Segment, place: int) -> str:
    """An element, empty when it is not there."""
    return segment[place] if place < len(segment) else ""


def triplets(segment: Segment) -> Cas:
    """The adjustments of one CAS."""
    return tuple(
        (segment[1], segment[place], signed_cents(at(segment, place + 1)))
        for place in range(2, len(segment), 3)
        if segment[place]
    )


def read_claims(content: bytes) -> Interchange:
    """An 837 of any number of groups and transactions."""
    rows = segments(content)
    groups: list[Group] = []
    sets: list[Set] = []
    opened: Segment = []
    body: list[Segment] = []
    for row in rows[1:]:
        if row[0] == "GS":
            opened, sets = row, []
        elif row[0] == "ST":
            body = [row]
        elif row[0] == "SE":
            sets.append(_set([*body, row], at(opened, 8)))
        elif row[0] == "GE":
            groups.append(Group(at(opened, 6), at(opened, 8), tuple(sets)))
        else:
            body.append(row)
    return Interchange(rows[0], tuple(groups))


def _set(body: list[Segment], version: str) -> Set:
    wrong = []
    if at(body[-1], 1) != str(len(body)):
        wrong.append("IK5*R*4")
    elif at(body[-1], 2) != at(body[0], 2):
        wrong.append("IK5*R*3")
    claims = tuple(_Reader("I" if "X223" in version else "P").read(body[1:-1]))
    if not claims:
        wrong.append("IK5*R*5")
    return Set(at(body[0], 2), version, tuple(wrong), claims)


class _Reader:
    """Walks one transaction; what stands above a claim is remembered until it is said anew."""

    def __init__(self, form: str):
        self._form = form
        self._practice: dict[str, str] = {}
        self._holder: dict[str, str] = {}
        self._patient: tuple[str, str] = ("", "")
        self._claim: Got | None = None
        self._other: Other | None = None
        self._svd: tuple[str, int] = ("", 0)
        self._level = ""

    def read(self, body: Sequence[Segment]) -> Iterator[Got]:
        """Each claim when it is complete."""
        for row in body:
            if row[0] in ("HL", "CLM") and self._claim is not None:
                yield self._claim
                self._claim = None
            if row[0] == "HL":
                self._begin(at(row, 3))
            elif row[0] == "CLM":
                self._claim = self._open(row)
            elif self._claim is None:
                self._above(row)
            elif self._claim.lines or row[0] == "LX":
                self._line(self._claim, row)
            else:
                self._inside(self._claim, row)
        if self._claim is not None:
            yield self._claim

    def _begin(self, level: str) -> None:
        self._level = level
        if level == "20":
            self._practice, self._holder = {}, {}
        elif level == "22":
            self._holder, self._patient = {}, ("", "")

    def _above(self, row: Segment) -> None:
        kind = f"{row[0]}*{at(row, 1)}"
        if kind == "NM1*85":
            self._practice |= {"name": at(row, 3), "npi": at(row, 9)}
        elif kind in ("REF*EI", "REF*SY") and self._level == "20":
            self._practice["tax_id"] = at(row, 2)
        elif row[0] == "SBR":
            self._holder |= {"rank": at(row, 1), "filing": at(row, 9)}
        elif kind == "NM1*IL":
            self._holder["member"] = at(row, 9)
            self._patient = (at(row, 3), at(row, 4))
        elif kind == "NM1*PR":
            self._holder |= {"payer": at(row, 9), "payer_name": at(row, 3)}
        elif kind == "NM1*QC":
            self._patient = (at(row, 3), at(row, 4))

    def _open(self, row: Segment) -> Got:
        place, _, rest = at(row, 5).partition(":")
        holder, practice = self._holder, self._practice
        self._other = None
        return Got(
            at(row, 1), self._form, signed_cents(at(row, 2)), place, rest.partition(":")[2],
            holder.get("rank", ""), holder.get("filing", ""), holder.get("payer", ""),
            holder.get("payer_name", ""), holder.get("member", ""), *self._patient,
            practice.get("npi", ""), practice.get("name", ""), practice.get("tax_id", ""),
        )  # fmt: skip

    def _inside(self, claim: Got, row: Segment) -> None:
        kind = f"{row[0]}*{at(row, 1)}"
        if row[0] == "SBR":
            self._other = Other(at(row, 1))
            claim.others.append(self._other)
        elif self._other is None:
            if kind == "REF*F8":
                claim.reference = at(row, 2)
            elif kind == "DTP*434":
                first, _, last = at(row, 3).partition("-")
                claim.days = (first, last or first)
            elif row[0] == "HI" and at(row, 1).startswith("DR:"):
                claim.drg = at(row, 1).split(":")[1]
        elif row[0] == "CAS":
            self._other.cas += triplets(row)
        elif kind == "AMT*D":
            self._other.paid = signed_cents(at(row, 2))
        elif kind == "NM1*PR":
            self._other.payer_id = at(row, 9)

    def _line(self, claim: Got, row: Segment) -> None:
        if row[0] == "LX":
            number = int(at(row, 1) or 0)
            claim.lines.append(GotLine(number, "", "", "", (), "", "", 0, claim.days[0]))
            self._svd = ("", 0)
            return
        line = claim.lines[-1]
        if row[0] in ("SV1", "SV2"):
            shift = 1 if row[0] == "SV2" else 0
            kind, _, rest = at(row, 1 + shift).partition(":")
            code, *more = rest.split(":")
            line = replace(
                line, code_type=kind, code=code, modifiers=tuple(one for one in more[:4] if one),
                revenue=at(row, 1) if shift else "", charge=signed_cents(at(row, 2 + shift)),
                units=at(row, 4 + shift),
            )  # fmt: skip
        elif row[0] == "DTP" and at(row, 1) == "472":
            line = replace(line, day=at(row, 3)[:8])
            first, last = claim.days
            claim.days = (min(first or line.day, line.day), max(last, line.day))
        elif row[0] == "REF" and at(row, 1) == "6R":
            line = replace(line, control=at(row, 2))
        elif row[0] == "SVD":
            self._svd = (at(row, 1), line.number)
            self._decided(claim)[line.number] = (signed_cents(at(row, 2)), ())
        elif row[0] == "CAS" and self._svd[0]:
            lines = self._decided(claim)
            paid, cas = lines[line.number]
            lines[line.number] = (paid, cas + triplets(row))
        claim.lines[-1] = line

    def _decided(self, claim: Got) -> dict[int, tuple[int, Cas]]:
        named = (one for one in claim.others if one.payer_id == self._svd[0])
        return next(named, Other("")).lines if self._svd[0] else {}


def read_remits(content: bytes) -> list[Remitted]:
    """Every ST of an 835; anything else that was sent holds none."""
    found: list[Remitted] = []
    body: list[Segment] = []
    for row in segments(content):
        if row[0] == "ST":
            body = []
        elif row[0] == "SE" and body and body[0][0] == "BPR":
            found.append(_remitted(body))
        else:
            body.append(row)
    return found


def _remitted(body: Sequence[Segment]) -> Remitted:
    first = next((place for place, row in enumerate(body) if row[0] == "CLP"), len(body))
    facts: dict[str, str] = {}
    ids, head = [], []
    for row in body[:first]:
        kind = f"{row[0]}*{at(row, 1)}"
        if row[0] == "TRN":
            facts["company"] = at(row, 3)
        elif kind == "N1*PR":
            facts["name"] = at(row, 2)
            ids.append(at(row, 4))
        elif kind == "N1*PE":
            facts["npi"] = at(row, 4)
        elif kind == "REF*2U":
            ids.append(at(row, 2))
        if kind in ("N1*PR", "REF*2U"):
            head.append("*".join(row))
    company = facts.get("company", "")
    known = tuple(one for one in (*ids, company, company[1:], facts.get("name", "")) if one)
    claims = tuple(_said(rows) for rows in _loops(body[first:]))
    return Remitted(known, company, facts.get("name", ""), facts.get("npi", ""), tuple(head), claims)


def _loops(rows: Sequence[Segment]) -> Iterator[list[Segment]]:
    loop: list[Segment] = []
    for row in rows:
        if row[0] in ("CLP", "PLB", "LX", "TS3", "TS2") and loop:
            yield loop
            loop = []
        if row[0] == "CLP" or loop:
            loop.append(row)
    if loop:
        yield loop


def _said(rows: Sequence[Segment]) -> Said:
    head, member, services = rows[0], "", []
    for place, row in enumerate(rows):
        if row[:2] == ["NM1", "QC"]:
            member = at(row, 9)
        elif row[0] == "SVC":
            later = (one[2] for one in rows[place + 1 : place + 3] if one[:2] == ["DTM", "472"])
            billed = at(row, 6) or at(row, 1)
            services.append(f"{next(later, '')} {billed} {abs(signed_cents(at(row, 2)))}")
    return Said(at(head, 1), at(head, 2), at(head, 7), signed_cents(at(head, 4)), member,
                tuple("*".join(row) for row in rows), tuple(sorted(services)))  # fmt: skip


def services_of(claim: Got) -> tuple[str, ...]:
    """What identifies the services of a claim, in the words of `Said.services`."""
    return tuple(
        sorted(f"{line.day} {line.named or 'NU:' + line.revenue} {line.charge}" for line in claim.lines)
    )
