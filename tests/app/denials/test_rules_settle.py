"""What posted claims do to denial cases, without a database."""

from datetime import date

import pytest

from app.denials.rules_cases import UNDONE, Around, Case
from app.denials.rules_settle import settle
from app.payers.rules import Terms, make_terms
from app.remits.rules import PostedClaim
from tests.app.denials.batches import REMIT_DAY, a_batch, a_claim, a_line
from tests.era import cents

TERMS: dict[tuple[int | None, str], Terms] = {
    (None, "12"): make_terms("commercial", REMIT_DAY),
    (None, "MB"): make_terms("medicare", REMIT_DAY),
}


def post(*claims: PostedClaim, known: list[Case] | None = None, on: date = REMIT_DAY) -> list[Case]:
    return settle(a_batch(claims, on=on), known or [], Around(TERMS))


def written(cases: list[Case]) -> list[Case]:
    """The cases as they come back from the database with the next remit."""
    for number, case in enumerate(cases, start=1):
        case.id, case.fresh, case.touched, case.before, case.reading = number, False, [], case.state, None
        for item in case.items:
            item.fresh = item.taken = False
    return cases


def test_missing_authorization_opens_a_preventable_case_with_an_appeal_deadline() -> None:
    (case,) = post(a_claim(a_line("73721", "200", "0", "CO*197*200", rarc="M62")))
    assert case.reading is not None and case.deadline is not None
    assert (case.category, case.reading.preventable, case.reading.next_action) == (
        "authorization",
        "yes",
        "retro_auth",
    )
    assert (case.deadline.legal_due, case.level) == (date(2026, 7, 15), 1)


def test_a_charge_that_went_to_the_deductible_is_no_denial() -> None:
    assert post(a_claim(a_line(charge="200", cas="PR*1*200"))) == []


def test_a_contractual_cut_of_the_whole_charge_is_a_contract_to_look_at() -> None:
    (case,) = post(a_claim(a_line(charge="200", cas="CO*45*200")))
    assert case.reading is not None
    assert (case.category, case.reading.next_action) == ("contractual_zero_allowed", "contract_review")


def test_an_ordinary_contractual_cut_opens_nothing() -> None:
    assert post(a_claim(a_line(charge="200", paid="120", cas="CO*45*80"))) == []


def test_an_unprocessable_claim_is_sent_anew_and_cannot_be_appealed() -> None:
    (case,) = post(a_claim(a_line(cas="CO*16*200"), rarc="MA130", filing="MB"))
    assert case.reading is not None and case.deadline is not None
    assert (case.category, case.reading.next_action) == ("missing_info", "new_claim")
    assert (case.reading.appealable, case.level) == ("blocked", 0)
    assert case.deadline.event == "service_date"


def test_what_the_first_payer_paid_is_no_denial_by_the_second() -> None:
    assert post(a_claim(a_line(charge="500", cas="OA*23*500"), status="2")) == []


def test_sequestration_is_no_denial() -> None:
    assert post(a_claim(a_line(charge="100", paid="98", cas="CO*253*2"))) == []


def test_only_the_refused_line_is_in_the_case() -> None:
    refused = a_line("97110", "100", "0", "CO*50*100", key=1, rarc="N115")
    deductible = a_line("99214", "100", "0", "PR*1*100", key=2)
    (case,) = post(a_claim(refused, deductible))
    assert [item.line for item in case.items] == [(1, "97110")]
    assert case.category == "medical_necessity"


def test_a_payment_taken_back_and_refused_is_a_case_after_payment() -> None:
    paid = a_claim(a_line(charge="200", paid="120", cas="CO*45*80"))
    back = a_claim(
        a_line(charge="-200", paid="-120", cas="CO*45*-80"), status="22", reverses=paid.remit_claim_id
    )
    again = a_claim(a_line(charge="200", cas="CO*27*200"))
    (case,) = post(paid, back, again)
    assert (case.category, case.origin) == ("eligibility", "post_payment")


def test_the_same_refusal_after_a_replacement_is_the_second_round_of_its_case() -> None:
    first = written(post(a_claim(a_line("99214", cas="CO*16*200", key=1, rarc="M76"))))
    (case,) = post(
        a_claim(a_line("99214", cas="CO*16*200", key=2, rarc="M76")), known=first, on=date(2026, 3, 2)
    )
    assert (case.round, case.state, case.origin) == (2, "new", "initial")
    assert case.denied_on == date(2026, 3, 2)
    assert case.denied == 20_000, "only the newest round counts as denied"


def test_a_refusal_posted_twice_changes_nothing() -> None:
    claim = a_claim(a_line(cas="CO*197*200"))
    assert post(claim, known=written(post(claim))) == []


def test_a_refusal_by_another_payer_is_a_case_of_its_own() -> None:
    first = written(post(a_claim(a_line(cas="CO*197*200"))))
    first[0].payer_id = 77
    (case,) = post(a_claim(a_line(cas="CO*197*200")), known=first)
    assert case.fresh and case.round == 1


