"""Nothing wrong leaves the house: what must hold of a claim before it is sent (x12-837-rebill, section 8)."""

import pytest

from edi.x837.edit import lines
from edi.x837.fields import FIELDS, put
from edi.x837.outgoing import Fault, check_out
from edi.x837.resubmit import as_new, as_replacement, as_void, with_reason
from edi.x837.whole import Whole, row
from tests.edi.claims_out import wholes
from tests.edi.test_x837 import claim_file
from tests.edi.test_x837_resubmit import EVERY, golden, hospital
from tests.era import Cover, bill, billed


def errors(whole: Whole) -> list[str]:
    return [one.code for one in check_out(whole) if one.does == "error"]


def warnings(whole: Whole) -> list[str]:
    return [one.code for one in check_out(whole) if one.does == "warn"]


def edited(whole: Whole, *pairs: tuple[str, str]) -> Whole:
    """The claim with segments written anew; an empty text takes one out."""
    made = []
    swap = dict(pairs)
    for one in whole.rows:
        text = swap.get(one.shown(), one.shown())
        made += [row(one.loop, each) for each in text.split("~") if each]
    return whole.with_rows(made)


def test_the_golden_claims_are_right() -> None:
    for name in ("replacement", "secondary"):
        assert check_out(golden(name)) == []


def test_an_ordinary_bill_is_right() -> None:
    assert [check_out(one) for one in wholes(bill(billed("A", "100"), billed("B", "5", second=Cover())))] == [
        [], [],
    ]  # fmt: skip


def test_a_replacement_without_the_payers_number_is_an_error() -> None:
    claim = edited(golden("replacement"), ("REF*F8*PAYERCN2", ""))
    [one] = check_out(claim)
    assert one == Fault(
        "out.reference_missing", "error",
        "Frequency 7 needs the payer's number of the claim before (REF*F8).", "2300", "CLM", 5, 0,
        "original_reference", "7",
    )  # fmt: skip


def test_an_original_with_the_payers_number_is_a_warning() -> None:
    claim = edited(as_new(golden("replacement"), "A"), ("REF*G1*AUTH778899", "REF*F8*X"))
    assert (errors(claim), warnings(claim)) == ([], ["out.reference_unexpected"])


def test_a_total_that_is_not_the_sum_of_its_lines_is_an_error() -> None:
    claim = put(golden("replacement"), "charge", "199.99")
    assert [(one.code, one.field, one.value) for one in check_out(claim)] == [("out.total", "charge", "0.01")]


def test_a_cent_between_payment_and_lines_is_an_error() -> None:
    claim = edited(golden("secondary"), ("SVD*PAYERID*80*HC:99214**1", "SVD*PAYERID*79.99*HC:99214**1"))
    assert errors(claim) == ["out.cob_levels", "out.cob_line"]


def test_noncovered_and_paid_exclude_each_other() -> None:
    claim = edited(golden("secondary"), ("AMT*D*120", "AMT*D*120~AMT*A8*250"))
    assert "out.cob_noncovered" in errors(claim)


@pytest.mark.parametrize(
    ("before", "after", "code", "line", "field"),
    [
        ("AMT*D*120", "AMT*D*120.001", "out.amount", 0, ""),
        ("CLM*PCN0001*250***11:B:1*Y*A*Y*Y", "CLM*PCN0001PCN0001PCN00012*250***11:B:1*Y*A*Y*Y", "out.control",
         0, "control"),
        ("CLM*PCN0001*250***11:B:1*Y*A*Y*Y", "CLM*PCN0001*250***11:B:3*Y*A*Y*Y", "out.frequency", 0,
         "frequency"),
        ("CLM*PCN0001*250***11:B:1*Y*A*Y*Y", "CLM*PCN0001*250***11:B:1*Y*A*Y*Y***********12",
         "out.delay_reason", 0, "delay_reason"),
        ("SBR*P*18*GRP1******CI", "SBR*S*18*GRP1******CI", "out.filing_rank", 0, ""),
        ("SBR*S*18*GRP2******MC", "SBR*S*18*GRP2******MB", "out.msp", 0, "msp_type"),
        ("SBR*S*18*GRP2******MC", "SBR*S**GRP2******MC", "out.patient", 0, "relationship"),
        ("HI*ABK:I10", "", "out.diagnosis", 0, "diagnosis"),
        ("HI*ABK:I10", f"HI*ABK:I10*{'*'.join(['ABF:E119'] * 12)}", "out.diagnoses", 0, "diagnosis"),
        ("SV1*HC:93000*100*UN*1***1", "SV1*HC:93000*100*UN*1***2", "out.pointer", 2, "pointer"),
        ("SV1*HC:93000*100*UN*1***1", "SV1*HC:93000*100*UN*1", "out.pointer_missing", 2, "pointer"),
        ("SV1*HC:93000*100*UN*1***1", "SV1**100*UN*1***1", "out.procedure", 2, "procedure"),
        ("DTP*472*D8*20251215", "DTP*472*D8*20251315", "out.date", 1, "service_dates"),
        ("DTP*472*D8*20251215", "", "out.service_date", 2, "service_dates"),
        ("REF*6R*L2", "REF*6R*L1", "out.line_control", 2, "line_control"),
        ("REF*6R*L2", f"REF*6R*{'L' * 31}", "out.long", 2, "line_control"),
        ("SVD*PAYERID*40*HC:93000**1", "SVD*SOMEBODY*40*HC:93000**1", "out.cob_payer", 2, ""),
        ("SVD*PAYERID*40*HC:93000**1", "SVD*PAYERID*40*HC:93000**1*9", "out.cob_bundled", 2, ""),
        ("DTP*573*D8*20260116", "", "out.cob_day", 2, ""),
        ("NM1*PR*2*STATE MEDICAID*****PI*MEDICAID", "", "out.required", 0, ""),
        ("NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*PAYERID", "", "out.required", 0, ""),
        ("HI*ABK:I10", "PWK*OZ*EL***AC~HI*ABK:I10", "out.attachment", 0, "attachment_control"),
        ("HI*ABK:I10", "PWK*OZ*EL***AC*A~PWK*OZ*EL***AC*A~HI*ABK:I10", "out.attachment_twice", 0,
         "attachment_control"),
        ("HI*ABK:I10", f"NTE*ADD*{'A' * 81}~HI*ABK:I10", "out.long", 0, "note"),
        ("HI*ABK:I10", "REF*G1*A~REF*G1*B~HI*ABK:I10", "out.repeated", 0, ""),
    ],
)  # fmt: skip
def test_what_would_be_refused_is_an_error(before: str, after: str, code: str, line: int, field: str) -> None:
    found = [one for one in check_out(edited(golden("secondary"), (before, after))) if one.does == "error"]
    assert (code, line, field) in [(one.code, one.line, one.field) for one in found]
    assert all(one.field in FIELDS or one.field == "" for one in found)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("LX*2", "LX*3", "out.line_number"),
        ("HI*ABK:I10", "HI*ABK:I10~REF*G1*A", "out.order"),
        ("HI*ABK:I10", "HI*ABK:I10~ZZZ*1", "out.unplaced"),
        ("N4*SPRINGFIELD*IL*62701", "", "out.expected"),
        ("NM1*85*2*EXAMPLE CLINIC*****XX*1234567893", "NM1*85*2*EXAMPLE CLINIC*****XX*1234567890", "out.npi"),
        ("NM1*85*2*EXAMPLE CLINIC*****XX*1234567893", "NM1*85*2*Éxample*****XX*1234567893", "out.characters"),
        ("AMT*D*120", "AMT*D*120~AMT*EAF*40", "out.cob_remaining"),
    ],
)  # fmt: skip
def test_what_may_be_refused_is_a_warning(before: str, after: str, code: str) -> None:
    claim = edited(golden("secondary"), (before, after))
    assert (errors(claim), set(warnings(claim))) == ([], {code})


