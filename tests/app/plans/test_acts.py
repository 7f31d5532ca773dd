"""A plan through its doors: drafted with its agreement, signed, changed; never for who is protected."""

from datetime import date, timedelta

import pytest

from app.contacts import service_holds
from app.contacts.lifecycle import HoldKind
from app.contacts.models import Refusal
from app.flows import plan_acts
from app.kernel.db import table_of
from app.kernel.errors import Guarded, NotFound
from app.kernel.work import reading, work
from app.plans import queries_whole, service_agreement
from app.plans.lifecycle import State
from app.plans.service import Wish
from app.plans.service_change import Consent
from tests import books, planning
from tests.conftest import House
from tests.planning import CLERK, MADE

JULY = date(2026, 7, 1)


def drafted(account: int, count: int = 12) -> str:
    with work(CLERK) as w:
        wish = Wish(count=count, first_due=JULY)
        return plan_acts.draft(w, planning.account_public(account), wish)


def pdf(plan: str) -> bytes:
    with reading(CLERK) as w:
        return service_agreement.pdf(w, plan)


def test_an_agreement_is_made_with_the_draft_and_again_with_each_new_schedule(house: House) -> None:
    with planning.on(MADE):
        plan = drafted(planning.owing())
        first = pdf(plan)
        assert first.startswith(b"%PDF") and pdf(plan) == first
        with work(CLERK) as w:
            version = planning.view(plan).version
            plan_acts.activate(w, plan, version, signed_on=MADE, witness="Bea at the desk")
        assert pdf(plan) == first, "what was signed is what is kept"
        with work(CLERK) as w:
            wish, consent = Wish(count=10, first_due=JULY), Consent(MADE, "Bea")
            state = plan_acts.change(w, plan, planning.view(plan).version, wish, consent)
    assert state is State.ACTIVE and pdf(plan) != first
    assert "agreement" in planning.moves(plan)


def test_a_plan_without_an_agreement_has_none_to_show(house: House) -> None:
    with planning.on(MADE):
        plan = planning.draft(planning.owing("100.00"), 3)
    with pytest.raises(NotFound):
        pdf(plan)


def test_nobody_in_bankruptcy_is_talked_into_a_plan_and_the_refusal_is_kept(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("100.00")
        with work(CLERK) as w:
            petition = {"chapter": "7", "case_number": "1", "petition_on": "2026-05-01"}
            service_holds.place(w, account, HoldKind.BANKRUPTCY, reason="Petition", detail=petition)
        with pytest.raises(Guarded):
            drafted(account, 3)
    assert [row.rule for row in books.rows(table_of(Refusal))] == ["hold.bankruptcy"]
    assert books.rows(planning.PLAN) == []


def test_a_screen_knows_what_may_be_done_with_a_plan(house: House) -> None:
    with planning.on(MADE):
        account = planning.owing("300.00")
        plan = planning.draft(account, 3, first_due=JULY)
        with reading(CLERK) as w:
            assert queries_whole.whole(w, plan).moves == ["activate", "cancel"]
        planning.sign(plan)
        with reading(CLERK) as w:
            assert queries_whole.whole(w, plan).moves == ["cancel", "change", "add"]
    planning.judge(JULY + timedelta(days=60))
    with reading(CLERK) as w:
        assert queries_whole.whole(w, plan).moves == ["re_establish", "cancel"]
