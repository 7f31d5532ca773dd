"""What a remit says, and what does not add up in it."""

from pathlib import Path

import pytest

from edi.findings import money
from tests.edi.files import FIXTURES, codes, remit, remits, samples, scan

PASS = FIXTURES / "x835" / "pass"
STOPPERS = ("refuse", "hold", "park")


def golden(name: str) -> bytes:
    return (PASS / name).read_bytes()


def test_a_payment_of_three_claims_with_interest_and_a_takeback_balances() -> None:
    [(one, claims)] = remits(golden("golden_payment.edi"))
    assert one.balanced
    assert one.findings == []
    assert [len(claim.findings) for claim in claims] == [0, 0, 0]
    assert (one.header.trace, one.header.payer_id, money(one.header.paid)) == (
        "EFT0001",
        "1512345678",
        "173.07",
    )
    assert one.header.effective_date == "2026-01-16"
    assert one.header.receiver_account_last4 == "8765"
    assert [(claim.control, claim.status, claim.charge, claim.paid) for claim in claims] == [
        ("PCN0001", "1", 25000, 12000), ("PCN0002", "1", 20000, 0), ("PCN0003", "2", 50000, 6500),
    ]  # fmt: skip
    assert [(a.code, a.reference, a.cents, a.element, a.slot) for a in one.provider_adjustments] == [
        ("L6", "", -307, 4, 1), ("WO", "PAYERCN0", 1500, 6, 2),
    ]  # fmt: skip
    assert (one.claim_count, one.line_count, one.charge_total, one.paid_total) == (3, 4, 95000, 18500)


def test_the_second_triplet_of_an_adjustment_is_read_with_its_place() -> None:
    data = golden("golden_payment.edi")
    [(_, claims)] = remits(data)
    line = claims[0].services[0]
    facts = [(a.group, a.reason, a.cents, a.quantity, a.element, a.slot) for a in line.adjustments]
    assert facts == [
        ("CO", "45", 3000, None, 3, 1), ("PR", "1", 2000, None, 3, 1), ("PR", "2", 2000, None, 6, 2),
    ]  # fmt: skip
    assert data[line.adjustments[2].byte :].startswith(b"CAS*PR*1*20**2*20~")
    assert (line.control, line.allowed, line.date_from) == ("L1", 12000, "2025-12-15")


def test_payer_and_payee_are_named_with_their_ids() -> None:
    [(one, _)] = remits(golden("golden_payment.edi"))
    payer, payee = one.header.payer, one.header.payee
    assert payer is not None and payee is not None
    assert (payer.name, payer.refs, payer.contacts[0].numbers) == (
        "EXAMPLE HEALTH PLAN", {"2U": ["12345"]}, (("TE", "8005550100"),),
    )  # fmt: skip
    assert payer.address == ["1 MAIN ST", "SPRINGFIELD", "IL", "62701"]
    assert (payee.qualifier, payee.id, payee.refs) == ("XX", "1234567893", {"TJ": ["512345679"]})


def test_a_zero_payment_reverses_and_corrects_and_carries_the_shortage_forward() -> None:
    [(one, claims)] = remits(golden("golden_zero_payment.edi"))
    assert one.balanced
    assert one.header.paid == 0
    reversal, correction = claims
    assert (reversal.status, reversal.paid, reversal.patient_responsibility) == ("22", -12000, None)
    assert correction.paid == 8000
    assert codes([*reversal.findings, *correction.findings, *one.findings]) == []
    assert [(one.code, one.reference, one.cents) for one in one.provider_adjustments] == [
        ("FB", "NOPAY0002", -4000)
    ]


