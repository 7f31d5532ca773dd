"""Acknowledgements: a 999 for a submission, and 277CAs that take or refuse single claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.world.people import Entity, member_id
from app.world.tables import words
from app.world.write837 import CLEARINGHOUSE, VERSIONS, Billed
from app.world.x12 import Envelope, amount, d8

TAKEN = "A2:20"
LINE_REFUSED = "A7:454"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a report says of one claim. code: `A2:20` takes it; line: its first line is refused."""

    billed: Billed
    code: str = TAKEN
    line: bool = False

    @property
    def good(self) -> bool:
        """Whether the claim is taken."""
        return self.code == TAKEN


def set_report(
    entity: Entity, kind: str, about: int, *, control: int, day: date, refused_at: str = ""
) -> str:
    """A 999 about the one transaction of the 837 with the control number `about`.

    refused_at: the claim whose subscriber lacks a member number, so that the transaction is refused;
    empty when it is taken.
    """
    envelope = Envelope("FA", "005010X231A1", CLEARINGHOUSE, f"RC{entity.tax_id}", day, control)
    version = VERSIONS[kind]
    body = [f"AK1*HC*{about}*{version}", f"AK2*837*0001*{version}"]
    if refused_at:
        body += ["IK3*NM1*15*2010*8", f"CTX*CLM01:{refused_at}", "IK4*9*67*1", "IK5*R*5", "AK9*R*1*1*0"]
    else:
        body += ["IK5*A", "AK9*A*1*1*1"]
    return envelope.text([body])


def claim_report(
    seed: int,
    entity: Entity,
    claims: Sequence[Verdict],
    *,
    control: int,
    day: date,
    payer: tuple[str, str] | None = None,
) -> str:
    """A 277CA of the clearinghouse, or of a payer (name, number), about some claims of one provider."""
    envelope = Envelope("HN", "005010X214", CLEARINGHOUSE, f"RC{entity.tax_id}", day, control)
    taken = [one.billed.claim.charge for one in claims if one.good]
    refused = [one.billed.claim.charge for one in claims if not one.good]
    stamp = d8(day)
    origin = (
        f"NM1*PR*2*{payer[0]}*****PI*{payer[1]}"
        if payer
        else (f"NM1*AY*2*{words()['clearinghouse']}*****46*{CLEARINGHOUSE}")
    )
    body = [
        f"BHT*0085*08*{control:09d}*{stamp}*0615*TH",
        "HL*1**20*1", origin, f"TRN*1*{control:09d}",
        f"DTP*050*D8*{stamp}", f"DTP*009*D8*{stamp}",
        "HL*2*1*21*1", f"NM1*41*2*{entity.name}*****46*RC{entity.tax_id}", f"TRN*2*{control:09d}",
        f"STC*A1:19:PR*{stamp}*WQ*{amount(sum(taken) + sum(refused))}",
    ]  # fmt: skip
    body += [f"QTY*90*{len(taken)}"] if taken else []
    body += [f"QTY*AA*{len(refused)}"] if refused else []
    body += [f"AMT*YU*{amount(sum(taken))}"] if taken else []
    body += [f"AMT*YY*{amount(sum(refused))}"] if refused else []
    body += ["HL*3*2*19*1", f"NM1*85*2*{entity.name}*****XX*{entity.npi}", "TRN*1*0",
             f"STC*A1:19:PR**WQ*{amount(sum(taken) + sum(refused))}"]  # fmt: skip
    for level, one in enumerate(claims, 4):
        body += _claim(seed, level, stamp, one)
    return envelope.text([body])


def _claim(seed: int, level: int, stamp: str, one: Verdict) -> list[str]:
    claim = one.billed.claim
    payer = claim.secondary if one.billed.first and claim.secondary else claim.payer
    who = claim.patient
    body = [
        f"HL*{level}*3*PT",
        f"NM1*QC*1*{who.last}*{who.first}****MI*{member_id(payer.key, who.number, seed)}",
        f"TRN*2*{claim.control}",
        f"STC*{one.code}*{stamp}*{'WQ' if one.good else 'U'}*{amount(claim.charge)}",
    ]
    body += [f"REF*1K*{payer.payer_id}{claim.number:08d}"] if one.good else []
    body.append(f"DTP*472*D8*{d8(claim.service_from)}")
    if one.line:
        first = claim.lines[0]
        body += [f"SVC*HC:{first.code.code}*{amount(first.charge)}", f"STC*{LINE_REFUSED}*{stamp}*U",
                 f"REF*FJ*{first.control}"]  # fmt: skip
    return body
