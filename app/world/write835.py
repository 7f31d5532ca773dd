"""The 835 a payer sends: one payment, its claims, its provider adjustments, and the flaws asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from app.world.adjudicate import CROSSED, FORWARDED, REVERSED, Adjudication, Answer
from app.world.people import Entity, clinician, member_id
from app.world.tables import Payer
from app.world.x12 import amount, cas_segments, d8, full_amount

VERSION = "005010X221A1"
POST, PARK, NOTHING = "post", "park", "nothing"


@dataclass(frozen=True, slots=True)
class Leg:
    """One CLP of a remit.

    effect: what a correct reader does with it: `post`, `park` or `nothing` (an estimate).
    flaw: what is wrong with the text; empty when it is right. control replaces CLP01 when not empty.
    """

    adjudication: Adjudication
    effect: str = POST
    flaw: str = ""
    control: str = ""

    @property
    def clp01(self) -> str:
        """The patient control number as written."""
        return self.control or self.adjudication.claim.control


Plb = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Remit:
    """One payment. legs in order; plb as (code, reference, cents), positive lowering the payment."""

    payer: Payer
    payee: Entity
    day: date
    trace: str
    legs: Sequence[Leg]
    plb: Sequence[Plb] = field(default=())
    paid_off_by: int = 0

    @property
    def claims_paid(self) -> int:
        """Sum of CLP04."""
        return sum(leg.adjudication.paid for leg in self.legs)

    @property
    def paid(self) -> int:
        """BPR02 as it should be: claims less provider adjustments, never negative in this world."""
        return self.claims_paid - sum(cents for _, _, cents in self.plb)

    @property
    def method(self) -> str:
        """BPR04."""
        return self.payer.method if self.paid + self.paid_off_by else "NON"


class Pen:
    """Writes the transactions of one world."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def body(self, remit: Remit) -> list[str]:
        """The transaction without ST and SE."""
        out = self._head(remit)
        if remit.legs:
            out.append("LX*1")
            full = remit.payer.cents == "full"
            for leg in remit.legs:
                self._claim(out, leg, full)
        out.extend(_provider_adjustments(remit))
        return out

    def _head(self, remit: Remit) -> list[str]:
        payer, payee = remit.payer, remit.payee
        paid = remit.paid + remit.paid_off_by
        out = [_bpr(remit, paid), f"TRN*1*{remit.trace}*{payer.company}", f"REF*EV*RC{payee.tax_id}",
               f"DTM*405*{d8(remit.day)}"]  # fmt: skip
        known = f"*XV*{payer.payer_id}" if payer.known_by == "n104" else ""
        out += [f"N1*PR*{payer.name}{known}", "N3*1 PLAN PLAZA", f"N4*{payer.city}*{payer.state}*{payer.zip}"]
        if payer.known_by == "2u":
            out.append(f"REF*2U*{payer.payer_id}")
        out.append("PER*BL*PROVIDER SERVICES*TE*8005550199")
        out += [f"N1*PE*{payee.name}*XX*{payee.npi}", f"N3*{payee.street}",
                f"N4*{payee.city}*{payee.state}*{payee.zip}", f"REF*TJ*{payee.tax_id}"]  # fmt: skip
        return out

    def _claim(self, out: list[str], leg: Leg, full: bool) -> None:
        adjudication = _flawed(leg)
        claim = adjudication.claim
        money = full_amount if full else amount
        charge = adjudication.charge + (100 if leg.flaw == "claim_unbalanced" else 0)
        out.append(self._clp(leg, adjudication, money(charge), money(adjudication.paid)))
        out.extend(cas_segments(adjudication.cas, full))
        who = claim.patient
        member = member_id(adjudication.payer.key, who.number, self._seed)
        out.append(f"NM1*QC*1*{who.last}*{who.first}****MI*{member}")
        if who.child:
            out.append(f"NM1*IL*1*{who.last}*{who.parent_first}****MI*{member}")
        last, first, npi = clinician(self._seed, claim.entity.number, claim.clinician)
        if claim.kind == "P":
            out.append(f"NM1*82*1*{last}*{first}****XX*{npi}")
        if adjudication.forwarded_to:
            to = adjudication.forwarded_to
            out.append(f"NM1*TT*2*{to.name}*****PI*{to.payer_id}")
        self._remarks(out, adjudication)
        if adjudication.original:
            out.append(f"REF*F8*{adjudication.original}")
        out.append(f"REF*EA*MR{who.number:07d}")
        out.append(f"DTM*232*{d8(claim.service_from)}")
        out.append(f"DTM*233*{d8(claim.service_to)}")
        if adjudication.interest:
            out.append(f"AMT*I*{money(adjudication.interest)}")
        for answer in adjudication.answers:
            _service(out, answer, adjudication, full, leg.flaw)

    def _clp(self, leg: Leg, adjudication: Adjudication, charge: str, paid: str) -> str:
        claim = adjudication.claim
        owed = adjudication.patient_responsibility
        if leg.flaw == "patient_share_differs":
            owed += 100
        status = "10" if leg.flaw == "unknown_status" else adjudication.status
        share = amount(owed) if owed and status != REVERSED else ""
        drg = f"**{claim.drg.code}" if claim.drg else ""
        return (f"CLP*{leg.clp01}*{status}*{charge}*{paid}*{share}*{adjudication.payer.filing_835}"
                f"*{adjudication.number}*{claim.bill_type}*1{drg}")  # fmt: skip

    def _remarks(self, out: list[str], adjudication: Adjudication) -> None:
        remarks = list(adjudication.remarks)
        if adjudication.status == REVERSED:
            return
        if told := notice(adjudication):
            remarks.insert(0, told)
        if not remarks:
            return
        if adjudication.claim.form in "ID":
            rest = "*" * 15 + "*".join(remarks[1:5]) if remarks[1:] else ""
            out.append(f"MIA*0****{remarks[0]}{rest}")
        else:
            out.append("MOA***" + "*".join(remarks[:5]))


