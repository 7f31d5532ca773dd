"""A person changes a field of a claim: it stands where the guide wants it, and nothing else moves."""

import re
from typing import Any

import pytest

from edi.x837.edit import put_segment
from edi.x837.facts import facts
from edi.x837.fields import FIELDS, EditError, count, get, put, with_total
from edi.x837.order import place_of
from edi.x837.whole import Whole, row
from tests.edi.claims_out import shown
from tests.edi.test_x837_resubmit import EVERY, golden, hospital


def texts(whole: Whole) -> list[str]:
    return [text for _, text in shown(whole)]


def changed(before: Whole, after: Whole) -> tuple[list[str], list[str]]:
    """Segments that went and segments that came."""
    old, new = shown(before), shown(after)
    return [text for loop, text in old if (loop, text) not in new], [
        text for loop, text in new if (loop, text) not in old
    ]


def test_every_field_stands_where_its_guide_has_it() -> None:
    for name, field in FIELDS.items():
        assert field.label and field.longest and set(field.kinds) <= {"P", "I"}, name
        for kind, spot in field.spots.items():
            qualifier = spot.codes[0][0] if spot.segment == "HI" else (*spot.qualifiers, "")[0]
            assert place_of(kind, spot.loop, spot.segment, qualifier), f"{name} on {kind}"


@pytest.mark.parametrize("claim", EVERY, ids=lambda one: f"{one.kind}-{one.control}")
def test_what_is_put_back_changes_nothing(claim: Whole) -> None:
    if claim.kind == "D":
        return
    for name, field in FIELDS.items():
        line = 1 if field.of_line else 0
        for index in range(count(claim, name, line=line)):
            value = get(claim, name, line=line, index=index)
            try:
                made = put(claim, name, value, line=line, index=index)
            except EditError:
                assert claim.control, name  # a sample's NPI that proves nothing, an e-mail in a name
                continue
            went, came = changed(claim, made)
            plain = [[tidy(one) for one in each] for each in (went, came)]
            assert plain[0] == plain[1] or name.endswith("_dates"), name  # a range of one day is a day


def tidy(text: str) -> str:
    """Capitals, and numbers without dashes and needless zeros, as they are put."""
    return re.sub(r"\.(\d*?)0*(?=\*|$)", r".\1", text.upper().replace("-", "")).replace(".*", "*").rstrip(".")


@pytest.mark.parametrize(
    ("name", "value", "where", "went", "came"),
    [
        ("authorization", "auth1", {}, ["REF*G1*AUTH778899"], ["REF*G1*AUTH1"]),
        ("authorization", "", {}, ["REF*G1*AUTH778899"], []),
        ("referral", "R9", {}, [], ["REF*9F*R9"]),
        ("delay_reason", "", {}, ["CLM*PCN0002*200***11:B:7*Y*A*Y*Y***********11"],
         ["CLM*PCN0002*200***11:B:7*Y*A*Y*Y"]),
        ("note", "Señora's note", {}, ["NTE*ADD*CORRECTED CLAIM AUTHORIZATION NUMBER ADDED"],
         ["NTE*ADD*SENORA'S NOTE"]),
        ("diagnosis", "i10", {"index": 1}, ["HI*ABK:M25561"], ["HI*ABK:M25561*ABF:I10"]),
        ("diagnosis", "M25.562", {}, ["HI*ABK:M25561"], ["HI*ABK:M25562"]),
        ("subscriber_birth", "1980-01-31", {}, ["DMG*D8*19800101*F"], ["DMG*D8*19800131*F"]),
        ("onset_date", "2025-12-01", {}, [], ["DTP*431*D8*20251201"]),
        ("patient_paid", "20.50", {}, [], ["AMT*F5*20.5"]),
        ("modifier", "59", {"line": 1, "index": 1}, ["SV1*HC:73721:RT*200*UN*1***1"],
         ["SV1*HC:73721:RT:59*200*UN*1***1"]),
        ("modifier", "", {"line": 1}, ["SV1*HC:73721:RT*200*UN*1***1"], ["SV1*HC:73721*200*UN*1***1"]),
        ("units", "2.50", {"line": 1}, ["SV1*HC:73721:RT*200*UN*1***1"], ["SV1*HC:73721:RT*200*UN*2.5***1"]),
        ("service_dates", "2025-12-16/2025-12-18", {"line": 1}, ["DTP*472*D8*20251216"],
         ["DTP*472*RD8*20251216-20251218"]),
        ("line_authorization", "A2", {"line": 1}, [], ["REF*G1*A2"]),
        ("ndc", "12345678901", {"line": 1}, [], ["LIN**N4*12345678901"]),
        ("attachment_control", "ATT9", {"index": 1}, [], ["PWK*****AC*ATT9"]),
        ("rendering_npi", "", {}, ["NM1*82*1*PHYSICIAN*PAT****XX*1234567893"],
         ["NM1*82*1*PHYSICIAN*PAT****XX"]),
        ("location_name", "Room 4", {}, [], ["NM1*77*2*ROOM 4*****XX"]),
        ("group_number", "G2", {}, ["SBR*P*18*GRP1******CI"], ["SBR*P*18*G2******CI"]),
    ],
)  # fmt: skip
def test_a_field_changes_its_segment_only(
    name: str, value: str, where: dict[str, Any], went: list[str], came: list[str]
) -> None:
    claim = golden("replacement")
    made = put(claim, name, value, **where)
    assert changed(claim, made) == (went, came)
    ranks = [
        place.rank
        for one in made.claim
        if (place := place_of("P", one.loop, one.id, one.at(1, 1))) is not None
    ]
    assert ranks == sorted(ranks), "every segment is where the guide has it"


