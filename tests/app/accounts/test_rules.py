"""Whose a patient balance is: every reason has its words, and the first that applies is told."""

from datetime import date

import pytest

from app.accounts.lifecycle import OwedState, Waits
from app.accounts.rules import Facts, Item, bucket_of, decide, due_since, sums_of
from app.accounts.rules_figures import reason_words
from app.accounts.rules_never import Left, Said, in_force, never, shipped

DONE = ((1, "answered"),)
TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (Facts(0), "clear", ""),
        (Facts(4000), "due", ""),
        (Facts(4000, DONE), "due", ""),
        (Facts(-500, DONE), "credit", ""),
        (Facts(-500, ((1, "billed"),)), "credit", "payer_pending"),
        (Facts(4000, ((1, "billed"),)), "waiting", "payer_pending"),
        (Facts(4000, (*DONE, (2, "billed"))), "waiting", "next_payer"),
        (Facts(4000, (*DONE, (2, "crossed_over"))), "waiting", "crossover"),
        (Facts(4000, DONE, look="crossover"), "waiting", "crossover"),
        (Facts(4000, DONE, look="new"), "waiting", "next_payer"),
        (Facts(4000, DONE, denials=frozenset({"new"})), "waiting", "denial_open"),
        (Facts(4000, DONE, denials=frozenset({"patient_resp", "expired"})), "due", ""),
        (Facts(4000, DONE, denials=frozenset({"new", "appeal_sent"})), "waiting", "appeal_open"),
        (Facts(4000, DONE, denials=frozenset({"rebill_prep"})), "waiting", "rebill_open"),
        (Facts(4000, DONE, rebills=frozenset({1})), "waiting", "rebill_open"),
        (Facts(4000, DONE, rebills=frozenset({2})), "waiting", "next_payer"),
        (Facts(4000, DONE, parked=True), "waiting", "parked_remit"),
        (Facts(4000, DONE, never="qmb", hold="dispute"), "waiting", "never_bill"),
        (Facts(4000, DONE, hold="dispute"), "held", "dispute"),
        (Facts(4000, DONE, parked=True, hold="dispute"), "waiting", "parked_remit"),
    ],
)
def test_the_first_that_applies_decides(facts: Facts, state: str, reason: str) -> None:
    assert decide(facts) == (state, reason)


def test_every_reason_has_its_words() -> None:
    for one in Waits:
        assert bool(reason_words(one.value)) == bool(one.value)
        assert bool(reason_words(one.value, "es")) == bool(one.value)


def test_a_break_starts_the_clock_anew() -> None:
    before = date(2026, 1, 5)
    assert due_since(OwedState.DUE, None, TODAY) == TODAY
    assert due_since(OwedState.DUE, ("due", before), TODAY) == before
    assert due_since(OwedState.DUE, ("waiting", None), TODAY) == TODAY
    assert due_since(OwedState.WAITING, ("due", before), TODAY) is None


def test_an_account_is_what_its_visits_come_to() -> None:
    first, last = date(2026, 1, 5), date(2026, 2, 1)
    found = sums_of(
        [Item(100, "due", last), Item(50, "due", first), Item(7, "waiting", None), Item(-9, "credit", None),
         Item(0, "clear", None)]
    )  # fmt: skip
    assert (found.due, found.waiting, found.held, found.credit, found.visits) == (150, 7, 0, 9, 4)
    assert (found.oldest_since, found.latest_since) == (first, last)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(0, "current"), (30, "current"), (31, "31-60"), (60, "31-60"), (61, "61-90"), (90, "61-90"),
     (91, "91-120"), (120, "91-120"), (121, "120+")],
)  # fmt: skip
def test_ageing_buckets_end_where_statements_say(days: int, bucket: str) -> None:
    assert bucket_of(date.fromordinal(TODAY.toordinal() - days), TODAY) == bucket


COPAY, OTHER, COINSURANCE = Left("PR", "3", 4000), Left("PR", "96", 4000), Left("PR", "2", 1000)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        (Said(left=(COPAY,)), None),
        (Said(remarks=frozenset({"N781"}), left=(COPAY,)), "qmb"),
        (Said(reasons=frozenset({"209"}), left=(COPAY,)), "qmb"),
        (Said(remarks=frozenset({"N830"}), left=(COPAY, COINSURANCE)), None),
        (Said(remarks=frozenset({"N830"}), left=(COPAY, OTHER)), "surprise"),
        (Said(classes=frozenset({"workers_comp"}), left=(COPAY,)), "workers_comp"),
        (Said(classes=frozenset({"medicaid"}), left=(COPAY,)), None),
        (Said(classes=frozenset({"medicaid"}), left=(COPAY, COINSURANCE)), "medicaid"),
        (Said(left=(Left("CO", "45", 100),)), "contract"),
        (Said(reasons=frozenset({"116"}), classes=frozenset({"medicare"}), left=(OTHER,)), "necessity"),
        (Said(reasons=frozenset({"116"}), classes=frozenset({"commercial"}), left=(OTHER,)), None),
        (Said(frozenset(), frozenset({"116"}), frozenset({"medicare"}), (OTHER,), waived=True), None),
    ],
)
def test_what_is_never_billed(said: Said, rule: str | None) -> None:
    found = never(in_force(shipped(), TODAY), said)
    assert (found.code if found else None) == rule


def test_every_rule_has_words_and_a_source() -> None:
    assert all(one.words_en and one.words_es and one.source for one in shipped())


def test_a_rule_counts_only_in_its_time() -> None:
    early = in_force(shipped(), date(2021, 12, 31))
    assert not [one for one in early if one.code == "surprise"]
