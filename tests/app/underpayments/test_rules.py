"""What was allowed, what is missing, how it is classed and what the likely cause is."""

from datetime import date
from decimal import Decimal

import pytest

from app.contracts.rules import make_terms
from app.contracts.rules_price import Price
from app.kernel.money import Money
from app.underpayments.rules import (
    Adjusted,
    Answer,
    Line,
    dispute_limit,
    disputed_contractual,
    judge,
    pattern_of,
    workable,
)

DAY = date(2026, 3, 2)
TERMS = make_terms(DAY)
cents = Money.parse


def owed(amount: str, **others: str) -> Price:
    known = {cause: cents(value) for cause, value in others.items()}
    return Price(1, "priced", cents(amount), ("by the schedule",), TERMS, others=known)


def cas(words: str, *, denies: bool = False) -> Adjusted:
    group, carc, amount = words.split()
    return Adjusted(group, carc, int(cents(amount)), denies)


def answer(charge: str, paid: str, *said: Adjusted, stated: str = "") -> Answer:
    return Answer(int(cents(charge)), int(cents(paid)), int(cents(stated)) if stated else None, said)


def test_example_26_sequestration_is_part_of_what_was_allowed() -> None:
    found = judge(
        owed("132.94"), answer("200.00", "104.22", cas("PR 2 26.59"), cas("CO 253 2.13"), cas("CO 45 67.06"))
    )
    assert (found.class_, found.variance) == ("exact", 0)


def test_example_27_the_share_of_a_practitioner_explains_it() -> None:
    found = judge(owed("92.43"), answer("180.00", "62.86", cas("PR 2 15.71"), cas("CO 45 101.43")))
    assert (str(found.actual), str(found.variance), found.class_, found.cause) == (
        "78.57", "13.86", "underpaid", "npp",
    )  # fmt: skip


def test_example_28_last_years_fee() -> None:
    found = judge(owed("92.43", old_schedule="88.10"), answer("180.00", "88.10", cas("CO 45 91.90")))
    assert (str(found.variance), found.cause) == ("4.33", "old_schedule")


def test_example_35_within_tolerance() -> None:
    found = judge(owed("92.43"), answer("180.00", "92.40", cas("CO 45 87.60")))
    assert (found.class_, str(found.variance)) == ("within_tolerance", "0.03")


def test_example_36_overpaid() -> None:
    found = judge(owed("92.43"), answer("180.00", "105.00", cas("CO 45 75.00")))
    assert (found.class_, str(found.variance)) == ("overpaid", "-12.57")


def test_example_37_a_line_refused_whole_is_denied_and_not_underpaid() -> None:
    found = judge(owed("92.43"), answer("180.00", "0.00", cas("CO 97 180.00", denies=True)))
    assert (found.class_, found.variance) == ("denied", None)


def test_example_38_what_is_withheld_was_allowed() -> None:
    found = judge(owed("200.00"), answer("250.00", "190.00", cas("CO 104 10.00"), cas("CO 45 50.00")))
    assert (str(found.actual), found.class_) == ("200.00", "exact")


def test_a_refusal_in_part_explains_only_its_own_amount() -> None:
    part = cas("CO 59 20.00", denies=True)
    explained = judge(owed("92.43"), answer("180.00", "72.43", part, cas("CO 45 87.57")))
    assert (explained.class_, explained.variance) == ("denied", None)
    more = judge(owed("92.43"), answer("180.00", "52.43", part, cas("CO 45 107.57")))
    assert (more.class_, str(more.variance)) == ("underpaid", "20.00")


def test_out_of_network_pr_45_is_not_part_of_allowed() -> None:
    found = judge(owed("92.43"), answer("180.00", "50.00", cas("PR 45 130.00")))
    assert str(found.actual) == "50.00"


