"""The example world's patients have months behind them: something of everything, and right books."""

import pytest

from app.accounts.models import CallPlace
from app.contacts.models import AccountHold, Dispute, PatientPromise, ReturnedMail
from app.flows import demo, demo_accounts, tasks
from app.kernel.db import table_of
from app.kernel.settings import settings
from app.plans.models import Plan
from app.statements.models import Dunning, Run, Statement
from tests import books
from tests.conftest import House


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_new_user_finds_accounts_in_every_state(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECLAIM_MODE", "demo")
    settings.cache_clear()
    demo.prepare(claims=140, months=True)
    demo_accounts.look()
    assert not books.rows(table_of(Run)), "nothing is made before the files are posted"
    tasks.EVERY["collection_day"][1]()
    books.settle()
    assert not books.rows(table_of(Dunning)), "today does not begin before the months behind it"
    demo_accounts.look()
    books.settle()
    runs = [(row.kind, row.state) for row in books.rows(table_of(Run))]
    assert runs[-1] == ("statements", "planned") and runs.count(("statements", "made")) == 4
    assert {row.stage for row in books.rows(table_of(Dunning))} >= {"stmt_1", "pre_collection"}
    assert {row.language for row in books.rows(table_of(Statement))} == {"en", "es"}
    assert {row.state for row in books.rows(table_of(PatientPromise))} == {"broken", "partial", "open"}
    assert {row.state for row in books.rows(table_of(Plan))} == {"active", "late"}
    assert {row.kind for row in books.rows(table_of(AccountHold))} >= {"bankruptcy", "attorney", "dispute"}
    assert len(books.rows(table_of(ReturnedMail))) == 2 and len(books.rows(table_of(Dispute))) == 1
    assert books.rows(table_of(CallPlace))
    assert books.problems() == []
    demo_accounts.look()
    assert books.settle() == 0, "once is enough"
