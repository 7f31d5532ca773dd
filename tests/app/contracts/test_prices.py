"""The worked examples of contracts, to the cent, and what a price says of itself."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.contracts.rules import (
    TermRow,
    Terms,
    expected_payment,
    make_terms,
    secondary_payment,
    sequestration_on,
    setting_of,
)
from app.contracts.rules_methods import Fee, LineFacts
from app.contracts.rules_price import Price, price_lines
from app.kernel.money import Money

DAY = date(2026, 3, 2)


def fee(code: str, amount: str, modifier: str = "", *, start: date = date(2026, 1, 1), **more: Any) -> Fee:
    values = dict(max_units=None, multiple="", bilateral="", assistant="", co_surgeon="", end=None) | more
    values |= dict(schedule_id=1, schedule="version 1 (fees.csv, row 2)", start=start)
    cents = int(Money.parse(amount))
    return Fee(id=cents, payer_number="P1", code_type="HC", code=code, modifier=modifier, setting="",
               cents=cents, **values)  # fmt: skip


def line(number: int, code: str, charge: str = "9999.00", modifiers: str = "", units: str = "1") -> LineFacts:
    cents = int(Money.parse(charge))
    return LineFacts(number, "HC", code, tuple(modifiers.split()), Decimal(units), cents, DAY, "nonfacility")


def terms(**own: object) -> Terms:
    return make_terms(DAY, [TermRow(1, "P1", date(2020, 1, 1), None, own)] if own else [])


def price(lines: Sequence[LineFacts], fees: Sequence[Fee], **own: object) -> dict[int, Price]:
    by_code: Mapping[str, list[Fee]] = {
        one.code: [each for each in fees if each.code == one.code] for one in lines
    }
    return price_lines(lines, lambda one: by_code[one.code], lambda _: terms(**own))


def amounts(found: Mapping[int, Price]) -> list[str]:
    return [str(found[key].expected) for key in sorted(found)]


def test_example_1_a_fee_schedule_with_coinsurance() -> None:
    found = price([line(1, "99213", "180.00")], [fee("99213", "92.43")])[1]
    assert found.expected is not None
    share = found.expected.times(Decimal("0.20"))
    payment = expected_payment(Money.parse("180.00"), found.expected, share, DAY, found.terms)
    assert [str(one) for one in (payment.allowed, payment.contractual, share, payment.paid)] == [
        "92.43", "87.57", "18.49", "73.94",
    ]  # fmt: skip


def test_example_2_units_multiply() -> None:
    assert amounts(price([line(1, "J3301", "60.00", units="4")], [fee("J3301", "12.37")])) == ["49.48"]


def test_units_stop_at_the_most_the_schedule_allows() -> None:
    found = price([line(1, "J3301", units="9")], [fee("J3301", "10.00", max_units=4)])
    assert amounts(found) == ["40.00"]
    assert "at most 4 of 9 billed" in found[1].explanation


def test_example_3_never_more_than_the_charge() -> None:
    found = price([line(1, "99213", "100.00")], [fee("99213", "120.00")])
    assert amounts(found) == ["100.00"]


@pytest.mark.parametrize(("scope", "total"), [("line", 30_000), ("claim", 32_000), ("none", 32_000)])
def test_example_4_the_lesser_of_has_a_scope(scope: str, total: int) -> None:
    lines = [line(1, "11111", "100.00"), line(2, "22222", "300.00")]
    found = price(lines, [fee("11111", "120.00"), fee("22222", "200.00")], lesser_of=scope)
    assert sum(int(one.expected or 0) for one in found.values()) == total


def test_a_claim_charged_below_its_price_shares_its_charge_out_to_the_cent() -> None:
    lines = [line(1, "11111", "50.00"), line(2, "22222", "50.01")]
    found = price(lines, [fee("11111", "120.00"), fee("22222", "240.00")], lesser_of="claim")
    assert amounts(found) == ["33.34", "66.67"]


def test_example_5_a_share_of_the_charge() -> None:
    found = price([line(1, "99213", "1234.56")], [], method="percent_of_charge", percent="0.62")
    assert amounts(found) == ["765.43"]


def test_example_12_both_sides() -> None:
    found = price([line(1, "69436", "1400.00", "50")], [fee("69436", "500.00", bilateral="1")])
    assert amounts(found) == ["750.00"]


@pytest.mark.parametrize(("indicator", "owed"), [("0", "500.00"), ("2", "500.00"), ("3", "1000.00")])
def test_the_bilateral_indicator_decides(indicator: str, owed: str) -> None:
    found = price([line(1, "69436", modifiers="RT LT")], [fee("69436", "500.00", bilateral=indicator)])
    assert amounts(found) == [owed]


def three(*amounts_: str, **more: Any) -> list[Fee]:
    codes = ("10001", "10002", "10003")
    return [fee(code, amount, multiple="2", **more) for code, amount in zip(codes, amounts_, strict=True)]


def test_example_13_multiple_procedures_rank_by_fee_and_not_by_claim() -> None:
    lines = [line(1, "10001"), line(2, "10002"), line(3, "10003")]
    assert amounts(price(lines, three("800.00", "1000.00", "600.00"))) == ["400.00", "1000.00", "300.00"]


def test_example_14_bilateral_comes_before_the_rank() -> None:
    lines = [line(1, "10001"), line(2, "10002", modifiers="50"), line(3, "10003")]
    fees = three("1000.00", "800.00", "600.00", bilateral="1")
    assert amounts(price(lines, fees)) == ["500.00", "1200.00", "300.00"]


@pytest.mark.parametrize(("modifier", "owed"), [("80", ["160.00", "64.00"]), ("AS", ["136.00", "54.40"])])
def test_example_15_an_assistant_at_two_procedures(modifier: str, owed: list[str]) -> None:
    lines = [line(1, "10001", modifiers=modifier), line(2, "10002", modifiers=modifier)]
    fees = [fee("10001", "1000.00", multiple="2"), fee("10002", "800.00", multiple="2")]
    assert amounts(price(lines, fees)) == owed


def test_no_assistant_is_payable_with_indicator_1() -> None:
    assert amounts(price([line(1, "10001", modifiers="80")], [fee("10001", "1000.00", assistant="1")])) == [
        "0.00"
    ]


def test_example_16_two_surgeons() -> None:
    assert amounts(price([line(1, "10001", modifiers="62")], [fee("10001", "1000.00")])) == ["625.00"]


PARTS = [fee("70551", "62.50", "26", multiple="4"), fee("70551", "147.50", "TC", multiple="4")]


def test_example_17_components_have_rows_of_their_own_and_add_up() -> None:
    assert amounts(price([line(1, "70551", modifiers="26")], PARTS)) == ["62.50"]
    assert amounts(price([line(1, "70551", modifiers="TC")], PARTS)) == ["147.50"]
    assert amounts(price([line(1, "70551")], PARTS)) == ["210.00"]
    assert amounts(price([line(1, "70551", modifiers="26 TC")], PARTS)) == ["210.00"]


def test_a_component_without_a_row_is_not_priced_as_the_whole() -> None:
    found = price([line(1, "70551", modifiers="26")], [fee("70551", "210.00")])[1]
    assert (found.status, found.reason, found.expected) == ("not_priced", "component_missing", None)


def test_example_18_the_second_study_of_a_session() -> None:
    first = [fee("70553", "400.00", multiple="4")]
    found = price([line(1, "70553"), line(2, "70551")], [*first, *PARTS])
    assert amounts(found) == ["400.00", "133.13"]


def test_example_24_a_practitioner_who_is_no_physician() -> None:
    one = line(1, "99213")._replace(npp=True)
    assert amounts(price([one], [fee("99213", "92.43")])) == ["78.57"]


@pytest.mark.parametrize(
    ("allowed", "share", "payable", "cut", "paid"),
    [("100.00", "60.00", "40.00", "0.80", "39.20"), ("132.94", "26.59", "106.35", "2.13", "104.22")],
    ids=["example 25", "example 26"],
)
def test_sequestration_comes_off_what_is_payable(
    allowed: str, share: str, payable: str, cut: str, paid: str
) -> None:
    money = Money.parse
    found = expected_payment(money("500.00"), money(allowed), money(share), DAY, terms(sequestration=True))
    assert (found.payable, found.sequestration, found.paid) == (money(payable), money(cut), money(paid))


@pytest.mark.parametrize(
    ("day", "share"),
    [((2013, 3, 31), "0"), ((2013, 4, 1), "0.02"), ((2020, 5, 1), "0"), ((2022, 3, 31), "0"),
     ((2022, 4, 1), "0.01"), ((2022, 6, 30), "0.01"), ((2022, 7, 1), "0.02")],
)  # fmt: skip
def test_sequestration_has_its_days(day: tuple[int, int, int], share: str) -> None:
    assert sequestration_on(date(*day)) == Decimal(share)


@pytest.mark.parametrize(("allowed", "paid"), [("70.00", "0.00"), ("95.00", "15.00")])
def test_example_30_a_payer_that_tops_up_to_its_own_fee(allowed: str, paid: str) -> None:
    found = secondary_payment(Money.parse("20.00"), Money.parse(allowed), Money.parse("80.00"))
    assert str(found) == paid


def test_example_38_a_withhold_is_part_of_what_was_allowed() -> None:
    owed = expected_payment(Money(30_000), Money(20_000), Money(0), DAY, terms(withhold="0.05"))
    assert (owed.withhold, owed.paid) == (1_000, 19_000)


def test_the_modifier_that_chose_a_row_is_not_counted_twice() -> None:
    found = price([line(1, "69436", modifiers="50")], [fee("69436", "700.00", "50"), fee("69436", "500.00")])
    assert amounts(found) == ["700.00"]


def test_a_modifier_without_a_row_falls_back_to_the_plain_one() -> None:
    assert amounts(price([line(1, "99213", modifiers="25")], [fee("99213", "92.43")])) == ["92.43"]


@pytest.mark.parametrize(
    ("modifier", "owed"),
    [("52", "50.00"), ("53", "50.00"), ("73", "50.00"), ("74", "100.00"), ("22", "100.00"), ("59", "100.00")],
)
def test_situations(modifier: str, owed: str) -> None:
    assert amounts(price([line(1, "10001", modifiers=modifier)], [fee("10001", "100.00")])) == [owed]


@pytest.mark.parametrize("modifier", ["66", "54", "55", "56"])
def test_what_is_paid_by_report_has_no_price(modifier: str) -> None:
    found = price([line(1, "10001", modifiers=modifier)], [fee("10001", "100.00")])[1]
    assert (found.status, found.reason) == ("not_priced", "by_report")


def test_an_endoscopy_alone_is_priced_and_a_family_is_not_guessed() -> None:
    fees = [fee("43235", "400.00", multiple="3"), fee("43239", "350.00", multiple="3")]
    assert amounts(price([line(1, "43235")], fees)) == ["400.00"]
    assert {one.reason for one in price([line(1, "43235"), line(2, "43239")], fees).values()} == {"by_report"}


def test_modifier_51_without_indicators_leaves_the_unmarked_line_whole() -> None:
    lines = [line(1, "10001"), line(2, "10002", modifiers="51")]
    found = price(lines, [fee("10001", "500.00"), fee("10002", "800.00")])
    assert amounts(found) == ["500.00", "400.00"]


def test_a_code_the_schedule_does_not_list_is_not_zero() -> None:
    found = price([line(1, "99999")], [])[1]
    assert (found.status, found.reason, found.expected) == ("not_priced", "unlisted", None)
    assert amounts(price([line(1, "99999", "200.00")], [], unlisted_percent="0.40")) == ["80.00"]


def test_two_rows_of_one_day_that_differ_are_ambiguous() -> None:
    found = price([line(1, "99213")], [fee("99213", "92.43"), fee("99213", "93.00", start=date(2026, 2, 1))])
    assert found[1].status == "ambiguous"


def test_a_row_holds_from_its_first_day_to_before_its_last() -> None:
    old = fee("99213", "88.10", start=date(2025, 1, 1), end=date(2026, 1, 1))
    found = price([line(1, "99213")], [old, fee("99213", "92.43")])[1]
    assert (str(found.expected), str(found.others["old_schedule"])) == ("92.43", "88.10")


def test_a_price_names_its_row() -> None:
    found = price([line(1, "J3301", "60.00", units="4")], [fee("J3301", "12.37")])[1]
    assert found.steps == (
        "J3301, from 01/01/2026 on, version 1 (fees.csv, row 2): 12.37",
        "x 4 units = 49.48",
    )


@pytest.mark.parametrize(
    ("kind", "place", "setting"),
    [("P", "11", "nonfacility"), ("P", "10", "nonfacility"), ("P", "22", "facility"), ("P", "02", "facility"),
     ("I", "13", "outpatient"), ("I", "11", "inpatient"), ("I", "111", "inpatient")],
)  # fmt: skip
def test_a_place_names_its_setting(kind: str, place: str, setting: str) -> None:
    assert setting_of(kind, place, DAY) == setting
