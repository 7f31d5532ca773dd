"""The answers of the practice partner, written by hand: TA1, 999, 277CA and 835."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.world.partner_text import Got, Group, Interchange, at
from app.world.x12 import Envelope, amount, d8

NAME = "EXAMPLE CLEARINGHOUSE"


@dataclass(frozen=True, slots=True)
class Reply:
    """One file the partner answers with; kind: TA1, 999, 277CA or 835."""

    kind: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a report says of one claim. number: the payer's, when it has given one already."""

    claim: Got
    code: str
    number: str = ""
    trace: str = ""

    @property
    def good(self) -> bool:
        """Whether the claim goes on."""
        return self.code[:2] in ("A0", "A1", "A2", "A5")


@dataclass(frozen=True, slots=True)
class Line:
    """Between whom: the partner's number and ours, as the submitted interchange has them."""

    partner: str
    clinic: str

    def wrap(self, functional: str, version: str, body: Sequence[str], control: int, day: date) -> bytes:
        """One interchange from the partner with one transaction in it."""
        envelope = Envelope(functional, version, self.partner, self.clinic, day, control)
        return envelope.text([list(body)]).encode("ascii", "replace")


def ta1(line: Line, got: Interchange, code: str, note: str, *, control: int, day: date) -> bytes:
    """The receipt of one interchange; code `A`, `E` or `R`, note as TA105."""
    isa = (f"ISA*00*{'':10}*00*{'':10}*ZZ*{line.partner:15}*ZZ*{line.clinic:15}*{d8(day)[2:]}*0620"
           f"*^*00501*{control:09d}*0*P*:")  # fmt: skip
    said = f"TA1*{at(got.isa, 13)}*{at(got.isa, 9)}*{at(got.isa, 10)}*{code}*{note}"
    return "~\n".join([isa, said, f"IEA*0*{control:09d}", ""]).encode("ascii")


def acknowledgement(line: Line, group: Group, refused: bool, *, control: int, day: date) -> bytes:
    """A 999 about one group; refused: every transaction of it, whatever it holds."""
    body = [f"AK1*HC*{group.control}*{group.version}"]
    good = 0
    for one in group.sets:
        body.append(f"AK2*837*{one.control}*{one.version}")
        if refused and not one.wrong:
            body += ["IK3*NM1*8*2010*8", *(f"CTX*CLM01:{got.control}" for got in one.claims[:1])]
            body += ["IK4*9*67*1", "IK5*R*5"]
        elif one.wrong:
            body += one.wrong[:1]
        else:
            body.append("IK5*A")
            good += 1
    count = len(group.sets)
    verdict = "A" if good == count else "P" if good else "R"
    body.append(f"AK9*{verdict}*{count}*{count}*{good}")
    return line.wrap("FA", "005010X231A1", body, control, day)


def report(
    line: Line, verdicts: Sequence[Verdict], *, control: int, day: date, payer: tuple[str, str] = ("", "")
) -> bytes:
    """A 277CA about claims of one billing provider; payer: its name and number, when a payer speaks."""
    stamp, first = d8(day), verdicts[0].claim
    good = [one.claim.charge for one in verdicts if one.good]
    bad = [one.claim.charge for one in verdicts if not one.good]
    who = f"NM1*PR*2*{payer[0]}*****PI*{payer[1]}" if payer[1] else f"NM1*AY*2*{NAME}*****46*{line.partner}"
    total = amount(sum(good) + sum(bad))
    body = [
        f"BHT*0085*08*{control:09d}*{stamp}*0620*TH", "HL*1**20*1", who, f"TRN*1*{control:09d}",
        f"DTP*050*D8*{stamp}", f"DTP*009*D8*{stamp}", "HL*2*1*21*1",
        f"NM1*41*2*{first.practice}*****46*{line.clinic}", f"TRN*2*{control:09d}",
        f"STC*A1:19:PR*{stamp}*WQ*{total}",
    ]  # fmt: skip
    body += [f"QTY*90*{len(good)}"] if good else []
    body += [f"QTY*AA*{len(bad)}"] if bad else []
    body += [f"AMT*YU*{amount(sum(good))}"] if good else []
    body += [f"AMT*YY*{amount(sum(bad))}"] if bad else []
    body += ["HL*3*2*19*1", f"NM1*85*2*{first.practice}*****XX*{first.npi}", "TRN*1*0",
             f"STC*A1:19:PR**WQ*{total}"]  # fmt: skip
    for level, one in enumerate(verdicts, 4):
        body += _claim(level, stamp, one)
    return line.wrap("HN", "005010X214", body, control, day)


def _claim(level: int, stamp: str, one: Verdict) -> list[str]:
    got = one.claim
    member = f"****MI*{got.member}" if got.member else ""
    body = [f"HL*{level}*3*PT", f"NM1*QC*1*{got.last}*{got.first}{member}", f"TRN*2*{got.control}",
            f"STC*{one.code}*{stamp}*{'WQ' if one.good else 'U'}*{amount(got.charge)}"]  # fmt: skip
    body += [f"REF*1K*{one.number}"] if one.number else []
    body += [f"REF*D9*{one.trace}"] if one.trace else []
    body += [f"REF*BLT*{got.bill_type}{got.frequency}"] if got.form == "I" else []
    first, last = got.days
    if first:
        body.append(f"DTP*472*D8*{first}" if first == last else f"DTP*472*RD8*{first}-{last}")
    return body


@dataclass(frozen=True, slots=True)
class Desk:
    """Who pays, as its 835 says it. head: N1*PR and, for some, REF*2U as the payer always wrote them."""

    company: str
    head: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid."""

    npi: str
    name: str
    tax_id: str


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment: CLP loops with what they pay, and provider adjustments (code, reference, cents)."""

    trace: str
    claims: Sequence[tuple[Sequence[str], int]]
    plb: Sequence[tuple[str, str, int]]

    @property
    def paid(self) -> int:
        """BPR02: claims less provider adjustments."""
        return sum(cents for _, cents in self.claims) - sum(cents for _, _, cents in self.plb)


def remit(line: Line, desk: Desk, payee: Payee, payment: Payment, *, control: int, day: date) -> bytes:
    """An 835 of one payment."""
    stamp, paid = d8(day), payment.paid
    bank = f"01*123456780*DA*{desk.company[-6:]}*{desk.company}**01*123456780*DA*7{payee.tax_id[-6:]}"
    first = f"BPR*I*{amount(paid)}*C*ACH*CCP*{bank}*{stamp}" if paid else f"BPR*H*0*C*NON************{stamp}"
    named, *more = desk.head
    body = [first, f"TRN*1*{payment.trace}*{desk.company}", f"DTM*405*{stamp}", named, "N3*1 PLAN PLAZA",
            "N4*COLUMBUS*OH*432150001", *more, "PER*BL*PROVIDER SERVICES*TE*8005550199",
            f"N1*PE*{payee.name}*XX*{payee.npi}", "N3*1 CLINIC WAY", "N4*COLUMBUS*OH*432150001"]  # fmt: skip
    body += [f"REF*TJ*{payee.tax_id}"] if payee.tax_id else []
    body += ["LX*1"] if payment.claims else []
    body += [segment for rows, _ in payment.claims for segment in rows]
    rows = [f"{code}:{reference}*{amount(cents)}" for code, reference, cents in payment.plb]
    head = f"PLB*{payee.npi}*{day.year}1231"
    body += [head + "*" + "*".join(rows[start : start + 6]) for start in range(0, len(rows), 6)]
    return line.wrap("HP", "005010X221A1", body, control, day)
