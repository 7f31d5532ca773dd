"""Two people who saw the same submission: only the first decides, the other looks again (C6)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest

from app.kernel.errors import NotAllowed, Stale
from app.kernel.work import Actor, Work, work
from app.rebill import service, service_edit, service_holds, service_owner
from app.rebill.service_edit import Edit
from tests import books, era
from tests.app.rebill import desk

Change = Callable[[Work, str, int], object]
UNTIL = date(2026, 1, 25)
AUTHORIZATION, CODE = Edit("authorization", 0, 0, "AUTH1"), Edit("procedure", 1, 0, "99215")


def edited(actor: Actor, public: str) -> None:
    with work(actor) as w:
        service_edit.edit(w, public, desk.row(public).version, [AUTHORIZATION])


def coded(actor: Actor, public: str) -> None:
    with work(actor) as w:
        service_edit.edit(w, public, desk.row(public).version, [CODE])


def finished(actor: Actor, public: str) -> None:
    edited(actor, public)
    with work(actor) as w:
        service.finish(w, public, desk.row(public).version)


def held(actor: Actor, public: str) -> None:
    with work(actor) as w:
        service_holds.hold(w, public, desk.row(public).version, reason="records", until=UNTIL)


ACTS: dict[str, tuple[Callable[[Actor, str], None], Change]] = {
    "edit": (edited, lambda w, key, version: service_edit.edit(w, key, version, [CODE])),
    "finish": (edited, service.finish),
    "reopen": (finished, service.reopen),
    "cancel": (edited, lambda w, key, version: service.cancel(w, key, version, "not needed")),
    "sign_coding": (coded, service.sign_coding),
    "hold": (
        edited,
        lambda w, key, version: service_holds.hold(w, key, version, reason="coding", until=UNTIL),
    ),
    "assign": (edited, lambda w, key, version: service_owner.assign(w, key, owner_id=None, version=version)),
    "lift": (held, lambda w, key, version: service_holds.lift(w, key, version, why="came")),
}


@pytest.fixture
def bea(house: Any) -> Iterator[Actor]:
    with desk.in_january():
        practice = books.practice()
        books.take(era.bill(era.billed("A1", "99214 300")), desk.denied())
        yield desk.biller(practice.id)


@pytest.mark.parametrize("act", ACTS)
def test_of_two_who_saw_the_same_only_the_first_decides(bea: Actor, act: str) -> None:
    prepare, change = ACTS[act]
    public = desk.opened(bea, "A1")
    prepare(bea, public)
    version, together = desk.row(public).version, Barrier(2)

    def decide(name: str) -> str:
        actor = desk.biller(desk.entity_of(bea), name, 8)
        together.wait()
        try:
            with work(actor) as w:
                change(w, public, version)
        except (Stale, NotAllowed) as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(2) as people:
        answers = list(people.map(decide, ("ann", "cody")))
    assert answers.count("done") == 1, answers
    assert desk.row(public).version == version + 1
    with pytest.raises(Stale), work(desk.biller(desk.entity_of(bea), "dora", 9)) as w:
        change(w, public, version + 7)


def test_two_who_answer_the_same_rejection_make_one_successor(bea: Actor) -> None:
    public, together = desk.opened(bea, "A1"), Barrier(2)
    desk.moved(public, *(desk.SENT), desk.REJECTED)

    def again(name: str) -> str:
        together.wait()
        try:
            with work(desk.biller(desk.entity_of(bea), name)) as w:
                return service.resend(w, public)
        except (Stale, NotAllowed) as refused:
            return refused.code

    with ThreadPoolExecutor(2) as people:
        answers = sorted(people.map(again, ("ann", "bob")), key=len)
    assert len(answers[1]) == 20 and answers[0] in ("not_possible_now", "already_open", "stale"), answers
    assert sorted(row.state for row in books.rows(desk.REBILL)) == ["draft", "superseded"]
