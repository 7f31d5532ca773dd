"""The 837P and 837I a billing office sends: original, replacement and secondary claims."""

from dataclasses import dataclass
from datetime import date

from app.world.adjudicate import Adjudication, Answer
from app.world.claims import Claim, Line
from app.world.people import Entity, clinician, member_id
from app.world.tables import Payer, words
from app.world.x12 import Envelope, amount, cas_segments, d8

VERSIONS = {"P": "005010X222A1", "I": "005010X223A2"}
CLEARINGHOUSE = "EXCLEAR01"


@dataclass(frozen=True, slots=True)
class Billed:
    """One claim to bill. With `first` it goes to the second payer and carries what the first one decided."""

    claim: Claim
    first: Adjudication | None = None
    first_paid_on: date | None = None
    replaces: str = ""

    @property
    def frequency(self) -> str:
        """CLM05-3: `7` replaces the claim the payer numbered `replaces`, `1` is an original."""
        return "7" if self.replaces else "1"


class Submission:
    """One 837: the segments of its single transaction."""

    def __init__(self, seed: int, entity: Entity, kind: str, control: int, day: date) -> None:
        self._seed, self._entity, self._kind, self._day = seed, entity, kind, day
        self.envelope = Envelope("HC", VERSIONS[kind], f"RC{entity.tax_id}", CLEARINGHOUSE, day, control)
        self._segments: list[str] = []
        self._level = 1
        self._head(control)

    def add(self, billed: Billed) -> None:
        """Write one claim."""
        self._subscriber(billed)
        self._claim(billed)

    def body(self) -> list[str]:
        """The transaction without ST and SE."""
        return self._segments

    def _head(self, control: int) -> None:
        entity = self._entity
        self._segments += [
            f"BHT*0019*00*{control:09d}*{d8(self._day)}*0615*CH",
            f"NM1*41*2*{entity.name}*****46*RC{entity.tax_id}",
            "PER*IC*BILLING OFFICE*TE*5095550100",
            f"NM1*40*2*{words()['clearinghouse']}*****46*{CLEARINGHOUSE}",
            "HL*1**20*1",
            f"PRV*BI*PXC*{entity.taxonomy}",
            f"NM1*85*2*{entity.name}*****XX*{entity.npi}",
            f"N3*{entity.street}",
            f"N4*{entity.city}*{entity.state}*{entity.zip}",
            f"REF*EI*{entity.tax_id}",
        ]

    def _subscriber(self, billed: Billed) -> None:
        claim, out = billed.claim, self._segments
        who = claim.patient
        payer = claim.secondary if billed.first and claim.secondary else claim.payer
        order = "S" if billed.first else "P"
        self._level += 1
        member = member_id(payer.key, who.number, self._seed)
        group = f"GRP{who.number % 900 + 100}"
        if not who.child:
            out.append(f"HL*{self._level}*1*22*0")
            out.append(f"SBR*{order}*18*{group}******{payer.filing_837}")
            out.append(f"NM1*IL*1*{who.last}*{who.first}****MI*{member}")
            self._home(claim)
            self._plan(payer)
            return
        parent = self._level
        out.append(f"HL*{parent}*1*22*1")
        out.append(f"SBR*{order}**{group}******{payer.filing_837}")
        out.append(f"NM1*IL*1*{who.last}*{who.parent_first}****MI*{member}")
        self._plan(payer)
        self._level += 1
        out.append(f"HL*{self._level}*{parent}*23*0")
        out.append("PAT*19")
        out.append(f"NM1*QC*1*{who.last}*{who.first}")
        self._home(claim)

    def _home(self, claim: Claim) -> None:
        who = claim.patient
        self._segments += [
            f"N3*{who.street}",
            f"N4*{who.city}*{who.state}*{who.zip}",
            f"DMG*D8*{d8(who.birth)}*{who.sex}",
        ]

    def _plan(self, payer: Payer) -> None:
        self._segments.append(f"NM1*PR*2*{payer.name}*****PI*{payer.payer_id}")

    def _claim(self, billed: Billed) -> None:
        claim, out = billed.claim, self._segments
        last, first, npi = clinician(self._seed, claim.entity.number, claim.clinician)
        replaces = [f"REF*F8*{billed.replaces}"] if billed.replaces else []
        if claim.kind == "P":
            out.append(
                f"CLM*{claim.control}*{amount(claim.charge)}***{claim.bill_type}:B:{billed.frequency}*Y*A*Y*Y"
            )
            out.extend(replaces)
            out.append(f"REF*EA*MR{claim.patient.number:07d}")
            marks = ("ABK", "ABF")
            out.append(
                "HI*" + "*".join(f"{marks[min(n, 1)]}:{code}" for n, code in enumerate(claim.diagnoses))
            )
            out.append(f"NM1*82*1*{last}*{first}****XX*{npi}")
        else:
            inpatient = claim.form in "ID"
            out.append(
                f"CLM*{claim.control}*{amount(claim.charge)}***{claim.bill_type}:A:{billed.frequency}**A*Y*Y"
            )
            out.append(f"DTP*434*RD8*{d8(claim.service_from)}-{d8(claim.service_to)}")
            if inpatient:
                out.append(f"DTP*435*DT*{d8(claim.service_from)}0900")
            out.append("CL1*1*1*01" if inpatient else "CL1*3*1*01")
            out.extend(replaces)
            out.append(f"REF*EA*MR{claim.patient.number:07d}")
            out.append(f"HI*ABK:{claim.diagnoses[0]}")
            if inpatient:
                out.append(f"HI*ABJ:{claim.diagnoses[0]}")
            if claim.drg:
                out.append(f"HI*DR:{claim.drg.code}")
            if len(claim.diagnoses) > 1:
                out.append("HI*" + "*".join(f"ABF:{code}" for code in claim.diagnoses[1:]))
            out.append(f"NM1*71*1*{last}*{first}****XX*{npi}")
        if billed.first:
            self._first_payer(billed.first, billed.first_paid_on)
        elif claim.secondary:
            self._other_cover(claim, claim.secondary, "S")
        answers = {answer.line.number: answer for answer in billed.first.answers} if billed.first else {}
        for line in claim.lines:
            self._line(claim, line)
            if line.number in answers:
                self._line_answer(claim.payer, answers[line.number], billed.first_paid_on)

    def _other_cover(self, claim: Claim, payer: Payer, order: str) -> None:
        who = claim.patient
        self._segments += [
            f"SBR*{order}*18*GRP{who.number % 900 + 100}******{payer.filing_837}",
            "OI***Y***Y",
            f"NM1*IL*1*{who.last}*{who.first}****MI*{member_id(payer.key, who.number, self._seed)}",
            f"NM1*PR*2*{payer.name}*****PI*{payer.payer_id}",
        ]

    def _first_payer(self, first: Adjudication, paid_on: date | None) -> None:
        who, payer = first.claim.patient, first.payer
        out = self._segments
        out.append(f"SBR*P*18*GRP{who.number % 900 + 100}******{payer.filing_837}")
        out.extend(cas_segments(first.cas))
        out.append(f"AMT*D*{amount(first.paid)}")
        if not first.answers:
            out.append(f"AMT*EAF*{amount(first.patient_responsibility)}")
        out.append("OI***Y***Y")
        out.append(f"NM1*IL*1*{who.last}*{who.first}****MI*{member_id(payer.key, who.number, self._seed)}")
        out.append(f"NM1*PR*2*{payer.name}*****PI*{payer.payer_id}")
        if not first.answers and paid_on:
            out.append(f"DTP*573*D8*{d8(paid_on)}")
        out.append(f"REF*F8*{first.number}")

    def _line(self, claim: Claim, line: Line) -> None:
        out, code = self._segments, line.code
        out.append(f"LX*{line.number}")
        procedure = f"HC:{code.code}:{line.modifier}" if line.modifier else f"HC:{code.code}"
        if claim.kind == "P":
            out.append(f"SV1*{procedure}*{amount(line.charge)}*UN*{line.units}***1")
        elif code.code_type == "NU":
            unit = "DA" if code.revenue < "0220" else "UN"
            out.append(f"SV2*{code.revenue}**{amount(line.charge)}*{unit}*{line.units}")
        else:
            out.append(f"SV2*{code.revenue}*{procedure}*{amount(line.charge)}*UN*{line.units}")
        out.append(f"DTP*472*D8*{d8(line.day)}")
        out.append(f"REF*6R*{line.control}")

    def _line_answer(self, payer: Payer, answer: Answer, paid_on: date | None) -> None:
        out, line = self._segments, answer.line
        if line.code.code_type == "NU":
            service = f"**{line.code.revenue}"
        else:
            modifier = f":{line.modifier}" if line.modifier else ""
            service = f"*HC:{line.code.code}{modifier}*{line.code.revenue}"
        out.append(f"SVD*{payer.payer_id}*{amount(answer.paid)}{service}*{line.units}")
        out.extend(cas_segments(answer.cas))
        if paid_on:
            out.append(f"DTP*573*D8*{d8(paid_on)}")
        open_part = sum(cents for group, _, cents in answer.cas if group == "PR")
        if open_part:
            out.append(f"AMT*EAF*{amount(open_part)}")
