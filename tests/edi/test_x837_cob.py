"""The claim to the next payer carries what those before it said, to the cent (x12-837-rebill section 5)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from edi.guide import second_opinion
from edi.x837.cob import Adjusted, CobError, LineAnswer, PayerAnswer, bill_next, unbalanced
from edi.x837.facts import facts
from edi.x837.fields import put
from edi.x837.outgoing import check_out
from edi.x837.policies import Coverage, with_coverage
from edi.x837.resubmit import as_replacement
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


def said(paid: int, *adjustments: Adjusted, code: str = "99214", **other: Any) -> LineAnswer:
    """One unit of a procedure and what a payer did with it."""
    return LineAnswer(paid, "HC", code, units="1", adjustments=adjustments, **other)


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


MEDICAID = PayerAnswer(
    payer_id="MEDICAID", qualifier="PI", name="STATE MEDICAID", control="MCN7", paid=3000,
    paid_on=date(2026, 2, 20),
    lines={
        1: LineAnswer(3000, "HC", "99214", units="1", remaining=1000,
                      adjustments=(("OA", "23", 11000, ""), ("PR", "3", 1000, ""))),
        2: LineAnswer(0, "HC", "93000", units="1", adjustments=(("OA", "23", 10000, ""),)),
    },
)  # fmt: skip


def test_a_tertiary_claim_tells_of_both_payers_each_balancing_alone() -> None:
    first = claim(*SECOND, *THIRD)
    at_once = bill_next(first, [ANSWER, MEDICAID], next_rank="T", control="PCN0001R2")
    by_steps = bill_next(
        bill_next(first, [ANSWER], next_rank=2, control="PCN0001R1"), [MEDICAID], next_rank=3,
        control="PCN0001R2",
    )  # fmt: skip
    turned = bill_next(first, [MEDICAID, ANSWER], next_rank="T", control="PCN0001R2")
    assert shown(at_once) == shown(by_steps) == shown(turned)
    typed = facts(at_once)
    assert [(one.sequence, one.paid, one.payer_control) for one in typed.other_payers] == [
        ("P", 12000, "PAYERCN1"), ("S", 3000, "MCN7"),
    ]  # fmt: skip
    assert typed.subscriber is not None and typed.payer is not None
    assert (typed.subscriber.sequence, typed.payer.id, typed.subscriber.id) == ("T", "THIRDID", "T3")
    [one, _] = typed.lines
    assert [(each.payer_id, each.paid) for each in one.adjudications] == [
        ("PAYERID", 8000), ("MEDICAID", 3000),
    ]  # fmt: skip
    assert ("2430", "CAS*OA*23*110") in shown(at_once), "what the second payer said is copied as sent"
    sound(at_once)
    assert check_out(at_once) == []


def test_the_other_payers_stand_in_the_order_of_their_ranks() -> None:
    made = bill_next(claim(*THIRD, *SECOND), [ANSWER], next_rank="S", control="X")
    assert [one.sequence for one in facts(made).other_payers] == ["P", "T"]
    sound(made)


def test_a_payer_that_left_all_to_the_deductible_is_told_too() -> None:
    answer = replace(
        ANSWER, paid=0,
        lines={
            1: said(0, ("PR", "1", 15000, ""), remaining=15000),
            2: said(0, ("PR", "1", 10000, ""), code="93000", remaining=10000),
        },
    )  # fmt: skip
    made = bill_next(claim(*SECOND), [answer], next_rank="S", control="X")
    assert ("2320", "AMT*D*0") in shown(made)
    assert [text for loop, text in shown(made) if loop == "2430"] == [
        "SVD*PAYERID*0*HC:99214**1", "CAS*PR*1*150", "DTP*573*D8*20260116", "AMT*EAF*150",
        "SVD*PAYERID*0*HC:93000**1", "CAS*PR*1*100", "DTP*573*D8*20260116", "AMT*EAF*100",
    ]  # fmt: skip
    sound(made)


def test_an_answer_for_the_claim_only_stays_on_the_claim() -> None:
    """R837-20: CAS and the day at the claim, nothing at the lines, the same dollars once."""
    answer = replace(ANSWER, lines={}, adjustments=(("CO", "45", 9000, None), ("PR", "2", 4000, None)))
    made = bill_next(claim(*SECOND), [answer], next_rank="S", control="X")
    assert [text for loop, text in shown(made) if loop in ("2320", "2330A", "2330B", "2430")] == [
        "SBR*P*18*GRP1******CI", "CAS*CO*45*90", "CAS*PR*2*40", "AMT*D*120", "AMT*EAF*40", "OI***Y***Y",
        "NM1*IL*1*DOE*JANE****MI*M12345", "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*PAYERID",
        "DTP*573*D8*20260116", "REF*F8*PAYERCN1",
    ]  # fmt: skip
    sound(made)
    assert check_out(made) == []


def test_a_line_paid_in_full_has_no_adjustment() -> None:
    """R837-21."""
    answer = replace(
        ANSWER, paid=25000,
        lines={1: said(15000), 2: said(10000, code="93000")},
    )  # fmt: skip
    made = bill_next(claim(*SECOND), [answer], next_rank="S", control="X")
    assert not [text for text in texts(made) if text.startswith("CAS")]
    sound(made)


def test_more_than_six_reasons_of_one_group_take_a_second_segment() -> None:
    """R837-22, and the limit of five segments."""
    eight = tuple(("CO", str(100 + at), 375, "2" if at == 3 else "") for at in range(8))
    answer = replace(ANSWER, lines={**ANSWER.lines, 1: LineAnswer(12000, "HC", "99214", adjustments=eight)})
    answer = replace(answer, paid=16000)
    made = bill_next(claim(*SECOND), [answer], next_rank="S", control="X")
    assert [text for text in texts(made) if text.startswith("CAS*CO*10")] == [
        "CAS*CO*100*3.75**101*3.75**102*3.75**103*3.75*2*104*3.75**105*3.75", "CAS*CO*106*3.75**107*3.75",
    ]  # fmt: skip
    sound(made)
    many = tuple(("CO", "45", 100, "") for _ in range(31))
    answer = replace(answer, lines={**answer.lines, 1: LineAnswer(11900, adjustments=many)}, paid=15900)
    with pytest.raises(CobError, match="more adjustments than a claim can carry"):
        bill_next(claim(*SECOND), [answer], next_rank="S", control="X")


def test_sequestration_is_passed_on() -> None:
    """R837-25: CO-253 stays, or the next payer asks with N811."""
    line = said(7840, ("CO", "45", 5000, ""), ("PR", "2", 2000, ""), ("CO", "253", 160, ""))
    answer = replace(ANSWER, paid=11840, lines={**ANSWER.lines, 1: line})
    made = bill_next(claim(*SECOND), [answer], next_rank="S", control="X")
    assert "CAS*CO*45*50**253*1.6" in texts(made) and "CAS*PR*2*20" in texts(made)
    sound(made)


def test_a_line_folded_into_another_says_into_which() -> None:
    answer = replace(
        ANSWER, paid=20000,
        lines={
            1: said(20000, ("CO", "94", -5000, ""), code="99215"),
            2: said(0, ("CO", "97", 10000, ""), code="93000", bundled_into=1),
        },
    )  # fmt: skip
    made = bill_next(claim(*SECOND), [answer], next_rank="S", control="X")
    assert "SVD*PAYERID*0*HC:93000**1*1" in texts(made) and "CAS*CO*94*-50" in texts(made)
    sound(made)


def test_a_line_the_payer_split_is_told_in_its_parts() -> None:
    parts = [
        LineAnswer(5000, "HC", "99213", units="1", adjustments=(("CO", "45", 5000, ""),)),
        LineAnswer(3000, "HC", "36415", units="1", adjustments=(("PR", "2", 2000, ""),)),
    ]
    made = bill_next(
        claim(*SECOND), [replace(ANSWER, lines={**ANSWER.lines, 1: parts})], next_rank="S", control="X"
    )
    assert [text for text in texts(made) if text.startswith("SVD")] == [
        "SVD*PAYERID*50*HC:99213**1", "SVD*PAYERID*30*HC:36415**1", "SVD*PAYERID*40*HC:93000**1",
    ]  # fmt: skip
    assert check_out(made) == []


def test_an_answer_that_came_in_place_of_another_says_so() -> None:
    """R837-23: only the latest counts; the secondary gets a frequency 7."""
    made = bill_next(claim(*SECOND), [replace(ANSWER, replaced=True)], next_rank="S", control="X")
    again = as_replacement(made, "Y", "MCN7")
    assert [text for loop, text in shown(again) if loop == "2330B"] == [
        "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*PAYERID", "REF*T4*Y", "REF*F8*PAYERCN1",
    ]  # fmt: skip
    sound(again)
    better = replace(
        ANSWER, paid=13000, control="PAYERCN2",
        lines={**ANSWER.lines, 2: said(5000, ("CO", "45", 5000, ""), code="93000")},
    )  # fmt: skip
    newest = bill_next(again, [better], next_rank="S", control="Z")
    assert facts(newest).other_payers[0].paid == 13000
    assert "REF*F8*PAYERCN1" not in texts(newest) and "REF*F8*PAYERCN2" in texts(newest)
    assert len([text for text in texts(newest) if text.startswith("SVD")]) == 2
    sound(newest)


HOSPITAL_LINES = (
    "LX*1", "SV2*0450*HC:99283*150*UN*1", "DTP*472*D8*20251215", "REF*6R*L1",
    "LX*2", "SV2*0250**100*UN*1", "DTP*472*D8*20251215", "REF*6R*L2",
)  # fmt: skip


def hospital_claim(*others: str) -> Whole:
    body = (
        *ABOVE, *SELF, "CLM*PCN0001*250***13:A:1**A*Y*Y", "DTP*434*RD8*20251215-20251215", "CL1*1**01",
        "HI*ABK:I10", "NM1*71*1*DOC*ANN****XX*1234567893", *others, *HOSPITAL_LINES,
    )  # fmt: skip
    [one] = wholes(sealed(*body, st="837", group="HC", version="005010X223A2"))
    return put(one, "billing_zip", "62701-0001")


def test_a_hospital_line_tells_its_revenue_code() -> None:
    answer = replace(
        ANSWER, moa=("MOA", "", "", "MA01", ""), mia=("MIA", "0"),
        lines={
            1: replace(ANSWER.parts(1)[0], code="99283", revenue="0450"),
            2: LineAnswer(4000, revenue="0250", units="1", adjustments=(("CO", "45", 6000, ""),)),
        },
    )  # fmt: skip
    made = bill_next(hospital_claim(*SECOND), [answer], next_rank="S", control="X")
    assert [text for text in texts(made) if text.startswith("SVD")] == [
        "SVD*PAYERID*80*HC:99283*0450*1", "SVD*PAYERID*40**0250*1",
    ]  # fmt: skip
    assert [text for text in texts(made) if text[:3] in ("MOA", "MIA")] == ["MIA*0", "MOA***MA01"]
    sound(made)
    assert check_out(made) == []


def test_a_professional_claim_carries_the_remarks_of_outpatients_only() -> None:
    answer = replace(ANSWER, moa=("MOA", "", "", "MA01"), mia=("MIA", "0"))
    made = bill_next(claim(*SECOND), [answer], next_rank="S", control="X")
    assert [text for text in texts(made) if text[:3] in ("MOA", "MIA")] == ["MOA***MA01"]
    sound(made)


CHILD = (
    "SBR*P**GRP1******CI", "NM1*IL*1*DOE*JOHN****MI*M12345", "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*PAYERID",
    "REF*G2*OURNUMBER", "HL*3*2*23*0", "PAT*19", "NM1*QC*1*DOE*TIM", "N3*3 ELM ST", "N4*SPRINGFIELD*IL*62701",
    "DMG*D8*20150101*M",
)  # fmt: skip


def test_a_child_under_a_parents_plan_goes_on_under_its_own() -> None:
    above = ABOVE[:-1] + ("HL*2*1*22*1",)
    body = (*above, *CHILD, "CLM*C1*250***11:B:1*Y*A*Y*Y", "REF*G1*AUTH1", "HI*ABK:I10",
            "SBR*S*18*******MC", "OI***Y***Y", "NM1*IL*1*DOE*TIM****MI*T77",
            "NM1*PR*2*STATE MEDICAID*****PI*MEDICAID", "REF*G1*AUTH2", *LINES)  # fmt: skip
    [whole] = wholes(sealed(*body, st="837", group="HC", version="005010X222A1"))
    made = bill_next(whole, [ANSWER], next_rank="S", control="X")
    assert [text for loop, text in shown(made) if loop[:4] in ("2000", "2010") and loop[4] in "BC"][:7] == [
        "SBR*S*18*******MC", "NM1*IL*1*DOE*TIM****MI*T77", "N3*3 ELM ST", "N4*SPRINGFIELD*IL*62701",
        "DMG*D8*20150101*M", "NM1*PR*2*STATE MEDICAID*****PI*MEDICAID",
    ]  # fmt: skip
    assert made.patient == ()
    assert [text for loop, text in shown(made) if loop[:3] in ("232", "233")] == [
        "SBR*P*19*GRP1******CI", "AMT*D*120", "OI***Y***Y", "NM1*IL*1*DOE*JOHN****MI*M12345",
        "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*PAYERID", "REF*G1*AUTH1", "REF*F8*PAYERCN1", "NM1*85*2",
        "REF*G2*OURNUMBER",
    ]  # fmt: skip
    assert ("2300", "REF*G1*AUTH2") in shown(made) and ("2300", "REF*G1*AUTH1") not in shown(made)
    sound(made)


def test_a_patient_with_a_plan_of_its_own_goes_on_under_the_parents() -> None:
    parent = ("SBR*S*19*G9******CI", "OI***Y***Y", "NM1*IL*1*DOE*JOHN****MI*J1", "N3*9 FAR ST",
              "N4*PEORIA*IL*61602", "NM1*PR*2*PARENTS PLAN*****PI*PARENTS")  # fmt: skip
    made = bill_next(claim(*parent), [ANSWER], next_rank="S", control="X")
    assert texts(made)[5:16] == [
        "SBR*S**G9******CI", "NM1*IL*1*DOE*JOHN****MI*J1", "N3*9 FAR ST", "N4*PEORIA*IL*61602",
        "NM1*PR*2*PARENTS PLAN*****PI*PARENTS", "PAT*19", "NM1*QC*1*DOE*JANE", "N3*3 ELM ST",
        "N4*SPRINGFIELD*IL*62701", "DMG*D8*19800101*F", "CLM*X*250***11:B:1*Y*A*Y*Y",
    ]  # fmt: skip
    sound(made)
    assert check_out(made) == []


def test_a_policy_the_claim_did_not_name_can_be_added() -> None:
    coverage = Coverage(
        rank="S", relationship="18", filing="MC", holder_last="DOE", holder_first="JANE", member_id="M12345",
        payer_name="STATE MEDICAID", payer_id="MEDICAID", group="GRP2",
    )  # fmt: skip
    made = with_coverage(claim(), coverage)
    assert shown(made) == shown(claim(*SECOND))
    with pytest.raises(CobError, match="secondary payer already"):
        with_coverage(made, coverage)
    assert shown(bill_next(made, [ANSWER], next_rank="S", control="PCN0001")) == shown(golden("secondary"))


@pytest.mark.parametrize(
    ("answer", "rank", "words"),
    [
        (ANSWER, "T", "names no tertiary payer"),
        (ANSWER, "X", "names no rank X payer"),
        (replace(ANSWER, payer_id="WHO"), "S", "payer the claim does not name"),
        (replace(ANSWER, rank="T"), "S", "payer the claim does not name"),
        (replace(ANSWER, paid=11999), "S", "The claim is 250.00, but what the payer paid"),
        (replace(ANSWER, adjustments=(("CO", "45", 13000, ""),)), "S", "The claim is 250.00"),
        (replace(ANSWER, lines={1: ANSWER.parts(1)[0]}), "S", "The claim is 250.00"),
        (replace(ANSWER, lines={**ANSWER.lines, 3: LineAnswer(0)}), "S", "answered line 3"),
        (
            replace(ANSWER, lines={**ANSWER.lines, 2: said(4000, ("CO", "45", 5999, ""))}),
            "S", "Line 2: 100.00 was billed, but 40.00 paid and 59.99 adjusted make 99.99.",
        ),
    ],
)  # fmt: skip
def test_what_does_not_add_up_is_refused_in_words(answer: PayerAnswer, rank: str, words: str) -> None:
    with pytest.raises(CobError, match=words) as refused:
        bill_next(claim(*SECOND), [answer], next_rank=rank, control="X")
    assert "DOE" not in refused.value.words


def test_no_payer_is_passed_over_in_silence() -> None:
    with pytest.raises(CobError, match="answer of the primary payer is missing"):
        bill_next(claim(*SECOND), [], next_rank="S", control="X")
    with pytest.raises(CobError, match="answer of the secondary payer is missing"):
        bill_next(claim(*SECOND, *THIRD), [ANSWER], next_rank="T", control="X")
    with pytest.raises(CobError, match="same rank"):
        bill_next(claim(*SECOND, *SECOND), [ANSWER], next_rank="S", control="X")
    assert unbalanced(claim(*SECOND), ANSWER) == ""


def test_a_payer_that_surely_does_not_cover_is_skipped() -> None:
    """AMT*A8 stands for its answer."""
    skipped = (*SECOND[:1], "AMT*A8*250", *SECOND[1:])
    made = bill_next(claim(*skipped, *THIRD), [ANSWER], next_rank="T", control="X")
    assert ("2320", "AMT*A8*250") in shown(made)
    sound(made)
    assert check_out(made) == []


def test_one_company_may_be_two_payers_of_a_claim() -> None:
    again = (*SECOND[:3], "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*PAYERID")
    second = replace(MEDICAID, payer_id="PAYERID", name="EXAMPLE HEALTH PLAN", rank="S")
    first = claim(*again, *THIRD)
    by_steps = bill_next(
        bill_next(first, [ANSWER], next_rank="S", control="X"), [second], next_rank="T", control="Y"
    )
    assert [one.paid for one in facts(by_steps).lines[0].adjudications] == [8000, 3000]
    assert shown(bill_next(first, [ANSWER, second], next_rank="T", control="Y")) == shown(by_steps)
    sound(by_steps)
    assert check_out(by_steps) == []


def test_the_payer_a_claim_goes_to_has_not_answered_it() -> None:
    with pytest.raises(CobError, match="payer the claim does not name"):
        bill_next(claim(*SECOND), [ANSWER, replace(MEDICAID, rank="S")], next_rank="S", control="X")
    with pytest.raises(CobError, match="names no rank"):
        bill_next(claim(*SECOND), [ANSWER], next_rank=40, control="X")
