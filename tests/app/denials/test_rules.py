"""What one adjustment asks of us: category, action, appeal right, money at stake, deadline."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from app.codes.rules import NEXT_ACTIONS, NO_CASE
from app.denials.lifecycle import Move, State
from app.denials.rules import (
    Reader,
    Reading,
    at_stake,
    follow_up,
    guard,
    holds_patient,
    overturned,
    playbook,
    taxonomy,
)
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.payers.rules import make_terms
from tests.app.denials.batches import REMIT_DAY, a_book

BOOK = a_book()


def read(
    text: str, *remarks: str, payer: str = "commercial", filing: str = "12", whole: bool = True
) -> Reading | None:
    group, carc = text.split("-")
    return Reader(BOOK, payer, filing).read(group, carc, remarks, whole=whole)


def category(text: str, *remarks: str) -> str | None:
    found = read(text, *remarks)
    return found.category if found else None


@pytest.mark.parametrize(
    ("adjustment", "remarks", "expected"),
    [
        ("CO-197", ["M62"], "authorization"),
        ("CO-16", ["M62"], "authorization"),
        ("CO-16", ["N54"], "authorization"),
        ("CO-97", ["N54"], "authorization"),
        ("CO-16", ["M76"], "coding"),
        ("CO-16", ["MA04"], "cob"),
        ("CO-16", ["M127"], "documentation"),
        ("CO-16", ["MA130"], "missing_info"),
        ("CO-16", ["MA130", "M76"], "coding"),
        ("CO-96", ["N30"], "eligibility"),
        ("CO-A1", ["N115"], "medical_necessity"),
        ("CO-252", ["N479"], "cob"),
        ("CO-97", ["N115"], "bundling"),
        ("CO-ZZ9", ["M76"], "coding"),
        ("CO-ZZ9", [], "unmapped"),
    ],
)
def test_a_remark_decides_where_the_reason_says_little(
    adjustment: str, remarks: list[str], expected: str
) -> None:
    assert category(adjustment, *remarks) == expected


def test_an_alert_decides_nothing() -> None:
    assert category("CO-96", "N381", "MA13") == "noncovered_benefit"


@pytest.mark.parametrize(
    "adjustment", ["PR-1", "PR-2", "PR-3", "PR-66", "OA-23", "CO-253", "CO-24", "CO-104", "CO-246", "OA-133"]
)
def test_what_is_no_denial_opens_nothing(adjustment: str) -> None:
    assert read(adjustment) is None


@pytest.mark.parametrize("adjustment", ["CO-89", "CO-134", "PR-106", "CO-P5", "CO-P19", "CO-262"])
def test_contractual_and_patient_categories_open_nothing_whatever_is_denial_says(adjustment: str) -> None:
    assert read(adjustment) is None


def test_every_reason_that_denies_is_read_into_a_known_category_and_action() -> None:
    for code in BOOK.carcs:
        found = read(f"CO-{code}", whole=False)
        carc = BOOK.carc(code)
        assert (found is not None) == (carc.is_denial != "not" and carc.category not in NO_CASE), code
        if found is not None:
            assert found.category in taxonomy() and found.next_action in NEXT_ACTIONS, code
            assert found.root_cause and found.stage != "unknown", code


def test_the_playbook_speaks_of_every_category_and_only_of_known_codes() -> None:
    assert {play.when_category for play in playbook() if play.when_category} >= set(taxonomy())
    for play in playbook():
        assert not play.carc or BOOK.carc(play.carc).known, play
        assert not play.rarc or BOOK.rarc(play.rarc).known, play
        assert not play.next_action or play.next_action in NEXT_ACTIONS, play
        assert not play.category or play.category in taxonomy(), play


def test_the_most_specific_row_wins_and_leaves_the_rest_to_others() -> None:
    general, medicare = read("CO-50"), read("CO-50", payer="medicare", filing="MB")
    assert general is not None and medicare is not None
    assert (
        general.letter == "appeal_medical_necessity" and medicare.letter == "appeal_medicare_redetermination"
    )
    lcd = read("CO-50", "N115", payer="medicare", filing="MB")
    assert lcd is not None
    assert (lcd.root_cause, lcd.letter) == ("local_coverage_not_met", "appeal_medicare_redetermination")


def test_medicare_part_b_gets_a_new_claim_where_others_get_a_replacement() -> None:
    others, part_b = read("CO-16", "M76"), read("CO-16", "M76", payer="medicare", filing="MB")
    assert others is not None and part_b is not None
    assert (others.next_action, part_b.next_action) == ("correct_rebill", "new_claim")


@pytest.mark.parametrize(
    ("adjustment", "remarks", "right"),
    [
        ("CO-16", ["MA130"], "blocked"),
        ("CO-50", ["MA44"], "blocked"),
        ("CO-16", [], "no"),
        ("CO-16", ["MA01"], "conditional"),
        ("CO-50", [], "yes"),
    ],
)
def test_the_right_to_appeal_follows_reason_and_remarks(
    adjustment: str, remarks: list[str], right: str
) -> None:
    found = read(adjustment, *remarks)
    assert found is not None and found.appealable == right


@pytest.mark.parametrize(
    ("charge", "denied", "share", "paid", "expected"),
    [
        (20_000, 20_000, 0, 0, 9_000),
        (20_000, 18_000, 2_000, 0, 7_000),
        (20_000, 5_000, 0, 0, 5_000),
        (20_000, 4_000, 0, 9_000, 1_800),
        (10_000, 1_000, 9_000, 0, 0),
    ],
)
def test_what_is_at_stake_is_what_may_be_expected(
    charge: int, denied: int, share: int, paid: int, expected: int
) -> None:
    found = at_stake(Money(charge), Money(denied), Money(share), Money(paid), Decimal("0.45"))
    assert found == expected


def test_98_percent_of_what_was_expected_is_all_of_it() -> None:
    assert overturned(Money(9_800), Money(10_000)) == "overturned_full"
    assert overturned(Money(9_799), Money(10_000)) == "overturned_partial"


def test_only_listed_patient_denials_hold_the_bill_and_only_while_the_payer_is_reviewed() -> None:
    assert holds_patient("PR", "204", review=True)
    assert not holds_patient("PR", "204", review=False)
    assert not holds_patient("CO", "204", review=True)
    assert not holds_patient("PR", "1", review=True)


def case(**facts: object) -> SimpleNamespace:
    return SimpleNamespace(
        **{"appealable": "yes", "group_code": "CO", "legal_due": date(2026, 7, 15), "level": 1, **facts}
    )


def test_an_appeal_needs_its_right_and_its_time() -> None:
    guard(Move.DRAFT_APPEAL, case(), REMIT_DAY, "")
    with pytest.raises(Refused, match="no appeal right"):
        guard(Move.DRAFT_APPEAL, case(appealable="blocked"), REMIT_DAY, "")
    with pytest.raises(Refused, match="2026-07-15"):
        guard(Move.DRAFT_APPEAL, case(), date(2026, 7, 16), "")


@pytest.mark.parametrize(
    ("state", "payer", "day"),
    [
        (State.REBILLED, "commercial", date(2026, 2, 6)),
        (State.APPEAL_SENT, "commercial", date(2026, 3, 2)),
        (State.APPEAL_SENT, "medicare", date(2026, 3, 17)),
        (State.TRIAGED, "commercial", None),
    ],
)
def test_what_waits_for_the_payer_comes_back_by_itself(state: State, payer: str, day: date | None) -> None:
    assert follow_up(state, make_terms(payer, REMIT_DAY), REMIT_DAY) == day
