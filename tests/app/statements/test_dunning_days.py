"""The days of dunning and the pauses, by the golden example of the trade (patient-collections section 4)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.statements.lifecycle import Stage
from app.statements.rules_dunning import Standing, judge, legal, mail_day, step_day
from app.statements.rules_policy import RANK, problems, shipped, standard

FIRST = date(2026, 3, 2)
PLAN = standard(500)
LAW = {"agency_days": 120, "eca_application_days": 240, "eca_wait_days": 120, "agency_after_notice_days": 30,
       "eca_notice_days": 30}  # fmt: skip
BILLED = Standing(
    stage="stmt_1", due=10_000, waiting=0, held=0, on_plan=0, plan="", stopped=False, new_visit=False,
    promise_until=None, paid_on=None, paid=0, latest_since=date(2026, 3, 1), since=FIRST, first_on=FIRST,
    next_on=date(2026, 4, 1), paused_on=None, skip_one=False, statement_on=FIRST, statement_due=10_000,
)  # fmt: skip


def test_the_golden_example_comes_out_to_the_day() -> None:
    days = {one.stage: step_day(one, FIRST, None) for one in PLAN.steps}
    told = {stage: one.on.isoformat() for stage, one in days.items() if one is not None}
    assert told["stmt_2"] == "2026-04-01"
    assert told["stmt_3"] == "2026-05-01"
    assert told["final_notice"] == "2026-06-01"
    notice = days["final_notice"]
    assert notice is not None and (notice.moved, notice.days, notice.event) == (
        "Sunday",
        90,
        "first statement",
    )
    on = {one.what: one for one in legal(FIRST, date(2026, 6, 1), LAW.__getitem__)}
    assert on["notification_ends"].on == date(2026, 6, 30)
    assert (on["agency"].on, on["agency"].event) == (date(2026, 7, 1), "final notice")
    assert on["application_ends"].on == date(2026, 10, 28)


def test_the_letter_before_collection_waits_fifteen_days_for_the_notice() -> None:
    step = PLAN.after("final_notice")
    assert step is not None
    found = step_day(step, FIRST, date(2026, 6, 1))
    assert found is not None and (found.on, found.event) == (date(2026, 6, 16), "step before")


def test_no_mail_on_sundays_and_holidays() -> None:
    assert mail_day(date(2026, 7, 4)) == (date(2026, 7, 4), "")  # kept on Friday the 3rd
    assert mail_day(date(2026, 7, 3)) == (date(2026, 7, 4), "Independence Day")
    assert mail_day(date(2026, 5, 24)) == (date(2026, 5, 26), "Sunday")  # Memorial Day follows it


def test_a_hold_stops_the_clock_and_its_end_gives_back_the_days_that_were_left() -> None:
    day = date(2026, 3, 20)
    paused = judge(replace(BILLED, stopped=True), PLAN, day, 25)
    assert paused is not None and (paused.move, paused.paused_on) == ("pause", day)
    held = replace(BILLED, stopped=True, paused_on=day)
    assert judge(held, PLAN, date(2026, 4, 10), 25) is None
    back = judge(replace(held, stopped=False), PLAN, date(2026, 5, 4), 25)
    assert back is not None and (back.move, back.to, back.next_on) == ("resume", "stmt_1", date(2026, 5, 16))


def test_what_was_paid_while_the_clock_stood_pauses_its_step_the_day_it_goes_on() -> None:
    held = replace(BILLED, paused_on=date(2026, 4, 1), paid_on=date(2026, 4, 2), paid=5_000)
    back = judge(held, PLAN, date(2026, 4, 9), 25)
    assert back is not None and (back.move, back.paused_on, back.skip_one) == ("part_paid", None, True)
    assert back.next_on == date(2026, 5, 9)


@pytest.mark.parametrize(("cents", "pauses"), [(2_499, False), (2_500, True), (9_000, True)])
def test_a_quarter_paid_pauses_one_step(cents: int, pauses: bool) -> None:
    paid = replace(BILLED, paid_on=date(2026, 3, 12), paid=cents)
    found = judge(paid, PLAN, date(2026, 3, 13), 25)
    assert (found is not None) is pauses
    if found is not None:
        assert (found.move, found.next_on, found.skip_one) == ("part_paid", date(2026, 5, 1), True)
        again = replace(paid, next_on=found.next_on, skip_one=True)
        assert judge(again, PLAN, date(2026, 3, 14), 25) is None


def test_a_new_visit_starts_the_cycle_again() -> None:
    found = judge(replace(BILLED, stage="stmt_3", new_visit=True), PLAN, date(2026, 5, 5), 25)
    assert found is not None and (found.move, found.to, found.first_on) == ("restart", "eligible", None)


def test_a_cleared_balance_ends_dunning_but_a_held_one_does_not() -> None:
    cleared = judge(replace(BILLED, due=0), PLAN, FIRST, 25)
    assert cleared is not None and cleared.to == "not_due"
    held = judge(replace(BILLED, due=0, held=500), PLAN, FIRST, 25)
    assert held is not None and held.move == "pause"


def test_a_broken_plan_falls_back_to_the_third_statement_and_no_sooner_than_the_law() -> None:
    found = judge(replace(BILLED, plan="defaulted"), PLAN, date(2026, 4, 2), 25)
    assert found is not None and (found.to, found.next_on) == ("stmt_3", date(2026, 6, 1))


def test_a_plan_broken_after_the_legal_days_leaves_the_weeks_of_a_third_statement() -> None:
    found = judge(replace(BILLED, plan="defaulted"), PLAN, date(2026, 9, 26), 25)
    assert found is not None and (found.to, found.next_on) == ("stmt_3", date(2026, 10, 24))


def test_a_running_plan_or_an_open_promise_stops_the_clock() -> None:
    for one in (replace(BILLED, plan="active"), replace(BILLED, promise_until=date(2026, 3, 30))):
        found = judge(one, PLAN, date(2026, 3, 20), 25)
        assert found is not None and found.move == "pause"


def test_the_shipped_policy_has_nothing_wrong_and_the_rules_find_what_would_be() -> None:
    steps = shipped()
    assert problems(steps) == []
    assert problems(()) and problems(steps[1:]) and problems((replace(steps[0], after_days=3), *steps[1:]))
    assert problems((*steps[:3], replace(steps[3], review=False), steps[4]))


@given(
    stage=st.sampled_from([one.value for one in Stage]), due=st.integers(-500, 50_000),
    held=st.integers(0, 900), waiting=st.integers(0, 900), stopped=st.booleans(), new=st.booleans(),
    plan=st.sampled_from(["", "active", "late", "defaulted", "completed"]), ago=st.integers(0, 200),
)  # fmt: skip
def test_the_daily_look_never_moves_forward_and_never_wakes_what_is_held(
    stage: str, due: int, held: int, waiting: int, stopped: bool, new: bool, plan: str, ago: int
) -> None:
    one = replace(BILLED, stage=stage, due=due, held=held, waiting=waiting, stopped=stopped, new_visit=new,
                  plan=plan)  # fmt: skip
    found = judge(one, PLAN, FIRST + timedelta(ago), 25)
    if found is not None and found.move != "come_due":
        assert RANK[found.to] <= max(RANK[stage], RANK["stmt_3"])
        assert not (stopped and found.move == "resume")
