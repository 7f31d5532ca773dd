"""Each segment within a claim put where it belongs, by the loop that is open."""

from typing import Any

from edi.amounts import BadAmount, period
from edi.x835.model import Adjustment
from edi.x837.model import BilledLine, LineAdjudication, OtherPayer, Provider
from edi.x837.parties import PAD, Parties

DIAGNOSES = frozenset({"ABK", "ABF", "BK", "BF", "ABJ", "BJ", "APR", "PR", "ABN", "BN"})


class Loops(Parties):
    """The open loops of one transaction with a handler for each segment."""

    def __init__(self, component: str, kind: str) -> None:
        super().__init__(component, kind)
        self.handlers = {
            "NM1": self.nm1,
            "N3": self.n3,
            "N4": self.n3,
            "DMG": self.dmg,
            "PER": self.per,
            "PRV": self.prv,
            "REF": self.ref,
            "SBR": self.sbr,
            "PAT": self.pat,
            "DTP": self.dtp,
            "AMT": self.amt,
            "CAS": self.cas,
            "HI": self.hi,
            "NTE": self.nte,
            "LX": self.lx,
            "SV1": self.sv1,
            "SV2": self.sv2,
            "SV3": self.sv3,
            "LIN": self.lin,
            "SVD": self.svd,
        }

    # -- references, dates, amounts, adjustments

    def ref(self, e: list[str], number: int, byte: int) -> None:
        """A reference of the party named last, else of the innermost open loop."""
        if len(e) < 3:
            return self.keep(e, number, byte)
        qualifier, value, party, line = e[1], e[2], self.party, self.line
        if party is not None:
            if isinstance(party, OtherPayer) and qualifier == "F8" and not party.payer_control:
                party.payer_control = value
            if isinstance(party, Provider) and qualifier in ("EI", "SY") and not party.tax_id:
                party.tax_id, party.tax_qualifier = value, qualifier
            owner = party
        elif line is not None:
            if self.adjudication is not None:
                return self.keep(e, number, byte)
            if qualifier == "6R" and "6R" not in line.refs:
                line.control = value
            owner = line
        else:
            owner = self.other or self.claim
            if owner is None:
                return self.keep(e, number, byte)
            if owner is self.claim:
                self._claim_reference(qualifier, value)
        if not owner.refs:
            owner.refs = {}
        owner.refs.setdefault(qualifier, []).append(value)
        return None

    def _claim_reference(self, qualifier: str, value: str) -> None:
        claim: Any = self.claim
        name = {"F8": "original_reference", "G1": "prior_authorization", "EA": "medical_record"}.get(
            qualifier
        )
        if name and not getattr(claim, name):
            setattr(claim, name, value)

    def dtp(self, e: list[str], number: int, byte: int) -> None:
        """A date of the line, of another payer or of the claim."""
        if len(e) < 4 or self.claim is None:
            return self.keep(e, number, byte)
        qualifier, text = e[1], e[3]
        first, last = (self.dates[text],) * 2 if e[2] == "D8" else period(e[2], text)
        if qualifier == "573" and (self.adjudication or (self.other and not self.line)):
            owner: Any = self.adjudication or self.other
            owner.date = first
            return None
        if first is None and e[2] != "TM":
            self.complain("837.date", number, byte, 3, text)
            return self.keep(e, number, byte)
        line = self.line
        if line is not None and qualifier == "472" and line.date_from is None:
            line.date_from, line.date_to = first, last
            return None
        owner = line or self.claim
        if not owner.dates:
            owner.dates = {}
        if qualifier in owner.dates:
            return self.keep(e, number, byte)
        owner.dates[qualifier] = first if first == last and first else f"{first}/{last}" if first else text
        if line is None and qualifier in ("434", "472"):
            self.claim.service_from, self.claim.service_to = first, last
        elif line is None and qualifier == "435":
            self.claim.admitted = first
        elif line is None and qualifier == "096":
            self.claim.discharged = first
        return None

    def amt(self, e: list[str], number: int, byte: int) -> None:
        """An amount of the adjudication, line, other payer or claim."""
        if len(e) < 3 or self.claim is None:
            return self.keep(e, number, byte)
        cents = self.amount(e, 2, number, byte)
        qualifier = e[1]
        if cents is None:
            return self.keep(e, number, byte)
        if self.adjudication is not None and qualifier == "EAF":
            self.adjudication.remaining = cents
            return None
        owner: Any = self.line or self.other or self.claim
        if not owner.amounts:
            owner.amounts = {}
        if qualifier in owner.amounts:
            return self.keep(e, number, byte)
        owner.amounts[qualifier] = cents
        if owner is self.claim and qualifier == "F5":
            self.claim.patient_paid = cents
        elif owner is self.other:
            name = {"D": "paid", "EAF": "remaining", "A8": "noncovered"}.get(qualifier)
            if name:
                setattr(owner, name, cents)
        return None

    def cas(self, e: list[str], number: int, byte: int) -> None:
        """Adjustments another payer made, copied verbatim; positive reduced its payment."""
        owner: Any = self.adjudication or (self.other if self.line is None else None)
        if owner is None:
            return self.keep(e, number, byte)
        size = len(e)
        for at in range(3, size + 1, 3):
            text = e[at] if at < size else ""
            if not text and not e[at - 1]:
                continue
            try:
                cents = self.cents[text]
            except BadAmount as bad:
                self.complain("837.decimals" if bad.decimals else "837.amount", number, byte, at, text)
                cents = bad.cents
            quantity = e[at + 1] or None if at + 1 < size else None
            owner.adjustments.append(Adjustment(e[1], e[at - 1], cents, quantity, number, byte, at))
        return None

    def hi(self, e: list[str], number: int, byte: int) -> None:
        """Diagnoses, and every other health care code as sent."""
        if self.claim is None:
            return self.keep(e, number, byte)
        for text in e[1:]:
            parts = self.composite(text, e, number, byte)
            if parts[0] in DIAGNOSES and len(parts) > 1:
                self.claim.diagnoses.append((parts[0], parts[1]))
            elif text:
                self.claim.codes.append(tuple(parts))
        return None

    def nte(self, e: list[str], number: int, byte: int) -> None:
        """A note of the claim; of a line it is kept as sent."""
        if self.claim is None or self.line is not None or len(e) < 3:
            return self.keep(e, number, byte)
        self.claim.notes.append((e[1], e[2]))
        return None

    # -- lines

    def lx(self, e: list[str], number: int, byte: int) -> None:
        """A service line begins."""
        if self.claim is None:
            return self.keep(e, number, byte)
        self.other = self.adjudication = self.party = None
        self.line = BilledLine(number, byte, e[1] if len(e) > 1 else "")
        self.claim.lines.append(self.line)
        return None

    def _service(self, e: list[str], number: int, byte: int, at: tuple[int, int, int]) -> list[str] | None:
        """Procedure, charge and units at the elements given; the padded segment,
        None when no line is open.
        """
        line = self.line
        if line is None or line.charge_segment != line.segment:
            self.keep(e, number, byte)
            return None
        p = e + PAD
        procedure, charge, units = at
        parts = self.composite(p[procedure], e, number, byte)
        line.qualifier = parts[0] if len(parts) > 1 else ""
        line.code = parts[1] if len(parts) > 1 else parts[0]
        line.modifiers = tuple([part for part in parts[2:6] if part])
        line.description = parts[6] if len(parts) > 6 else ""
        line.charge = self.amount(e, charge, number, byte) or 0
        line.charge_element, line.charge_segment, line.charge_byte = charge, number, byte
        line.units = p[units]
        return p

    def sv1(self, e: list[str], number: int, byte: int) -> None:
        """Professional service."""
        p = self._service(e, number, byte, (1, 2, 4))
        if p is not None and self.line is not None:
            self.line.unit_code, self.line.place = p[3], p[5]
            self.line.pointers = tuple([one for one in self.composite(p[7], e, number, byte) if one])

    def sv2(self, e: list[str], number: int, byte: int) -> None:
        """Institutional service: a revenue code, and a procedure when there is one."""
        p = self._service(e, number, byte, (2, 3, 5))
        if p is not None and self.line is not None:
            self.line.revenue, self.line.unit_code = p[1], p[4]

    def sv3(self, e: list[str], number: int, byte: int) -> None:
        """Dental service."""
        p = self._service(e, number, byte, (1, 2, 6))
        if p is not None and self.line is not None:
            self.line.place = p[3]
            self.line.pointers = tuple([one for one in self.composite(p[11], e, number, byte) if one])

    def lin(self, e: list[str], number: int, byte: int) -> None:
        """The drug dispensed (NDC)."""
        self.party = None
        if self.line is not None and len(e) > 3 and e[2] == "N4" and not self.line.ndc:
            self.line.ndc = e[3]
            return None
        return self.keep(e, number, byte)

    def svd(self, e: list[str], number: int, byte: int) -> None:
        """What another payer did with the line."""
        line = self.line
        if line is None:
            return self.keep(e, number, byte)
        p = e + PAD
        self.party = None
        one = self.adjudication = LineAdjudication(number, byte, p[1])
        one.paid = self.amount(e, 2, number, byte) or 0
        parts = self.composite(p[3], e, number, byte)
        one.qualifier = parts[0] if len(parts) > 1 else ""
        one.code = parts[1] if len(parts) > 1 else parts[0]
        one.modifiers = tuple([part for part in parts[2:6] if part])
        one.revenue, one.units, one.bundled_into = p[4], p[5], p[6]
        if not line.adjudications:
            line.adjudications = []
        line.adjudications.append(one)
        return None
