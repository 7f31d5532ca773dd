"""A plan in default sends its account back to the third statement once; what comes due later starts anew."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import update

from app.kernel.work import work
from app.statements.rules_dunning import judge
from app.statements.service_dunning import move_due
from tests import books, planning, statements
from tests.app.statements.test_dunning_days import BILLED, FIRST, PLAN
from tests.conftest import House
from tests.era import Dress, bill, billed, claim, era
from tests.statements import CLERK, DUNNING, EVENT, TODAY


def test_only_a_default_after_the_first_statement_falls_back() -> None:
    day = FIRST + timedelta(20)
    after = replace(BILLED, plan="defaulted", defaulted_on=FIRST + timedelta(15))
    found = judge(after, PLAN, day, 25)
    assert found is not None and (found.move, found.to) == ("fall_back", "stmt_3")
    before = replace(BILLED, plan="defaulted", defaulted_on=FIRST)
    assert judge(before, PLAN, day, 25) is None


def test_a_visit_after_a_default_gets_its_own_first_statement_and_stays_there(house: House) -> None:
    clinic = statements.owing("A1", copay="120")
    account = statements.accounts_of("A1")
    statements.sent(clinic)
    statements.days_ago(account, 40)
    plan = planning.draft(account, 2)
    planning.sign(plan, day=TODAY)
    with work(CLERK) as w:
        of = planning.PLAN.c.public_id == plan
        w.db.execute(update(planning.PLAN).where(of).values(state="defaulted", defaulted_on=TODAY))
    statements.standing(account, plan="defaulted", on_plan=0, blocks=0)

    def stage_on(day: date) -> str:
        with work(CLERK) as w:
            move_due(w, clinic.id, day)
        [row] = books.rows(DUNNING)
        return str(row.stage)

    assert stage_on(TODAY) == "stmt_3"
    statements.days_ago(account, 3)
    with work(CLERK) as w:
        w.db.execute(update(planning.PLAN).values(defaulted_on=TODAY - timedelta(3)))
    who: Any = {"patient": "DOE*A1", "member": "MA1"}
    paid = claim("B1", charge="300", paid="140", cas="CO*45*100 PR*1*60", **who)
    visit = billed("B1", "99214 300", day="20260512", **who)
    books.take(bill(visit, dress=Dress(control=77)))
    books.take(era(paid, trace="LATER", dress=Dress(control=78)))
    assert statements.accounts_of("B1") == account
    assert stage_on(TODAY) == "eligible"
    statements.sent(clinic)
    assert stage_on(TODAY + timedelta(1)) == "stmt_1"
    assert [one.move for one in books.rows(EVENT)].count("fall_back") == 1
