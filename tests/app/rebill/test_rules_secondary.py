"""When a claim goes on to its next payer, when it waits, and when it goes there anew."""

from datetime import date, timedelta

import pytest

from app.rebill.lifecycle import OPEN, State
from app.rebill.rules_secondary import (
    Act,
    Do,
    Facts,
    Ours,
    PaidLine,
    Said,
    Standing,
    decide,
    folded_into,
    remaining,
    unfinished,
)
from edi.x837.whole import row

PAID_ON = date(2026, 1, 16)
TODAY = date(2026, 1, 20)
PRIMARY = Standing(11, 1, PAID_ON, "PAYERCN1")
AWAY = sorted(OPEN - {State.DRAFT, State.READY, State.REJECTED})


def two_payers(**changed: object) -> Facts:
    """A claim with two payers, the first of which paid and left 40.00 to the second."""
    facts = Facts(1, dict.fromkeys((1, 2), (None, "CI")), {1: [PRIMARY]}, {2: 40_00})
    for name, value in changed.items():
        setattr(facts, name, value)
    return facts


def done(facts: Facts, today: date = TODAY) -> list[tuple[Do, str]]:
    return [(act.do, act.why) for act in decide(facts, today)]


def only(facts: Facts, today: date = TODAY) -> Act:
    (act,) = decide(facts, today)
    return act


# ---------------------------------------------------------------- opening


def test_what_the_first_payer_left_goes_to_the_second() -> None:
    act = only(two_payers())
    assert (act.do, act.rank, act.frequency, act.expected) == (Do.OPEN, 2, "1", 40_00)
    assert act.basis == PRIMARY


def test_nothing_goes_on_when_nothing_is_left() -> None:
    assert not decide(two_payers(left={}), TODAY)
    assert not decide(two_payers(left={2: 0}), TODAY)


def test_refused_patient_money_goes_on_once_a_person_moved_it() -> None:
    assert not decide(two_payers(left={}), TODAY)
    assert only(two_payers(left={2: 12_00})).do is Do.OPEN


def test_nothing_goes_on_before_the_first_payer_answered() -> None:
    assert not decide(two_payers(answers={}), TODAY)


def test_a_claim_that_is_being_voided_goes_nowhere() -> None:
    assert not decide(two_payers(voided=True), TODAY)


def test_a_third_payer_waits_for_the_second() -> None:
    facts = two_payers(covers=dict.fromkeys((1, 2, 3), (None, "CI")))
    assert [act.rank for act in decide(facts, TODAY)] == [2]
    facts.answers[2] = [Standing(12, 2, date(2026, 2, 20), "SECONDCN1")]
    facts.left[3] = 15_00
    act = only(facts, date(2026, 3, 1))
    assert (act.rank, act.do, act.expected) == (3, Do.OPEN, 15_00)
    assert [one.remit_claim_id for one in facts.before(3)] == [11, 12]


@pytest.mark.parametrize("state", sorted(State))
def test_looking_again_changes_nothing(state: State) -> None:
    facts = two_payers(ours=[Ours(5, 2, state, PRIMARY.remit_claim_id, True)])
    assert done(facts) == ([(Do.OPEN, "primary_paid")] if state is State.SUPERSEDED else [])


def test_what_a_person_cancelled_stays_cancelled_until_there_is_another_answer() -> None:
    facts = two_payers(ours=[Ours(5, 2, State.CANCELLED, PRIMARY.remit_claim_id, True)])
    assert not decide(facts, TODAY)
    facts.answers[1] = [PRIMARY._replace(remit_claim_id=21, day=date(2026, 2, 16), corrects=True)]
    assert only(facts, date(2026, 3, 1)).do is Do.OPEN


def test_what_a_person_opened_is_left_to_the_person() -> None:
    assert not decide(two_payers(ours=[Ours(5, 2, State.DRAFT, None, False)]), TODAY)


# ---------------------------------------------------------------- forwarded by the payer before (R837-26)


def test_a_forwarded_claim_waits_for_the_remit_of_the_next_payer() -> None:
    facts = two_payers(answers={1: [PRIMARY._replace(forwarded=True)]})
    act = only(facts)
    assert (act.do, act.until) == (Do.WAIT, PAID_ON + timedelta(30))


def test_it_is_billed_by_us_from_the_day_the_wait_is_over() -> None:
    facts = two_payers(answers={1: [PRIMARY._replace(forwarded=True)]})
    assert only(facts, PAID_ON + timedelta(29)).do is Do.WAIT
    assert only(facts, PAID_ON + timedelta(30)).do is Do.OPEN


def test_how_long_it_waits_is_a_term_of_the_payer() -> None:
    facts = two_payers(answers={1: [PRIMARY._replace(forwarded=True)]}, waits={2: 45})
    assert only(facts, PAID_ON + timedelta(30)).until == PAID_ON + timedelta(45)


def test_a_draft_is_withdrawn_when_the_payer_it_was_forwarded_to_answers() -> None:
    facts = two_payers(ours=[Ours(5, 2, State.READY, PRIMARY.remit_claim_id, True)])
    facts.answers = {1: [PRIMARY._replace(forwarded=True)], 2: [Standing(12, 2, date(2026, 3, 1), "S1")]}
    assert done(facts, date(2026, 3, 2)) == [(Do.WITHDRAW, "answered")]


def test_nothing_is_opened_for_a_payer_that_has_answered() -> None:
    facts = two_payers(answers={1: [PRIMARY], 2: [Standing(12, 2, date(2026, 2, 20), "S1")]})
    assert not decide(facts, date(2026, 3, 1))


