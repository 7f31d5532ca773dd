"""Damaged files through the whole product: none stops it, none is half on the books (F1)."""

import random
from pathlib import Path
from typing import Any

import pytest

from app.kernel.db import table_of
from app.kernel.outbox import Job
from tests import books
from tests.conftest import House
from tests.edi.test_eob import damaged
from tests.eobs import golden, written
from tests.era import Cover, bill, billed, claim, era, line, payment, reversal, sealed
from tests.fuzz.mutators import mutant

MUTANTS = 250
"""For each database, in CI; `tests/nightly` takes 10,000."""
EOB_MUTANTS = 30
OPINIONS = (books.LATER, "validate_eobs")
CRASHERS = Path(__file__).with_name("crashers")
_job = table_of(Job)


def good(number: int) -> list[bytes]:
    """A bill, its payment, and a remit of two payments with a reversal; different from all others."""
    one, two = f"M{number}A", f"M{number}B"
    who: dict[str, Any] = {"patient": f"M{number}*ANN", "member": f"M{number}"}
    answer = (
        line("99214", "150", cas="CO*45*30 PR*1*20**2*20", rarc="M62"),
        line("93000", "100", cas="OA*23*60"),
    )
    bills = bill(
        billed(one, "99214 150", "93000 100", second=Cover(), **who),
        billed(two, "99213 80", **who),
    )
    paid = era(claim(one, *answer, **who), trace=f"MT{number}", plb="L6*-3.07 WO:X*15")
    second = payment(reversal(one, *answer, **who), trace=f"MU{number}", plb=f"FB:MU{number}*-130", paid="0")
    third = payment(claim(two, line("99213", "80", cas="CO*253*1.60 CO*45*20"), **who), trace=f"MV{number}")
    return [bills, paid, sealed("835", [second, third])]


def swallow(content: bytes, name: str) -> None:
    """Offer a file and do all that follows; any exception of a job is a failure of the product."""
    if not content:
        return
    books.offer(content, name)
    books.settle()
    waiting = books.rows(_job, _job.c.state != "done", _job.c.kind.not_in(OPINIONS))
    assert not waiting, f"{name}: {[(row.kind, row.error) for row in waiting]}"


def feed(mutants: int, seed: int, keep: Path | None = None) -> None:
    """So many damaged files; one that stops the product is kept, so that it stays a test."""
    dice = random.Random(seed)
    for number in range(mutants):
        source = good(number // 5)
        for content in source[:2] if number % 5 == 0 else []:
            swallow(content, "good.edi")
        content = mutant(dice, dice.choice(source))
        try:
            swallow(content, f"mutant{number}.edi")
        except AssertionError:
            if keep is not None:
                keep.mkdir(exist_ok=True)
                (keep / f"flow-{seed}-{number}.edi").write_bytes(content)
            raise
        if number % 50 == 49:
            assert books.problems(with_bytes=False) == [], f"after mutant {number} of seed {seed}"
    assert books.problems() == []


def test_no_damaged_file_stops_the_product_or_posts_by_half(house: House) -> None:
    books.practice()
    feed(MUTANTS, seed=7 if house.kind == "sqlite" else 8)


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_what_once_stopped_the_product_does_not_any_more(house: House) -> None:
    books.practice()
    for place in sorted(CRASHERS.glob("*.edi")):
        swallow(place.read_bytes(), place.name)
    assert books.problems() == []


def test_no_damaged_eob_stops_the_product_or_posts_by_half(house: House) -> None:
    books.practice()
    dice = random.Random(11 if house.kind == "sqlite" else 12)
    for number in range(EOB_MUTANTS):
        control = f"F{number}"
        who: dict[str, Any] = {"patient": f"F{number}*ANN", "member": f"F{number}"}
        swallow(bill(billed(control, "99214 150", "93000 100", **who)), "bill.edi")
        swallow(damaged(dice, written(golden(control))), f"eob{number}.json")
    assert books.accounts().keys().isdisjoint({1010, 2000, 2040}), "an EOB never brings cash"
    assert books.problems() == []
