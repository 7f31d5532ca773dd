"""Explanations of benefits: the steps of RFHIR-10 to the cent, amounts at their bytes, any bytes answered."""

import io
import random
from itertools import pairwise
from typing import Any

import pytest

from edi.amounts import parse_cents
from edi.eob.model import Explanation
from edi.eob.positions import BadJson, Object, number_at, parse
from edi.eob.reader import read
from edi.eob.split import split
from tests.eobs import Raw, bundle, coded, eob, golden, item, judged, written


def explained(resource: dict[str, Any]) -> Explanation:
    """One resource, read from the middle of a file."""
    raw = written(resource)
    return read(raw, 1_000)


def said(one: Explanation) -> list[tuple[str, str, int]]:
    """(group, reason, cents) of every adjustment, lines first."""
    every = [*(each for line in one.claim.services for each in line.adjustments), *one.claim.adjustments]
    return [(each.group, each.reason, each.cents) for each in every]


def codes(one: Explanation) -> set[str]:
    return {finding.code for finding in one.findings}


def held(one: Explanation) -> set[str]:
    return {finding.code for finding in one.findings if finding.does in ("hold", "refuse")}


def test_the_example_balances_and_says_what_an_835_would() -> None:
    one = explained(golden())
    assert said(one) == [("PR", "1", 2000), ("PR", "2", 2000), ("CO", "45", 3000), ("CO", "197", 10000)]
    assert (one.claim.charge, one.claim.paid, one.claim.patient_responsibility) == (25000, 8000, 4000)
    assert [(line.charge, line.paid, line.allowed) for line in one.claim.services] == [
        (15000, 8000, 12000),
        (10000, 0, None),
    ]
    assert (one.claim.payer_control, one.claim.control, one.evidence) == ("ICNPCN0001", "PCN0001", True)
    assert one.findings == []


def test_what_is_not_explained_is_never_guessed() -> None:
    one = explained(eob("A", item("99213", submitted="100.00", paidtoprovider="60.00", coinsurance="15.00")))
    finding = next(each for each in one.findings if each.code == "fhir.unbalanced")
    assert finding.does == "hold"
    assert "EOB-UNBALANCED" in finding.text and "25.00" in finding.text and "item[0]" in finding.text


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ({"eligible": "80", "paidtoprovider": "80"}, [("CO", "45", 2000)]),
        (
            {"eligible": "80", "noncovered": "5", "paidtoprovider": "80"},
            [("CO", "96", 500), ("CO", "45", 1500)],
        ),
        ({"discount": "20", "benefit": "80"}, [("CO", "45", 2000)]),
        (
            {"discount": "20", "benefit": "80", "paidtopatient": "80"},
            [("PR", "100", 8000), ("CO", "45", 2000)],
        ),
        (
            {"priorpayerpaid": "70", "discount": "20", "paidtoprovider": "10"},
            [("OA", "23", 7000), ("CO", "45", 2000)],
        ),
        ({"noncovered": "100", "memberliability": "100"}, [("PR", "96", 10000)]),
        ({"noncovered": "100", "memberliability": "99.99"}, [("CO", "96", 10000)]),
        ({"reason": "50", "paidtoprovider": "0"}, [("CO", "50", 10000)]),
        ({"reason": "50", "copay": "10", "paidtoprovider": "40"}, [("PR", "3", 1000), ("CO", "50", 5000)]),
        ({"discount": "19.99", "paidtoprovider": "80"}, [("CO", "45", 1999), ("CO", "45", 1)]),
        ({"discount": "20.01", "paidtoprovider": "80"}, [("CO", "45", 2001), ("CO", "45", -1)]),
        ({"deductible": "0", "copay": "0.00", "paidtoprovider": "100"}, []),
    ],
)  # fmt: skip
def test_each_step_puts_its_amount_where_an_835_has_it(
    amounts: dict[str, str], expected: list[tuple[str, str, int]]
) -> None:
    one = explained(eob("A", item("99213", submitted="100", **amounts)))
    assert said(one) == expected
    assert held(one) == set()


def test_the_charge_is_the_net_amount_when_nothing_was_submitted_and_an_error_without_both() -> None:
    line = item("99213", paidtoprovider="80", discount="20")
    assert explained(eob("A", line | {"net": {"value": Raw("100"), "currency": "USD"}})).claim.charge == 10000
    assert "fhir.charge_missing" in held(explained(eob("A", line)))


def test_an_institutional_claim_may_be_judged_by_its_header_alone() -> None:
    lines = [{"revenue": coded("https://www.nubc.org/CodeSystem/RevenueCodes", "0450")}]
    header = judged(eligible="700", deductible="100", memberliability="100", paidtoprovider="600")
    one = explained(
        eob("H", *lines, adjudication=header, total={"submitted": "1000", "paidtoprovider": "600"})
    )
    assert said(one) == [("PR", "1", 10000), ("CO", "45", 30000)]
    assert (one.claim.charge, one.claim.paid, one.claim.services) == (100000, 60000, [])
    assert held(one) == set()