def test_a_name_that_goes_takes_what_describes_it_along() -> None:
    claim = put(golden("replacement"), "rendering_taxonomy", "207Q00000X")
    assert "PRV*PE*PXC*207Q00000X" in texts(claim)
    for name in ("rendering_first", "rendering_last", "rendering_npi"):
        claim = put(claim, name, "")
    assert [text for text in texts(claim) if text.startswith(("NM1*82", "PRV*PE"))] == []
    assert "REF*G1*X" in texts(put_segment(claim, row("2300", "REF*G1*X")))


def test_a_diagnosis_that_goes_moves_the_pointers_behind_it() -> None:
    claim = golden("replacement")
    for at, code in enumerate(("I10", "E119", "J45909"), 1):
        claim = put(claim, "diagnosis", code, index=at)
    for at, pointer in enumerate(("4", "2", "3")):
        claim = put(claim, "pointer", pointer, line=1, index=at)
    made = put(claim, "diagnosis", "", index=1)
    assert [get(made, "diagnosis", index=at) for at in range(4)] == ["M25561", "E119", "J45909", ""]
    assert [get(made, "pointer", line=1, index=at) for at in range(3)] == ["3", "2", ""]
    first = put(claim, "diagnosis", "", index=0)
    assert "HI*ABK:I10*ABF:E119*ABF:J45909" in texts(first)


def test_a_hospital_claim_keeps_its_codes_apart() -> None:
    claim = hospital()
    claim = put(claim, "diagnosis", "4020", index=3)
    assert "HI*BK:3669" in texts(claim) and "HI*BF:4019*BF:79431*BF:4020" in texts(claim)
    claim = put(put(claim, "condition", "D1"), "occurrence", "11")
    claim = put(claim, "occurrence_date", "2026-01-31")
    assert "HI*BG:D1" in texts(claim) and "HI*BH:11:D8:20260131" in texts(claim)
    assert get(claim, "occurrence_date") == "2026-01-31"
    assert get(put(claim, "diagnosis_present", "Y"), "diagnosis_present") == "Y"
    one = put(claim, "statement_dates", "2026-01-31")
    assert "DTP*434*RD8*20260131-20260131" in texts(one)
    assert "REF*LU*CA" in texts(put(claim, "accident_state", "CA"))
    assert get(put(claim, "revenue", "0450", line=1), "revenue", line=1) == "0450"


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("nothing", "x", {}), ("billing_npi", "1234567890", {}), ("billing_npi", "12", {}),
        ("note", "X" * 81, {}), ("note", "50 ~ 60", {}), ("note", "A:B", {}),
        ("note", "王", {}), ("charge", "1,2,3x", {}), ("charge", "-5", {}), ("charge", "1.005", {}),
        ("charge", "", {}), ("control", "", {}), ("subscriber_birth", "2026-02-30", {}),
        ("service_dates", "2026-02-02/2026-02-01", {"line": 1}), ("units", "1e9", {"line": 1}),
        ("units", "1", {"line": 9}), ("units", "1", {}), ("modifier", "59", {"line": 1, "index": 4}),
        ("diagnosis", "I10", {"index": 2}), ("diagnosis", "I10", {"index": 12}),
        ("diagnosis", "I10", {"index": -1}), ("pointer", "13", {"line": 1}), ("revenue", "0450", {"line": 1}),
        ("original_reference", "A*B", {}), ("billing_zip", "123", {}),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_in_words(name: str, value: str, where: dict[str, Any]) -> None:
    with pytest.raises(EditError) as refused:
        put(golden("replacement"), name, value, **where)
    assert refused.value.field and len(refused.value.words) > 10


def test_a_payers_own_number_is_kept_as_it_is() -> None:
    assert get(put(golden("replacement"), "original_reference", "icn-7a"), "original_reference") == "icn-7a"


def test_the_total_follows_the_lines() -> None:
    claim = put(golden("replacement"), "line_charge", "180.25", line=1)
    assert get(with_total(claim), "charge") == "180.25"
    assert facts(with_total(claim)).charge == 18025
