"""The claim to the next payer carries what those before it said, to the cent (x12-837-rebill section 5)."""

from datetime import date

from edi.guide import second_opinion
from edi.x837.cob import LineAnswer, PayerAnswer, bill_next
from edi.x837.facts import facts
from edi.x837.whole import Whole
from tests.edi.claims_out import shown, wholes, written
from tests.edi.files import codes, scan, sealed
from tests.edi.test_x837_resubmit import golden

PAID_ON = date(2026, 1, 16)
ABOVE = (
    "BHT*0019*00*REF1*20260301*1200*CH", "NM1*41*2*CLINIC*****46*C1", "PER*IC*BILLING*TE*8005550101",
    "NM1*40*2*CLEARING*****46*CLEAR1", "HL*1**20*1", "PRV*BI*PXC*207Q00000X",
    "NM1*85*2*EXAMPLE CLINIC*****XX*1234567893", "N3*2 OAK ST", "N4*SPRINGFIELD*IL*62701", "REF*EI*512345679",
    "HL*2*1*22*0",
)  # fmt: skip
SELF = (
    "SBR*P*18*GRP1******CI", "NM1*IL*1*DOE*JANE****MI*M12345", "N3*3 ELM ST", "N4*SPRINGFIELD*IL*62701",
    "DMG*D8*19800101*F", "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*PAYERID",
)  # fmt: skip
SECOND = (
    "SBR*S*18*GRP2******MC", "OI***Y***Y", "NM1*IL*1*DOE*JANE****MI*M12345",
    "NM1*PR*2*STATE MEDICAID*****PI*MEDICAID",
)  # fmt: skip
THIRD = (
    "SBR*T*18*******ZZ", "OI***Y***Y", "NM1*IL*1*DOE*JANE****MI*T3", "NM1*PR*2*THIRD PLAN*****PI*THIRDID",
)  # fmt: skip
LINES = (
    "LX*1", "SV1*HC:99214*150*UN*1***1", "DTP*472*D8*20251215", "REF*6R*L1",
    "LX*2", "SV1*HC:93000*100*UN*1***1", "DTP*472*D8*20251215", "REF*6R*L2",
)  # fmt: skip
ANSWER = PayerAnswer(
    payer_id="PAYERID", qualifier="PI", name="EXAMPLE HEALTH PLAN", control="PAYERCN1", paid=12000,
    paid_on=PAID_ON,
    lines={
        1: LineAnswer(8000, "HC", "99214", units="1", remaining=4000,
                      adjustments=(("CO", "45", 3000, ""), ("PR", "1", 2000, ""), ("PR", "2", 2000, None))),
        2: LineAnswer(4000, "HC", "93000", units="1", adjustments=(("CO", "45", 6000, ""),)),
    },
)  # fmt: skip


def claim(
    *after: str,
    above: tuple[str, ...] = SELF,
    lines: tuple[str, ...] = LINES,
    clm: str = "CLM*PCN0001*250***11:B:1*Y*A*Y*Y",
    version: str = "005010X222A1",
) -> Whole:
    body = (*ABOVE, *above, clm, "HI*ABK:I10", *after, *lines)
    [one] = wholes(sealed(*body, st="837", group="HC", version=version))
    return one


def texts(whole: Whole) -> list[str]:
    return [text for _, text in shown(whole)]


def sound(*made: Whole) -> None:
    """No finding of ours, none of the guide's."""
    assert [codes(facts(one).findings) for one in made] == [[]] * len(made)
    data = written(made)
    assert codes(second_opinion(data, 30)) == []
    assert all(span.held_by == [] for span in scan(data).transactions)


def test_the_golden_secondary_claim_is_made_of_the_primary_one() -> None:
    """x12-837-rebill section 8, second example."""
    made = bill_next(claim(*SECOND), [ANSWER], next_rank="S", control="PCN0001")
    assert shown(made) == shown(golden("secondary"))
    sound(made)