CASES = {
    "claim-level adjustment only": (["CLP*A*1*1000*600**12*N1*11*1", "CAS*CO*45*400"], "600"),
    "adjustments at both levels": (
        ["CLP*A*1*1000*500*100*12*N1*11*1", "CAS*PR*1*100", "SVC*HC:99214*1000*600", "CAS*CO*45*400"],
        "500",
    ),
    "deferred takeback": (
        [
            "CLP*A*22*-200*-120**12*N1", "CAS*CO*45*-80", "CLP*A*1*200*80**12*N2", "CAS*CO*45*120",
            "CLP*B*1*300*300**12*N3", "PLB*1234567893*20261231*WO:N1*-40",
        ], "300",
    ),
    "takeback collected": (["CLP*B*1*300*300**12*N3", "PLB*1234567893*20261231*WO:N1*40"], "260"),
    "refund acknowledged": (["CLP*B*1*300*300**12*N3", "PLB*1234567893*20261231*WO:N1*40*72:N1*-40"],
    "300"),
    "interest that nets to nothing": (
        [
            "CLP*A*22*-200*-120**12*N1", "CAS*CO*45*-80", "AMT*I*-3", "CLP*A*1*200*120**12*N2",
            "CAS*CO*45*80",
            "AMT*I*3",
        ], "0",
    ),
    "provider adjustment only": (["PLB*1234567893*20261231*CT*-1500"], "1500"),
    "shortage": (
        ["CLP*A*22*-200*-130**12*N1", "CAS*CO*45*-70", "PLB*1234567893*20261231*L6*-5*FB:EFT1*-125"], "0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_a_payer_may_legally_do_balances(case: str) -> None:
    segments, paid = CASES[case]
    [(one, claims)] = remits(remit(*segments, paid=paid))
    assert one.balanced
    assert codes(one.findings, *STOPPERS) == []
    assert [codes(claim.findings, *STOPPERS) for claim in claims] == [[] for _ in claims]


def test_a_line_off_by_a_cent_parks_its_claim() -> None:
    data = remit("CLP*A*1*100*39.99**12*N1", "SVC*HC:99214*100*39.99", "CAS*CO*45*60", paid="39.99")
    [(one, [claim])] = remits(data)
    assert one.balanced
    assert codes(claim.findings, "park") == ["835.line_balance", "835.claim_balance"]
    finding = claim.findings[0]
    assert finding.text.startswith("BAL-SVC")
    assert finding.value == "0.01"
    assert data[finding.byte :].startswith(b"SVC*HC:99214*100*39.99")


def test_a_payment_above_the_charge_balances_and_is_flagged() -> None:
    data = remit("CLP*A*1*100*120**12*N1", "SVC*HC:99214*100*120", "CAS*OA*94*-20", paid="120")
    [(one, [claim])] = remits(data)
    assert one.balanced
    assert codes(claim.findings) == ["835.paid_above_charge"]


def test_a_remit_that_does_not_add_up_to_its_payment_is_held() -> None:
    [(one, _)] = remits(remit("CLP*A*1*100*100**12*N1", paid="99.99"))
    assert not one.balanced
    assert [(f.code, f.does, f.value) for f in one.findings] == [("835.transaction_balance", "hold", "0.01")]


@pytest.mark.parametrize(
    ("bpr", "code"),
    [
        ("BPR*I*100*D*ACH************20260116", "835.debit"),
        ("BPR*P*100*C*ACH************20260116", "835.prenote"),
        ("BPR*I*-100*C*ACH************20260116", "835.negative_payment"),
        ("BPR*I*1O0*C*ACH************20260116", "835.paid_unreadable"),
        ("BPR*I*100.001*C*ACH************20260116", "835.paid_unreadable"),
    ],
)
def test_a_payment_that_is_not_plain_money_to_us_is_held(bpr: str, code: str) -> None:
    data = remit("CLP*A*1*100*100**12*N1", paid="100").replace(
        b"BPR*I*100*C*ACH************20260116", bpr.encode()
    )
    [(one, _)] = remits(data)
    assert code in codes(one.findings, "hold")


def test_another_currency_is_held() -> None:
    data = remit("CLP*A*1*100*100**12*N1", paid="100").replace(b"TRN*1*EFT1", b"CUR*PR*CAD~TRN*1*EFT1")
    [(one, _)] = remits(data)
    assert codes(one.findings, "hold") == ["835.currency"]


@pytest.mark.parametrize("missing", ["BPR", "TRN", "N1*PR", "N1*PE"])
def test_a_remit_without_payment_trace_payer_or_payee_is_held(missing: str) -> None:
    data = remit("CLP*A*1*0*0**12*N1", paid="0").decode()
    parts = [part for part in data.split("~") if not part.startswith(missing)]
    [(one, _)] = remits("~".join(parts).encode())
    assert codes(one.findings, "hold")


@pytest.mark.parametrize("amount", ["1,000", "+5", "1e3", "5.005", "", "٥", "12345678901", "--5", "5 "])
def test_a_text_that_is_no_exact_amount_parks_the_claim(amount: str) -> None:
    segments = ["CLP*A*1*100*50**12*N1", "SVC*HC:99214*100*50", f"CAS*CO*45*{amount}*1"]
    data = remit("X", paid="50").decode("latin-1").replace("X~", "~".join(segments) + "~").encode()
    [(_, [claim])] = remits(data)
    assert set(codes(claim.findings, "park")) & {"835.amount", "835.decimals"}


def test_a_payment_of_a_claim_that_cannot_be_read_leaves_the_cash_unknown() -> None:
    [(one, [claim])] = remits(remit("CLP*A*1*100*1OO**12*N1", "CAS*CO*45*0", paid="0"))
    assert not one.balanced
    assert "835.paid_unreadable" in codes(one.findings, "hold")
    assert "835.amount" in codes(claim.findings, "park")


def test_zeros_after_the_second_decimal_are_not_parts_of_a_cent() -> None:
    [(one, [claim])] = remits(remit("CLP*A*1*0100.000*.5**12*N1", "CAS*CO*45*99.50", paid="0.50"))
    assert (claim.charge, claim.paid, one.balanced) == (10000, 50, True)


def test_an_empty_triplet_does_not_hide_the_next_one() -> None:
    data = remit("CLP*A*1*100*20**12*N1", "SVC*HC:99214*100*20", "CAS*CO*45*50*****97*30", paid="20")
    [(_, [claim])] = remits(data)
    assert [(a.reason, a.cents, a.slot) for a in claim.services[0].adjustments] == [
        ("45", 5000, 1),
        ("97", 3000, 3),
    ]
    assert codes(claim.findings) == ["835.empty_triplet"]


def test_an_unknown_claim_status_is_parked() -> None:
    [(_, [claim])] = remits(remit("CLP*A*17*100*100**12*N1", paid="100"))
    assert codes(claim.findings) == ["835.unknown_status"]


@pytest.mark.parametrize(
    ("adjustment", "code", "does"),
    [
        ("CAS*CO*ZZ9*50", "835.unknown_carc", "warn"),
        ("CAS*CO*A2*50", "835.retired_carc", "note"),
        ("CAS*PR*23*50", "835.group_rule", "warn"),
        ("CAS*OA*45*50", "835.group_rule", "warn"),
        ("CAS*CO*16*50", "835.rarc_required", "warn"),
        ("CAS*CR*45*50", "835.unknown_group", "park"),
    ],
)
def test_codes_outside_the_lists_and_rules_are_named(adjustment: str, code: str, does: str) -> None:
    patient = "50" if adjustment.startswith("CAS*PR") else ""
    [(one, [claim])] = remits(
        remit(f"CLP*A*1*100*50*{patient}*12*N1", "SVC*HC:99214*100*50", adjustment, paid="50")
    )
    assert one.balanced
    assert [(f.code, f.does) for f in claim.findings] == [(code, does)]


def test_a_remark_that_only_informs_does_not_explain_a_denial() -> None:
    line = ("CLP*A*1*50*0**12*N1", "SVC*HC:99214*50*0", "CAS*CO*16*50")
    [(_, [informed])] = remits(remit(*line, "LQ*HE*MA01", paid="0"))
    [(_, [explained])] = remits(remit(*line, "LQ*HE*M127", paid="0"))
    assert codes(informed.findings) == ["835.rarc_required"]
    assert codes(explained.findings) == []


def test_a_discount_of_the_whole_charge_is_read_as_a_denial() -> None:
    [(_, [claim])] = remits(remit("CLP*A*1*50*0**12*N1", "SVC*HC:99214*50*0", "CAS*CO*45*50", paid="0"))
    assert codes(claim.findings) == ["835.zero_allowed"]


def test_patient_responsibility_is_compared_except_on_a_reversal() -> None:
    [(_, [claim])] = remits(remit("CLP*A*1*50*30*15*12*N1", "CAS*PR*1*20", paid="30"))
    assert [(f.code, f.value) for f in claim.findings] == [("835.patient_responsibility", "-5.00")]
    [(_, [reversal])] = remits(remit("CLP*A*22*-50*-30**12*N1", "CAS*PR*1*-20", paid="-30"))
    assert codes(reversal.findings) == []


def test_lines_that_do_not_add_up_to_the_claim_are_flagged() -> None:
    [(_, [claim])] = remits(remit("CLP*A*1*100*100**12*N1", "SVC*HC:99214*90*90", paid="100"))
    assert codes(claim.findings) == ["835.lines_charge", "835.lines_paid"]


def test_a_segment_nobody_expects_is_kept_and_named() -> None:
    data = remit("CLP*A*1*50*50**12*N1", "ZZZ*1*2", "SVC*HC:99214*50*50", "K3*NOTE", paid="50")
    [(_, [claim])] = remits(data)
    assert codes(claim.findings) == ["835.unknown_segment", "835.unknown_segment"]
    assert claim.other[0].elements == ["ZZZ", "1", "2"]
    assert claim.services[0].other[0].elements == ["K3", "NOTE"]
    assert data[claim.other[0].byte :].startswith(b"ZZZ*1*2~")


def test_every_part_of_a_rich_claim_has_its_place() -> None:
    data = remit(
        "CLP*A*19*100*60*10*MB*ICN1*13*7**470*1.5*.5", "CAS*CO*253*1", "NM1*QC*1*DOE*JANE*Q**JR*MI*M1",
        "NM1*IL*1*DOE*JOHN****MI*M2", "NM1*74*1*DOUGH*JANE****C*M3", "NM1*82*1*DOC*A****XX*1234567893",
        "NM1*TT*2*NEXT PLAN*****PI*P2", "NM1*PR*2*OTHER PLAN*****PI*P3", "NM1*GB*1*ROE*R****MI*M4",
        "MIA*3****MA01***************M2", "MOA*.8*50*MA18", "REF*F8*OLD1", "REF*CE*GOLD",
        "DTM*232*20260101",
        "DTM*233*20260103", "DTM*050*20260105", "PER*CX*HELP*TE*8005550100", "AMT*AU*100", "QTY*CA*3",
        "SVC*HC:99213:25:59*99*60*0450*2*HC:99214:25*3", "DTM*150*20260101", "DTM*151*20260102",
        "CAS*CO*45*29",
        "CAS*PR*2*10", "REF*LU*11", "REF*6R*L7", "REF*0K*POLICY1", "AMT*B6*70", "QTY*ZK*1", "LQ*RX*75",
        "LQ*HE*N1",
        paid="60",
    )  # fmt: skip
    [(one, [claim])] = remits(data)
    assert one.balanced
    assert (claim.drg, claim.drg_weight, claim.discharge_fraction) == ("470", "1.5", ".5")
    assert (claim.facility, claim.frequency, claim.filing, claim.payer_control) == ("13", "7", "MB", "ICN1")
    names = [
        claim.patient,
        claim.insured,
        claim.corrected,
        claim.rendering,
        claim.crossover,
        claim.priority_payer,
    ]
    assert [name.id for name in names if name] == ["M1", "M2", "M3", "1234567893", "P2", "P3"]
    assert claim.other_subscriber is not None and claim.other_subscriber.last == "ROE"
    assert [(r.list, r.code, r.element) for r in claim.remarks] == [
        ("MIA", "MA01", 5), ("MIA", "M2", 20), ("MOA", "MA18", 3),
    ]  # fmt: skip
    assert claim.refs == {"F8": ["OLD1"], "CE": ["GOLD"]}
    assert claim.dates == {"232": "2026-01-01", "233": "2026-01-03", "050": "2026-01-05"}
    assert (claim.amounts, claim.quantities) == ({"AU": 10000}, {"CA": "3"})
    line = claim.services[0]
    assert (line.qualifier, line.code, line.modifiers, line.revenue, line.units) == (
        "HC", "99213", ("25", "59"), "0450", "2",
    )  # fmt: skip
    assert (line.billed_code, line.billed_modifiers, line.billed_units) == ("99214", ("25",), "3")
    assert (line.date_from, line.date_to, line.control) == ("2026-01-01", "2026-01-02", "L7")
    assert (line.refs, line.policy_ids, line.allowed) == ({"LU": ["11"]}, ["POLICY1"], 7000)
    assert [(r.list, r.code) for r in line.remarks] == [("RX", "75"), ("HE", "N1")]
    assert data[claim.byte : claim.byte_end].startswith(b"CLP*A*19")
    assert data[claim.byte_end :].startswith(b"SE*")
    assert claim.segment_count == 31


def test_a_summary_that_counts_other_claims_is_flagged() -> None:
    data = remit("TS3*1234567893*13*20261231*2*100", "CLP*A*1*100*100**12*N1", paid="100")
    [(one, [claim])] = remits(data)
    assert claim.summary is not None and claim.summary.ts3[4] == "2"
    assert [(f.code, f.does) for f in one.findings] == [("835.summary_count", "warn")]


def test_interest_on_a_claim_must_be_in_the_provider_adjustments() -> None:
    [(one, _)] = remits(remit("CLP*A*1*100*100**12*N1", "AMT*I*3", paid="100"))
    assert codes(one.findings) == ["835.interest"]


def test_a_provider_adjustment_code_outside_the_list_is_named() -> None:
    [(one, _)] = remits(remit("PLB*1*20261231*Q9:X*-5", paid="5"))
    assert one.balanced
    assert codes(one.findings) == ["835.unknown_plb"]


def test_a_provider_adjustment_that_cannot_be_read_holds_the_remit() -> None:
    [(one, _)] = remits(remit("PLB*1*20261231*WO:X*5x", paid="0"))
    assert codes(one.findings, "hold") == ["835.plb_amount"]
    assert not one.balanced


def test_claims_may_be_read_twice_with_the_same_totals() -> None:
    [(one, claims)] = remits(golden("golden_payment.edi"))
    again = list(one.claims())
    assert [claim.control for claim in again] == [claim.control for claim in claims]
    assert (one.claim_count, one.paid_total, one.balanced) == (3, 18500, True)


@pytest.mark.parametrize("path", samples("x835/pass"), ids=lambda path: path.stem)
def test_a_good_sample_has_nothing_that_stops_it(path: Path) -> None:
    data = path.read_bytes()
    assert [codes(span.held_by) for span in scan(data).transactions] == [[]]
    for one, claims in remits(data):
        assert one.balanced
        assert codes(one.findings, *STOPPERS) == []
        assert [codes(claim.findings, *STOPPERS) for claim in claims] == [[] for _ in claims]


@pytest.mark.parametrize("path", samples("x835/fail"), ids=lambda path: path.stem)
def test_a_bad_sample_is_stopped(path: Path) -> None:
    data = path.read_bytes()
    stopped = [codes(span.held_by) for span in scan(data).transactions]
    for one, claims in remits(data):
        stopped += [codes(one.findings, *STOPPERS)] + [codes(claim.findings, *STOPPERS) for claim in claims]
    assert any(stopped)


def test_many_warnings_never_push_out_what_stops_a_remit_or_a_claim() -> None:
    plb = ["PLB*1*20261231*Q9:X*0"] * 800
    [(one, _)] = remits(remit("CLP*A*1*100*100**12*N1", *plb, paid="99"))
    assert "835.transaction_balance" in codes(one.findings, "hold")
    assert len(one.findings) < 600
    [(_, [claim])] = remits(remit("CLP*A*1*100*100**12*N1", *["ZZZ*1"] * 800, paid="100"))
    assert "835.too_many_findings" in codes(claim.findings, "park")
    assert len(claim.other) == 800


@pytest.mark.parametrize("adjustment", ["CAS*CO*45", "CAS*CO*45*50*1*97", "CAS*CO*45*50**97"])
def test_a_reason_without_an_amount_parks_the_claim(adjustment: str) -> None:
    [(_, [claim])] = remits(remit("CLP*A*1*100*50**12*N1", "SVC*HC:99214*100*50", adjustment, paid="50"))
    assert "835.amount" in codes(claim.findings, "park")


def test_a_provider_adjustment_with_another_component_separator_keeps_its_reference() -> None:
    [(one, _)] = remits(remit("PLB*1*20261231*WO>OLD1*-5", paid="5"))
    assert [(a.code, a.reference, a.cents) for a in one.provider_adjustments] == [("WO", "OLD1", -500)]
    assert codes(one.findings) == ["edi.component"]
