"""What the schedule does with denials every day, and what a clinic teaches the playbook."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from sqlalchemy import insert, select

from app.denials import service, service_daily, service_playbook, tasks
from app.denials.lifecycle import Move
from app.denials.models import Denial, DenialEvent
from app.kernel import outbox
from app.kernel.db import table_of
from app.kernel.errors import Refused
from app.kernel.outbox import Job
from app.kernel.work import work
from app.payers import service as payers
from app.worklist.models import WorklistItem
from tests.app.denials.batches import a_claim, a_line
from tests.app.denials.shelf import ME, post, the_case, the_row, the_work

_denial, _event, _work = table_of(Denial), table_of(DenialEvent), table_of(WorklistItem)


@time_machine.travel(datetime(2026, 6, 29, 15, tzinfo=UTC), tick=False)
def test_the_schedule_ranks_open_cases_for_today(entity: int) -> None:
    with time_machine.travel(datetime(2026, 1, 20, 15, tzinfo=UTC), tick=False):
        post(entity, a_claim(a_line(charge="2000", cas="CO*197*2000")))
    before = the_case()
    with work(ME) as w:
        assert service_daily.measure(w, entity) == 1
        assert service_daily.measure(w, entity) == 0
    after = the_case()
    assert after.score - before.score == round(35 * 0.9), "one day left weighs 1.0 where leisure weighed 0.1"
    assert (the_work().score, the_work().rank) == (after.score, after.rank)


def test_own_history_speaks_after_two_hundred_closed_cases(entity: int) -> None:
    post(entity, a_claim(a_line(charge="2000", cas="CO*197*2000")))
    before = the_case()
    with work(ME) as w:
        row = dict(w.db.execute(select(_denial)).mappings().one())
        row |= {"state": "closed", "outcome": "overturned_full", "recovered": 100}
        copies = [
            row | {"id": 1_000 + n, "public_id": f"{n:020}", "remit_claim_id": n, "claim_id": n}
            for n in range(200)
        ]
        w.db.execute(insert(_denial), copies)
        service_daily.measure(w, entity)
        after = w.db.execute(select(_denial).where(_denial.c.id == before.id)).one()
    assert after.score > before.score
    assert {"factor": "recovery", "fact": "1.0000", "points": "0.0"} in after.score_reasons


@time_machine.travel(datetime(2026, 7, 16, 15, tzinfo=UTC), tick=False)
def test_a_case_out_of_time_goes_to_a_manager_and_is_not_written_off(entity: int) -> None:
    post(entity, a_claim(a_line(cas="CO*197*200")))
    with work(ME) as w:
        assert service_daily.expire(w, entity) == 1
        assert service_daily.expire(w, entity) == 0
        queues = w.db.execute(select(_work.c.queue).order_by(_work.c.queue)).scalars().all()
    assert (the_case().state, the_case().outcome) == ("expired", None)
    assert queues == ["denials", "expired"]


@time_machine.travel(datetime(2026, 1, 20, 15, tzinfo=UTC), tick=False)
def test_terms_that_become_known_move_the_dates_of_open_cases_and_say_so(entity: int) -> None:
    post(entity, a_claim(a_line(cas="CO*197*200")))
    before = the_case()
    with work(ME) as w:
        assert service_daily.recompute(w, entity) == 0
        level = [{"level": 1, "rule": "contract 7.2", "name": "Appeal", "basis": "remit_date", "days": 90}]
        payers.change_terms(
            w, entity, payer_class="commercial", terms={"level": level}, effective_from=date(2026, 1, 1)
        )
        assert service_daily.recompute(w, entity) == 1
        told = w.db.execute(select(_event).where(_event.c.move == "new_date")).one()
    after = the_case()
    assert (before.legal_due, after.legal_due) == (date(2026, 7, 15), date(2026, 4, 16))
    assert (after.deadline_rule, the_work().due, the_work().rank) == (
        "contract 7.2",
        after.internal_due,
        after.rank,
    )
    assert (told.detail["was"], told.detail["now"]) == ("2026-07-15", "2026-04-16")


@time_machine.travel(datetime(2026, 1, 20, 15, tzinfo=UTC), tick=False)
def test_what_was_put_aside_comes_back_on_its_day(entity: int) -> None:
    post(entity, a_claim(a_line(cas="CO*197*200")))
    with work(ME) as w:
        case = the_row(w)
        version = service.advance(w, case.public_id, Move.TRIAGE, version=case.version)
        service.advance(
            w,
            case.public_id,
            Move.SNOOZE,
            version=version,
            reason="records asked for",
            until=date(2026, 2, 2),
        )
        assert service_daily.come_back(w, entity) == 0
    with time_machine.travel(datetime(2026, 2, 2, 15, tzinfo=UTC), tick=False), work(ME) as w:
        assert service_daily.every_day(w, entity)["came_back"] == 1
    assert (the_case().state, the_case().follow_up) == ("triaged", None)


def test_a_row_of_our_own_changes_how_denials_are_read_from_its_day_on(entity: int) -> None:
    with work(ME) as w:
        service_playbook.change(
            w,
            entity,
            match={"payer": "commercial", "carc": "197"},
            answers={"next_action": "appeal", "letter": "our_letter", "days": "45"},
            effective_from=date(2026, 1, 10),
        )
    post(entity, a_claim(a_line(cas="CO*197*200"), claim=1), on=date(2026, 1, 9), remit=69)
    post(entity, a_claim(a_line(cas="CO*197*200"), claim=2), on=date(2026, 1, 16))
    with work(ME) as w:
        cases = w.db.execute(select(_denial).order_by(_denial.c.claim_id)).all()
        assert service_daily.recompute(w, entity) == 0, "our own days stay our own"
    assert [case.next_action for case in cases] == ["retro_auth", "appeal"]
    assert [case.letter for case in cases] == ["appeal_authorization", "our_letter"]
    assert (cases[1].legal_due, cases[1].root_cause) == (date(2026, 3, 2), "authorization_absent")


@pytest.mark.parametrize(
    ("match", "answers"),
    [
        ({"carc": "197"}, {}),
        ({"colour": "red"}, {"letter": "x"}),
        ({"carc": "197"}, {"category": "made_up"}),
        ({"carc": "197"}, {"next_action": "pray"}),
        ({"carc": "197"}, {"days": "soon"}),
    ],
)
def test_a_row_nobody_could_follow_is_refused(
    entity: int, match: dict[str, str], answers: dict[str, str]
) -> None:
    with pytest.raises(Refused), work(ME) as w:
        service_playbook.change(w, entity, match=match, answers=answers, effective_from=date(2026, 1, 10))


def test_changing_a_row_again_closes_the_old_one(entity: int) -> None:
    for letter in ("first", "second"):
        with work(ME) as w:
            service_playbook.change(
                w, entity, match={"carc": "197"}, answers={"letter": letter}, effective_from=date(2026, 1, 10)
            )
    post(entity, a_claim(a_line(cas="CO*197*200")))
    assert the_case().letter == "second"


def test_the_schedule_asks_once_a_day_for_each_entity(entity: int) -> None:
    tasks.EVERY["denials_every_day"][1]()
    tasks.EVERY["denials_every_day"][1]()
    with work(ME) as w:
        jobs = w.db.execute(select(table_of(Job)).where(table_of(Job).c.kind == "denials_every_day")).all()
    (job,) = jobs
    claimed = outbox.take(job.id)
    assert claimed is not None
    tasks.HANDLERS["denials_every_day"](claimed)
    with work(ME) as w:
        assert (
            w.db.execute(select(table_of(Job).c.state).where(table_of(Job).c.id == job.id)).scalar() == "done"
        )
