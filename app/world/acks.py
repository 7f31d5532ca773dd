"""A few acknowledgements: a 999 for a submission, and a 277CA that takes or refuses single claims."""

from datetime import date

from app.world.people import Entity, member_id
from app.world.tables import words
from app.world.write837 import CLEARINGHOUSE, VERSIONS, Billed
from app.world.x12 import Envelope, amount, d8


def accepted_set(entity: Entity, kind: str, control: int, day: date) -> str:
    """A 999 that accepts the one transaction of the 837 with this control number."""
    envelope = Envelope("FA", "005010X231A1", CLEARINGHOUSE, f"RC{entity.tax_id}", day, control)
    version = VERSIONS[kind]
    return envelope.text([[f"AK1*HC*{control}*{version}", f"AK2*837*0001*{version}", "IK5*A", "AK9*A*1*1*1"]])


def claim_report(
    seed: int, entity: Entity, control: int, day: date, claims: list[tuple[Billed, bool]]
) -> str:
    """A 277CA; each claim with True was accepted (A2:20), with False refused (A7:562:85)."""
    envelope = Envelope("HN", "005010X214", CLEARINGHOUSE, f"RC{entity.tax_id}", day, control)
    taken = [billed.claim.charge for billed, good in claims if good]
    refused = [billed.claim.charge for billed, good in claims if not good]
    stamp = d8(day)
    body = [
        f"BHT*0085*08*{control:09d}*{stamp}*0615*TH",
        "HL*1**20*1", f"NM1*AY*2*{words()['clearinghouse']}*****46*{CLEARINGHOUSE}", f"TRN*1*{control:09d}",
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
    for level, (billed, good) in enumerate(claims, 4):
        claim = billed.claim
        who = claim.patient
        code = "A2:20*%s*WQ" if good else "A7:562:85*%s*U"
        body += [
            f"HL*{level}*3*PT",
            f"NM1*QC*1*{who.last}*{who.first}****MI*{member_id(claim.payer.key, who.number, seed)}",
            f"TRN*2*{claim.control}",
            f"STC*{code % stamp}*{amount(claim.charge)}",
        ]
        body += [f"REF*1K*{claim.payer.payer_id}{claim.number:08d}"] if good else []
        body.append(f"DTP*472*D8*{d8(claim.service_from)}")
    return envelope.text([body])
