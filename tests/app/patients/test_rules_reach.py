"""Numbers, addresses, zones and the last word."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Refused
from app.patients.lifecycle import PointKind
from app.patients.rules_people import Home
from app.patients.rules_reach import Said, address_zones, allowed, checked, written

START = datetime(2026, 1, 1, tzinfo=UTC)


def said(n: int, minutes: int, granted: bool, point: int | None = 7, channel: str = "sms") -> Said:
    at = START + timedelta(minutes=minutes)
    return Said(n, str(n), point, channel, granted, at, "person", "", "dana")


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=8), st.randoms())
def test_the_last_consent_wins_in_whatever_order_it_was_written(
    words: list[tuple[int, bool]], shuffle: object
) -> None:
    rows = [said(n, minutes, granted) for n, (minutes, granted) in enumerate(words)]
    last = max(rows, key=lambda one: (one.effective_at, one.id))
    mixed = list(rows)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]  # a Random
    assert allowed(mixed, "sms", 7) is last.granted
    assert allowed(mixed, "auto", 7) is None and allowed(mixed, "sms", 8) is None


@given(st.booleans(), st.integers(0, 9), st.integers(0, 9))
def test_a_no_to_everything_ends_what_was_said_before(granted: bool, own: int, whole: int) -> None:
    rows = [said(1, own, granted), said(2, whole, False, None)]
    assert allowed(rows, "sms", 7) is (granted and own > whole)


def test_a_yes_to_everything_never_undoes_a_numbers_no() -> None:
    assert allowed([said(1, 0, False), said(2, 5, True, None)], "sms", 7) is False
    assert allowed([said(1, 0, False), said(2, 5, True, None)], "sms", 8) is True


@pytest.mark.parametrize("text", ["", "555", "402-555", "+44 20 7946 0958", "911", "402 555 0123 x9", "tel"])
def test_what_cannot_ring_here_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        written(PointKind.PHONE, text)


@pytest.mark.parametrize(
    "text", ["a@b", "a b@c.de", ".a@b.de", "a..b@c.de", "a@-b.de", "@b.de", "x" * 65 + "@b.de"]
)
def test_what_is_no_mail_address_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        written(PointKind.EMAIL, text)


def test_an_address_is_kept_masked_for_screens() -> None:
    found = written(PointKind.EMAIL, " Jane.Doe+bills@Example.ORG ")
    assert (found.value, found.shown) == ("Jane.Doe+bills@example.org", "J•••@example.org")


def test_a_toll_free_number_is_no_place() -> None:
    assert written(PointKind.PHONE, "800 555 1212").zones == ()


def test_a_state_of_two_zones_has_both_unless_the_zip_code_tells() -> None:
    assert address_zones("TN", "37040") == ("America/Chicago",)
    assert len(address_zones("FL", "32399")) == 2 and address_zones("ZZ", "") == ()
    assert address_zones("az", "85001") == ("America/Phoenix", "America/Denver"), (
        "the Navajo Nation moves its clocks"
    )


def test_an_address_a_letter_reaches_is_kept_and_another_named() -> None:
    home = checked(Home(" 1  Main St ", "", "Omaha", "ne", "681010001"))
    assert home == Home("1 Main St", "", "Omaha", "NE", "68101-0001")
    wrong = {
        "street": Home("", "", "Omaha", "NE", "68101"), "state": Home("1 A", "", "B", "XX", "68101"),
        "city": Home("1 A", "", " ", "NE", "68101"), "zip": Home("1 A", "", "B", "NE", "6810"),
    }  # fmt: skip
    for field, one in wrong.items():
        with pytest.raises(Refused) as refused:
            checked(one)
        assert refused.value.field == field
