"""A file made again: what it says of itself, and what no file can carry."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.kernel.clock import now
from app.rebill import translate, translate_batches
from app.rebill.translate_batches import Numbers
from tests import answers, batches, books

pytestmark = pytest.mark.usefixtures("house")


def test_a_refused_file_is_no_reissue_its_claims_are_sent_anew_under_new_numbers() -> None:
    receiver = batches.receiver(books.practice())
    batches.ready("A1")
    batches.release(receiver)
    books.settle()
    day = now()
    said: dict[str, Any] = {"sent": f"{day:%y%m%d}", "day": f"{day + timedelta(1):%Y%m%d}"}
    books.take(answers.opened(1, "R", "006", **said))
    batches.release(receiver)
    books.settle()
    first, second = (name for name in batches.sent_files().values())
    heads = [one for one in (first + second).decode().split("~") if one.startswith("BHT*")]
    assert [one.split("*")[1:3] for one in heads] == [["0019", "00"], ["0019", "00"]]
    assert heads[0].split("*")[3] != heads[1].split("*")[3], "R837-02: another reference each time"
    assert b"CLM*A1R1*" in first and b"CLM*A1R2*" in second


def test_what_a_file_cannot_carry_is_counted_and_told() -> None:
    batches.receiver(books.practice())
    [public] = batches.ready("A1")
    whole = translate.opened(batches.rebill(public).claim_sealed)
    at = next(number for number, row in enumerate(whole.subscriber) if row.id == "N3")
    address = whole.subscriber[at]
    spoilt = address._replace(elements=("N3", f"{address.at(1)}\x07"))
    other = whole._replace(subscriber=(*whole.subscriber[:at], spoilt, *whole.subscriber[at + 1 :]))
    numbers = Numbers(1, 1, datetime(2026, 1, 20, tzinfo=UTC), "P")
    [row] = books.rows(batches.RECEIVER)
    made = translate_batches.written(
        row, numbers, [(1, translate.sealed(whole)), (2, translate.sealed(other))]
    )
    assert (sorted(made.places), made.losses) == ([1, 2], {2: 1})
    assert b"\x07" not in made.data
