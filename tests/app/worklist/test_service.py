"""One queue for people: asked for twice is once, taken by one, pages neither repeat nor skip."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit import service as audit
from app.entities import service as entities
from app.kernel.errors import NotAllowed, NotFound, NotPermitted, Refused, Stale
from app.kernel.paging import Ask
from app.kernel.work import Actor, Work, system, work
from app.worklist import queries, service
from app.worklist.rules import rank
from app.worklist.service import NewItem

ME = system("tests")
DAY = date(2026, 1, 16)
assert audit


@pytest.fixture
def entity(house: object) -> int:
    with work(ME) as w:
        return entities.add(w, "Practice One", ()).id


def item(entity: int, subject_id: int, **facts: Any) -> NewItem:
    values: dict[str, Any] = {
        "queue": "exceptions",
        "kind": "unmatched",
        "subject": "remit_claim",
        "reason": "r",
    }
    return NewItem(entity_id=entity, subject_id=subject_id, **{**values, **facts})


def listed(w: Work, **filters: str) -> list[queries.ItemView]:
    return list(queries.items(w, Ask("rank", descending=True, filters=filters)).rows)


def test_work_asked_for_twice_is_one_item(entity: int) -> None:
    with work(ME) as w:
        assert service.open_many(w, [item(entity, 1), item(entity, 2)]) == 2
        assert service.open_many(w, [item(entity, 2), item(entity, 3)]) == 1
        assert len(listed(w)) == 3


def test_the_same_subject_may_have_other_work(entity: int) -> None:
    with work(ME) as w:
        assert (
            service.open_many(
                w, [item(entity, 1), item(entity, 1, kind="other"), item(entity, 1, queue="plb")]
            )
            == 3
        )


def test_finished_work_leaves_the_queue_and_says_who_and_how(entity: int) -> None:
    with work(ME) as w:
        service.open_many(w, [item(entity, 1), item(entity, 2)])
        assert service.close_many(w, "exceptions", "remit_claim", [1, 7], "matched") == 1
        assert service.close_many(w, "exceptions", "remit_claim", [1], "matched") == 0
        (done,) = listed(w, state="done")
    assert (done.subject_id, done.outcome, done.closed_by) == (1, "matched", "tests")


def test_work_that_was_done_opens_again_with_its_new_facts(entity: int) -> None:
    with work(ME) as w:
        service.open_many(w, [item(entity, 1, amount=500)])
        service.close_many(w, "exceptions", "remit_claim", [1], "matched")
        assert service.reopen_many(w, [item(entity, 1, amount=900, due=DAY), item(entity, 2)]) == 2
        again = next(one for one in listed(w) if one.subject_id == 1)
    assert (again.amount, again.due, again.outcome, again.closed_at) == (900, DAY, None, None)


def test_two_people_cannot_both_take_an_item(entity: int) -> None:
    with work(ME) as w:
        service.open_many(w, [item(entity, 1)])
        (one,) = listed(w)
        assert service.assign(w, one.public_id, owner_id=5, version=one.version) == one.version + 1
    with pytest.raises(Stale), work(ME) as w:
        service.assign(w, one.public_id, owner_id=6, version=one.version)


def test_a_clerk_takes_work_but_does_not_hand_it_out(entity: int) -> None:
    with work(ME) as w:
        service.open_many(w, [item(entity, 1)])
        (one,) = listed(w)
    clerk = Actor("clerk", person_id=5, permissions=frozenset({"worklist.work"}), scope=frozenset({entity}))
    with pytest.raises(NotPermitted), work(clerk) as w:
        service.assign(w, one.public_id, owner_id=6, version=1)
    with work(clerk) as w:
        service.assign(w, one.public_id, owner_id=5, version=1)
        assert [mine.public_id for mine in listed(w, owner="me")] == [one.public_id]
        assert listed(w, owner="nobody") == []


def test_done_is_done(entity: int) -> None:
    with work(ME) as w:
        service.open_many(w, [item(entity, 1)])
        (one,) = listed(w)
        version = service.finish(w, one.public_id, outcome="not_ours", version=one.version)
    with pytest.raises(NotAllowed), work(ME) as w:
        service.finish(w, one.public_id, outcome="linked", version=version)


def test_anothers_work_is_not_to_be_seen_nor_touched(entity: int) -> None:
    with work(ME) as w:
        service.open_many(w, [item(entity, 1)])
        (one,) = listed(w)
    stranger = Actor(
        "other", permissions=frozenset({"worklist.work", "worklist.assign"}), scope=frozenset({entity + 1})
    )
    with work(stranger) as w:
        assert listed(w) == []
        assert service.close_many(w, "exceptions", "remit_claim", [1], "matched") == 0
    with pytest.raises(NotFound), work(stranger) as w:
        queries.one(w, one.public_id)
    with pytest.raises(NotFound), work(stranger) as w:
        service.assign(w, one.public_id, owner_id=None, version=1)


def test_pages_show_everything_once_in_order(entity: int) -> None:
    with work(ME) as w:
        wanted = [
            item(entity, n, score=n % 5, due=date(2026, 2, 1 + n % 9), amount=100 * n) for n in range(1, 24)
        ]
        service.open_many(w, wanted)
        seen: list[int] = []
        ask = Ask("rank", descending=True, limit=7)
        while True:
            page = queries.items(w, ask)
            seen += [one.subject_id for one in page.rows]
            if not page.next:
                break
            ask = Ask("rank", descending=True, limit=7, cursor=page.next)
    ordered = sorted(wanted, key=lambda one: (-one.score, one.due, -one.amount))
    assert seen == [one.subject_id for one in ordered]


def test_the_filters_narrow_the_list(entity: int) -> None:
    with work(ME) as w:
        service.open_many(
            w, [item(entity, 1, due=DAY, amount=8_000), item(entity, 2, amount=100, reason="balance")]
        )
        assert [one.subject_id for one in listed(w, due_by="2026-01-16")] == [1]
        assert [one.subject_id for one in listed(w, amount_from="80.00")] == [1]
        assert [one.subject_id for one in listed(w, reason="balance")] == [2]
        assert listed(w, queue="plb") == []
    with pytest.raises(Refused), work(ME) as w:
        listed(w, due_by="yesterday")


def test_totals_count_what_is_late(entity: int) -> None:
    with work(ME) as w:
        service.open_many(w, [item(entity, 1, due=DAY, amount=8_000), item(entity, 2, amount=100)])
        (total,) = queries.totals(w, date(2026, 1, 17))
    assert (total.queue, total.count, total.amount, total.late) == ("exceptions", 2, 8_100, 1)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 100),
            st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
            st.integers(0, 10**10),
        ),
        min_size=2,
        max_size=2,
    )
)
def test_rank_orders_by_score_then_day_then_dollars(pair: list[tuple[int, date | None, int]]) -> None:
    keys = [(score, -(due or date.max).toordinal(), amount // 100) for score, due, amount in pair]
    ranks = [rank(*one) for one in pair]
    assert (ranks[0] > ranks[1]) == (keys[0] > keys[1])
    assert all(0 <= one < 2**62 for one in ranks)
