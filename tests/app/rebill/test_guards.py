"""What keeps a claim from going out, guard by guard, and that each says what would unblock it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.kernel.money import Money
from app.rebill import rules_guards
from app.rebill.lifecycle import Cause, Kind
from app.rebill.rules import Answer, ClaimFacts, Cover, Sent
from app.rebill.rules_filing import Shown
from app.rebill.rules_guards import Appeal, Around, Block, Held, Other, Subject, blocks

TODAY = date(2026, 2, 1)
SENT = date(2025, 12, 20)
REMIT = date(2026, 1, 16)


def claim(*, sent: Any = (), answers: Any = (), covers: Any = (), form: str = "P") -> ClaimFacts:
    made = ClaimFacts(1, "c", 1, 9, "A1", form, date(2025, 12, 16), date(2025, 12, 16), Money(30000), False)
    made.sent, made.answers = list(sent) or [a_sending()], list(answers)
    made.covers = {one.rank: one for one in covers}
    return made


def a_sending(
    key: int = 1, *, rank: int = 1, day: date = SENT, frequency: str = "1", rejected: bool = False
) -> Sent:
    return Sent(key, 1, 1, rank, frequency, f"A{key}", day.strftime("%Y%m%d1200"), day, 5, "12", "current",
                Money(30000), "x", rejected)  # fmt: skip


def an_answer(
    *, status: str = "1", paid: int = 0, remarks: Any = (), number: str = "ICN1", rank: int = 1,
    day: date = REMIT,
) -> Answer:  # fmt: skip
    return Answer(11, 1, rank, status, Money(paid), 5, number, day, True, frozenset(remarks))


def replacement(**given: Any) -> Subject:
    facts: dict[str, Any] = dict(id=3, claim_id=1, kind=Kind.REPLACEMENT, rank=1, form="P", frequency="7",
                 cause=Cause.PERSON, payer_id=5, patient_id=9, filing="12", reference="ICN1",
                 content="new", base_content="old", base_version_id=1)  # fmt: skip
    return Subject(**(facts | given))


def new(**given: Any) -> Subject:
    return replacement(**({"kind": Kind.NEW, "frequency": "1", "reference": ""} | given))


def codes(subject: Subject, facts: ClaimFacts, **beside: Any) -> list[str]:
    return [one.code for one in found(subject, facts, **beside)]


def found(subject: Subject, facts: ClaimFacts, **beside: Any) -> list[Block]:
    return blocks(subject, Around(claim=facts, today=TODAY, **beside))


DECIDED = claim(answers=[an_answer()])


def test_an_answer_to_our_number_is_final_whatever_day_the_payer_dated_it() -> None:
    late = replace(an_answer(day=SENT - timedelta(days=3)), control="A1R1")
    resent = replace(a_sending(2), control="A1R1")
    sent = [a_sending(day=SENT - timedelta(days=30)), resent]
    assert "not_final" not in codes(replacement(), claim(sent=sent, answers=[late]))
    other = replace(late, control="A1")
    assert "not_final" in codes(replacement(), claim(sent=sent, answers=[other]))


def test_a_corrected_claim_of_a_decided_one_may_go() -> None:
    assert codes(replacement(), DECIDED) == []


def test_a_claim_rejected_on_its_way_goes_again_as_a_new_one() -> None:
    assert codes(new(), claim(sent=[a_sending(rejected=True)])) == []


def test_a_claim_the_payer_could_not_process_goes_as_a_new_one() -> None:
    for answer in (an_answer(remarks=["MA130"]), an_answer(status="4"), an_answer(remarks=["N142"])):
        assert codes(new(), claim(answers=[answer])) == []


def test_a_paid_claim_is_voided_or_replaced_never_sent_as_new() -> None:
    (block,) = found(new(), claim(answers=[an_answer(paid=8000)]))
    assert block.code == "void_first" and block.hard and "CLP02 22" in block.unblock


def test_a_denied_claim_is_replaced_never_sent_as_new() -> None:
    (block,) = found(new(), DECIDED)
    assert (block.code, block.hard) == ("replace_instead", True)


@pytest.mark.parametrize(("carcs", "remarks"), [({"31"}, []), ({"140"}, []), ({"16"}, ["N382"])])
def test_a_claim_refused_for_its_member_may_go_as_a_new_one_unless_it_was_paid(
    carcs: set[str], remarks: Any
) -> None:
    refused = replace(an_answer(remarks=remarks), carcs=frozenset(carcs))
    (block,) = found(new(), claim(answers=[refused]))
    assert (block.code, block.hard) == ("replace_instead", False)
    (block,) = found(new(), claim(answers=[replace(refused, paid=Money(100))]))
    assert (block.code, block.hard) == ("void_first", True)


def test_late_charges_go_to_a_payer_that_takes_them() -> None:
    late = replacement(kind=Kind.LATE_CHARGES, frequency="5", reference="", form="I")
    (block,) = found(late, DECIDED)
    assert (block.code, block.hard) == ("late_charges", True) and "Payers" in block.unblock
    assert codes(late, DECIDED, late_charges=True) == []


def test_a_claim_to_the_second_payer_stays_when_the_answer_it_tells_of_is_gone() -> None:
    second = new(kind=Kind.SECONDARY, rank=2, content="", remit_claim_id=11)
    covers = [Cover(1, 5, "12", "answered", REMIT, None), Cover(2, 6, "CI", "", None, None)]
    assert codes(second, claim(answers=[an_answer(paid=8000)], covers=covers)) == []
    taken_back = replace(an_answer(paid=8000), live=False)
    for answers in ([taken_back], []):
        (block,) = found(second, claim(answers=answers, covers=covers))
        assert (block.code, block.hard) == ("answer_gone", True) and "primary" in block.words
    corrected = replace(an_answer(paid=7000), remit_claim_id=12)
    (block,) = found(second, claim(answers=[taken_back, corrected], covers=covers))
    assert block.code == "answer_gone"


def test_nothing_is_replaced_that_nobody_decided() -> None:
    assert set(codes(replacement(), claim())) == {"never_adjudicated", "not_final"}


def test_a_7_waits_for_the_answer_to_the_submission_before_it() -> None:
    on_its_way = claim(sent=[a_sending(), a_sending(2, frequency="7", day=date(2026, 1, 20))],
                       answers=[an_answer()])  # fmt: skip
    (block,) = found(replacement(), on_its_way)
    assert block.code == "not_final" and "Jan 20, 2026" in block.words and "276" in block.unblock


def test_the_newest_claim_number_of_the_payer_is_named() -> None:
    (block,) = found(replacement(reference="ICN0"), DECIDED)
    assert block.code == "old_reference" and "ICN1" in block.unblock


def test_nothing_follows_a_void_until_the_payer_took_its_money_back() -> None:
    voided = claim(sent=[a_sending(), a_sending(2, frequency="8", day=date(2026, 1, 20))],
                   answers=[an_answer(paid=8000)])  # fmt: skip
    assert codes(replacement(), voided) == ["void_pending"]


def test_medicare_part_b_takes_no_7_and_no_8() -> None:
    for kind, frequency in ((Kind.REPLACEMENT, "7"), (Kind.VOID, "8")):
        assert codes(replacement(kind=kind, frequency=frequency, filing="MB"), DECIDED) == ["part_b"]
    assert codes(replacement(filing="MA"), DECIDED) == []
    assert codes(new(filing="MB"), claim(answers=[an_answer(remarks=["MA130"])])) == []
    assert codes(new(filing="MB"), DECIDED) == ["part_b"]


def test_an_open_appeal_at_the_same_payer_keeps_the_claim() -> None:
    appeal = Appeal("d1", "appeal_sent", 1, date(2026, 3, 1))
    (block,) = found(replacement(), DECIDED, appeals=[appeal])
    assert block.code == "open_appeal" and block.until == date(2026, 3, 1) and "d1" in block.unblock
    assert codes(new(rank=2, kind=Kind.SECONDARY, content=""), DECIDED, appeals=[appeal]) == []


def test_a_forwarded_claim_waits_for_its_next_payer_30_days() -> None:
    passed_on = claim(answers=[an_answer(status="19", paid=8000)],
                      covers=[Cover(2, 6, "CI", "crossed_over", None, None)])  # fmt: skip
    subject = new(kind=Kind.SECONDARY, rank=2, content="")
    (block,) = found(subject, passed_on)
    assert (block.code, block.until) == ("crossed_over", date(2026, 2, 15))
    assert codes(subject, passed_on, wait_days=15) == []


def test_past_the_limit_nothing_goes_without_a_reason_or_a_proof() -> None:
    late = dict(file_by=date(2026, 1, 31), file_rule="commercial:corrected_filing")
    (block,) = found(replacement(**late), DECIDED)
    assert block.hard and "Jan 31, 2026" in block.words and "CLM20" in block.unblock
    assert not found(replacement(**late, delay_reason="3"), DECIDED)[0].hard
    proof = Shown("payer_accepted", SENT, 5)
    assert not found(replacement(**late), DECIDED, proofs=[proof], payer_id=5)[0].hard


def test_what_the_first_payer_took_in_time_excuses_nothing_at_the_second() -> None:
    late = dict(file_by=date(2026, 1, 31), file_rule="secondary_filing", kind=Kind.SECONDARY, rank=2,
                frequency="1", content="")  # fmt: skip
    proof = Shown("payer_accepted", SENT, 5)
    (block,) = found(replacement(**late), DECIDED, proofs=[proof], payer_id=6)
    assert (block.code, block.hard) == ("filing_limit", True)


def test_a_delay_reason_within_the_limit_is_out_of_place() -> None:
    subject = replacement(file_by=date(2026, 6, 1), file_rule="r", delay_reason="3")
    (block,) = found(subject, DECIDED)
    assert (block.code, block.hard) == ("delay_reason_early", False)


def test_the_last_15_days_are_said() -> None:
    (block,) = found(replacement(file_by=date(2026, 2, 16), file_rule="r"), DECIDED)
    assert (block.code, block.hard) == ("filing_soon", False) and block.words.startswith("15 days left")
    assert codes(replacement(file_by=date(2026, 2, 17)), DECIDED) == []


def test_the_same_content_is_not_sent_twice_unless_it_was_rejected() -> None:
    same = replacement(content="old")
    assert codes(same, DECIDED) == ["duplicate"]
    assert codes(new(content="old"), claim(sent=[a_sending(rejected=True)])) == []
    other = Other(2, 1, Kind.REPLACEMENT, "answered", False, "new", True, False, REMIT)
    assert codes(replacement(), DECIDED, others=[other]) == ["duplicate"]


def test_a_silent_claim_may_go_again_with_a_warning() -> None:
    (final, duplicate) = found(new(content="old", cause=Cause.SILENCE), claim())
    assert (final.code, duplicate.code) == ("not_final", "duplicate")
    assert not final.hard and not duplicate.hard
    assert any(one.hard for one in found(new(), claim()))


def test_one_submission_at_a_time_and_word_of_a_correction_before_it() -> None:
    open_one = Other(2, 1, Kind.REPLACEMENT, "transmitted", True, "", True, False, None)
    assert codes(replacement(), DECIDED, others=[open_one]) == ["open_submission"]
    secondary = new(kind=Kind.SECONDARY, rank=2, content="")
    (block,) = found(secondary, DECIDED, others=[open_one])
    assert (block.code, block.hard) == ("earlier_payer", False)


def test_a_hold_keeps_it_and_says_until_when() -> None:
    (block,) = found(replacement(), DECIDED, holds=[Held("records", "", date(2026, 2, 10), "bea")])
    assert (block.code, block.until) == ("hold", date(2026, 2, 10)) and "bea" in block.words


def test_changed_codes_want_another_persons_signature_unless_the_house_only_warns() -> None:
    assert codes(replacement(coding_changed=True), DECIDED) == ["coding_unsigned"]
    assert codes(replacement(coding_changed=True, coding_signed=True), DECIDED) == []
    (block,) = found(replacement(coding_changed=True), DECIDED, coding="warn")
    assert not block.hard
    assert codes(replacement(coding_changed=True), DECIDED, coding="") == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"form": "D"}, "dental"),
        ({"payer_id": None}, "payer_missing"),
        ({"patient_id": None}, "patient_missing"),
    ],
)
def test_a_claim_without_a_payer_a_patient_or_a_guide_does_not_go(given: Any, code: str) -> None:
    assert code in codes(replacement(**given), DECIDED)


def test_every_hard_reason_says_what_would_unblock_it() -> None:
    many = [
        *found(replacement(payer_id=None, patient_id=None, form="D", coding_changed=True), claim()),
        *found(new(), claim(answers=[an_answer(paid=1)])),
        *found(replacement(file_by=SENT), DECIDED, appeals=[Appeal("d", "appeal_draft", 1, None)]),
    ]
    assert len(many) > 7 and all(one.unblock for one in many if one.hard)
    assert {"dental", "part_b", "open_appeal"} <= rules_guards.STOPS_OPENING
