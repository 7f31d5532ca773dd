"""Everybody's name arrives as it was sent: file, page, program, spreadsheet (O4)."""

import csv
import io
from collections import Counter
from datetime import timedelta
from html import unescape

import pytest

from app import create_app
from app.kernel.clock import now
from app.kernel.work import work
from app.rebill import service
from app.rebill.lifecycle import Kind
from app.rebill.rules import New
from tests import answers, batches, books
from tests.conftest import House
from tests.era import SERVICE_DAY, bill, billed
from tests.policy import visitors
from tests.stories.difficult_names import names

EVERY = names()
WRITTEN = {f"{last}, {first}" if first else last for last, first in EVERY}


def file_of(encoding: str, chosen: list[tuple[str, str]], day: str = SERVICE_DAY) -> bytes:
    """An 837 of one claim for each of these people; placeholders first, because the kit writes Latin-1."""
    people = [f"LAST{at:04d}*FIRST{at:04d}" for at in range(len(chosen))]
    made = bill(*(billed(f"N{at:04d}", "100", patient=one, member=f"M{at:04d}", day=day)
                  for at, one in enumerate(people)))  # fmt: skip
    for at, (last, first) in enumerate(chosen):
        made = made.replace(f"LAST{at:04d}".encode(), last.encode(encoding))
        made = made.replace(f"FIRST{at:04d}".encode(), first.encode(encoding))
    return made


def shown() -> Counter[str]:
    """The names of the list of claims as a spreadsheet holds them."""
    reader = visitors.add("reader", "supervisor").browser(create_app())
    text = reader.get("/claims?format=csv").get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    head = next(row for row in rows if "Patient" in row)
    at = head.index("Patient")
    return Counter(row[at] for row in rows[rows.index(head) + 1 :] if len(row) > at)


def test_five_hundred_names_arrive_as_they_were_sent(house: House) -> None:
    assert len(EVERY) == 500
    books.practice()
    books.take(file_of("utf-8", EVERY))
    found = {name.removeprefix("'") for name in shown()}
    wanted = {name.removeprefix("'") for name in WRITTEN}
    assert wanted - found == set()


def test_latin_1_names_arrive_too(house: House) -> None:
    western = [(last, first) for last, first in EVERY if _fits(last + first, "latin-1")]
    books.practice()
    books.take(file_of("latin-1", western))
    found = {name.removeprefix("'") for name in shown()}
    assert {f"{last}, {first}" if first else last for last, first in western} - found == set()


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_pages_show_each_name_and_none_of_them_becomes_markup(house: House) -> None:
    books.practice()
    books.take(file_of("utf-8", EVERY))
    reader = visitors.add("reader", "supervisor").browser(create_app())
    address, seen = "/claims?limit=200", ""
    while address:
        page = reader.get(address).get_data(as_text=True)
        seen += page
        after = page.partition('rel="next" href="')[2].partition('"')[0]
        address = unescape(after)
    assert "<script>alert" not in seen and "<img src=x" not in seen and "{{7+7}}" in unescape(seen)
    text = unescape(seen)
    assert [name for name in sorted(WRITTEN) if name not in text] == []


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_each_name_leaves_in_a_claim_as_it_came_or_is_found_wrong_before(house: House) -> None:
    practice = books.practice()
    receiver = batches.receiver(practice, how="download", place="")
    books.take(file_of("utf-8", EVERY, (now() - timedelta(days=20)).strftime("%Y%m%d")))
    books.take(answers.report(*(f"N{at:04d} A7:562:85" for at in range(len(EVERY)))))
    news = [New(claim_id=row.id, kind=Kind.NEW) for row in books.rows(batches.CLAIM)]
    with work(books.CLERK) as w:
        opened = service.open_many(w, practice.id, news, now().date())
    stopped, sent = set[str](), set[str]()
    for public in opened:
        row = batches.rebill(public)
        wrong = [one for one in row.problems if one["does"] == "error"]
        assert all(one["words"] for one in wrong)
        (stopped if wrong else sent).add(row.control.partition("R")[0])
        if not wrong:
            with work(books.CLERK) as w:
                service.finish(w, public, row.version)
    content = batches.stored_bytes(batches.release(receiver)).decode("utf-8")
    named: dict[str, tuple[str, str]] = {}
    for segment in content.split(content[105]):
        elements = [*segment.strip().split(content[3]), "", "", ""]
        if elements[0] == "NM1" and elements[1] == "IL":
            who = elements[3], elements[4]
        if elements[0] == "CLM":
            named[elements[1].partition("R")[0]] = who
    assert len(stopped) + len(sent) == 500 and set(named) == sent
    assert {at: who for at, who in named.items() if who != EVERY[int(at[1:])]} == {}