def test_what_the_payer_states_as_allowed_counts_and_a_difference_is_told() -> None:
    found = judge(owed("92.43"), answer("180.00", "80.00", cas("CO 45 100.00"), stated="92.43"))
    assert (found.class_, found.flags) == ("exact", ("allowed_mismatch",))


def test_capitation_and_payers_after_the_first_are_not_judged() -> None:
    assert judge(owed("92.43"), answer("180.00", "0.00", cas("CO 24 180.00"))).class_ == "not_priced"
    assert judge(owed("92.43"), answer("180.00", "10.00", cas("OA 23 170.00")), rank=2).class_ == "secondary"


def test_no_price_is_not_zero() -> None:
    found = judge(None, answer("180.00", "92.43", cas("CO 45 87.57")))
    assert (found.class_, found.expected, found.variance) == ("not_priced", None, None)


@pytest.mark.parametrize(
    ("actual", "others", "cause"),
    [
        ("500.00", {}, "reduced_half"),
        ("160.00", {}, "assistant"),
        ("136.00", {}, "assistant"),
        ("200.00", {}, "assistant"),
        ("625.00", {}, "co_surgeon"),
        ("980.00", {}, "sequestration"),
        ("850.00", {"setting": "850.00"}, "setting"),
        ("297.62", {"component": "297.62"}, "component"),
        ("700.00", {}, "unknown"),
        ("0.00", {}, "unknown"),
    ],
)
def test_the_first_fingerprint_that_fits_names_the_cause(
    actual: str, others: dict[str, str], cause: str
) -> None:
    found = judge(owed("1000.00", **others), answer("1500.00", actual))
    assert found.cause == cause


def test_our_own_charge_below_the_rate_is_told() -> None:
    assert judge(owed("1000.00"), answer("777.00", "777.00")).cause == "lesser_of_charge"


def test_a_line_paid_under_another_code_says_so() -> None:
    changed = Answer(18_000, 6_000, None, (), code_changed=True)
    assert judge(owed("92.43"), changed).cause == "code_changed"


@pytest.mark.parametrize(
    ("short", "size"), [("0.90", "no"), ("1.00", "no"), ("4.99", "small"), ("5.00", "yes")]
)
def test_a_claim_is_work_from_five_dollars_on(short: str, size: str) -> None:
    found = judge(owed("100.00"), answer("200.00", str(cents("100.00") - cents(short))))
    assert workable([found], TERMS) == size


def test_what_is_too_much_on_one_line_and_too_little_on_the_other_is_no_work() -> None:
    short = judge(owed("100.00"), answer("200.00", "80.00"))
    over = judge(owed("100.00"), answer("200.00", "120.00"))
    assert workable([short, over], TERMS) == "no"


def test_the_dispute_window_is_180_days_after_the_remit_by_default() -> None:
    assert dispute_limit(date(2026, 1, 1), TERMS) == date(2026, 6, 30)


def test_rcon_20_tells_what_exceeds_the_expected_contractual() -> None:
    assert str(disputed_contractual(18_000, cents("92.43"), 10_143)) == "13.86"
    assert disputed_contractual(18_000, None, 10_143) == 0


def test_five_lines_short_alike_are_systematic() -> None:
    alike = [Line(9_243, 7_857, True, "npp")] * 4 + [Line(9_243, 9_243, False, "")]
    found = pattern_of(alike)
    assert found is not None
    assert (found.systematic, found.cause, found.underpaid, str(found.total)) == (True, "npp", 4, "55.44")
    assert abs(found.ratio - Decimal("0.85")) < Decimal("0.001")


def test_four_lines_or_a_wide_spread_are_one_off() -> None:
    four = pattern_of([Line(100, 85, True, "npp")] * 4)
    assert four is not None
    assert four.systematic is False
    spread = [Line(100, part, True, "unknown") for part in (20, 50, 70, 80, 90)]
    wide = pattern_of(spread)
    assert wide is not None
    assert wide.systematic is False
    assert pattern_of([Line(100, 100, False, "")]) is None
