"""Whoever reads a list of accounts has looked at the patients behind it, and the audit says at whom (A8)."""

from collections.abc import Callable
from typing import Any

from app.accounts import queries_calls
from app.flows import account_list
from app.kernel.db import table_of
from app.kernel.paging import Ask
from app.kernel.work import reading
from app.patients.models import Patient
from app.payments import queries_list
from app.statements import queries, queries_documents
from tests import books, statements
from tests.conftest import House
from tests.statements import CLERK

_patient = table_of(Patient)


def test_each_list_of_accounts_says_whose_it_showed(house: House) -> None:
    run = statements.sent(statements.owing("A1", "A2"))
    everybody = {one.id for one in books.rows(_patient)}
    with reading(CLERK) as w:
        one = queries.run(w, run)
        lists: dict[str, Callable[[], Any]] = {
            "accounts.list": lambda: account_list.accounts(w, Ask("name")),
            "run.items": lambda: queries.items(w, one, Ask("name")),
            "statements.list": lambda: queries_documents.statements(w, Ask("day")),
        }
        for name, read in lists.items():
            w.events.clear()
            assert len(read().rows) == 2, name
            [event] = [each for each in w.events if each.type == name]
            assert set(event.patients) == everybody, name


def test_a_list_with_nobody_on_it_names_nobody(house: House) -> None:
    books.practice()
    with reading(CLERK) as w:
        assert queries_calls.places(w, Ask("score")).rows == []
        assert queries_list.page_of(w, Ask("received")).rows == []
        assert [one.patients for one in w.events] == [(), ()]
