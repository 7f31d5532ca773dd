"""An 835 we write says what was to be said: reading it gives the same facts, and pyx12 does not object."""

import string
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi.findings import Finding
from edi.guide import second_opinion
from edi.segments import Segment, Separators
from edi.x835.model import (
    Adjustment,
    ClaimPayment,
    Contact,
    Party,
    Person,
    ProviderAdjustment,
    Remark,
    RemitHeader,
    Service,
    Summary,
)
from edi.x835.reader import Remittance
from edi.x835.writer import CannotWrite, Envelope, amount, write
from tests.edi.files import codes, remits, samples

POSITIONS = frozenset(
    {"segment", "byte", "byte_end", "segment_count", "element", "bpr_segment", "bpr_byte", "trn_segment",
     "trn_byte", "paid_segment", "paid_byte", "paid_element", "findings"}
)  # fmt: skip
ENVELOPE = Envelope("OURSELVES", "OURSELVES", 7, "20260301", "0930")


def facts(one: Any) -> Any:
    """What is said, without where it stands: slots and tuples by name, segments as their elements."""
    if isinstance(one, Segment):
        return "*".join(one.elements).rstrip("*")
    if isinstance(one, Finding):
        return None
    if isinstance(one, Summary):  # its sums are the reader's own
        return one.number, "*".join(one.ts3).rstrip("*"), "*".join(one.ts2).rstrip("*")
    if hasattr(one, "_asdict"):
        return {key: facts(value) for key, value in one._asdict().items() if key not in POSITIONS}
    if hasattr(type(one), "__slots__") and not isinstance(one, str | int | list | dict | tuple):
        kept = [key for key in type(one).__slots__ if key not in POSITIONS]
        return {key: facts(getattr(one, key)) for key in kept}
    if isinstance(one, list | tuple):
        return [facts(each) for each in one]
    return {key: facts(value) for key, value in one.items()} if hasattr(one, "items") else one


def told(remit: Remittance, claims: list[ClaimPayment]) -> Any:
    return facts(remit.header), facts(claims), facts(remit.provider_adjustments)


def again(
    remit: Remittance, claims: list[ClaimPayment], **other: Any
) -> tuple[Remittance, list[ClaimPayment]]:
    envelope = Envelope("OURSELVES", "OURSELVES", 7, "20260301", "0930", **other)
    return remits(write(remit.header, claims, remit.provider_adjustments, envelope))[0]


@pytest.mark.parametrize("path", samples("x835/pass"), ids=lambda path: path.name)
def test_a_remit_written_again_says_the_same(path: Path) -> None:
    for remit, claims in remits(path.read_bytes()):
        other = again(remit, claims)
        assert told(*other) == told(remit, claims)
        assert other[0].balanced == remit.balanced
        assert codes(other[0].findings, "hold", "refuse") == codes(remit.findings, "hold", "refuse")


NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ -'ÄÉñŽ王", min_size=1, max_size=20).map(str.strip).filter(bool)
LATIN = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=12)
CENTS = st.integers(-9_999_999, 9_999_999)
DAYS = st.dates(date(1990, 1, 1), date(2040, 1, 1)).map(lambda day: day.isoformat())
NAMED_AMOUNTS = st.dictionaries(st.sampled_from(["AU", "F5", "I"]), CENTS)
ADJUSTMENTS = st.lists(
    st.builds(
        Adjustment, st.sampled_from(["CO", "PR", "OA", "PI"]), LATIN.map(lambda text: text[:5]), CENTS,
        st.sampled_from([None, "1", "2.5"]), st.just(0), st.just(0), st.just(0),
    ),
    max_size=15,
)  # fmt: skip


@st.composite
def services(draw: Any) -> Service:
    code = ["HC", draw(LATIN), *draw(st.lists(LATIN.map(lambda text: text[:2]), max_size=4))]
    one = Service(0, 0, draw(CENTS), draw(CENTS), code)
    one.revenue, one.units = draw(st.sampled_from(["", "0450"])), draw(st.sampled_from(["1", "2.5"]))
    one.date_from = draw(DAYS)
    one.date_to = draw(st.sampled_from([one.date_from, None]) | DAYS)
    one.control = draw(st.none() | LATIN)
    one.allowed = draw(st.none() | CENTS)
    one.adjustments = draw(ADJUSTMENTS)
    one.remarks = [Remark("HE", code, 0, 0, 2) for code in draw(st.lists(LATIN, max_size=3))]
    one.refs = {key: [draw(LATIN)] for key in draw(st.sets(st.sampled_from(["1S", "HPI"])))}
    if draw(st.booleans()):
        one.billed_qualifier, one.billed_code, one.billed_units = "HC", draw(LATIN), "3"
    return one


@st.composite
def claims_of(draw: Any) -> ClaimPayment:
    one = ClaimPayment(0, 0, draw(LATIN), draw(st.sampled_from(["1", "2", "4", "22"])))
    one.charge, one.paid = draw(CENTS), draw(CENTS)
    one.patient_responsibility = draw(st.none() | CENTS)
    one.filing, one.payer_control, one.facility, one.frequency = "12", draw(LATIN), "11", "1"
    one.patient = Person(draw(LATIN), draw(LATIN), "", "", "MI", draw(LATIN))
    one.insured = draw(
        st.none() | st.builds(Person, LATIN, LATIN, st.just(""), st.just("JR"), st.just("MI"), LATIN)
    )
    one.adjustments, one.amounts = draw(ADJUSTMENTS), draw(NAMED_AMOUNTS)
    one.dates = {key: draw(DAYS) for key in draw(st.sets(st.sampled_from(["232", "233", "050"])))}
    one.refs = {
        key: draw(st.lists(LATIN, min_size=1, max_size=2))
        for key in draw(st.sets(st.sampled_from(["F8", "EA"])))
    }
    one.services = draw(st.lists(services(), max_size=3))
    one.summary = SUMMARY
    return one


