"""Who gets something, the slip's check digits, the sample of an audit, the table of reasons."""

from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.lifecycle import Waits
from app.contacts.lifecycle import HoldKind
from app.kernel.errors import Refused
from app.statements.lifecycle import Stage
from app.statements.rules_audit import Sampler, size
from app.statements.rules_eligible import Reached, Ruling, Sent, Wanted, look, settle
from app.statements.rules_policy import standard
from app.statements.rules_reasons import CODES, reasons, rows
from app.statements.rules_scan import check_digit, scan_line, verify

DAY = date(2026, 4, 1)
PLAN = standard(500)


@dataclass(frozen=True)
class Account:
    """One row as a run reads it."""

    account_id: int = 1
    due: int = 10_000
    waiting: int = 0
    held: int = 0
    credit: int = 0
    unapplied: int = 0
    pending: int = 0
    on_plan: int = 0
    plan: str = ""
    blocks: int = 0
    promise_until: date | None = None
    stage: str | None = "stmt_1"
    since: date | None = date(2026, 3, 2)
    next_on: date | None = DAY
    skip_one: bool | None = False
    statement_on: date | None = date(2026, 3, 2)
    statement_due: int | None = 10_000


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (Account(due=0), "nothing_due"),
        (Account(due=0, credit=500), "credit_balance"),
        (Account(due=0, held=500), "visits_held"),
        (Account(due=0, waiting=500), "waits"),
        (Account(due=499), "small_balance"),
        (Account(plan="active"), "plan_current"),
        (Account(promise_until=DAY), "promise_open"),
        (Account(unapplied=10_000), "unapplied_covers"),
        (Account(credit=10_000), "credit_balance"),
        (Account(pending=10_000), "payment_pending"),
        (Account(pending=9_600), "small_balance"),
        (Account(next_on=date(2026, 4, 2)), "not_time"),
        (Account(next_on=date(2026, 4, 2), skip_one=True), "part_paid"),
        (Account(statement_on=date(2026, 3, 8)), "too_soon"),
        (Account(stage="stmt_3"), "letter_next"),
        (Account(stage="pre_collection"), "last_step"),
        (Account(stage="placement_review"), "review_needed"),
        (Account(stage="placed"), "placed"),
    ],
)
def test_every_reason_to_wait_has_its_code(row: Account, code: str) -> None:
    found = look(row, PLAN, DAY, "statements")
    assert isinstance(found, Ruling) and found.reason == code


def test_the_next_step_comes_on_its_day_and_asks_for_what_is_left() -> None:
    found = look(Account(pending=2_000), PLAN, DAY, "statements")
    assert isinstance(found, Wanted) and (found.step.stage, found.asked) == ("stmt_2", 8_000)
    first = look(Account(stage=None, next_on=None, statement_on=None), PLAN, DAY, "statements")
    assert isinstance(first, Wanted) and (first.reason, first.step.stage) == ("first_bill", "stmt_1")


def test_what_we_hold_of_theirs_is_taken_off_before_anything_is_asked_for() -> None:
    """Unapplied money, what they paid too much on another visit, and a card payment under way."""
    found = look(Account(unapplied=1_000, credit=2_000, pending=500), PLAN, DAY, "statements")
    assert isinstance(found, Wanted) and found.asked == 6_500


def test_a_plan_covers_its_part_and_the_rest_is_asked_for() -> None:
    found = look(Account(plan="active", on_plan=6_000), PLAN, DAY, "statements")
    assert isinstance(found, Wanted) and found.asked == 4_000


def test_letters_go_with_their_statement_or_as_their_own_step() -> None:
    with_it = look(Account(stage="stmt_3"), PLAN, DAY, "letters")
    assert isinstance(with_it, Wanted) and (with_it.step.letter, with_it.moves) == ("second_notice", False)
    own = look(Account(stage="stmt_3"), PLAN, DAY, "letters", frozenset({"second_notice"}))
    assert isinstance(own, Wanted) and (own.step.stage, own.moves) == ("final_notice", True)


HOME = Reached(mail="good", from_claim=False, email=False, confirmed=True, confidential=False, language="en",
               words=frozenset({"en", "es"}), instead="en")  # fmt: skip


@pytest.mark.parametrize(
    ("reached", "code"),
    [
        (replace(HOME, confirmed=False), "unconfirmed"),
        (replace(HOME, mail=""), "no_address"),
        (replace(HOME, mail="bad"), "bad_address"),
        (replace(HOME, mail="held"), "mail_away"),
        (replace(HOME, confidential=True, from_claim=True), "confidential"),
        (replace(HOME, language="vi", instead=""), "no_language"),
    ],
)
def test_whoever_cannot_be_reached_gets_nothing(reached: Reached, code: str) -> None:
    found = settle(reached, "statements")
    assert isinstance(found, Ruling) and found.reason == code


def test_consent_to_email_replaces_a_bad_address_but_never_for_letters() -> None:
    bad = replace(HOME, mail="bad", email=True)
    assert settle(bad, "statements") == Sent("email", "en")
    assert isinstance(settle(bad, "letters"), Ruling)
    assert settle(replace(HOME, language="vi"), "statements") == Sent("mail", "en")


def test_every_wait_and_every_kind_of_hold_has_words() -> None:
    assert {f"waits_{one.value}" for one in Waits if one.value} <= CODES
    assert {f"hold_{one.value}" for one in HoldKind} <= CODES
    assert len(rows()) == len(CODES) == len(reasons(DAY)) >= 40
    assert all(one.words and one.who and one.unblock for one in rows())


@given(account=st.integers(1, 10**9), number=st.integers(1, 10**8), cents=st.integers(0, 10**9))
def test_a_slip_reads_back_and_one_wrong_digit_never_does(account: int, number: int, cents: int) -> None:
    line = scan_line(str(account), f"S{number:08d}", cents)
    slip = verify(line)
    assert (slip.account, slip.number, int(slip.amount)) == (str(account), f"S{number:08d}", cents)
    for at, sign in enumerate(line):
        if sign.isdigit():
            wrong = line[:at] + str((int(sign) + 1) % 10) + line[at + 1 :]
            with pytest.raises(Refused):
                verify(wrong)


def test_the_check_digit_is_the_one_of_card_numbers() -> None:
    assert check_digit("7992739871") == 3


@dataclass(frozen=True)
class Doc:
    """A document of a run."""

    account_id: int
    asked: int
    before: int = 0
    reason: str = "next_step"
    stage: str = Stage.STMT_2.value
    language: str = "en"
    way: str = "mail"


def test_what_stands_out_is_always_looked_at_and_the_rest_is_a_fair_draw() -> None:
    docs = [Doc(key, 1_000 + key, 1_000 + key) for key in range(1, 201)]
    docs += [Doc(900, 5, 5, language="es"), Doc(901, 6, 6, way="email"), Doc(902, 7, 90_000)]
    found = []
    for order in (docs, docs[::-1]):
        sampler = Sampler("run", 25)
        for one in order:
            sampler.add(one)
        found.append(sampler.chosen(size(len(docs), 5, 5, 25)))
    assert found[0] == found[1] and len(found[0]) == 11
    assert {900, 901, 902, 200, 199, 198} <= set(found[0])