def test_a_duplicate_of_a_paid_line_needs_nobody() -> None:
    (case,) = post(a_claim(a_line("99214", "200", "120", "CO*45*80", key=1), a_line(cas="OA*18*200", key=2)))
    assert (case.state, case.outcome) == ("closed", "true_duplicate")


def test_a_duplicate_without_a_paid_twin_stays_open() -> None:
    (case,) = post(a_claim(a_line(cas="OA*18*200")))
    assert (case.category, case.state) == ("duplicate", "new")


@pytest.mark.parametrize(
    ("paid", "outcome"),
    [("90", "overturned_full"), ("88.20", "overturned_full"), ("88.19", "overturned_partial")],
)
def test_a_later_payment_ends_the_case_and_says_how_well(paid: str, outcome: str) -> None:
    known = written(post(a_claim(a_line(charge="200", cas="CO*197*200"))))
    (case,) = post(a_claim(a_line(charge="200", paid=paid)), known=known)
    assert (case.at_stake, case.state, case.outcome) == (9_000, "closed", outcome)
    assert case.recovered == cents(paid)


def test_a_payment_of_one_line_leaves_the_other_refused_line_open() -> None:
    lines = (a_line("99214", cas="CO*197*200", key=1), a_line("73721", "900", cas="CO*197*900", key=2))
    known = written(post(a_claim(*lines)))
    (case,) = post(a_claim(a_line("99214", paid="90", key=1)), known=known)
    assert (case.state, case.recovered) == ("new", 9_000)


def test_reversing_the_refusal_closes_its_case() -> None:
    refused = a_claim(a_line(cas="CO*197*200"))
    known = written(post(refused))
    back = a_claim(a_line(charge="-200", cas="CO*197*-200"), status="22", reverses=refused.remit_claim_id)
    (case,) = post(back, known=known)
    assert (case.state, case.outcome) == ("closed", "reversed")


def test_a_recovery_that_is_taken_back_is_no_longer_counted() -> None:
    known = written(post(a_claim(a_line(charge="200", cas="CO*197*200"))))
    paying = a_claim(a_line(charge="200", paid="90"))
    known = written(post(paying, known=known))
    back = a_claim(a_line(charge="-200", paid="-90"), status="22", reverses=paying.remit_claim_id)
    (case,) = post(back, known=known)
    assert (case.recovered, case.outcome) == (0, "reversed")


def test_two_reasons_on_one_line_share_what_is_at_stake() -> None:
    cases = post(a_claim(a_line(charge="200", cas="CO*50*100 CO*29*100")))
    assert sorted(case.category for case in cases) == ["medical_necessity", "timely_filing"]
    assert [case.at_stake for case in cases] == [4_500, 4_500]


def test_the_patients_own_part_is_not_at_stake() -> None:
    (case,) = post(a_claim(a_line(charge="200", cas="CO*50*180 PR*2*20")))
    assert case.at_stake == 7_000


def test_a_claim_refused_as_a_whole_has_a_case_without_a_line() -> None:
    (case,) = post(a_claim(charge="300", paid="0", cas="CO*29*300"))
    assert (case.denied, case.items[0].line, case.items[0].remit_line_id) == (30_000, (None, ""), None)


def test_a_patient_denial_holds_the_patients_bill() -> None:
    (case,) = post(a_claim(a_line(cas="PR*96*200", rarc="N425")))
    assert case.patient_hold


def test_a_code_nobody_knows_is_a_case_for_a_supervisor() -> None:
    (case,) = post(a_claim(a_line(cas="CO*ZZ9*200")))
    assert case.reading is not None
    assert (case.category, case.reading.next_action) == ("unmapped", "payer_inquiry")


def test_a_predetermination_refuses_nothing() -> None:
    assert post(a_claim(a_line(cas="CO*197*200"), status="25")) == []


def test_posting_again_after_an_undo_takes_up_the_same_case() -> None:
    claim = a_claim(a_line(cas="CO*197*200"))
    known = written(post(claim))
    known[0].state, known[0].outcome = "closed", UNDONE
    known[0].items[0].withdrawn = True
    (case,) = post(claim, known=known)
    assert (case.fresh, case.round, case.state, case.outcome) == (False, 1, "new", None)
    assert len(case.items) == 1 and not case.items[0].fresh


def test_two_lines_with_the_same_code_are_two_services() -> None:
    lines = (a_line("97110", "100", cas="CO*50*100", key=1), a_line("97110", "100", "60", "CO*45*40", key=2))
    known = written(post(a_claim(*lines)))
    again = (a_line("97110", "100", cas="CO*50*100", key=1), a_line("97110", "100", "60", "CO*45*40", key=2))
    (case,) = post(a_claim(*again), known=known)
    assert (case.recovered, case.round) == (0, 2), "the other line's payment is not this line's"