def test_totals_that_the_lines_do_not_add_up_to_hold_it() -> None:
    total = {"submitted": "250.01", "paidtoprovider": "80.00"}
    assert held(explained(golden(total=total))) == {"fhir.totals"}


@pytest.mark.parametrize(
    ("amount", "code"),
    [("80.001", "fhir.decimals"), ("8e1", "fhir.amount"), ("12345678901", "fhir.amount"), ("80.0000", None)],
)
def test_an_amount_is_accepted_by_its_pattern_or_not_at_all(amount: str, code: str | None) -> None:
    line = item("99213", submitted="100", discount="20", paidtoprovider=amount)
    assert (code in held(explained(eob("A", line)))) == (code is not None)


def test_other_money_than_dollars_holds_it() -> None:
    line = item("99213", submitted="100", discount="20", paidtoprovider="80")
    line["adjudication"][2]["amount"]["currency"] = "CAD"
    assert "fhir.currency" in held(explained(eob("A", line)))


def test_what_is_left_to_the_patient_needs_a_stated_liability_that_covers_it() -> None:
    amounts = {"submitted": "100", "copay": "10", "paidtoprovider": "90"}
    assert not explained(eob("A", item("99213", **amounts))).evidence
    assert explained(eob("A", item("99213", **amounts, memberliability="10"))).evidence
    short = explained(eob("A", item("99213", **amounts, memberliability="9.99")))
    assert not short.evidence and "fhir.member_liability" in codes(short)
    assert explained(eob("A", item("99213", **amounts), total={"memberliability": "10"})).evidence


def test_when_the_member_was_paid_nothing_of_it_came_to_us() -> None:
    line = item("99213", submitted="100", discount="20", benefit="80")
    payee = {"type": coded("http://terminology.hl7.org/CodeSystem/payeetype", "subscriber")}
    one = explained(eob("A", line, payee=payee))
    assert said(one) == [("PR", "100", 8000), ("CO", "45", 2000)]
    assert one.claim.paid == 0


def test_what_is_required_and_missing_is_named_by_its_path() -> None:
    one = explained(eob("A", item("99213", submitted="1"), patient=None, insurance=None, use="loan"))
    assert one.missing == [
        "ExplanationOfBenefit.patient",
        "ExplanationOfBenefit.insurance",
        "ExplanationOfBenefit.use",
    ]


def test_a_code_is_known_by_its_system_whatever_way_cms_writes_it() -> None:
    system = "https://bluebutton.cms.gov/resources/codesystem/adjudication"
    line = item("99213", submitted="100")
    for name, amount in (("line_prvdr_pmt_amt", "80"), ("line_alowd_chrg_amt", "80")):
        code = f"https://bluebutton.cms.gov/resources/variables/{name}"
        line["adjudication"].append({"category": coded(system, code), "amount": {"value": Raw(amount)}})
    assert said(explained(eob("A", line))) == [("CO", "45", 2000)]
    line["adjudication"][-1]["category"] = coded("https://example.org/codes", "line_alowd_chrg_amt")
    assert {"fhir.unmapped", "fhir.unbalanced"} <= codes(explained(eob("A", line)))


def test_a_field_given_twice_leaves_it_open_and_holds_it() -> None:
    given = b'"submitted"}]}, "amount": {"value": 150.00,'
    raw = written(golden()).replace(given, given + b' "value": 250.00,')
    assert "fhir.repeated" in held(read(raw))


# ---------------------------------------------------------------- places (N1)


def test_the_bytes_at_each_place_say_the_amount() -> None:
    raw = b"\n \n" + written(golden())
    one = read(raw[3:], 3)
    exact = 0
    for line in one.claim.services:
        assert parse_cents(number_at(raw[line.byte :])) == line.charge
        for each in line.adjustments:
            found = parse_cents(number_at(raw[each.byte :]))
            exact += each.element % 3 == 0
            assert found == each.cents if each.element % 3 == 0 else found >= abs(each.cents)
    assert exact == 4
    places = [each.byte << 3 | each.slot for line in one.claim.services for each in line.adjustments]
    assert len(places) == len(set(places))


def test_a_bundle_gives_each_eob_its_own_place_and_what_it_refers_to() -> None:
    patient = {"resourceType": "Patient", "id": "p1", "name": [{"family": "DOE", "given": ["JANE"]}]}
    first = golden(patient={"reference": "Patient/p1"})
    raw = written(bundle(first, patient, golden("PCN0002"), {"resourceType": "Claim"}))
    found = split(io.BytesIO(raw))
    assert found.counts == {"ExplanationOfBenefit": 2, "Patient": 1, "Claim": 1}
    one, two = found.pieces
    assert b'"PCN0002"' in raw[two.byte : two.byte_end] and b'"PCN0002"' not in raw[one.byte : one.byte_end]
    others = {name: raw[start:end] for name, (start, end) in one.others.items()}
    named = read(raw[one.byte : one.byte_end], one.byte, others).claim.patient
    assert named is not None and (named.last, named.first) == ("DOE", "JANE")


