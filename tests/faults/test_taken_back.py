"""Posted and then reversed by the payer, or undone by us: every balance is what it was, to the cent (R7)."""

import random
from typing import Any

import pytest

from app.flows import resolve
from app.kernel.db import table_of
from app.kernel.errors import NotAllowed
from app.kernel.work import work
from app.ledger.models import ClaimBalance
from tests import books
from tests.conftest import House
from tests.era import Clp, Cover, Line, bill, billed, cents, claim, era, line, money, reversal

ROUNDS, CLAIMS = 4, 50
"""Cases of each kind in CI: rounds times claims; `tests/nightly` takes more rounds."""
_balance = table_of(ClaimBalance)
REASONS = ("CO*45", "CO*253", "CO*104", "CO*105", "CO*197", "PR*1", "PR*2", "PR*3", "OA*23", "OA*94", "PI*59")


@pytest.fixture
def ours(house: House) -> House:
    books.practice()
    return house


def answers(dice: random.Random) -> list[Line]:
    """One to three lines as a payer may decide them, some with a negative adjustment."""
    made = []
    for _ in range(dice.randrange(1, 4)):
        charge = dice.randrange(1_00, 2_000_00)
        cas = []
        for reason in dice.sample(REASONS, dice.randrange(0, 4)):
            cas.append(f"{reason}*{money(dice.randrange(-charge // 9, charge // 3) or 1)}")
        made.append(line(f"9921{dice.randrange(10)}", money(charge), cas=" ".join(cas)))
    return made


def case(dice: random.Random, control: str) -> tuple[list[str], Clp, Clp]:
    """A bill, its payment and the reversal of that payment."""
    lines = answers(dice)
    own = f"CO*45*{money(dice.randrange(1, 50))}" if dice.random() < 0.3 else ""
    sums = [f"{one.segments[0].split('*')[1][3:]} {money(one.charge)}" for one in lines]
    second = Cover() if dice.random() < 0.4 else None
    who: dict[str, Any] = {"patient": f"{control}*ANN", "member": control}
    return (
        billed(control, *sums, second=second, **who),
        claim(control, *lines, cas=own, **who),
        reversal(control, *lines, cas=own, **who),
    )


def test_what_a_payer_reverses_is_as_if_it_had_never_been(ours: House) -> None:
    dice = random.Random(11)
    for number in range(ROUNDS):
        cases = [case(dice, f"R{number}C{place}") for place in range(CLAIMS)]
        books.take(bill(*(one[0] for one in cases)))
        before, open_before = books.accounts(), books.balances()
        paid = sum(one[1].paid for one in cases)
        if paid < 0:
            continue  # no payer sends less than nothing
        books.take(era(*(one[1] for one in cases), trace=f"P{number}"))
        back = f"B{number}"
        forward = f"FB:{back}*{money(-paid)}" if paid else ""
        books.take(era(*(one[2] for one in cases), trace=back, plb=forward, paid="0"))
        assert books.states() == ["posted"] * len(books.states())
        after = {account: cents(amount) for account, amount in books.accounts().items()}
        was = {account: cents(amount) for account, amount in before.items()}
        was[1010], was[2041] = was.get(1010, 0) + paid, was.get(2041, 0) - paid
        assert after == {account: amount for account, amount in was.items() if amount}
        assert books.balances() == open_before
    assert books.problems() == []


def test_what_is_undone_is_as_if_it_had_never_been_and_can_be_read_again(ours: House) -> None:
    dice = random.Random(12)
    for number in range(ROUNDS):
        cases = [case(dice, f"U{number}C{place}") for place in range(CLAIMS)]
        books.take(bill(*(one[0] for one in cases)))
        before, open_before = books.accounts(), books.balances()
        stranger = claim(f"X{number}", line("99214", "12.34"))
        books.take(era(*(one[1] for one in cases), stranger, trace=f"P{number}", plb="L6*-1 WO:Z*5"))
        posted = books.accounts()
        remit = books.transactions()[-1]
        if remit.state != "posted":
            continue  # a payment below nothing is held
        with work(books.CLERK) as w:
            resolve.undo(w, remit.public_id, reason="wrong practice", version=remit.version)
        assert (books.accounts(), books.balances()) == (before, open_before)
        if number % 3 == 0:
            with work(books.CLERK) as w:
                resolve.replay(w, remit.public_id, reason="it was right")
            books.settle()
            assert books.accounts() == posted
    assert books.problems() == []


def test_an_837_can_be_undone_until_a_payer_has_answered(ours: House) -> None:
    books.take(bill(billed("A1", "99214 200")))
    [charges] = books.transactions()
    with work(books.CLERK) as w:
        resolve.undo(w, charges.public_id, reason="billed for the wrong practice")
    assert books.accounts() == {}
    with work(books.CLERK) as w:
        resolve.replay(w, charges.public_id, reason="it was right")
    books.settle()
    books.take(era(claim("A1", line("99214", "200", "120", "CO*45*80"))))
    with pytest.raises(NotAllowed, match="Undo those remits first"), work(books.CLERK) as w:
        resolve.undo(w, charges.public_id, reason="again")
    assert books.accounts() == {1010: "120.00", 4000: "-200.00", 4100: "80.00"}


def test_a_reversal_can_be_undone_and_sent_again_and_what_it_took_back_stands_meanwhile(ours: House) -> None:
    lines = line("99214", "200", "120", "CO*45*70 PR*1*10")
    books.take(bill(billed("A1", "99214 200")), era(claim("A1", lines), trace="T1"))
    paid = books.accounts()
    for turn in range(3):
        back = f"B{turn}"
        books.take(era(reversal("A1", lines), trace=back, plb=f"FB:{back}*-120", paid="0"))
        assert books.balance("A1") == ("200.00", "0.00")
        public = next(row.public_id for row in books.transactions() if row.trace == back)
        with work(books.CLERK) as w:
            resolve.undo(w, public, reason="the payer was wrong")
        assert books.accounts() == paid
        assert books.balance("A1") == ("0.00", "10.00")
    public = next(row.public_id for row in books.transactions() if row.trace == "T1")
    with work(books.CLERK) as w:
        resolve.undo(w, public, reason="and so were we")
    assert books.accounts() == {1100: "200.00", 4000: "-200.00"}
    assert books.problems() == []
