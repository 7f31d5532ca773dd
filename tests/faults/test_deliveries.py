"""One payment, delivered twenty times, cut, or in other clothes: it is on the books once (R2, R3, R5)."""

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.flows import watch_folder
from app.intake.models import IntakeOffer
from app.kernel.db import table_of
from app.kernel.settings import settings as product_settings
from app.kernel.work import system
from tests import books
from tests.conftest import House
from tests.era import PLAIN, Dress, bill, billed, claim, era, line, payment, sealed

OFFERS, CUTS, DRESSES = 20, 200, 40
_offer = table_of(IntakeOffer)
CLAIMS = (
    claim("A1", line("99214", "200", "120", "CO*45*80")),
    claim("A2", line("93000", "100", "60", "CO*45*30 PR*1*10")),
)
BILLS = bill(billed("A1", "99214 200"), billed("A2", "93000 100"))
ONCE = {1010: "183.07", 1100: "0.00", 1110: "10.00", 4000: "-300.00", 4100: "110.00", 4210: "-3.07"}


def remit(dress: Dress = PLAIN, *, turned: bool = False) -> bytes:
    """The payment of this file in some clothes."""
    return era(*(reversed(CLAIMS) if turned else CLAIMS), trace="T1", plb="L6*-3.07", dress=dress)


@pytest.fixture
def ours(house: House) -> House:
    books.practice()
    books.take(BILLS)
    return house


def once() -> None:
    """The payment stands on the books exactly once."""
    assert books.accounts() == {account: amount for account, amount in ONCE.items() if amount != "0.00"}
    assert books.states().count("posted") == 1


@pytest.fixture
def watched(ours: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "incoming"
    folder.mkdir()
    monkeypatch.setenv("RECLAIM_WATCH", str(folder))
    product_settings.cache_clear()
    yield folder
    product_settings.cache_clear()


def test_a_file_offered_twenty_times_at_once_posts_once_and_nineteen_hear_of_the_first(watched: Path) -> None:
    content, doors = remit(), ("page", "api", "cli", "folder")
    for number in range(4):
        place = watched / f"copy{number}.835"
        place.write_bytes(content)
        os.utime(place, (time.time() - 60, time.time() - 60))

    def deliver(number: int) -> None:
        if number % 5 == 4:
            watch_folder.look()
        else:
            actor = system(f"person{number}", door=doors[number % 4])
            books.offer(content, f"remit{number}.835", actor=actor)

    with ThreadPoolExecutor(OFFERS) as threads:
        list(threads.map(deliver, range(OFFERS)))
    watch_folder.look()
    books.settle()
    once()
    offers = books.rows(_offer, _offer.c.file_no == books.transactions()[-1].file_no)
    assert len(offers) >= OFFERS
    assert sum(row.first for row in offers) == 1
    assert sorted(path.name for path in watched.iterdir()) == ["done"]
    late = books.offer(content, "late.835")
    first = next(row for row in offers if row.first)
    assert not late.first
    assert late.words.startswith(f"Already received as {first.name} on ")
    assert f"by {first.offered_by}; nothing was done twice" in late.words


def signs() -> st.SearchStrategy[str]:
    """Four different separators that stand in no text of this remit."""
    marks = st.permutations(["*", ":", "^", "~", "|", ">", "!", "\x1d", "\x1e", "\x1f", "+", "%"])
    return marks.map(lambda found: "".join(found[:4]))


CLOTHES = st.builds(
    Dress,
    control=st.integers(1, 999_999_999),
    day=st.sampled_from(["20260116", "20260117", "20260119", "20270101"]),
    time=st.sampled_from(["0000", "1200", "2359"]),
    signs=signs(),
    line_end=st.sampled_from(["", "\n", "\r\n", "\r", "\n\n"]),
    st=st.integers(1, 9999).map(lambda number: f"{number:04d}"),
    empties=st.integers(0, 2),
)


def test_a_payment_in_other_clothes_is_recognised(ours: House) -> None:
    books.take(remit())
    once()

    @settings(max_examples=DRESSES, suppress_health_check=list(HealthCheck))
    @given(dress=CLOTHES, turned=st.booleans(), name=st.sampled_from(["a.835", "A (1).TXT", "remit"]))
    def other_clothes(dress: Dress, turned: bool, name: str) -> None:
        books.offer(remit(dress, turned=turned), name)
        books.settle()
        once()
        assert set(books.states()) <= {"posted", "ignored", "held"}

    other_clothes()


def test_the_same_facts_name_the_first_import_and_other_facts_are_held(ours: House) -> None:
    books.take(remit(), name="first")
    books.take(remit(replace(PLAIN, control=7, line_end="")), remit(replace(PLAIN, control=8), turned=True))
    same, turned = books.transactions()[-2:]
    assert (same.state, turned.state) == ("ignored", "held")
    assert "first1.edi" in same.explanation
    assert "came in before with other content" in turned.explanation


def test_of_a_file_cut_anywhere_nothing_posts_and_the_whole_one_later_posts_once(ours: House) -> None:
    """Two payments in one interchange: the first is complete long before the file is."""
    other = payment(claim("A2", line("93000", "100", "60", "CO*45*30 PR*1*10")), trace="T2")
    whole = sealed("835", [payment(CLAIMS[0], trace="T1"), other])
    end = len(whole.rstrip(b"~\n"))
    cuts = sorted(random.Random(7).sample(range(1, end), CUTS - 2)) + [end - 1]
    before = books.accounts()
    for cut in cuts:
        books.offer(whole[:cut], f"cut{cut}.835")
        books.settle()
        assert "posted" not in books.states(), f"cut at byte {cut}"
        assert books.accounts() == before, f"cut at byte {cut}"
    books.take(whole)
    assert books.states().count("posted") == 2
    assert books.accounts() == {1010: "180.00", 1110: "10.00", 4000: "-300.00", 4100: "110.00"}
    assert books.problems() == []
