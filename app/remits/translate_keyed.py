"""The border to `edi` for what is keyed from paper: written as an 835 of our own, judged as any other 835."""

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.remits.rules_keyed import KeyedCas, KeyedCheck, KeyedClaim, KeyedLine, Problem
from edi.envelope import scan_file
from edi.x835.model import (
    Adjustment,
    ClaimPayment,
    Contact,
    Party,
    Person,
    Remark,
    RemitHeader,
    Service,
    Summary,
)
from edi.x835.reader import read
from edi.x835.writer import Envelope, write

SENDER = "RECLAIM KEYED"
"""ISA06 of what we keyed ourselves: a file says of itself that no payer sent it."""
CLAIM_FIELDS = {2: "status", 3: "charge", 4: "paid", 5: "share", 7: "payer_control"}
LINE_FIELDS = {1: "code", 2: "charge", 3: "paid"}
LEFT_OUT = frozenset({"835.payer_control_missing"})  # paper often has none


@dataclass(frozen=True)
class Ours:
    """What the check does not say: who was paid, and by which number the payer's checks are known."""

    name: str
    npi: str
    tax_id: str
    company: str
    plan: str
    control: int
    made_at: datetime


def company_of(name: str) -> str:
    """A stand-in for TRN03 of a payer that never sent an 835: the same name always gives the same one."""
    return f"9{zlib.crc32(' '.join(name.upper().split()).encode()) % 1_000_000_000:09d}"


def as_835(check: KeyedCheck, ours: Ours) -> bytes:
    """The batch as one 835: what a payer would have sent, marked as keyed by its sender."""
    header = RemitHeader(0, 0)
    header.handling = "H" if check.method == "NON" else "I"
    header.paid, header.direction, header.method = int(check.amount), "C", check.method
    header.trace, header.payer_id, header.company_id = check.trace, ours.company, ours.company
    header.effective_date = header.production_date = _day(check.day)
    header.payer = Party(check.payer_name, "XV" if ours.plan else "", ours.plan)
    header.payer.contacts = [Contact("BL", "KEYED FROM PAPER", ())]
    header.payee = Party(ours.name, "XX" if ours.npi else "FI", ours.npi or ours.tax_id)
    if ours.tax_id and ours.npi:
        header.payee.refs = {"TJ": [ours.tax_id]}
    envelope = Envelope(SENDER, SENDER, ours.control, f"{ours.made_at:%Y%m%d}", f"{ours.made_at:%H%M}")
    summary = Summary("1", 0, 0)
    return write(header, [_claim(one, summary) for one in check.claims], [], envelope)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _claim(one: KeyedClaim, summary: Summary) -> ClaimPayment:
    made = ClaimPayment(0, 0, one.control, one.status)
    made.charge, made.paid = int(one.charge), int(one.paid)
    made.patient_responsibility = int(one.share) if one.share and one.status != "22" else None
    made.filing, made.payer_control, made.summary = one.filing, one.payer_control, summary
    made.frequency = "1"
    made.patient = Person(one.last, one.first, "", "", "", "")
    made.adjustments = _cas(one.cas)
    if one.day:
        made.dates = {"232": one.day.isoformat()}
    made.services = [_line(each) for each in one.lines]
    return made


def _line(one: KeyedLine) -> Service:
    made = Service(0, 0, int(one.charge), int(one.paid), [one.qualifier, one.code, *one.modifiers])
    if one.qualifier == "NU":  # a revenue code stands alone
        made.revenue = ""
    made.units = one.units
    made.date_from = made.date_to = _day(one.day)
    made.control = one.control or None
    made.allowed = None if one.allowed is None else int(one.allowed)
    made.adjustments = _cas(one.cas)
    made.remarks = [Remark("HE", code, 0, 0, 2) for code in one.remarks]
    return made


def _cas(adjustments: Sequence[KeyedCas]) -> list[Adjustment]:
    # Neighbours of one group share a segment, so they stand together; their order is kept within the group.
    ordered = sorted(adjustments, key=lambda one: ("CO", "PR", "OA", "PI").index(one.group))
    return [Adjustment(one.group, one.carc, int(one.amount), None, 0, 0, 0) for one in ordered]


def problems(data: bytes) -> list[Problem]:
    """What the reader of 835s has against it, each with the field of the grid it speaks of."""
    stream = io.BytesIO(data)
    found = []
    for span in scan_file(stream).transactions:
        remit = read(stream, span)
        for number, claim in enumerate(remit.claims()):
            for one in claim.findings:
                if one.code not in LEFT_OUT:
                    where = _field(claim, one.segment, one.element)
                    found.append(Problem(f"claims.{number}.{where}", one.text, _does(one.does)))
        for one in remit.findings:
            field = "header.amount" if one.element == 2 else "header.trace"
            found.append(Problem(field, one.text, _does(one.does)))
    return found


def _does(does: str) -> str:
    return "hold" if does in ("hold", "refuse", "park") else "warn"


def _field(claim: ClaimPayment, segment: int, element: int | None) -> str:
    """The field of the grid an element of a claim comes from."""
    line = None
    for number, service in enumerate(claim.services):
        if service.segment <= segment:
            line = number
    if line is None:
        return CLAIM_FIELDS.get(element or 0, "control") if segment == claim.segment else "cas"
    if segment == claim.services[line].segment:
        return f"lines.{line}.{LINE_FIELDS.get(element or 0, 'code')}"
    adjusted = any(one.segment == segment for one in claim.services[line].adjustments)
    return f"lines.{line}.{'cas' if adjusted else 'remarks'}"
