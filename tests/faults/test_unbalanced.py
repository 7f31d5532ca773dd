"""A remit that does not add up never posts as if it did; what it brought is kept to the cent (R6)."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.db import table_of
from app.remits.models import RemitClaim
from tests import books
from tests.conftest import House
from tests.era import bill, billed, cents, claim, line, money, payment, sealed

EXAMPLES = 16
_clp = table_of(RemitClaim)
WRONG = st.integers(-500_00, 500_00).filter(bool)


@dataclass(frozen=True)
class Wrong:
    """A remit of one good claim and one wrong one; `off` are the cents by which `where` is wrong."""

    charge: int
    contractual: int
    off: int
    where: str


REMITS = st.builds(
    Wrong,
    charge=st.integers(1_000_00, 9_000_00),
    contractual=st.integers(1, 400_00),
    off=WRONG,
    where=st.sampled_from(["line", "claim", "payment", "plb"]),
)


def write(one: Wrong, number: int) -> tuple[bytes, int]:
    """The remit as a file, and what it says was paid."""
    left = one.charge - one.contractual
    cas = f"CO*45*{money(one.contractual)}"
    line_off, claim_off = (one.off if one.where == name else 0 for name in ("line", "claim"))
    bad = line("99214", money(one.charge), money(left + line_off), cas)
    wrong = claim(f"W{number}", bad, paid=money(left + line_off + claim_off))
    good = claim(f"G{number}", line("99214", "100", cas="CO*45*25"))
    paid = wrong.paid + good.paid + 3_07
    said = paid + (one.off if one.where in ("payment", "plb") else 0)
    plb = "L6*-3.07" if one.where != "plb" else f"L6*{money(-3_07)}"
    segments = payment(wrong, good, trace=f"T{number}", paid=money(said), plb=plb)
    return sealed("835", [segments]), said


@pytest.fixture
def ours(house: House) -> House:
    books.practice()
    return house


def test_what_does_not_add_up_is_held_or_waits_and_its_cash_is_all_there(ours: House) -> None:
    numbers = iter(range(10_000))

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(one=REMITS)
    def wrong(one: Wrong) -> None:
        number = next(numbers)
        content, said = write(one, number)
        bills = bill(
            billed(f"W{number}", f"99214 {money(one.charge)}", patient=f"W{number}*ANN", member=f"W{number}"),
            billed(f"G{number}", "99214 100", patient=f"G{number}*BOB", member=f"G{number}"),
        )
        books.take(bills, content)
        state = books.states()[-1]
        moved = books.accounts(books.posted(f"T{number}"))
        if one.where in ("payment", "plb"):
            assert (state, moved) == ("held", {})
            return
        assert state == "posted"
        assert cents(moved[1010]) == said, "the cash of a remit is what its BPR02 says"
        [parked] = books.rows(_clp, _clp.c.control == f"W{number}")
        assert parked.state == "parked"
        assert books.balance(f"W{number}") == (f"{one.charge // 100}.{one.charge % 100:02d}", "0.00")
        assert books.balance(f"G{number}") == ("0.00", "0.00")

    wrong()
    assert books.problems() == []
