"""Whatever happens in whatever order, the books and a model of a hundred lines say the same (L2)."""

import itertools
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.flows import resolve
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.money import Money
from app.kernel.work import work
from app.ledger import service as ledger
from app.remits.models import RemitClaim
from tests import books
from tests.conftest import House
from tests.era import Clp, Cover, bill, billed, cents, claim, era, line, money, reversal
from tests.model.reckoning import Books, Line

HISTORIES, STEPS = 10, 20
"""In CI; `tests/nightly` takes 300 times 50 and more."""
_clp = table_of(RemitClaim)
_histories = itertools.count(1)
CENTS = st.integers(1_00, 900_00)


class History(RuleBasedStateMachine):
    """Bills, payments, reversals, links, undoings and closes; after each the books are compared."""

    def __init__(self) -> None:
        super().__init__()
        self.name, self.numbers = f"H{next(_histories)}", itertools.count(1)
        self.model = Books()
        self.unbilled: dict[str, int] = {}
        self.before = {account: cents(text) for account, text in books.accounts().items()}
        self.closed = date(2024, 12, 31)

    def next_name(self, letter: str) -> str:
        return f"{self.name}{letter}{next(self.numbers)}"

    def who(self, control: str) -> dict[str, str]:
        return {"patient": f"{control}*ANN", "member": control}

    @rule(charge=CENTS, second=st.booleans())
    def bill_a_claim(self, charge: int, second: bool) -> None:
        self.bill(self.next_name("C"), charge, second)

    @precondition(lambda self: self.unbilled)
    @rule(data=st.data(), second=st.booleans())
    def bill_what_was_paid_before(self, data: Any, second: bool) -> None:
        control = data.draw(st.sampled_from(sorted(self.unbilled)))
        self.bill(control, self.unbilled.pop(control), second)

    def bill(self, control: str, charge: int, second: bool) -> None:
        cover = Cover() if second else None
        books.take(bill(billed(control, f"99214 {money(charge)}", second=cover, **self.who(control))))
        self.model.bill(control, charge, second=second)

    @rule(data=st.data(), early=st.booleans(), wrong=st.booleans())
    def pay(self, data: Any, early: bool, wrong: bool) -> None:
        """A remit for up to three claims, for one nobody billed yet, and with one that does not add up."""
        open_claims = sorted(name for name, one in self.model.claims.items() if not one.live)
        count = st.lists(st.sampled_from(open_claims), max_size=3, unique=True)
        controls = data.draw(count) if open_claims else []
        charges = {control: self.model.claims[control].charge for control in controls}
        if early or not charges:
            control = self.next_name("E")
            charges[control] = self.unbilled[control] = data.draw(CENTS)
        lines = [self.answer(data, control, charge) for control, charge in charges.items()]
        lines[0].wrong = wrong
        trace = self.next_name("T")
        books.take(era(*(self.written(one) for one in lines), trace=trace))
        self.model.pay(trace, lines)

    def answer(self, data: Any, control: str, charge: int) -> Line:
        contractual = data.draw(st.integers(0, charge // 2))
        return Line(control, charge, contractual, data.draw(st.integers(0, charge // 4)))

    def written(self, one: Line) -> Clp:
        parts = (f"CO*45*{money(one.contractual)}", f"PR*1*{money(one.owed)}")
        cas = " ".join(part for part in parts if not part.endswith("*0"))
        charge = money(one.charge + (1 if one.wrong else 0))
        found = line("99214", charge, money(one.paid), cas)
        return claim(one.control, found, charge=charge, paid=money(one.paid), **self.who(one.control))

    def standing(self) -> list[str]:
        """Remits that stand, all of whose lines have posted as the payer wrote them."""
        found = (
            (name, one) for name, one in self.model.remits.items() if not one.undone and not one.reverses
        )
        whole = ((name, one) for name, one in found if all(line.posted for line in one.lines))
        return sorted(name for name, one in whole if self.model.may_undo(name))

    @precondition(lambda self: self.standing())
    @rule(data=st.data())
    def reverse_a_payment(self, data: Any) -> None:
        original = data.draw(st.sampled_from(self.standing()))
        lines = self.model.remits[original].lines
        trace, paid = self.next_name("B"), sum(one.paid for one in lines)
        taken = []
        for one in lines:
            parts = (f"CO*45*{money(one.contractual)}", f"PR*1*{money(one.owed)}")
            cas = " ".join(part for part in parts if not part.endswith("*0"))
            taken.append(
                reversal(one.control, line("99214", money(one.charge), cas=cas), **self.who(one.control))
            )
        books.take(era(*taken, trace=trace, plb=f"FB:{trace}*{money(-paid)}" if paid else "", paid="0"))
        self.model.reverse(trace, original, paid)

    @precondition(lambda self: any(not one.undone for one in self.model.remits.values()))
    @rule(data=st.data())
    def undo_a_posting(self, data: Any) -> None:
        standing = sorted(name for name, one in self.model.remits.items() if not one.undone)
        trace = data.draw(st.sampled_from(standing))
        public = next(row.public_id for row in books.transactions() if row.trace == trace)
        try:
            with work(books.CLERK) as w:
                resolve.undo(w, public, reason="wrong practice")
        except NotAllowed:
            assert not self.model.may_undo(trace)
            return
        assert self.model.may_undo(trace)
        self.model.undo(trace)

    @rule(days=st.integers(1, 20))
    def close_some_days(self, days: int) -> None:
        self.closed += timedelta(days=days)
        with work(books.CLERK) as w:
            head = books.rows(books.ENTITY)[0].id
            try:
                ledger.close_month(w, head, self.closed)
            except NotAllowed:
                self.closed += timedelta(days=200)  # an earlier history has closed more

    @invariant()
    def the_books_say_what_the_model_says(self) -> None:
        found = {account: cents(text) for account, text in books.accounts().items()}
        moved = {key: found.get(key, 0) - self.before.get(key, 0) for key in {*found, *self.before}}
        assert {key: amount for key, amount in moved.items() if amount} == {
            key: amount for key, amount in self.model.accounts.items() if amount
        }
        for control, one in self.model.claims.items():
            assert books.balance(control) == (str(Money(one.payer)), str(Money(one.patient))), control

    def teardown(self) -> None:
        assert books.problems(with_bytes=False) == []


def run(histories: int, steps: int) -> None:
    """So many histories of so many steps; the house stands already."""
    books.practice()
    how = settings(
        max_examples=histories,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(History, settings=how)


def test_any_history_ends_as_the_model_says(house: House) -> None:
    run(HISTORIES, STEPS)
