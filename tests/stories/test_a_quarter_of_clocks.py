"""The same clinic over a year's end, a leap day and both changes of the clocks, with a clock set back."""

from datetime import UTC, date, datetime, timedelta

from app.flows import collection_day
from tests import books, statements
from tests.conftest import House
from tests.quarter import quarter
from tests.quarter_truth import STAGES
from tests.statements import DUNNING, EVENT, LETTER, STATEMENT

FEW = 5
"""Silent, paying, paying a part, paying a crumb, bouncing."""


def papers() -> list[tuple[int, str, date]]:
    return [
        (one.account_id, one.stage, one.day) for table in (STATEMENT, LETTER) for one in books.rows(table)
    ]


def test_a_winter_with_a_leap_day_and_a_summer_clock_sends_nothing_twice(house: House) -> None:
    del house
    with quarter(3, FEW, date(2027, 12, 5)) as clinic:
        clinic.until(date(2028, 3, 29))
        sent = papers()
        assert max(day for _, _, day in sent) > date(2028, 3, 12)  # after the clocks went forward
        assert all(one.due_on > one.day for one in books.rows(STATEMENT))
        silent = next(one for one in clinic.people if one.manner == "silent").account
        [first] = [day for account, stage, day in sent if (account, stage) == (silent, "stmt_1")]
        [second] = [day for account, stage, day in sent if (account, stage) == (silent, "stmt_2")]
        assert timedelta(30) <= second - first <= timedelta(38)


def test_days_are_those_of_the_clinic_and_a_clock_set_back_does_nothing_twice(house: House) -> None:
    del house
    with quarter(4, FEW, date(2028, 10, 15)) as clinic:
        clinic.until(date(2028, 11, 5))  # the clocks go back in this night
        before, stages = papers(), books.rows(DUNNING)
        # Half past eleven in the evening of the fifth in New York is the sixth in UTC.
        clinic.clock.move_to(datetime(2028, 11, 6, 4, 30, tzinfo=UTC))
        collection_day.ask()
        books.settle()
        clinic.clock.move_to(datetime(2028, 11, 4, 12, tzinfo=UTC))  # somebody sets the clock back two days
        collection_day.ask()
        books.settle()
        assert papers() == before and books.rows(DUNNING) == stages
        again = statements.sent(clinic.clinic)
        assert statements.run(again).made == 0 and papers() == before
        clinic.day = date(2028, 11, 5)
        clinic.until(date(2028, 11, 30))
        for account in {one for one, _, _ in papers()}:
            places = [STAGES.index(stage) for of, stage, _ in sorted(papers(), key=lambda one: one[2])
                      if of == account]  # fmt: skip
            assert places == sorted(places)
        moved = [one for one in books.rows(EVENT) if one.move == "come_due"]
        assert len({one.account_id for one in moved}) == len(moved)
