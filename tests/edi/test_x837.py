"""What a claim says as billed."""

from pathlib import Path

import pytest

from edi.findings import money
from tests.edi.files import FIXTURES, claims, codes, samples, sealed

PASS = FIXTURES / "x837" / "pass"
ABOVE = (
    "BHT*0019*00*REF1*20260301*1200*CH", "HL*1**20*1", "NM1*85*2*CLINIC*****XX*1234567893",
    "REF*EI*512345679",
    "HL*2*1*22*0", "SBR*P*18*******CI", "NM1*IL*1*DOE*JANE****MI*M1", "NM1*PR*2*PLAN*****PI*P1",
)  # fmt: skip
LINE = ("LX*1", "SV1*HC:99213*100*UN*1***1", "DTP*472*D8*20260101")


def claim_file(*segments: str, version: str = "005010X222A1") -> bytes:
    return sealed(*ABOVE, *segments, st="837", group="HC", version=version)


def test_a_replacement_claim_is_read_whole() -> None:
    data = (PASS / "golden_replacement.edi").read_bytes()
    [(one, [claim])] = claims(data)
    assert (one.header.kind, one.header.purpose, one.header.reference, one.header.use) == (
        "P",
        "00",
        "REBILL1",
        "CH",
    )
    assert one.header.submitter is not None and one.header.submitter.contacts[0].numbers == (
        ("TE", "8005550101"),
    )
    assert (claim.control, money(claim.charge), claim.frequency, claim.facility) == (
        "PCN0002",
        "200.00",
        "7",
        "11",
    )
    assert (claim.original_reference, claim.prior_authorization, claim.delay_reason) == (
        "PAYERCN2",
        "AUTH778899",
        "11",
    )
    assert claim.billing is not None and claim.subscriber is not None and claim.patient is not None
    assert (claim.billing.npi, claim.billing.tax_id, claim.billing.tax_qualifier, claim.billing.taxonomy) == (
        "1234567893", "512345679", "EI", "207Q00000X",
    )  # fmt: skip
    assert claim.billing.address == ["2 OAK ST", "SPRINGFIELD", "IL", "62701"]
    assert (claim.subscriber.sequence, claim.subscriber.group, claim.subscriber.filing) == ("P", "GRP1", "CI")
    assert (claim.patient.last, claim.patient.birth, claim.patient.relationship) == (
        "DOE",
        "1980-01-01",
        "18",
    )
    assert claim.payer is not None and (claim.payer.name, claim.payer.id) == (
        "EXAMPLE HEALTH PLAN",
        "PAYERID",
    )
    assert claim.diagnoses == [("ABK", "M25561")]
    assert claim.notes == [("ADD", "CORRECTED CLAIM AUTHORIZATION NUMBER ADDED")]
    assert claim.providers["82"].npi == "1234567893"
    [line] = claim.lines
    assert (line.control, line.code, line.modifiers, line.charge, line.units) == (
        "L1",
        "73721",
        ("RT",),
        20000,
        "1",
    )
    assert (claim.service_from, claim.service_to) == ("2025-12-16", "2025-12-16")
    assert [segment.id for segment in claim.other] == ["PWK"]
    assert (one.findings, claim.findings) == ([], [])
    assert data[claim.byte : claim.byte_end].startswith(b"CLM*PCN0002")
    assert data[line.charge_byte :].startswith(b"SV1*HC:73721:RT*200")


def test_a_secondary_claim_tells_what_the_first_payer_did() -> None:
    [(_, [claim])] = claims((PASS / "golden_secondary.edi").read_bytes())
    assert claim.subscriber is not None and claim.subscriber.sequence == "S"
    [other] = claim.other_payers
    assert (other.sequence, other.payer_id, other.payer_control, other.filing) == (
        "P",
        "PAYERID",
        "PAYERCN1",
        "CI",
    )
    assert other.paid == 12000
    assert other.subscriber is not None and other.subscriber.id == "M12345"
    first, second = (line.adjudications[0] for line in claim.lines)
    assert [(a.group, a.reason, a.cents, a.element) for a in first.adjustments] == [
        ("CO", "45", 3000, 3), ("PR", "1", 2000, 3), ("PR", "2", 2000, 6),
    ]  # fmt: skip
    assert (first.payer_id, first.paid, first.date, first.remaining) == ("PAYERID", 8000, "2026-01-16", 4000)
    assert (second.paid, second.units) == (4000, "1")
    assert claim.findings == []


def test_an_institutional_claim_has_revenue_codes_and_statement_dates() -> None:
    data = claim_file(
        "CLM*H1*350***13:A:1*Y*A*Y*Y", "DTP*434*RD8*20260101-20260103", "DTP*435*DT*202601011200",
        "CL1*1*7*30",
        "HI*ABK:R079:::::::Y*ABF:I10", "HI*BE:A1:::2500*BBR:0WQF0ZZ:D8:20260102",
        "NM1*71*1*WHO*A****XX*1", "LX*1",
        "SV2*0450*HC:99284:25*300*UN*1", "LX*2", "SV2*0250**50*UN*5", version="005010X223A2",
    )  # fmt: skip
    [(one, [claim])] = claims(data)
    assert (one.header.kind, claim.kind) == ("I", "I")
    assert (claim.service_from, claim.service_to, claim.admitted) == (
        "2026-01-01",
        "2026-01-03",
        "2026-01-01",
    )
    assert [(line.revenue, line.code, line.charge, line.units) for line in claim.lines] == [
        ("0450", "99284", 30000, "1"), ("0250", "", 5000, "5"),
    ]  # fmt: skip
    assert claim.lines[0].charge_element == 3
    assert claim.diagnoses == [("ABK", "R079"), ("ABF", "I10")]
    assert [code[0] for code in claim.codes] == ["BE", "BBR"]
    assert codes(claim.findings) == []


