"""Releasing: no number is missing under two at once, the blocked stay behind, stale eyes are refused."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from app.kernel.errors import NotFound, NotPermitted, Refused, Stale
from app.kernel.work import Actor, reading, work
from app.rebill import (
    service,
    service_batches,
    service_ready,
    service_receivers,
    service_rules,
    service_sending,
)
from tests import batches, books
from tests.books import CLERK
from tests.conftest import House


def test_two_people_releasing_at_once_miss_no_number_and_send_no_claim_twice(house: House) -> None:
    receiver = batches.receiver(books.practice())
    ready = batches.ready(*(f"A{one}" for one in range(1, 7)))
    gate = Barrier(6)

    def one(public: str) -> str:
        gate.wait()
        return batches.release(receiver, public)

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(one, ready))
    assert len(set(made)) == 6
    rows = books.rows(batches.BATCH)
    assert sorted(row.interchange for row in rows) == [1, 2, 3, 4, 5, 6]
    assert sorted(row.first_group for row in rows) == [1, 2, 3, 4, 5, 6]
    books.settle()
    contents = b"".join(batches.sent_files().values())
    assert [contents.count(b"CLM*A%dR1*" % one) for one in range(1, 7)] == [1] * 6


def test_the_second_of_two_who_release_everything_finds_nothing(house: House) -> None:
    receiver = batches.receiver(books.practice())
    batches.ready("A1", "A2")
    gate, outcomes = Barrier(2), []

    def everything(_: int) -> None:
        gate.wait()
        try:
            outcomes.append(batches.release(receiver))
        except Refused as refusal:
            outcomes.append(refusal.code)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(everything, range(2)))
    assert "nothing_to_send" in outcomes and len(books.rows(batches.BATCH)) == 1
    assert books.rows(batches.RECEIVER)[0].next_interchange == 2


def test_a_blocked_claim_stays_behind_with_its_reason_and_the_others_go(house: House) -> None:
    practice = books.practice()
    receiver = batches.receiver(practice)
    kept, goes = batches.ready("A1", "A2")
    batches.hold(kept)
    with reading(CLERK) as w:
        [group] = service_ready.ready_for(w, practice.id)
    assert [row.public_id for row in group.going] == [goes]
    [(row, reasons)] = [(one.row, one.reasons) for one in group.blocked]
    assert row.public_id == kept and reasons[0].words and reasons[0].unblock
    batches.release(receiver)
    assert batches.states(kept, goes) == ["ready", "batched"]
    with pytest.raises(Refused) as refused:
        batches.release(receiver)
    assert refused.value.message == reasons[0].words


def test_a_set_that_changed_since_it_was_looked_at_is_not_released(house: House) -> None:
    practice = books.practice()
    receiver = batches.receiver(practice)
    batches.ready("A1")
    with reading(CLERK) as w:
        [group] = service_ready.ready_for(w, practice.id)
    batches.ready("A2")
    with pytest.raises(Stale), work(CLERK) as w:
        service_batches.release(w, receiver, plan=group.plan)


def test_without_a_receiver_claims_wait_and_say_so(house: House) -> None:
    practice = books.practice()
    [ready] = batches.ready("A1")
    with reading(CLERK) as w:
        [group] = service_ready.ready_for(w, practice.id)
    assert group.receiver is None and group.blocked[0].reasons[0].code == "batch.no_receiver"
    receiver = batches.receiver(practice, is_default=False)
    with pytest.raises(Refused):
        batches.release(receiver, ready)
    with work(CLERK) as w:
        payer = batches.payer_of(ready)
        service_receivers.route(w, receiver, payer, since=w.today(practice.time_zone), version=1)
    batches.release(receiver, ready)


def test_every_verb_refuses_a_stale_version_and_a_stranger(house: House) -> None:
    receiver = batches.receiver(books.practice(), how="download", place="")
    batches.ready("A1")
    batch = batches.release(receiver)
    other = books.practice("Other Clinic", npi="1679576722", tax_id="222223333")
    rights = frozenset({"rebill.release", "rebill.read", "rebill.receivers"})
    stranger = Actor("stranger", permissions=rights, scope=frozenset({other.id}))
    nobody = Actor("nobody", scope=frozenset({batches.batch(batch).entity_id}))
    for verb in (
        lambda w, version: service_batches.cancel(w, batch, "why", version),
        lambda w, version: service_batches.retry(w, batch, version),
        lambda w, version: service_sending.take(w, batch, version),
        lambda w, version: service_sending.confirm_upload(w, batch, True, "", version),
        lambda w, version: service_sending.settle_unknown(w, batch, True, "why", version),
    ):
        with pytest.raises(Stale), work(CLERK) as w:
            verb(w, 7)
        with pytest.raises(NotFound), work(stranger) as w:
            verb(w, 1)
        with pytest.raises(NotPermitted), work(nobody) as w:
            verb(w, 1)
    with pytest.raises(NotFound):
        batches.release(receiver, actor=stranger)


def test_a_claim_that_is_not_ready_is_not_released(house: House) -> None:
    receiver = batches.receiver(books.practice())
    [ready] = batches.ready("A1")
    with work(CLERK) as w:
        service.reopen(w, ready, batches.rebill(ready).version)
    with pytest.raises(NotFound):
        batches.release(receiver, ready)
    rows: list[Any] = books.rows(batches.BATCH)
    assert rows == []


def test_a_rule_that_began_after_a_claim_was_finished_keeps_it(house: House) -> None:
    practice = books.practice()
    receiver = batches.receiver(practice)
    kept, goes = batches.ready("A1", "A2")
    with work(CLERK) as w:
        rule = {"code": "left-the-plan", "does": "error", "form": "P", "field": "member_id"}
        rule |= {"test": "not_in", "value": "MA1", "words": "This member has left the plan."}
        code, said = service_rules.read({**rule, "unblock": "Ask for the new card."})
        days = (w.today(practice.time_zone), None)
        service_rules.save(w, practice.id, code, said, payer="", days=days, reason="a letter of the payer")
    batches.release(receiver)
    assert batches.states(kept, goes) == ["ready", "batched"]
    with reading(CLERK) as w:
        [group] = service_ready.ready_for(w, practice.id)
    [one] = group.blocked
    assert one.row.public_id == kept and one.reasons[0].words == "This member has left the plan."
    with pytest.raises(Refused, match="left the plan"):
        batches.release(receiver)
