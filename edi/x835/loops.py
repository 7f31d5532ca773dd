"""The less frequent segments of a claim and its lines: each method puts one segment where it belongs.

What has no place is kept in `other` of the line, or of the claim before its first line, with a finding.
"""

from typing import Any

from edi.amounts import BadAmount, Cents, Dates
from edi.codes import known
from edi.findings import found
from edi.segments import Segment
from edi.x835.checks import CLAIM_FINDINGS
from edi.x835.header import contact
from edi.x835.model import ClaimPayment, Person, Remark, Service

PAD = [""] * 14
new = tuple.__new__  # a NamedTuple without the cost of its keywords
ROLES = {
    "QC": "patient",
    "IL": "insured",
    "74": "corrected",
    "82": "rendering",
    "TT": "crossover",
    "PR": "priority_payer",
    "GB": "other_subscriber",
}
REMARKS_AT = {"MIA": (5, 20, 21, 22, 23), "MOA": (3, 4, 5, 6, 7)}


class Loops:
    """The open claim and line of a reader; line is None before the first SVC.

    unusual: codes want a second look.
    """

    __slots__ = (
        "cents", "claim", "dates", "handlers", "interest", "line", "remark_codes", "unusual",
    )  # fmt: skip

    def __init__(self) -> None:
        self.claim: ClaimPayment = ClaimPayment(0, 0, "", "")
        self.line: Service | None = None
        self.unusual = False
        self.interest = 0  # sum of AMT*I over the claims
        self.cents = Cents()
        self.dates = Dates()
        self.remark_codes = known("rarc")
        self.handlers = {
            "DTM": self.dtm,
            "REF": self.ref,
            "AMT": self.amt,
            "NM1": self.nm1,
            "LQ": self.lq,
            "QTY": self.qty,
            "MIA": self.mia,
            "MOA": self.moa,
            "PER": self.per,
        }

    def complain(self, code: str, number: int, byte: int, element: int | None, value: str) -> None:
        """A finding of the open claim."""
        claim = self.claim
        if not claim.findings:
            claim.findings = []
        if len(claim.findings) <= CLAIM_FINDINGS:  # one more than are shown: the claim is then parked for it
            claim.findings.append(found(code, number, byte, element, value))

    def keep(self, e: list[str], number: int, byte: int, code: str = "835.unknown_segment") -> None:
        """A segment without a place: kept as sent."""
        owner: Any = self.line if self.line is not None else self.claim
        if not owner.other:
            owner.other = []
        owner.other.append(Segment(e[0], e, number, byte))
        self.complain(code, number, byte, None, e[0] if code == "835.unknown_segment" else "*".join(e[:2]))

    def bad_amount(self, bad: BadAmount, number: int, byte: int, element: int) -> int:
        """What an unreadable amount counts for: its whole cents when it has parts of a cent, else nothing."""
        self.complain("835.decimals" if bad.decimals else "835.amount", number, byte, element, bad.text)
        return bad.cents

    def dtm(self, e: list[str], number: int, byte: int) -> None:
        """A day: service dates of the line, or a date of the claim."""
        qualifier, line = e[1] if len(e) > 2 else "", self.line
        if not qualifier or not e[2]:
            return self.keep(e, number, byte)
        day = self.dates[e[2]]
        if day is None:
            self.complain("835.date", number, byte, 2, e[2])
            return self.keep(e, number, byte)
        if line is None:
            dates = self.claim.dates
        elif qualifier == "472" and line.date_from is None:
            line.date_from = line.date_to = day
            return None
        elif qualifier == "150" and line.date_from is None:
            line.date_from = day
            return None
        elif qualifier == "151" and line.date_to is None:
            line.date_to = day
            return None
        else:
            if not line.dates:
                line.dates = {}
            dates = line.dates
        if qualifier in dates:
            return self.keep(e, number, byte, "835.repeated")
        dates[qualifier] = day
        return None

    def ref(self, e: list[str], number: int, byte: int) -> None:
        """A reference; of a line, 6R is our control number and 0K a payer policy."""
        qualifier, line = e[1] if len(e) > 2 else "", self.line
        if not qualifier:
            return self.keep(e, number, byte)
        if line is None:
            refs = self.claim.refs
        elif qualifier == "6R" and line.control is None:
            line.control = e[2]
            return None
        elif qualifier == "0K":
            if not line.policy_ids:
                line.policy_ids = []
            line.policy_ids.append(e[2])
            return None
        else:
            if not line.refs:
                line.refs = {}
            refs = line.refs
        if qualifier in refs:
            refs[qualifier].append(e[2])
        else:
            refs[qualifier] = [e[2]]
        return None

    def amt(self, e: list[str], number: int, byte: int) -> None:
        """An informational amount; none takes part in balancing. B6 of a line is the allowed amount."""
        qualifier, line = e[1] if len(e) > 2 else "", self.line
        try:
            cents = self.cents[e[2]] if qualifier else 0
        except BadAmount as bad:
            self.bad_amount(bad, number, byte, 2)
            return self.keep(e, number, byte)
        if line is None:
            amounts = self.claim.amounts
            if qualifier == "I":
                self.interest += cents
        elif qualifier == "B6" and line.allowed is None:
            line.allowed = cents
            return None
        else:
            if not line.amounts:
                line.amounts = {}
            amounts = line.amounts
        if not qualifier or qualifier in amounts:
            return self.keep(e, number, byte, "835.repeated" if qualifier else "835.unknown_segment")
        amounts[qualifier] = cents
        return None

    def qty(self, e: list[str], number: int, byte: int) -> None:
        """A quantity, text as sent."""
        owner: Any = self.line if self.line is not None else self.claim
        if len(e) < 3 or e[1] in owner.quantities:
            return self.keep(e, number, byte)
        if not owner.quantities:
            owner.quantities = {}
        owner.quantities[e[1]] = e[2]
        return None

    def nm1(self, e: list[str], number: int, byte: int) -> None:
        """A person or organisation of the claim."""
        p = e + PAD
        role = ROLES.get(p[1])
        if role is None or self.line is not None:
            return self.keep(e, number, byte)
        if getattr(self.claim, role) is not None:
            return self.keep(e, number, byte, "835.repeated")
        person = new(Person, (p[3], p[4], p[5], p[7], p[8], p[9].strip(), number, byte))
        setattr(self.claim, role, person)
        return None

    def lq(self, e: list[str], number: int, byte: int) -> None:
        """A remark code of the line."""
        line = self.line
        if line is None or len(e) < 3 or e[1] not in ("HE", "RX"):
            return self.keep(e, number, byte)
        if not line.remarks:
            line.remarks = []
        line.remarks.append(Remark(e[1], e[2], number, byte, 2))
        if e[1] == "HE" and e[2] not in self.remark_codes:
            self.unusual = True
        return None

    def mia(self, e: list[str], number: int, byte: int) -> None:
        """Inpatient adjudication: kept as sent, its remark codes with the claim's remarks."""
        if self.line is not None or self.claim.inpatient is not None:
            return self.keep(e, number, byte)
        self.claim.inpatient = Segment("MIA", e, number, byte)
        return self._remarks(e, number, byte)

    def moa(self, e: list[str], number: int, byte: int) -> None:
        """Outpatient adjudication, likewise."""
        if self.line is not None or self.claim.outpatient is not None:
            return self.keep(e, number, byte)
        self.claim.outpatient = Segment("MOA", e, number, byte)
        return self._remarks(e, number, byte)

    def _remarks(self, e: list[str], number: int, byte: int) -> None:
        claim = self.claim
        for at in REMARKS_AT[e[0]]:
            if at < len(e) and e[at]:
                if not claim.remarks:
                    claim.remarks = []
                claim.remarks.append(Remark(e[0], e[at], number, byte, at))
                if e[at] not in self.remark_codes:
                    self.unusual = True

    def per(self, e: list[str], number: int, byte: int) -> None:
        """Whom to call about the claim."""
        if self.line is not None:
            return self.keep(e, number, byte)
        if not self.claim.contacts:
            self.claim.contacts = []
        self.claim.contacts.append(contact(Segment("PER", e, number, byte)))
        return None