def test_a_sign_that_separates_is_a_warning() -> None:
    claim = golden("replacement")
    note = row("2300", "NTE*ADD*X")._replace(elements=("NTE", "ADD", "SEE: PAGE 2"))
    rows = [note if one.id == "NTE" else one for one in claim.rows]
    assert warnings(claim.with_rows(rows)) == ["out.separator"]


def test_a_payer_that_answered_the_claim_only_gives_its_day() -> None:
    claim = golden("secondary")
    rows = [one for one in claim.rows if one.loop != "2430"]
    whole = edited(claim.with_rows(rows), ("AMT*D*120", "CAS*CO*45*130~AMT*D*120"))
    assert errors(whole) == ["out.cob_day"]
    named = ("NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*PAYERID",) * 2
    assert errors(edited(whole, (named[0], f"{named[1]}~DTP*573*D8*20260116"))) == []


def test_a_skipped_payer_does_not_cover_the_whole_charge() -> None:
    claim = golden("secondary")
    rows = [one for one in claim.rows if one.loop != "2430"]
    skipped = edited(claim.with_rows(rows), ("AMT*D*120", "AMT*A8*250"))
    assert errors(skipped) == []
    assert errors(edited(skipped, ("AMT*A8*250", "AMT*A8*249"))) == ["out.cob_skipped"]


def test_a_hospital_says_why_it_changes_a_claim() -> None:
    claim = as_replacement(hospital(), "X", "ICN")
    assert "out.reason_missing" in warnings(claim)
    assert "out.reason_missing" not in warnings(with_reason(claim, "D1"))
    assert errors(with_reason(claim, "D9")) == ["out.reason_note"]
    assert errors(put(with_reason(claim, "D9"), "note", "SEVERAL CHANGES")) == []
    two = put(with_reason(claim, "D1"), "condition", "D2", index=1)
    assert errors(two) == ["out.reason_several"]


def test_a_hospital_line_has_a_revenue_code() -> None:
    claim = hospital()
    made = put(claim, "revenue", "", line=1)
    assert errors(made) == ["out.revenue"]


def test_dental_claims_and_claims_without_lines_are_not_sent() -> None:
    dental = next(one for one in EVERY if one.kind == "D")
    assert "out.form" in errors(dental)
    [empty] = wholes(claim_file("CLM*A*0***11:B:1*Y*A*Y*Y", "HI*ABK:I10"))
    assert "out.no_lines" in errors(empty)


@pytest.mark.parametrize("kind", ["P", "I"])
def test_a_claim_has_as_many_lines_as_its_form_allows(kind: str) -> None:
    most = {"P": 50, "I": 999}[kind]
    claim = golden("replacement") if kind == "P" else hospital()
    line = lines(claim)[0].rows
    before = [one for one in claim.claim if one.loop[:2] != "24"]
    rows = [
        row("2400", f"LX*{number}") if one.id == "LX" else one
        for number in range(1, most + 2)
        for one in line
    ]
    made = claim._replace(claim=(*before, *rows))
    assert "out.lines" in errors(made)
    assert "out.lines" not in errors(made._replace(claim=made.claim[: -len(line)]))


@pytest.mark.parametrize("claim", EVERY, ids=lambda one: f"{one.kind}-{one.control}")
def test_a_resubmission_of_a_claim_has_no_error_the_claim_had_not(claim: Whole) -> None:
    had = set(errors(claim))
    for made in (as_new(claim, "A"), as_replacement(claim, "A", "B"), as_void(claim, "A", "B")):
        assert set(errors(made)) <= had