def test_a_dependent_is_the_patient_and_not_the_subscriber() -> None:
    data = claim_file(
        "HL*3*2*23*0", "PAT*19", "NM1*QC*1*DOE*KID", "DMG*D8*20200101*M", "CLM*A*100***11:B:1", *LINE
    )
    [(_, [claim])] = claims(data)
    assert claim.patient is not None and claim.subscriber is not None
    assert (claim.patient.first, claim.patient.relationship, claim.patient.birth) == (
        "KID",
        "19",
        "2020-01-01",
    )
    assert claim.subscriber.first == "JANE"


def test_the_next_subscriber_does_not_inherit_the_patient_before() -> None:
    data = claim_file(
        "HL*3*2*23*0", "PAT*19", "NM1*QC*1*DOE*KID", "CLM*A*100***11:B:1", *LINE, "HL*4*1*22*0",
        "SBR*P*18*******MB",
        "NM1*IL*1*ROE*R****MI*M2", "NM1*PR*2*OTHER*****PI*P2", "CLM*B*100***11:B:1", *LINE,
    )  # fmt: skip
    [(one, [first, second])] = claims(data)
    assert first.patient is not None and second.patient is not None and second.payer is not None
    assert [first.patient.last, second.patient.last, second.payer.id] == ["DOE", "ROE", "P2"]
    assert first.billing is second.billing
    assert (one.claim_count, one.line_count, one.charge_total) == (2, 2, 20000)


def test_a_drug_keeps_its_ndc_and_a_line_its_own_providers() -> None:
    data = claim_file(
        "CLM*A*100***11:B:1",
        *LINE,
        "LIN**N4*00004196501",
        "CTP****7*UN",
        "REF*XZ*253",
        "NM1*DK*1*W*M****XX*5",
    )
    [(_, [claim])] = claims(data)
    [line] = claim.lines
    assert (line.ndc, line.refs, line.providers["DK"].npi) == ("00004196501", {"XZ": ["253"]}, "5")
    assert codes(claim.findings) == []


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        (("CLM*A*101***11:B:1", *LINE), "837.lines_charge"),
        (("CLM*A*100***11:B:1",), "837.no_lines"),
        (("CLM**100***11:B:1", *LINE), "837.control_missing"),
        (("CLM*A*1OO***11:B:1", *LINE), "837.amount"),
        (("CLM*A*100.001***11:B:1", *LINE), "837.decimals"),
        (("CLM*A*100***11:B:7", *LINE), "837.reference_missing"),
        (("CLM*A*100***11:B:1", "REF*F8*N1", *LINE), "837.reference_unexpected"),
        (("CLM*A*100", *LINE), "837.place_missing"),
        (("CLM*A*100***11:B:1", "ZZZ*1", *LINE), "837.unknown_segment"),
        (("CLM*A*100***11:B:1", "DTP*454*D8*20261399", *LINE), "837.date"),
        (("CLM*A*100***11:B:1", "SBR*P*18", "AMT*D*50", "AMT*A8*100", *LINE), "837.cob_noncovered"),
        (
            ("CLM*A*100***11:B:1", "SBR*P*18", "AMT*D*60", "NM1*PR*2*X*****PI*P9", *LINE,
             "SVD*P9*59.99*HC:99213**1",
             "CAS*CO*45*40"),
            "837.cob_line",
        ),
        (
            ("CLM*A*100***11:B:1", "SBR*P*18", "AMT*D*60", "NM1*PR*2*X*****PI*P9", *LINE,
             "SVD*P9*59.99*HC:99213**1",
             "CAS*CO*45*40.01"),
            "837.cob_levels",
        ),
    ],
)  # fmt: skip
def test_what_does_not_add_up_in_a_claim_is_named(segments: tuple[str, ...], code: str) -> None:
    [(_, [claim])] = claims(claim_file(*segments))
    assert code in codes(claim.findings)


def test_a_segment_above_the_claims_is_kept_with_the_subscriber() -> None:
    [(one, [claim])] = claims(claim_file("ZZZ*1", "CLM*A*100***11:B:1", *LINE))
    assert claim.subscriber is not None
    assert [segment.elements for segment in claim.subscriber.other] == [["ZZZ", "1"]]
    assert (codes(one.findings), codes(claim.findings)) == (["837.stray_segment"], [])


def test_a_file_without_hierarchy_is_read_by_its_names() -> None:
    [path] = [one for one in samples("x837/odd") if "billing_provider_switch" in one.stem]
    [(_, [first, second])] = claims(path.read_bytes())
    assert first.billing is not None and second.billing is not None
    assert (first.billing.name, second.billing.name) == ("FIRST CLINIC", "SECOND CLINIC")
    assert first.subscriber is not None and second.subscriber is not None
    assert (first.subscriber.last, second.subscriber.last) == ("DOE", "ROE")


def test_another_component_separator_than_declared_is_detected() -> None:
    [path] = [one for one in samples("x837/odd") if "demo_example11" in one.stem]
    [(one, [claim])] = claims(path.read_bytes())
    assert codes(one.findings) == ["edi.component"]
    assert (claim.facility, claim.frequency, claim.lines[0].code) == ("11", "1", "E0570")


@pytest.mark.parametrize("path", samples("x837/pass"), ids=lambda path: path.stem)
def test_a_good_sample_has_nothing_that_stops_it(path: Path) -> None:
    for one, found in claims(path.read_bytes()):
        assert codes(one.findings, "refuse", "hold", "park") == []
        assert [codes(claim.findings, "park") for claim in found] == [[] for _ in found]
        assert all(claim.lines and claim.billing and claim.patient for claim in found)
