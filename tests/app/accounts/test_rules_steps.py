"""The next step of an account: what stops us first, what was agreed next, money last."""

from datetime import date

import pytest

from app.accounts.lifecycle import Blocks
from app.accounts.rules_steps import Facts, next_step

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("facts", "words", "key"),
    [
        (Facts(due=12_000, blocks=int(Blocks.BANKRUPTCY)), "Bankruptcy", ""),
        (Facts(due=12_000, confirmed=False), "Confirm who answers", "g"),
        (Facts(due=12_000, blocks=int(Blocks.DISPUTE), resolve_by=date(2026, 6, 9)), "by 06/09/2026", "d"),
        (Facts(due=12_000, mail_bad=True), "new address", "a"),
        (Facts(due=12_000, unapplied=5_000), "50.00 of their money", "b"),
        (Facts(due=75_001, plan="defaulted"), "re-establish", "p"),
        (Facts(due=75_001, plan="late", plan_missed=8_333), "83.33", "y"),
        (Facts(due=75_001, plan="active"), "nothing to ask for", ""),
        (Facts(due=9_000, promise=9_000, promise_until=date(2026, 6, 4)), "90.00 is promised", ""),
        (Facts(waiting=9_000, waits="a secondary payer"), "90.00 waits (a secondary payer)", "w"),
        (Facts(credit=500), "We hold 5.00", ""),
        (Facts(), "Nothing is owed", ""),
        (Facts(due=9_000), "Ask for 90.00 now", "y"),
        (Facts(due=90_000), "offer a plan", "p"),
        (Facts(due=9_000, stage="pre_collection"), "Before an agency", "p"),
    ],
)
def test_one_line_says_what_to_do(facts: Facts, words: str, key: str) -> None:
    step = next_step(facts, TODAY)
    assert words in step.words
    assert step.key == key


def test_a_legal_hold_speaks_before_a_dispute_and_a_dispute_before_money() -> None:
    both = Facts(due=9_000, blocks=int(Blocks.ATTORNEY | Blocks.DISPUTE))
    assert "attorney" in next_step(both, TODAY).words
    assert next_step(Facts(due=9_000, blocks=int(Blocks.DISPUTE), unapplied=5), TODAY).key == "d"