# ---------------------------------------------------------------- reversal and correction (R837-23, R835-34)


@pytest.mark.parametrize("state", [State.DRAFT, State.READY, State.REJECTED])
def test_a_correction_makes_an_unsent_claim_anew(state: State) -> None:
    facts = two_payers(ours=[Ours(5, 2, state, 9, True)])
    acts = decide(facts, TODAY)
    assert [(act.do, act.rebill_id, act.frequency) for act in acts] == [
        (Do.WITHDRAW, 5, "1"), (Do.OPEN, 5, "1")
    ]  # fmt: skip


@pytest.mark.parametrize("state", AWAY)
def test_a_sent_claim_is_not_corrected_before_it_is_answered(state: State) -> None:
    facts = two_payers(ours=[Ours(5, 2, state, 9, True)])
    assert done(facts) == [(Do.FLAG, "answer_changed")]


def test_an_answered_claim_is_replaced_under_the_number_of_its_payer() -> None:
    facts = two_payers(ours=[Ours(5, 2, State.ANSWERED, 9, True)])
    facts.answers[2] = [Standing(12, 2, date(2026, 1, 10), "SECONDCN1")]
    act = only(facts)
    assert (act.do, act.frequency, act.reference) == (Do.OPEN, "7", "SECONDCN1")


def test_it_is_replaced_also_when_it_was_answered_after_a_correction_it_knew_nothing_of() -> None:
    facts = two_payers(ours=[Ours(5, 2, State.ANSWERED, 9, True)])
    facts.answers[2] = [Standing(12, 2, PAID_ON + timedelta(9), "SECONDCN1")]
    assert only(facts, date(2026, 3, 1)).frequency == "7"


def test_a_forwarded_and_answered_claim_is_replaced_too() -> None:
    facts = two_payers()
    facts.answers[2] = [Standing(12, 2, PAID_ON - timedelta(1), "SECONDCN1")]
    assert only(facts).frequency == "7"


def test_what_rests_on_an_answer_taken_back_is_withdrawn() -> None:
    facts = two_payers(answers={}, ours=[Ours(5, 2, State.READY, 9, True)])
    assert done(facts) == [(Do.WITHDRAW, "answer_gone")]
    facts.ours = [Ours(5, 2, State.ACCEPTED, 9, True)]
    assert done(facts) == [(Do.FLAG, "answer_gone")]


def test_money_brought_back_to_the_first_payer_withdraws_the_claim_to_the_second() -> None:
    facts = two_payers(left={2: 0}, ours=[Ours(5, 2, State.DRAFT, PRIMARY.remit_claim_id, True)])
    assert done(facts) == [(Do.WITHDRAW, "nothing_left")]


# ---------------------------------------------------------------- billed by another system


@pytest.mark.parametrize("state", [State.DRAFT, State.READY, State.REJECTED])
def test_ours_is_superseded_by_the_file_that_billed_the_payer(state: State) -> None:
    facts = two_payers(others={2: "monday.837"}, ours=[Ours(5, 2, state, 11, True)])
    act = only(facts)
    assert (act.do, act.words) == (Do.WITHDRAW, "Billed by monday.837")


@pytest.mark.parametrize("state", [*AWAY, State.ANSWERED])
def test_what_we_sent_as_well_is_billed_twice(state: State) -> None:
    facts = two_payers(others={2: "monday.837"}, ours=[Ours(5, 2, state, 11, True)])
    assert done(facts) == [(Do.FLAG, "double_billed")]


def test_nothing_is_opened_for_a_payer_another_system_billed() -> None:
    assert not decide(two_payers(others={2: "monday.837"}), TODAY)


# ---------------------------------------------------------------- what the first payer said of the lines

LINE = PaidLine(1, 80_00, 150_00, "HC", "99214", "", "", "1", "",
                (Said("CO", "45", 30_00, ""), Said("PR", "1", 20_00, ""), Said("PR", "2", 20_00, "")),
                )  # fmt: skip
FOLDED = PaidLine(2, 0, 100_00, "HC", "99214", "", "", "1", "93000", (Said("CO", "97", 100_00, ""),))


def test_the_patient_still_owes_what_is_in_group_pr() -> None:
    assert remaining(LINE.adjustments) == 40_00


def test_a_folded_line_names_the_line_it_went_into() -> None:
    assert folded_into([LINE, FOLDED]) == {2: 1}
    assert folded_into([LINE, FOLDED._replace(paid=1_00)]) == {}
    assert folded_into([LINE._replace(code="99213"), FOLDED]) == {}


# ---------------------------------------------------------------- addressed to the next payer


def test_a_claim_that_could_not_be_made_says_what_is_missing() -> None:
    first = [row("2000B", "SBR*P*18*GRP1******CI"), row("2320", "SBR*S*18*GRP2******MC")]
    assert [code for code, _, _ in unfinished(first, 2)] == ["rebill.not_next_payer", "rebill.no_answer_told"]
    second = [row("2000B", "SBR*S*18*GRP2******MC"), row("2320", "SBR*P*18*GRP1******CI")]
    assert [code for code, _, _ in unfinished(second, 2)] == ["rebill.no_answer_told"]
    assert not unfinished([*second, row("2320", "AMT*D*120")], 2)
    third = unfinished([*second, row("2320", "AMT*D*120")], 3)
    assert [code for code, _, _ in third] == ["rebill.not_next_payer", "rebill.no_answer_told"]