def test_lines_of_json_are_resources_and_a_bad_one_refuses_the_file() -> None:
    lines = written(golden("A"), golden("B"))
    assert [one.path for one in split(io.BytesIO(lines)).pieces] == ["", "line 2"]
    broken = split(io.BytesIO(lines[:-1]))
    assert broken.pieces == [] and [one.code for one in broken.findings] == ["fhir.not_json"]


def test_the_same_facts_have_one_hash_however_they_are_written() -> None:
    one = golden(version="1")
    turned = dict(reversed(list(golden(version="2").items())))
    assert explained(one).content_hash == explained(turned).content_hash
    assert explained(one).content_hash != explained(golden("PCN0002")).content_hash
    assert explained(one).revision < explained(turned).revision


# ---------------------------------------------------------------- any bytes


def test_json_is_read_strictly() -> None:
    for bad in (b"", b"{", b'{"a"}', b'{"a":1,}', b"[1,]", b"[1 2]", b"{}{", b'{"a":01}', b"nul", b"[}",
                b'"\xff"', b'{"a":"\x01"}', b"[" * 65 + b"]" * 65, b'{"a" "b"}', b",", b":"):  # fmt: skip
        with pytest.raises(BadJson):
            value, at = parse(bad)
            if bad[at:]:
                parse(bad, 0, at)
    value, _ = parse(b' {"a" : [1.50, {"b": null}], "c": "\\u0041\\u0000\\ud800"}')
    assert value == {"a": ["1.50", {"b": None}], "c": "A  "}
    assert value["a"][0].byte == 9 and isinstance(value["a"][1], Object)


ODD = (b'"value": -5', b'"value": "80"', b'"currency": 7', b'"item": {}', b'"x": [[]]')


def damaged(dice: random.Random, raw: bytes) -> bytes:
    """A file as nobody should send it."""
    at, to = sorted(dice.choices(range(len(raw)), k=2))
    what = dice.randrange(7)
    if what == 0:
        return raw[:at] + raw[to:]
    if what == 1:
        return raw[:to] + raw[at:to] + raw[to:]
    if what == 2:
        return raw[:at] + bytes(dice.choices(range(256), k=3)) + raw[at + 3 :]
    if what == 3:
        return raw[:at] + dice.choice((b"[", b"{", b"null", b'""', b"-1e999", b"{}", b"\\u0000")) + raw[at:]
    words = raw.split(b", ")
    one, two = dice.choices(range(len(words)), k=2)
    if what == 4:
        words[one], words[two] = words[two], words[one]
    elif what == 5:
        words[one] = dice.choice(
            (b'"value": -5', b'"value": "80"', b'"currency": 7', b'"item": {}', b'"x": [[]]')
        )
    else:
        del words[one]
    return b", ".join(words)


def swallow(raw: bytes) -> int:
    """Read whatever it is; returns how many explanations came out."""
    found = split(io.BytesIO(raw))
    for piece in found.pieces:
        others = {name: raw[start:end] for name, (start, end) in piece.others.items()}
        one = read(raw[piece.byte : piece.byte_end], piece.byte, others)
        for line in one.claim.services:
            for each in line.adjustments:
                assert raw[each.byte : each.byte + 1] not in (b"", b" ")
    return len(found.pieces)


def test_ten_thousand_damaged_eobs_are_answered() -> None:
    dice = random.Random(11)
    sound = [written(golden()), written(bundle(golden(version="3"))), written(golden("A"), golden("B"))]
    read_at_all = sum(swallow(damaged(dice, dice.choice(sound))) for _ in range(10_000))
    assert read_at_all > 1_000


def small(control: str) -> dict[str, Any]:
    return eob(control, item("99213", submitted="100", discount="20", paidtoprovider="80"))


def test_a_file_cut_anywhere_posts_nothing_at_all() -> None:
    raw = written(bundle(small("A"), small("B")))
    assert [at for at in range(len(raw)) if split(io.BytesIO(raw[:at])).pieces] == []


def test_lines_cut_anywhere_give_whole_explanations_or_none() -> None:
    raw = written(small("A"), small("B"))
    counts = [len(split(io.BytesIO(raw[:at])).pieces) for at in range(len(raw) + 1)]
    whole = len(written(small("A")))
    assert {at for at, count in enumerate(counts) if count} == {whole, whole + 1, len(raw)}
    assert all(after <= 2 for _, after in pairwise(counts))