def notice(adjudication: Adjudication) -> str:
    """What Medicare tells of every claim it decides: it may be appealed, or went on to the next payer."""
    if adjudication.payer.key not in ("medicare_b", "medicare_a"):
        return ""
    return "MA18" if adjudication.status == CROSSED else "MA01"


def _bpr(remit: Remit, paid: int) -> str:
    day = d8(remit.day)
    if not paid:
        return f"BPR*H*0*C*NON************{day}"
    if remit.payer.method == "CHK":
        return f"BPR*I*{amount(paid)}*C*CHK************{day}"
    company = remit.payer.company
    return (f"BPR*I*{amount(paid)}*C*ACH*CCP*01*123456780*DA*{company[-6:]}*{company}**01*123456780"
            f"*DA*7{remit.payee.tax_id[-6:]}*{day}")  # fmt: skip


def _flawed(leg: Leg) -> Adjudication:
    """The adjudication with the flaw put into it where it can be said in its own numbers."""
    adjudication = leg.adjudication
    if leg.flaw != "line_unbalanced" or not adjudication.answers:
        return adjudication
    first = adjudication.answers[0]
    group, carc, cents = first.cas[0]
    wrong = replace(first, cas=((group, carc, cents - 1), *first.cas[1:]))
    return replace(adjudication, answers=(wrong, *adjudication.answers[1:]))


def _service(out: list[str], answer: Answer, adjudication: Adjudication, full: bool, flaw: str) -> None:
    line = answer.line
    money = full_amount if full else amount
    modifier = f":{line.modifier}" if line.modifier else ""
    shown = answer.paid_as or line.code
    code = f"{shown.code_type}:{shown.code}{modifier}"
    billed = f"*{line.code.code_type}:{line.code.code}{modifier}" if answer.paid_as else ""
    revenue = line.code.revenue if line.code.code_type == "HC" else ""
    out.append(f"SVC*{code}*{money(answer.charge)}*{money(answer.paid)}*{revenue}*{line.units}{billed}")
    out.append(f"DTM*472*{d8(line.day)}")
    parts = cas_segments(answer.cas, full)
    if flaw == "three_decimals" and line.number == 1 and parts:
        parts[0] = _third_decimal(parts[0])
    out.extend(parts)
    out.append(f"REF*6R*{line.control}")
    if answer.allowed and adjudication.status not in (REVERSED, FORWARDED):
        out.append(f"AMT*B6*{money(answer.allowed)}")
    out.extend(f"LQ*HE*{remark}" for remark in answer.remarks)


def _third_decimal(segment: str) -> str:
    parts = segment.split("*")
    whole, _, cents = parts[3].partition(".")
    parts[3] = f"{whole}.{(cents + '00')[:2]}5"
    return "*".join(parts)


def _provider_adjustments(remit: Remit) -> list[str]:
    full = remit.payer.cents == "full"
    money = full_amount if full else amount
    head = f"PLB*{remit.payee.npi}*{remit.day.year}1231"
    rows = [f"{code}:{reference}*{money(cents)}" if reference else f"{code}*{money(cents)}"
            for code, reference, cents in remit.plb]  # fmt: skip
    return [head + "*" + "*".join(rows[start : start + 6]) for start in range(0, len(rows), 6)]