SUMMARY = Summary("1", 0, 0)
PAIRS = st.lists(
    st.builds(
        ProviderAdjustment, st.sampled_from(["1234567893", "1245319599"]), DAYS,
        st.sampled_from(["WO", "FB", "72"]),
        st.just("") | LATIN, CENTS, st.just(0), st.just(0), st.just(0),
    ),
    max_size=9,
)  # fmt: skip


def header(paid: int = 8_000) -> RemitHeader:
    """A payment by check."""
    one = RemitHeader(0, 0)
    one.handling, one.direction, one.method, one.paid = "I", "C", "CHK", paid
    one.trace, one.payer_id, one.company_id = "CHECK77", "1512345678", "1512345678"
    one.effective_date = one.production_date = "2026-03-01"
    one.payer, one.payee = Party("EXAMPLE HEALTH PLAN"), Party("EXAMPLE CLINIC", "XX", "1234567893")
    one.payer.contacts = [Contact("BL", "SUPPORT", (("TE", "5555550100"),))]
    one.payer.address = ["PO BOX 1", "OMAHA", "NE", "68101"]
    one.payee.refs = {"TJ": ["999988880"]}
    return one


@given(st.lists(claims_of(), min_size=1, max_size=3), PAIRS, CENTS)
def test_reading_what_was_written_gives_the_same_facts(
    claims: list[ClaimPayment], pairs: list[ProviderAdjustment], paid: int
) -> None:
    remit, read = remits(write(header(paid), claims, pairs, ENVELOPE))[0]
    first, second, third = told(remit, read)
    assert first == facts(header(paid))
    assert second == facts(claims)
    assert third == facts(pairs)


@given(NAMES)
def test_a_name_in_any_letters_comes_back(name: str) -> None:
    claim = ClaimPayment(0, 0, "A1", "1")
    claim.patient, claim.summary = Person(name, "JANE", "", "", "", ""), SUMMARY
    data = write(header(0), [claim], [], ENVELOPE)
    _, (read,) = remits(data)[0]
    assert read.patient is not None and read.patient.last == name


def test_other_separators_carry_the_same_facts() -> None:
    claim = ClaimPayment(0, 0, "A1", "1")
    claim.charge = claim.paid = 8_000
    claim.services, claim.summary = [Service(0, 0, 8_000, 8_000, ["HC", "99213", "25"])], SUMMARY
    for signs in (Separators("|", ">", "+", "!"), Separators("*", ":", "^", "\n")):
        envelope = Envelope("A", "B", 1, "20260301", "0930", separators=signs, line_end="")
        _, (read,) = remits(write(header(), [claim], [], envelope))[0]
        assert (read.services[0].modifiers, read.paid) == (("25",), 8_000)


@pytest.mark.parametrize("value", ["A*1", "A~1", "A\n1", "A\r1"])
def test_a_value_with_a_separator_in_it_is_refused(value: str) -> None:
    with pytest.raises(CannotWrite) as refused:
        write(header(), [ClaimPayment(0, 0, value, "1")], [], ENVELOPE)
    assert refused.value.value == value


def test_a_code_with_a_component_sign_in_it_is_refused() -> None:
    claim = ClaimPayment(0, 0, "A1", "1")
    claim.services = [Service(0, 0, 100, 100, ["HC", "99:13"])]
    with pytest.raises(CannotWrite):
        write(header(), [claim], [], ENVELOPE)


def test_amounts_are_written_without_needless_zeros() -> None:
    assert [amount(one) for one in (8000, 8050, 8005, -850, 0, 5, -1)] == [
        "80", "80.5", "80.05", "-8.5", "0", "0.05", "-0.01"]  # fmt: skip


def test_pyx12_has_no_objection_to_what_we_write() -> None:
    claim = ClaimPayment(0, 0, "A1", "1")
    claim.charge, claim.paid, claim.patient_responsibility = 12_000, 8_000, 1_000
    claim.filing, claim.payer_control, claim.facility, claim.frequency = "12", "PAYERA1", "11", "1"
    claim.patient, claim.summary = Person("DOE", "JANE", "", "", "MI", "MEM0001"), SUMMARY
    claim.dates = {"232": "2026-02-01"}
    line = Service(0, 0, 12_000, 8_000, ["HC", "99213", "25"])
    line.date_from = line.date_to = "2026-02-01"
    line.adjustments = [
        Adjustment("CO", "45", 3_000, None, 0, 0, 3),
        Adjustment("PR", "1", 1_000, None, 0, 0, 3),
    ]
    line.control, line.allowed = "L1", 9_000
    line.remarks = [Remark("HE", "N130", 0, 0, 2)]
    claim.services = [line]
    data = write(header(), [claim], [], ENVELOPE)
    assert second_opinion(data, 60) == []
    remit, (read,) = remits(data)[0]
    assert remit.balanced and not read.findings and not remit.findings
