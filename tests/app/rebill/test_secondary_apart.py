"""One claim that cannot be looked at never holds back the others: it is found and set aside for a person."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from app.flows import bill_secondary
from app.kernel.db import table_of
from app.kernel.work import work
from app.rebill import translate_secondary
from app.rebill.models import NextPayerLook
from app.rebill.queries_secondary import Told
from app.rebill.rules_secondary import Act, Do
from app.worklist.models import WorklistItem
from tests import answers, books, era
from tests.app.rebill import desk

_look, _item = table_of(NextPayerLook), table_of(WorklistItem)
SECOND = era.Cover("SECOND HEALTH PLAN", era.OTHER_PAYER)
CONTROLS = ("A1", "A2", "A3")

pytestmark = pytest.mark.usefixtures("house")


def forwarded() -> int:
    """Three claims the first payer forwarded; their wait is over. Returns the entity."""
    practice = books.practice()
    people = {one: dict(patient=f"DOE*{one}", member=f"M{one}") for one in CONTROLS}
    books.take(era.bill(*(era.billed(one, "99214 150", second=SECOND, **who) for one, who in people.items())))
    line = era.line("99214", "150", cas="CO*45*30 PR*2*24", control="L1")
    paid = (era.claim(one, line, status="19", crossed_to="SECOND", **who) for one, who in people.items())
    books.take(era.era(*paid))
    return practice.id


def test_a_chunk_that_failed_is_looked_at_in_parts() -> None:
    with time_machine.travel(datetime(2026, 1, 20, 15, tzinfo=UTC), tick=True):
        entity_id = forwarded()
    with time_machine.travel(datetime(2026, 2, 20, 15, tzinfo=UTC), tick=True):
        claims = [row.claim_id for row in books.rows(_look)]
        assert len(claims) == 3
        with work(books.CLERK) as w:
            bill_secondary.narrow(w, {"entity": entity_id}, "StopIteration")
        books.settle()
        assert len(books.rows(desk.REBILL)) == 3 and not books.rows(_look)


def test_an_offices_claim_to_the_second_payer_that_was_rejected_bills_nobody() -> None:
    with time_machine.travel(datetime(2026, 1, 20, 15, tzinfo=UTC), tick=True):
        books.practice()
        books.take(era.bill(era.billed("A1", "99214 150", second=SECOND, filing="CI")))
        theirs = era.billed("A1", "99214 150", filing="CI")
        theirs[0] = "SBR*S*18*GRP2******CI"
        books.take(era.bill(theirs, dress=era.Dress(control=77, day="20260119")), name="monday")
        line = era.line("99214", "150", cas="CO*45*30 PR*2*24", control="L1")
        books.take(era.era(era.claim("A1", line)))
        assert not books.rows(desk.REBILL), "the office bills it"
        books.take(answers.report("A1 A7:562:85", day="20260120"))
        assert [row.state for row in books.rows(desk.REBILL)] == ["ready"]


def test_one_that_fails_alone_leaves_the_line() -> None:
    with time_machine.travel(datetime(2026, 1, 20, 15, tzinfo=UTC), tick=True):
        entity_id = forwarded()
    with time_machine.travel(datetime(2026, 2, 20, 15, tzinfo=UTC), tick=True):
        bad = books.rows(_look)[1].claim_id
        with work(books.CLERK) as w:
            bill_secondary.narrow(w, {"entity": entity_id, "only": [bad]}, "StopIteration")
        (item,) = books.rows(_item, _item.c.queue == "rebill_flags")
        assert (item.kind, item.claim_id, item.state) == ("not_made", bad, "open")
        assert "StopIteration" in item.detail["why"]
        books.settle()
        opened = [row.claim_id for row in books.rows(desk.REBILL)]
        assert bad not in opened and len(opened) == 2 and not books.rows(_look)


@pytest.mark.parametrize(("strays", "parts", "said"), [(1, 1, "no billed line"), (0, 2, "several parts")])
def test_what_cannot_be_told_by_itself_says_what_a_person_does(strays: int, parts: int, said: str) -> None:
    row: Any = SimpleNamespace(rank=1)
    answers = [(Told(row, date(2026, 1, 16), strays=strays), False)] * parts
    whole: Any = object()
    made, words = translate_secondary.next_claim(whole, answers, Act(1, 2, Do.OPEN, "", ""))
    assert made is whole and said in words and "on paper" in words and len(words) <= 200
