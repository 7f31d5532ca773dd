"""What patients owe, in whatever order things happen: the tables equal a decision made anew from nothing."""

import random
from typing import Any

import pytest
from sqlalchemy import delete

from app.accounts import service
from app.accounts.models import Owed, Standing
from app.contacts import service_holds
from app.contacts.lifecycle import HoldKind
from app.contacts.models import AccountHold
from app.flows import account_acts, patient_paid, resolve
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.work import work
from app.payments.lifecycle import Reversal, State, Tender
from app.payments.models import PatientPayment
from app.payments.service import Taking
from app.payments.service_reverse import Return
from tests import books
from tests.conftest import House
from tests.era import Cover, bill, billed, claim, era, line

_owed, _standing = table_of(Owed), table_of(Standing)
_hold, _payment = table_of(AccountHold), table_of(PatientPayment)
ONE_DATABASE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
CONTROLS = ("A1", "A2", "A3")
STEPS = 12
SAID = ("CO*45*100 PR*3*40", "CO*16*300", "PR*1*300", "CO*45*60 PR*96*240", "CO*45*100 PR*2*20 PR*3*15")


class Office:
    """Things that happen at an office, picked by a dice that may be thrown again."""

    def __init__(self, seed: int) -> None:
        self.dice, self.number = random.Random(seed), 0

    def step(self) -> None:
        acts = (self.remit, self.remit, self.undo, self.pay, self.bounce, self.hold, self.lift)
        self.dice.choice(acts)()
        books.settle()

    def remit(self) -> None:
        """A payer answers: it pays, denies or leaves a part to the patient; the second time it is another."""
        self.number += 1
        control = self.dice.choice(CONTROLS)
        said = claim(control, line("99214", "300", cas=self.dice.choice(SAID)), number=f"N{self.number}")
        books.offer(era(said, trace=f"EFT{self.number}"), f"r{self.number}.edi")

    def undo(self) -> None:
        posted = [row for row in books.transactions() if row.kind == "835" and row.state == "posted"]
        if posted:
            try:
                with work(books.CLERK) as w:
                    resolve.undo(w, self.dice.choice(posted).public_id, reason="tried")
            except NotAllowed:
                return

    def pay(self) -> None:
        stands = [row for row in books.rows(_standing) if int(row.due) > 0]
        if stands:
            self.number += 1
            one = self.dice.choice(stands)
            with work(books.CLERK) as w:
                patient_paid.take(w, Taking(
                    entity_id=one.entity_id, account_id=one.account_id, tender=Tender.CHECK,
                    cents=self.dice.choice((500, int(one.due), int(one.due) + 700)), key=f"P{self.number}",
                ))  # fmt: skip

    def bounce(self) -> None:
        posted = books.rows(_payment, _payment.c.state == State.POSTED.value)
        if posted:
            one = self.dice.choice(posted)
            with work(books.CLERK) as w:
                patient_paid.reverse(w, one.public_id, Return(why=Reversal.NSF), version=one.version)

    def hold(self) -> None:
        visits = [row for row in books.rows(_owed) if row.account_id]
        if visits:
            one = self.dice.choice(visits)
            claim_id = self.dice.choice((one.claim_id, None))
            with work(books.CLERK) as w:
                kind = self.dice.choice((HoldKind.MANAGER, HoldKind.ATTORNEY))
                service_holds.place(w, one.account_id, kind, reason="asked", claim_id=claim_id)
                account_acts.stand(w, one.entity_id, [one.account_id])

    def lift(self) -> None:
        held = books.rows(_hold, _hold.c.open.is_(True))
        if held:
            one = self.dice.choice(held)
            with work(books.CLERK) as w:
                service_holds.lift(w, one.public_id, why="over", version=one.version)
                account_acts.stand(w, one.entity_id, [one.account_id])


def facts(rows: list[Any]) -> list[Any]:
    """Rows without the moments they were written, and without a memory: the day something came due."""
    left = ("changed_at", "since", "oldest_since", "latest_since")
    return [tuple(value for name, value in row._mapping.items() if name not in left) for row in rows]


@ONE_DATABASE
@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_things_ends_where_a_new_decision_ends(house: House, seed: int) -> None:
    books.practice()
    second = {"A3": Cover()}
    books.take(bill(*(billed(one, "99214 300", patient=f"DOE*{one}", member=f"M{one}", second=second.get(one))
                      for one in CONTROLS)))  # fmt: skip
    office = Office(seed)
    for _ in range(STEPS):
        office.step()
    assert books.problems(with_bytes=False) == []
    before, stood = books.rows(_owed), books.rows(_standing)
    with work(books.CLERK) as w:
        w.db.execute(delete(_owed))
        service.refresh_claims(w, stood[0].entity_id if stood else 1, [row.claim_id for row in before])
    again = {row.claim_id: row for row in books.rows(_owed)}
    # A visit at zero that was never asked for has no row when it is decided from nothing.
    kept = [row for row in before if int(row.amount)]
    assert facts([again[row.claim_id] for row in kept]) == facts(kept)
    assert len(again) == len(kept)
